"""What every observer of a line reports alike."""

from typing import Literal

from dtmfphone.calls.call import WireMessage
from dtmfphone.engine.events import Notice
from dtmfphone.engine.leg import Clock, Emit, signalling


class LineWatch:
    """Reports the messages and notices of a line; base of the observers of lines."""

    def __init__(self, name: str, emit: Emit, clock: Clock) -> None:
        self.name = name
        """The account, or the address as callers write it."""
        self._emit = emit
        self._clock = clock

    def message(self, message: WireMessage) -> None:
        """A signalling message passed on the wire that belongs to no call (see LineObserver)."""
        self._emit(signalling(message, line=self.name))

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Report something that a person should read."""
        self._emit(Notice(t=self._clock(), level=level, text=text, remedy=remedy))
