"""One collector's verdict in a line or two: name, digits, state, and the timer or what came of it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.shadow_words import Verdict, result_text, wait_text
from dtmfphone.gui.time_left import TimeLeft
from dtmfphone.gui.widgets import Chip, ElidedLabel, set_tone

LINE_HEIGHT: Final = 20
ROW_HEIGHT: Final = 48


class ShadowRow(QWidget):
    """Shows a `Verdict`; `tick` moves its timer on."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._compact = False
        self._verdict: Verdict | None = None
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setFont(scaled(self.font(), 0.92, weight=QFont.Weight.DemiBold))
        self.number = QLabel()
        self.digits = ElidedLabel(mode=Qt.TextElideMode.ElideLeft)
        self.digits.setFont(scaled(self.font(), 1.1, weight=QFont.Weight.DemiBold, tabular=True))
        self.words_beside = ElidedLabel()
        self.words = ElidedLabel()
        self.state = Chip(look)
        small = scaled(self.font(), 0.88, tabular=True)
        self.left = TimeLeft(look, small)
        for label in (self.number, self.words_beside, self.words):
            label.setFont(small)
        for label in (self.number, self.words, self.words_beside):
            set_tone(label, "quiet")
        self._build()

    def set_compact(self, compact: bool) -> None:
        """Use one line instead of two."""
        if compact != self._compact:
            self._compact = compact
            self._arrange()

    def show_verdict(self, verdict: Verdict) -> None:
        """Show how a collector stands."""
        self._verdict = verdict
        event, state = verdict.event, verdict.state
        self.name.setText("IVR" if verdict.own else verdict.name)
        self.number.setText(f"#{event.collection}" if not verdict.own and event.collection else "")
        self.number.setToolTip(f"Collection {event.collection} of this call" if self.number.text() else "")
        digits = " ".join(event.digits)
        cursor = "_" if state.open and event.state != "confirming" else ""
        self.digits.set_whole(" ".join(part for part in (digits, cursor) if part))
        self.digits.setAccessibleName(f"Digits so far: {digits or 'none'}")
        self.state.set(
            state.state_text,
            state.state_tone if event.state in ("done", "failed") or state.open else "muted",
            filled=state.open or event.state in ("done", "failed"),
        )
        said = self._said(verdict)
        for label in (self.words, self.words_beside):
            label.set_whole(said)
            set_tone(label, "bad" if state.failed else "quiet")
        tip = [f"{self.name.text()} expects {event.expected}." if event.expected else "", state.end_text, said]
        self.setToolTip("\n".join(part for part in tip if part))
        self.setAccessibleName(f"{self.name.text()}: {state.state_text}")
        self.setAccessibleDescription(said)
        self._lower.setCurrentIndex(1 if state.timer_running else 0)
        self.tick()
        self._arrange()

    def tick(self) -> None:
        """Move the timer on."""
        verdict = self._verdict
        if verdict is None or not verdict.state.timer_running:
            return
        words = wait_text(verdict)
        self.left.set(verdict.state, words)
        self.words_beside.set_whole(words)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._compact:
            painter = QPainter(self)
            painter.fillRect(0, 0, self.width(), 1, QColor(self._look.theme.grid))
            painter.end()

    def _said(self, verdict: Verdict) -> str:
        if verdict.own:
            return verdict.state.pause_text or verdict.state.end_text
        return result_text(verdict) or wait_text(verdict) or verdict.state.end_text

    def _build(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(8)
        upper.addWidget(self.name)
        upper.addWidget(self.number)
        upper.addWidget(self.digits, 2)
        upper.addWidget(self.words_beside, 3)
        upper.addWidget(self.state)
        self._lower = QStackedWidget()
        self._lower.addWidget(self.words)
        self._lower.addWidget(self.left)
        self._lower.setFixedHeight(16)
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(2)
        self._layout.addLayout(upper)
        self._layout.addWidget(self._lower)
        self._arrange()

    def _arrange(self) -> None:
        verdict = self._verdict
        bare = verdict is not None and not verdict.event.digits
        ended = verdict is not None and not verdict.own and bool(verdict.event.result)
        self._lower.setVisible(not self._compact)
        self.number.setVisible(not self._compact)
        self.words_beside.setVisible(self._compact)
        self.digits.setVisible(not (self._compact and (ended or bare)))
        self.name.setFixedWidth(58 if self._compact else self.name.sizeHint().width())
        self._layout.setContentsMargins(0, 0 if self._compact else 5, 0, 0)
        self.setFixedHeight(LINE_HEIGHT if self._compact else ROW_HEIGHT)
