"""The SIP trace: ladder and message side by side, with filters and tools."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from dtmfphone.engine.events import SignallingMessage
from dtmfphone.gui.actions import Actions
from dtmfphone.gui.ladder import Ladder
from dtmfphone.gui.log_pane import FILTER_PAUSE_MS, tool_buttons
from dtmfphone.gui.look import Look
from dtmfphone.gui.message_view import MessageView
from dtmfphone.gui.trace_export import to_text
from dtmfphone.gui.trace_model import TraceModel

TOOLS: Final = ("follow", "copy", "export", "clear")
ALL: Final = "All calls"
LONGEST_NAME: Final = 40
MOST_CALLS: Final = 50
"""Calls to choose from, the latest first."""


class TracePane(QWidget):
    """Binds a `TraceModel`; `head` holds filters and tools, for the row of the tabs."""

    def __init__(self, model: TraceModel, actions: Actions, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.ladder = Ladder(model, look)
        self.message = MessageView(look)
        self.dialog = QComboBox()
        self.dialog.setProperty("compact", True)
        self.dialog.setAccessibleName("Call")
        self.dialog.setToolTip("Show the messages of one call or registration alone")
        self.dialog.setMinimumContentsLength(7)
        self.dialog.setMaximumWidth(200)
        self.filter = QLineEdit()
        self.filter.setProperty("compact", True)
        self.filter.setPlaceholderText("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter")
        self.filter.setToolTip("Every word must occur in a message, e.g. INVITE 407")
        self.filter.setMinimumWidth(68)
        self.filter.setMaximumWidth(180)
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addStretch(1)
        row.addWidget(self.dialog, 3)
        row.addWidget(self.filter, 2)
        for button in tool_buttons(actions, TOOLS):
            row.addWidget(button)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(6)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.ladder)
        self._split.addWidget(self.message)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setSizes([600, 400])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(FILTER_PAUSE_MS)
        self._pause.timeout.connect(self.apply_filter)
        self.filter.textChanged.connect(self._pause.start)
        self.dialog.activated.connect(self._choose_dialog)
        self.ladder.selectionModel().selectionChanged.connect(self._show_message)
        model.modelReset.connect(self._show_message)
        model.dialogs_changed.connect(self._list_dialogs)
        self._list_dialogs()

    def apply_filter(self) -> None:
        """Filter by what was typed, now."""
        self._pause.stop()
        self._model.set_filter(self.filter.text())

    def chosen(self) -> list[SignallingMessage]:
        """Return the selected messages, or all that are shown when none is."""
        rows = self.ladder.chosen_rows()
        return [self._model.at(row).message for row in rows] if rows else self._model.shown()

    def copy(self) -> None:
        """Put the chosen messages on the clipboard."""
        QApplication.clipboard().setText(to_text(self.chosen()))

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 90)

    def _show_message(self) -> None:
        rows = self.ladder.chosen_rows()
        self.message.show_row(self._model.at(rows[-1]) if rows else None)

    def _choose_dialog(self) -> None:
        self._model.set_dialog(self.dialog.currentData() or "")

    def _list_dialogs(self) -> None:
        with QSignalBlocker(self.dialog):
            self.dialog.clear()
            self.dialog.addItem(ALL, "")
            for dialog, label in list(self._model.dialogs.items())[: -MOST_CALLS - 1 : -1]:
                name = label if len(label) <= LONGEST_NAME else f"{label[: LONGEST_NAME - 1]}…"
                self.dialog.addItem(name, dialog)
                self.dialog.setItemData(self.dialog.count() - 1, f"Call-ID {dialog}", Qt.ItemDataRole.ToolTipRole)
            self.dialog.setCurrentIndex(max(0, self.dialog.findData(self._model.dialog)))
