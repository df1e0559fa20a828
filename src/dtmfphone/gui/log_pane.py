"""The event log with its filter."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.gui.actions import Actions
from dtmfphone.gui.log_export import to_text
from dtmfphone.gui.log_model import LogModel
from dtmfphone.gui.log_rows import TITLES, Column, LogEvent
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.widgets import FilterEdit, set_tone

ROW_HEIGHT: Final = 25
WIDTHS: Final = {
    Column.TIME: 74,
    Column.SIDE: 56,
    Column.DIRECTION: 88,
    Column.METHOD: 78,
    Column.KEY: 38,
    Column.DURATION: 70,
    Column.LEVEL: 94,
    Column.TWIST: 50,
    Column.NOTE: 40,
}
FILTER_PAUSE_MS: Final = 120
ROOMY: Final = 640
"""From this width on all columns are shown."""
TOOLS: Final = ("keys-only", "mask", "copy", "export", "clear")
EMPTY: Final = "Keys and words that are sent and received appear here, on both sides of the call."


class LogTable(QTableView):
    """Rows of one height; follows the end until a person scrolls up."""

    def __init__(self, model: LogModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._log = model
        self._following = True
        self.setModel(model)
        self.setAccessibleName("Event log")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setStretchLastSection(True)
        columns.setMinimumSectionSize(36)
        columns.setFont(scaled(self.font(), 0.9))
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        self.verticalScrollBar().valueChanged.connect(self._notice_scrolling)
        model.rowsInserted.connect(self._after_insert)
        model.modelReset.connect(self.follow)

    @property
    def following(self) -> bool:
        """Whether the last row stays in sight."""
        return self._following

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._following = True
        self.scrollToBottom()

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 90)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._log.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self._look.theme.muted))
            text = "No row passes the filter." if self._log.total else EMPTY
            box: QRect = self.viewport().rect().adjusted(20, 0, -20, -8)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < ROOMY
        for column in (Column.LEVEL, Column.TWIST):  # the row's tool tip has them
            self.setColumnHidden(column, narrow)
        if self._following:
            self.scrollToBottom()

    def _notice_scrolling(self, value: int) -> None:
        self._following = value >= self.verticalScrollBar().maximum()

    def _after_insert(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        if self._following:
            self.scrollToBottom()


class LogPane(QWidget):
    """The table; `head` holds count, filter and tools, for the row of the tabs."""

    def __init__(self, model: LogModel, actions: Actions, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self.table = LogTable(model, look)
        self.count = QLabel()
        self.count.setFont(scaled(self.font(), 0.92, tabular=True))
        set_tone(self.count, "quiet")
        self.filter = FilterEdit("Every word must occur in a row; a single key finds that key alone: received 5")
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.filter, 2)
        for button in tool_buttons(actions, TOOLS):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(FILTER_PAUSE_MS)
        self._pause.timeout.connect(self.apply_filter)
        self.filter.textChanged.connect(self._pause.start)
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self._show_count)
        look.changed.connect(self._adopt)
        self._adopt()
        self._show_count()

    def apply_filter(self) -> None:
        """Filter by what was typed, now."""
        self._pause.stop()
        self._model.set_filter(self.filter.text())

    def chosen(self) -> list[LogEvent]:
        """Return the selected rows, or all that are shown when none is."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._model.at(row) for row in rows] if rows else self._model.shown()

    def copy(self) -> None:
        """Put the chosen rows on the clipboard."""
        QApplication.clipboard().setText(to_text(self.chosen(), len(TITLES)))

    def _show_count(self) -> None:
        shown, total = self._model.rowCount(), self._model.total
        self.count.setText(f"{shown:,} of {total:,}".replace(",", " ") if shown != total else _count(total))

    def _adopt(self) -> None:
        self._model.set_theme(self._look.theme)
        self.table.viewport().update()


def tool_buttons(actions: Actions, names: Iterable[str]) -> list[QToolButton]:
    """Return a button with an icon for each of these actions."""
    buttons = []
    for name in names:
        button = QToolButton()
        button.setDefaultAction(actions[name])
        button.setIconSize(QSize(18, 18))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleName(actions[name].iconText())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons.append(button)
    return buttons


def _count(total: int) -> str:
    return f"{total:,} row{'s' * (total != 1)}".replace(",", " ") if total else ""
