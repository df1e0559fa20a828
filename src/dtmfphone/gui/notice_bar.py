"""A notice with its remedy, laid over the window: never a box that wants an answer."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.status_model import Message
from dtmfphone.gui.widgets import Dot

INFO_MS: Final = 8000
WIDEST: Final = 620
LEVELS: Final = {"info": "accent", "warning": "warn", "error": "bad"}


class NoticeBar(QFrame):
    """One message at a time: information goes by itself, the rest waits until it is read."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._waiting: list[Message] = []
        self.message: Message | None = None
        self.setObjectName("notice")
        self.dot = Dot(look)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setFont(scaled(self.font(), 1.0, weight=QFont.Weight.DemiBold))
        self.remedy = QLabel()
        self.remedy.setWordWrap(True)
        self.remedy.setTextFormat(Qt.TextFormat.PlainText)
        self.remedy.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.setProperty("kind", "small")
        self.close_button = QToolButton()
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.setToolTip("Dismiss")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 6, 8)
        layout.setSpacing(10)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.remedy)
        mark = QVBoxLayout()
        mark.setContentsMargins(0, 4, 0, 0)
        mark.addWidget(self.dot)
        mark.addStretch(1)
        layout.addLayout(mark)
        layout.addLayout(words, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.setInterval(INFO_MS)
        self._away.timeout.connect(self.dismiss)
        self.close_button.clicked.connect(self.dismiss)
        self.button.clicked.connect(self._act)
        look.changed.connect(self._dress)
        parent.installEventFilter(self)
        self.hide()

    def show_message(self, message: Message) -> None:
        """Show a message; what is worse or was there before comes first, the same one only once."""
        known = [m for m in (self.message, *self._waiting) if m is not None]
        if any((m.text, m.remedy) == (message.text, message.remedy) for m in known):
            return
        if self.message is not None and self.message.level != "info":
            self._waiting.append(message)
        else:
            self._show(message)

    def dismiss(self) -> None:
        """Put the message away and show the next."""
        self._away.stop()
        self.message = None
        if self._waiting:
            self._show(self._waiting.pop(0))
        else:
            self.hide()

    def place(self) -> None:
        """Lay the bar over its parent: top right beside the phone, at the bottom of a narrow window."""
        parent = self.parentWidget()
        if parent is None:
            return
        narrow = parent.width() < 700
        width = min(WIDEST, parent.width() - (24 if narrow else 420))
        self.setFixedWidth(width)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        self.resize(width, height)
        top = parent.height() - height - 30 if narrow else 12
        self.move((parent.width() - width) // 2 if narrow else parent.width() - width - 20, top)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return False

    def _show(self, message: Message) -> None:
        self.message = message
        self.text.setText(message.text)
        self.remedy.setText(message.remedy)
        self.remedy.setVisible(bool(message.remedy))
        self.button.setText(message.button)
        self.button.setVisible(bool(message.button))
        self.setAccessibleName(" ".join(part for part in (message.text, message.remedy) if part))
        self._dress()
        self.show()
        self.place()
        self.raise_()
        if message.level == "info":
            self._away.start()
        else:
            self._away.stop()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.accessibleName()))

    def _act(self) -> None:
        action = self.message.action if self.message else None
        self.dismiss()
        if action is not None:
            action()

    def _dress(self) -> None:
        theme = self._look.theme
        tone = LEVELS[self.message.level] if self.message else "muted"
        self.dot.set(tone)
        self.setStyleSheet(
            f"#notice {{ background: {theme.raised}; border: 1px solid {getattr(theme, tone)}; border-radius: 8px; }}"
        )
        self.close_button.setIcon(themed_icon("close", theme))
