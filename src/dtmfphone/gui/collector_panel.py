"""The digit collector: mode, state, digits so far, the timer or why it waits, why it ended."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from dtmfphone.engine.events import CollectorChanged
from dtmfphone.gui.collector_model import CollectorModel
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.widgets import Bar, Card, Chip, ElidedLabel, set_tone

STATES: Final = {"prompting": "Prompting", "collecting": "Collecting", "confirming": "Confirming", "done": "Done"}
WORDS: Final = {**STATES, "idle": "Idle", "failed": "Failed"}
TONES: Final = {
    "idle": "muted",
    "prompting": "accent",
    "collecting": "accent",
    "confirming": "warn",
    "done": "good",
    "failed": "bad",
}
FRAME_MS: Final = 33
WIDEST_EXPECTED: Final = 190
QWIDGETSIZE_MAX: Final = 16_777_215
EMPTY: Final = "What the built-in IVR collects shows here:\nPress Call with builtin:reception as target."


class CollectorPanel(Card):
    """Binds a `CollectorModel`; the timer runs on between events."""

    def __init__(self, model: CollectorModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._compact = False
        self._announced = ""
        self.setAccessibleName("Digit collector")
        self.chips = {state: Chip(look, title) for state, title in STATES.items()}
        self.state = Chip(look, WORDS["idle"])
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
        self.bar = Bar(look)
        self.bar.setAccessibleName("Time left")
        self.timer = QLabel()
        self.timer.setFont(scaled(self.font(), 0.92, tabular=True))
        self.reason = ElidedLabel()
        self.reason.setFont(self.timer.font())
        self.speech = QLabel()
        self.speech.setWordWrap(True)
        self.speech.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.speech.setTextFormat(Qt.TextFormat.PlainText)
        self.speech.setFont(scaled(self.font(), 0.95))
        self.speech.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.empty = QLabel(EMPTY)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(self.empty, "quiet")
        self._build()
        self._ticker = QTimer(self)
        self._ticker.setInterval(FRAME_MS)
        self._ticker.timeout.connect(self._draw_timer)
        model.changed.connect(self.refresh)
        self.refresh()

    def set_compact(self, compact: bool) -> None:
        """Leave out what there is no room for."""
        if compact != self._compact:
            self._compact = compact
            self._arrange()

    def refresh(self) -> None:
        """Show the model."""
        self._stack.setCurrentIndex(1 if self._model.present else 0)
        collector = self._model.collector
        state = collector.state if collector else "idle"
        tone = "muted" if self._model.over else TONES[state]
        for name, chip in self.chips.items():
            last = name == "done" and state == "failed"
            on = state == name or last
            chip.set(WORDS["failed"] if last else WORDS[name], tone if on else "muted", filled=on)
        self.state.set(WORDS[state], tone, filled=state != "idle")
        digits = " ".join(collector.digits) if collector else ""
        cursor = "_" if state in ("prompting", "collecting") and not self._model.over else ""
        self.digits.set_whole(" ".join(part for part in (digits, cursor) if part))
        self.digits.setAccessibleName(f"Digits so far: {digits or 'none'}")
        self.expected.set_whole(collector.expected if collector else "")
        wanted = self.expected.fontMetrics().horizontalAdvance(self.expected.whole) + 2
        self.expected.setFixedWidth(min(wanted, WIDEST_EXPECTED))
        self.title.set_whole(f"IVR at “{self._model.node}”" if self._model.node else "Digit collector")
        again = collector is not None and collector.attempt > 1 and state in ("prompting", "collecting")
        for label in (self.mode, self.mode_beside):
            label.setText(self._model.mode_text)
            label.setToolTip(f"The attempt before: {self._model.end_text}" if again else "")
        text = self._model.speech
        self.speech.setText(f"“{text}”" if text else "")
        self.speech.setToolTip(text)
        set_tone(self.speech, "" if self._model.speaking else "quiet")
        self._clock.setCurrentIndex(1 if self._model.timer_running else 0)
        self._draw_timer()
        if self._model.timer_running and self.isVisible():
            self._ticker.start()
        else:
            self._ticker.stop()
        if collector:
            self._announce(collector)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.stop()

    def _draw_timer(self) -> None:
        collector = self._model.collector
        if self._model.timer_running:
            left, share = self._model.timer_left(), self._model.timer_fraction()
            self.bar.set(share, "warn" if share < 0.25 else "accent")
            self.timer.setText(f"{self._model.timer_text} {left:.1f} s")
            return
        self.reason.set_whole(" ".join(part for part in (self._model.pause_text, self._model.end_text) if part))
        set_tone(self.reason, "bad" if collector and collector.state == "failed" else "quiet")

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title, 1)
        head.addWidget(self.mode)
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
        running = QWidget()
        row = QHBoxLayout(running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.bar, 1)
        row.addWidget(self.timer)
        self._clock = QStackedWidget()
        self._clock.addWidget(self.reason)
        self._clock.addWidget(running)
        self._clock.setFixedHeight(18)
        below = QHBoxLayout()
        below.setSpacing(10)
        below.addWidget(self._clock, 1)
        below.addWidget(self.mode_beside)
        content = QWidget()
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(head)
        self._layout.addWidget(self._chip_row)
        self._layout.addLayout(figures)
        self._layout.addLayout(below)
        self._layout.addWidget(self.speech, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(content)
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._stack)
        self._arrange()

    def _arrange(self) -> None:
        for widget in (self._chip_row, self.speech, self.title, self.mode):
            widget.setVisible(not self._compact)
        self.mode_beside.setVisible(self._compact)
        self.state.setVisible(self._compact)
        self.speech.setMinimumHeight(34)
        self._layout.setSpacing(3 if self._compact else 7)
        self._outer.setContentsMargins(10, 5 if self._compact else 9, 10, 6 if self._compact else 9)
        self.setMinimumHeight(66 if self._compact else 172)
        self.setMaximumHeight(80 if self._compact else QWIDGETSIZE_MAX)

    def _announce(self, collector: CollectorChanged) -> None:
        words = ", ".join(part for part in (WORDS[collector.state], " ".join(collector.digits)) if part)
        words = f"{words}. {self._model.end_text}" if collector.end_reason else words
        if words != self._announced and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"Collector: {words}"))
        self._announced = words
