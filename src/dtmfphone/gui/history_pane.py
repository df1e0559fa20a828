"""Earlier calls with a filter; Enter or a double click calls again."""

from typing import Final

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.gui.actions import Actions
from dtmfphone.gui.history_model import HistoryModel
from dtmfphone.gui.history_rows import Column, to_text
from dtmfphone.gui.log_pane import FILTER_PAUSE_MS, ROOMY, ROW_HEIGHT, tool_buttons
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.widgets import FilterEdit, set_tone
from dtmfphone.history import PastCall

WIDTHS: Final = {
    Column.TIME: 112,
    Column.DIRECTION: 28,
    Column.FAR_END: 180,
    Column.ACCOUNT: 96,
    Column.DURATION: 72,
    Column.RESULT: 60,
}
TOOLS: Final = ("call-again", "copy", "clear")
EMPTY: Final = "Calls that are over appear here. Press Enter on one to call again."


class HistoryTable(QTableView):
    """Rows of one height."""

    chosen = Signal(QModelIndex)

    def __init__(self, model: HistoryModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = model
        self._look = look
        self.setModel(model)
        self.setAccessibleName("History")
        self.setIconSize(QSize(16, 16))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setStretchLastSection(True)
        columns.setMinimumSectionSize(28)
        columns.setFont(scaled(self.font(), 0.9))
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        self.doubleClicked.connect(self.chosen)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 90)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnHidden(Column.ACCOUNT, event.size().width() < ROOMY)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._history.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self._look.theme.muted))
            text = "No call passes the filter." if self._history.total else EMPTY
            box: QRect = self.viewport().rect().adjusted(20, 0, -20, -8)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
            painter.end()


class HistoryPane(QWidget):
    """Binds a `HistoryModel`; `head` holds count, filter and tools, for the row of the tabs."""

    call_wanted = Signal(str, str)
    """A far end, and the account of the call with it."""

    def __init__(self, model: HistoryModel, actions: Actions, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self._actions = actions
        self.table = HistoryTable(model, look)
        self.count = QLabel()
        self.count.setFont(scaled(self.font(), 0.92, tabular=True))
        set_tone(self.count, "quiet")
        self.filter = FilterEdit("Every word must occur in a call, e.g. missed alice")
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
        self.table.chosen.connect(lambda index: self._call(model.at(index.row())))
        self.table.selectionModel().selectionChanged.connect(self._enable)
        actions["call-again"].triggered.connect(self.call_again)
        for changed in (model.rowsInserted, model.modelReset):
            changed.connect(self._show_count)
            changed.connect(self._enable)
        look.changed.connect(self._adopt)
        self._adopt()
        self._show_count()
        self._enable()

    def apply_filter(self) -> None:
        """Filter by what was typed, now."""
        self._pause.stop()
        self._model.set_filter(self.filter.text())

    def call_again(self) -> None:
        """Call the far end of the selected call."""
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self._call(self._model.at(rows[0].row()))

    def copy(self) -> None:
        """Put the selected call, or all that are shown, on the clipboard."""
        rows = self.table.selectionModel().selectedRows()
        calls = [self._model.at(row.row()) for row in rows] if rows else self._model.shown()
        QApplication.clipboard().setText(to_text(calls))

    def _call(self, call: PastCall) -> None:
        self.call_wanted.emit(call.far_end, call.account)

    def _enable(self) -> None:
        self._actions["call-again"].setEnabled(bool(self.table.selectionModel().selectedRows()))

    def _show_count(self) -> None:
        shown, total = self._model.rowCount(), self._model.total
        words = f"{total} call{'s' * (total != 1)}" if total else ""
        self.count.setText(f"{shown} of {total}" if shown != total else words)

    def _adopt(self) -> None:
        self._model.set_theme(self._look.theme)
        self.table.viewport().update()
