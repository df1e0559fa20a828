"""A notice with its remedy, laid over the window where no control is: never a box that wants an answer."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.gui.free_room import free_room, size_of
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.status_model import Message
from dtmfphone.gui.widgets import Dot

INFO_MS: Final = 8000
WIDEST: Final = 620
GAP: Final = 5
"""Pixels between the bar and the edges of its room."""
MARGINS: Final = (12, 7, 6, 7)
BORDERS: Final = 2
NARROW: Final = 400
"""Below this width the button stands under the one that dismisses."""
LEVELS: Final = {"info": "accent", "warning": "warn", "error": "bad"}


class NoticeBar(QFrame):
    """One message at a time: information goes by itself unless it is pointed at, the rest waits until it is read."""

    def __init__(self, look: Look, parent: QWidget, *areas: tuple[QWidget, ...]) -> None:
        """The bar lies over that one of the areas where most room is free; without areas, at the top right."""
        super().__init__(parent)
        self._areas = areas
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
        layout.setContentsMargins(*MARGINS)
        layout.setSpacing(10)
        self._words = QWidget()
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.remedy)
        words.addStretch(1)
        self.reader = QScrollArea()
        self.reader.setFrameShape(QFrame.Shape.NoFrame)
        self.reader.setWidgetResizable(True)
        self.reader.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.reader.setAccessibleName("Notice")
        self.reader.setWidget(self._words)
        mark = QVBoxLayout()
        mark.setContentsMargins(0, 4, 0, 0)
        mark.addWidget(self.dot)
        mark.addStretch(1)
        layout.addLayout(mark)
        layout.addWidget(self.reader, 1)
        self._tools = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._tools.setSpacing(10)
        self._tools.addWidget(self.button)
        self._tools.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        layout.addLayout(self._tools)
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.setInterval(INFO_MS)
        self._away.timeout.connect(self._go_away)
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(50)  # then all that moves at once has its place
        self._follow.timeout.connect(self.place)
        self.close_button.clicked.connect(self.dismiss)
        self.button.clicked.connect(self._act)
        look.changed.connect(self._dress)
        for watched in {parent, *(widget for area in areas for widget in area)}:
            watched.installEventFilter(self)
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
        """Lay the bar where no control is, as high as its words need or as there is room; then they scroll."""
        room = self._room()
        width = min(WIDEST, room.width())
        layout, words = self.layout(), self._words.layout()
        assert layout is not None
        assert words is not None
        way = QBoxLayout.Direction
        self._tools.setDirection(way.BottomToTop if width < NARROW else way.LeftToRight)
        tools = self._tools.sizeHint()
        beside = MARGINS[0] + self.dot.width() + tools.width() + MARGINS[2] + 2 * layout.spacing() + BORDERS
        wanted = max(words.heightForWidth(width - beside), tools.height()) + MARGINS[1] + MARGINS[3] + BORDERS
        height = min(wanted, room.height())
        self.reader.setFocusPolicy(Qt.FocusPolicy.TabFocus if height < wanted else Qt.FocusPolicy.NoFocus)
        self.setFixedSize(width, height)
        self.move(room.right() + 1 - width, room.bottom() + 1 - height if self._areas else room.top())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        moved = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)
        if event.type() in moved and self.message is not None and not self._follow.isActive():
            self._follow.start()
        return False

    def _room(self) -> QRect:
        """Return where the bar may lie, in pixels of its parent."""
        parent = self.parentWidget()
        assert parent is not None
        if self._areas:
            rooms = (free_room(parent, area, GAP).adjusted(GAP, GAP, -GAP, -GAP) for area in self._areas)
            return max(rooms, key=size_of)
        return parent.rect().adjusted(parent.width() - min(WIDEST, parent.width() - 400), 12, -20, -12)

    def _go_away(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._away.start()
        else:
            self.dismiss()

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
            f"#notice QScrollArea:focus {{ border: 1px solid {theme.accent}; }}"
        )
        self.close_button.setIcon(themed_icon("close", theme))
