"""Which keys are held down, by whom, and when they are let go."""

import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.engine.commands import KeyDown, KeyUp
from dtmfphone.engine.events import AnyEvent, Dialing

DEBOUNCE_MS: Final = 40
"""A busy X server sends key repeat as releases and presses; a release counts when no press follows for this long."""
REPEAT_AFTER: Final = 0.1
"""Seconds: keys do not repeat earlier than this, so that a shorter tap is over at once."""


class KeypadModel(QObject):
    """Turns presses and releases from mouse, keyboard and screen reader into `KeyDown` and `KeyUp`.

    A source is whoever holds a key: a mouse button, a physical key. A key sounds while any source holds it.
    """

    command = Signal(object)
    changed = Signal()

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._holds: dict[Hashable, tuple[str, float]] = {}
        self._releases: dict[Hashable, QTimer] = {}
        self._dialled = ""

    @property
    def held(self) -> frozenset[str]:
        """Keys that are down."""
        return frozenset(char for char, _ in self._holds.values())

    @property
    def sounding(self) -> frozenset[str]:
        """Keys that are down, and the one that the dial queue sends."""
        return self.held | ({self._dialled} if self._dialled in KEYS else set())

    def press(self, char: str, source: Hashable) -> None:
        """A source presses a key; a repeated press changes nothing."""
        self._forget_release(source)
        if source in self._holds:
            if self._holds[source][0] == char:
                return
            self._let_go(source)
        new = char not in self.held
        self._holds[source] = (char, self._clock())
        if new:
            self.command.emit(KeyDown(key=char))
            self.changed.emit()

    def release(self, source: Hashable, *, debounce: bool = False) -> None:
        """A source lets go; with `debounce` a repeat of a long press may still take it back."""
        if source not in self._holds or source in self._releases:
            return
        if debounce and self._clock() - self._holds[source][1] >= REPEAT_AFTER:
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(partial(self._let_go, source))
            timer.start(DEBOUNCE_MS)
            self._releases[source] = timer
        else:
            self._let_go(source)

    def release_all(self) -> None:
        """Let go of everything, now: focus is lost or the window goes."""
        for source in list(self._holds):
            self._let_go(source)

    def on_event(self, event: AnyEvent) -> None:
        """Follow the dial queue."""
        if isinstance(event, Dialing) and event.current != self._dialled:
            self._dialled = event.current
            self.changed.emit()

    def _let_go(self, source: Hashable) -> None:
        self._forget_release(source)
        char, _ = self._holds.pop(source)
        if char not in self.held:
            self.command.emit(KeyUp(key=char))
            self.changed.emit()

    def _forget_release(self, source: Hashable) -> None:
        timer = self._releases.pop(source, None)
        if timer is not None:
            timer.stop()
            timer.deleteLater()
