"""The place of the analyzer, which comes after the window's first paint, for its imports are slow."""

from collections.abc import Callable
from typing import Protocol, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from dtmfphone.engine.events import AnyEvent, Direction, Sighting, SightingStarted
from dtmfphone.engine.masking import MASK
from dtmfphone.gui.look import Look
from dtmfphone.gui.theme import Theme
from dtmfphone.gui.widgets import Card, set_tone


class Analyzer(Protocol):
    """What the window needs of the analyzer pane, which is a widget."""

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        ...

    def mark(self, t: float, text: str, direction: Direction, duration: float = 0.0) -> None:
        """Show a key press beside the waterfall."""
        ...

    def set_paused(self, paused: bool) -> None:
        """Freeze the picture or go on."""
        ...

    @property
    def paused(self) -> bool:
        """Whether the picture is frozen."""
        ...


AnalyzerFactory = Callable[[Theme], QWidget]
"""Makes the analyzer pane (an `Analyzer`)."""


class AnalyzerCard(Card):
    """Holds the analyzer, or says that it is to come."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.analyzer: Analyzer | None = None
        self._look = look
        self._make: AnalyzerFactory | None = None
        self._placeholder = QLabel("The analyzer starts.")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(self._placeholder, "quiet")
        self._holder = QVBoxLayout(self)
        self._holder.setContentsMargins(1, 1, 1, 1)
        self._holder.addWidget(self._placeholder)
        look.changed.connect(self._adopt)

    def use(self, factory: AnalyzerFactory) -> None:
        """Have an analyzer made in place of the present one, with the next `fill`."""
        self._make = factory
        if self.analyzer is not None:
            old = cast(QWidget, self.analyzer)
            self.analyzer = None
            old.setParent(None)
            old.deleteLater()
            self._placeholder.show()

    def fill(self) -> None:
        """Show the analyzer; there is something to see it on."""
        if self.analyzer is None and self._make is not None:
            widget = self._make(self._look.theme)
            self._placeholder.hide()
            self._holder.addWidget(widget)
            self.analyzer = cast(Analyzer, widget)

    def mark_keys(self, batch: list[AnyEvent], *, masked: bool) -> None:
        """Mark the phone's key presses, not those that are guesses."""
        if self.analyzer is None:
            return
        for event in batch:
            if isinstance(event, SightingStarted) and event.tentative:
                continue
            if isinstance(event, SightingStarted | Sighting) and event.leg == "phone":
                duration = event.duration if isinstance(event, Sighting) else 0.0
                self.analyzer.mark(event.start, MASK if masked else event.key, event.direction, duration)

    def toggle_pause(self) -> None:
        """Freeze the picture, or go on."""
        if self.analyzer is not None:
            self.analyzer.set_paused(not self.analyzer.paused)

    def _adopt(self, theme: Theme) -> None:
        if self.analyzer is not None:
            self.analyzer.set_theme(theme)
