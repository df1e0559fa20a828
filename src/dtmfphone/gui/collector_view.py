"""The IVR's own collector: mode, state, digits, the timer or why it waits, why it ended, and what the IVR says."""

from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from dtmfphone.gui.collector_model import CollectorModel
from dtmfphone.gui.collector_state import STATE_WORDS
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.time_left import TimeLeft
from dtmfphone.gui.widgets import Chip, ElidedLabel, set_tone

Room = Literal["full", "medium", "short", "compact"]
"""What is shown: everything; not the row of states; nor what the IVR says; nor a title."""
STAGES: Final = ("prompting", "collecting", "confirming", "done")
WIDEST_EXPECTED: Final = 190
HEIGHTS: Final[dict[Room, int]] = {"full": 154, "medium": 122, "short": 82, "compact": 55}
"""How high it is at least, in pixels."""


class CollectorView(QWidget):
    """Binds a `CollectorModel`."""

    def __init__(self, model: CollectorModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._room: Room = "full"
        self._tools: tuple[QWidget, ...] = ()
        self.chips = {state: Chip(look, STATE_WORDS[state]) for state in STAGES}
        self.state = Chip(look, STATE_WORDS["idle"])
        self.title = ElidedLabel("Digit collector")
        self.title.setFont(scaled(self.font(), 0.92, weight=QFont.Weight.DemiBold))
        self.mode = QLabel()
        self.mode_beside = QLabel()
        for label in (self.mode, self.mode_beside):
            label.setFont(scaled(self.font(), 0.92))
            set_tone(label, "quiet")
        self.digits = ElidedLabel(mode=Qt.TextElideMode.ElideLeft)
        self.digits.setFont(scaled(self.font(), 2.0, weight=QFont.Weight.DemiBold, tabular=True))
        self.expected = ElidedLabel()
        self.expected.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.expected.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.expected.setFont(scaled(self.font(), 0.92))
        set_tone(self.expected, "quiet")
        self.left = TimeLeft(look, scaled(self.font(), 0.92, tabular=True))
        self.reason = ElidedLabel()
        self.reason.setFont(self.left.words.font())
        self.speech = QLabel()
        self.speech.setWordWrap(True)
        self.speech.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.speech.setTextFormat(Qt.TextFormat.PlainText)
        self.speech.setFont(scaled(self.font(), 0.95))
        self.speech.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.speech.setMinimumHeight(34)
        self._build()

    def add_tools(self, beside_title: QWidget, below: QWidget) -> None:
        """Put buttons into the upper right corner, and into the lower one where there is no title."""
        self._head.addWidget(beside_title)
        self._below.addWidget(below)
        self._tools = (beside_title, below)
        self._arrange()

    def set_room(self, room: Room) -> None:
        """Leave out what there is no room for."""
        if room != self._room:
            self._room = room
            self._arrange()

    def refresh(self) -> None:
        """Show the model."""
        model, collector = self._model, self._model.collector
        now = model.state
        state = collector.state if collector else "idle"
        tone = "muted" if model.over else now.state_tone
        for name, chip in self.chips.items():
            last = name == "done" and state == "failed"
            on = state == name or last
            chip.set(now.state_text if last else STATE_WORDS[name], tone if on else "muted", filled=on)
        self.state.set(now.state_text, tone, filled=state != "idle")
        digits = " ".join(collector.digits) if collector else ""
        cursor = "_" if state in ("prompting", "collecting") and not model.over else ""
        self.digits.set_whole(" ".join(part for part in (digits, cursor) if part))
        self.digits.setAccessibleName(f"Digits so far: {digits or 'none'}")
        self.expected.set_whole(collector.expected if collector else "")
        wanted = self.expected.fontMetrics().horizontalAdvance(self.expected.whole) + 2
        self.expected.setFixedWidth(min(wanted, WIDEST_EXPECTED))
        self.title.set_whole(f"IVR at “{model.node}”" if model.node else "Digit collector")
        again = collector is not None and collector.attempt > 1 and state in ("prompting", "collecting")
        for label in (self.mode, self.mode_beside):
            label.setText(now.mode_text)
            label.setToolTip(f"The attempt before: {now.end_text}" if again else "")
        text = model.speech
        self.speech.setText(f"“{text}”" if text else "")
        self.speech.setToolTip(text)
        set_tone(self.speech, "" if model.speaking else "quiet")
        self._clock.setCurrentIndex(1 if now.timer_running else 0)
        if not now.timer_running:
            self.reason.set_whole(" ".join(part for part in (now.pause_text, now.end_text) if part))
            set_tone(self.reason, "bad" if now.failed else "quiet")
        self.tick()

    def tick(self) -> None:
        """Move the timer on."""
        now = self._model.state
        if now.timer_running:
            self.left.set(now, f"{now.timer_text} {now.timer_left():.1f} s")

    @property
    def news(self) -> str:
        """What a screen reader should say."""
        collector = self._model.collector
        if collector is None:
            return ""
        now = self._model.state
        words = ", ".join(part for part in (now.state_text, " ".join(collector.digits)) if part)
        return f"Collector: {words}. {now.end_text}" if collector.end_reason else f"Collector: {words}"

    def _build(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(6)
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self.mode)
        self._chip_row = QWidget()
        row = QHBoxLayout(self._chip_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for chip in self.chips.values():
            row.addWidget(chip)
        row.addStretch(1)
        figures = QHBoxLayout()
        figures.setSpacing(8)
        figures.addWidget(self.digits, 1)
        figures.addWidget(self.expected)
        figures.addWidget(self.state)
        self._clock = QStackedWidget()
        self._clock.addWidget(self.reason)
        self._clock.addWidget(self.left)
        self._clock.setFixedHeight(18)
        self._below = QHBoxLayout()
        self._below.setSpacing(10)
        self._below.addWidget(self._clock, 1)
        self._below.addWidget(self.mode_beside)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self._chip_row)
        self._layout.addLayout(figures)
        self._layout.addLayout(self._below)
        self._layout.addWidget(self.speech, 1)
        self._arrange()

    def _arrange(self) -> None:
        full, compact = self._room == "full", self._room == "compact"
        self._chip_row.setVisible(full)
        self.speech.setVisible(self._room in ("full", "medium"))
        for widget in (self.title, self.mode, *self._tools[:1]):
            widget.setVisible(not compact)
        for widget in (self.mode_beside, *self._tools[1:]):
            widget.setVisible(compact)
        self.state.setVisible(not full)
        self._layout.setSpacing({"full": 7, "compact": 3}.get(self._room, 4))
