"""Keyboard shortcuts and About: windows that do not block."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from dtmfphone import __version__
from dtmfphone.gui.actions import ACTIONS, MENUS
from dtmfphone.gui.icons import app_icon
from dtmfphone.gui.look import scaled
from dtmfphone.gui.widgets import set_tone

HIGHEST: Final = 640
"""Of a dialog, so that it fits on a small screen."""
SCROLL_BAR: Final = 16
DIALLING = (
    ("0–9  *  #  A–D", "Press and hold a key, wherever no text field has the focus"),
    ("Arrow keys", "Move within the keypad"),
    ("Space, Enter", "Press the focused key for as long as it is held"),
)


class ShortcutsDialog(QDialog):
    """Every shortcut with what it does, taken from the actions themselves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        left = [("Keypad", list(DIALLING))]
        for menu in MENUS:
            rows = [(_native(spec.shortcut), spec.tip) for spec in ACTIONS if spec.menu == menu and spec.shortcut]
            if rows:
                left.append((menu, rows))
        row = 0
        for title, rows in left:
            heading = QLabel(title)
            heading.setFont(scaled(self.font(), 1.0, weight=QFont.Weight.DemiBold))
            grid.setRowMinimumHeight(row, 26)
            grid.addWidget(heading, row, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
            for keys, tip in rows:
                row += 1
                label = QLabel(keys)
                set_tone(label, "accent")
                grid.addWidget(label, row, 0)
                grid.addWidget(QLabel(tip), row, 1)
            row += 1
        page = QWidget()
        page.setLayout(grid)
        grid.setContentsMargins(0, 0, 10, 0)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(page.sizeHint().width() + SCROLL_BAR)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 12, 12, 18)
        layout.addWidget(scroll)
        layout.addSpacing(8)
        layout.addLayout(_closing(self))
        self.resize(self.sizeHint().width(), min(page.sizeHint().height() + 90, HIGHEST))


class AboutDialog(QDialog):
    """Name, version, licence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About dtmfphone")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(64, 64))
        name = QLabel(f"dtmfphone {__version__}")
        name.setFont(scaled(self.font(), 1.5, weight=QFont.Weight.DemiBold))
        what = QLabel(
            "Softphone and DTMF analyzer for testing phone menus and voice agents by hand.\nApache License 2.0"
        )
        set_tone(what, "quiet")
        words = QVBoxLayout()
        words.addWidget(name)
        words.addWidget(what)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.addLayout(top)
        layout.addSpacing(8)
        layout.addLayout(_closing(self))


def _closing(dialog: QDialog) -> QHBoxLayout:
    button = QPushButton("Close")
    button.setDefault(True)
    button.clicked.connect(dialog.close)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(button)
    return row


def _native(shortcut: str) -> str:
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
