"""Brings the engine's events into the window's thread."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

from dtmfphone.engine.commands import AnyCommand
from dtmfphone.engine.events import AnyEvent


class Link(Protocol):
    """What the window needs of `EngineLink`."""

    def start(self) -> None:
        """Start the engine."""
        ...

    def send(self, command: AnyCommand) -> None:
        """Hand over a command without blocking."""
        ...

    def close(self) -> None:
        """End the engine."""
        ...


LinkFactory = Callable[[Callable[[list[AnyEvent]], None], Callable[[str], None]], Link]
"""Makes a link from what it shall call, in a thread of its own: `on_events(batch)` and `on_lost(reason)`."""


class Bridge(QObject):
    """One link at a time; its batches arrive as `events` in the thread that this object lives in.

    While the window is busy batches pile up here and arrive as one.
    """

    events = Signal(list)
    lost = Signal(str)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link: Link | None = None
        self._early: list[AnyCommand] = []
        self._lock = threading.Lock()
        self._waiting: deque[AnyEvent] = deque()
        self._reason: str | None = None
        self._woken = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self, make_link: LinkFactory) -> None:
        """Make a link, ending the one before, and send what was asked for in the meantime."""
        self.close()
        self._link = make_link(self._on_events, self._on_lost)
        self._link.start()
        early, self._early = self._early, []
        for command in early:
            self._link.send(command)

    @Slot(object)
    def send(self, command: AnyCommand) -> None:
        """Hand a command to the engine, or keep it until there is one."""
        if self._link is None:
            self._early.append(command)
        else:
            self._link.send(command)

    def close(self) -> None:
        """End the engine; may take a few seconds while it hangs up."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _on_events(self, batch: list[AnyEvent]) -> None:
        with self._lock:
            self._waiting.extend(batch)
        self._wake()

    def _on_lost(self, reason: str) -> None:
        with self._lock:
            self._reason = reason
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            woken, self._woken = self._woken, True
        if not woken:
            self._arrived.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            batch, reason = list(self._waiting), self._reason
            self._waiting.clear()
            self._reason, self._woken = None, False
        if batch:
            self.events.emit(batch)
        if reason is not None:
            self.lost.emit(reason)
