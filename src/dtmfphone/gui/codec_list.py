"""Codecs to offer, in order: switched on and off, moved by keyboard, buttons or mouse."""

from typing import Final, get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.engine.commands import Codec
from dtmfphone.gui.call_words import codec_name
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look

CODECS: Final[tuple[Codec, ...]] = tuple(codec for codec in get_args(Codec) if codec != "auto")
ROW: Final = 21


class CodecList(QWidget):
    """The codecs that are checked are offered from top to bottom."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.list = _List()
        self.list.setAccessibleName("Codecs in order")
        self.list.setToolTip("Space switches a codec on or off; Alt+Up and Alt+Down move it, or drag it")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setFixedHeight(ROW * len(CODECS) + 10)
        self.up = QToolButton()
        self.up.setAccessibleName("Move up")
        self.up.setToolTip("Offer this codec earlier (Alt+Up)")
        self.down = QToolButton()
        self.down.setAccessibleName("Move down")
        self.down.setToolTip("Offer this codec later (Alt+Down)")
        buttons = QVBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.up)
        buttons.addWidget(self.down)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.up.clicked.connect(lambda: self.move_current(-1))
        self.down.clicked.connect(lambda: self.move_current(1))
        self.list.move_wanted.connect(self.move_current)
        self.list.itemChanged.connect(self.changed)
        self.list.model().rowsMoved.connect(self.changed)
        look.changed.connect(self._draw_icons)
        self._draw_icons()

    @property
    def codecs(self) -> tuple[Codec, ...]:
        """Those to offer, in order."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked
        )

    def set_codecs(self, codecs: tuple[Codec, ...]) -> None:
        """Show these first and checked, the others behind them."""
        self.list.clear()
        for codec in (*codecs, *(codec for codec in CODECS if codec not in codecs)):
            if codec in CODECS:
                item = QListWidgetItem(codec_name(codec), self.list)
                item.setData(Qt.ItemDataRole.UserRole, codec)
                item.setCheckState(Qt.CheckState.Checked if codec in codecs else Qt.CheckState.Unchecked)
        self.list.setCurrentRow(0)

    def move_current(self, by: int) -> None:
        """Move the current codec."""
        row = self.list.currentRow()
        if row >= 0 and 0 <= row + by < self.list.count():
            item = self.list.takeItem(row)
            self.list.insertItem(row + by, item)
            self.list.setCurrentRow(row + by)
            self.changed.emit()

    def _draw_icons(self) -> None:
        self.up.setIcon(themed_icon("up", self._look.theme))
        self.down.setIcon(themed_icon("down", self._look.theme))


class _List(QListWidget):
    move_wanted = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.move_wanted.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
