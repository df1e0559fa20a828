"""The digit collectors of a call: the IVR's own, the shadows below it, and where their verdicts differ."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from dtmfphone.gui.collector_model import CollectorModel
from dtmfphone.gui.collector_view import HEIGHTS, CollectorView, Room
from dtmfphone.gui.look import Look
from dtmfphone.gui.shadow_list import ShadowList, height_of, tool_button
from dtmfphone.gui.shadow_model import ShadowModel
from dtmfphone.gui.shadow_words import Verdict
from dtmfphone.gui.widgets import Card, set_compact, set_tone

FRAME_MS: Final = 33
COMFORT: Final = 40
"""Pixels that are left to the keypad before rows are shown that can be done without."""
GAP: Final = 6
QWIDGETSIZE_MAX: Final = 16_777_215
NO_CALL: Final = "What collectors make of your keys shows here:\nPress Call with builtin:reception as target."
NO_SHADOW: Final = "Put a collector on this call, and see what\na LiveKit agent would make of your keys."


class CollectorPanel(Card):
    """Binds a `CollectorModel` and a `ShadowModel`; timers run on between events."""

    def __init__(
        self,
        model: CollectorModel,
        shadows: ShadowModel,
        action: QAction,
        look: Look,
        parent: QWidget | None = None,
    ) -> None:
        """`action` lets a person choose the shadows."""
        super().__init__(parent)
        self._model = model
        self._shadows = shadows
        self._height = QWIDGETSIZE_MAX
        self._room: Room = "full"
        self._own_line = False
        self._announced: set[str] = set()
        self.setAccessibleName("Digit collectors")
        self.own = CollectorView(model, look)
        self.own.add_tools(tool_button(action), tool_button(action))
        self.list = ShadowList(shadows, look, action)
        self.empty = QLabel(NO_CALL)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(self.empty, "quiet")
        self.choose = QPushButton("Shadow collectors…")
        self.choose.setToolTip(action.toolTip())
        self.choose.clicked.connect(action.trigger)
        set_compact(self.choose, True)
        self.choose_beside = tool_button(action)
        self._build()
        self._ticker = QTimer(self)
        self._ticker.setInterval(FRAME_MS)
        self._ticker.timeout.connect(self._tick)
        model.changed.connect(self.refresh)
        shadows.changed.connect(self.refresh)
        self.refresh()

    def set_room(self, height: int) -> None:
        """Show as much as so many pixels hold, of which the keypad wants some, too."""
        was = (self._room, self._own_line)
        self._height = height
        self._fit()
        if (self._room, self._own_line) != was:
            self.refresh()

    def refresh(self) -> None:
        """Show the models."""
        own, shadows = self._model.present, bool(self._shadows.verdicts)
        self._fit()
        self._stack.setCurrentIndex(1 if own or shadows else 0)
        self.empty.setText(NO_SHADOW if self._shadows.on_call and not self._shadows.choice.some else NO_CALL)
        lines = self._room == "compact" and shadows
        self.own.setVisible(own and not lines)
        self.own.refresh()
        self.list.setVisible(shadows)
        self.list.refresh(self._own_verdict if lines and self._own_line else None)
        if self.isVisible() and (self._model.state.timer_running or self.list.ticking):
            self._ticker.start()
        else:
            self._ticker.stop()
        self._announce()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.stop()

    @property
    def _own_verdict(self) -> Verdict | None:
        state = self._model.state
        return self._model.verdict(state.event.node, state.began) if state.event is not None else None

    def _tick(self) -> None:
        self.own.tick()
        self.list.tick()

    def _build(self) -> None:
        page = QWidget()
        line = QHBoxLayout()
        line.addWidget(self.empty, 1)
        line.addWidget(self.choose_beside)
        blank = QVBoxLayout(page)
        blank.setContentsMargins(0, 0, 0, 0)
        blank.setSpacing(8)
        blank.addStretch(1)
        blank.addLayout(line)
        blank.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignCenter)
        blank.addStretch(1)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        layout.addWidget(self.own, 1)
        layout.addWidget(self.list)
        layout.addStretch(0)
        self._stack = QStackedLayout()
        self._stack.addWidget(page)
        self._stack.addWidget(content)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._stack)

    def _fit(self) -> None:
        """Choose what is shown for as long as the choice of shadows stands, so that no key moves during a call."""
        count = self._shadows.choice.livekit + self._shadows.choice.standard
        rooms: tuple[Room, ...] = ("full", "medium", "short")
        self._room = "compact"
        for room in rooms:
            needed = _height(room, count)
            if needed + (0 if room == "short" else COMFORT) <= self._height:
                self._room = room
                break
        compact = self._room == "compact"
        self._own_line = _height("compact", count + 1) <= self._height
        needed = _height("compact", count + self._own_line) if compact and count else _height(self._room, count)
        self.setMinimumHeight(needed)
        self.setMaximumHeight(max(needed, 80) if compact else QWIDGETSIZE_MAX)
        self._outer.setContentsMargins(10, 4 if compact else 9, 10, 5 if compact else 9)
        self.own.set_room(self._room)
        self.list.set_room(compact=compact, alone=not self._model.present)
        self.choose.setVisible(not compact)
        self.choose_beside.setVisible(compact)

    def _announce(self) -> None:
        news = {part for part in (self.own.news if self._model.present else "", self.list.news) if part}
        for words in sorted(news - self._announced) if QAccessible.isActive() else ():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
        self._announced = news


def _height(room: Room, shadows: int) -> int:
    """Return how high the panel is at least, with so many shadows; in little room the IVR's own counts as one."""
    if room == "compact":
        return 9 + (height_of(shadows, compact=True) if shadows else HEIGHTS["compact"])
    return 18 + HEIGHTS[room] + (GAP + height_of(shadows, compact=False) if shadows else 0)
