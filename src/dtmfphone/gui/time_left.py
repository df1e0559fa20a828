"""A collector's timer that runs: a bar that becomes shorter, and words beside it."""

from typing import Final

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from dtmfphone.gui.collector_state import CollectorState
from dtmfphone.gui.look import Look
from dtmfphone.gui.widgets import Bar

LITTLE: Final = 0.25
"""Less than this share warns."""


class TimeLeft(QWidget):
    """Shows the timer of a `CollectorState`."""

    def __init__(self, look: Look, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = Bar(look)
        self.bar.setAccessibleName("Time left")
        self.words = QLabel()
        self.words.setFont(font)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.bar, 1)
        row.addWidget(self.words)

    def set(self, state: CollectorState, words: str) -> None:
        """Show how it stands now."""
        share = state.timer_fraction()
        self.bar.set(share, "warn" if share < LITTLE else "accent")
        self.words.setText(words)
