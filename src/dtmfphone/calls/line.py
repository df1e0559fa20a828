"""What lets calls come in: an address at which we listen, or an account that is registered."""

from dataclasses import dataclass
from typing import Literal, Protocol

from dtmfphone.calls.call import Call, CallContext, WireMessage

LineState = Literal["registering", "registered", "ready", "failed", "closed"]
"""`ready`: calls can come in, without a registration."""
Refusal = Literal["busy", "declined", "unavailable"]


@dataclass(frozen=True, kw_only=True)
class LineChange:
    """A line came into a state."""

    state: LineState
    address: str = ""
    """As callers write it."""
    contact: str = ""
    """Where calls reach us, if that differs."""
    expires: int = 0
    """Seconds until a registration ends."""
    reason: str = ""
    remedy: str = ""


class Incoming(Protocol):
    """A call that came in and waits for its answer."""

    @property
    def caller(self) -> str:
        """Who calls, for a person to read."""
        ...

    def open(self, context: CallContext) -> Call:
        """Return the call, not answered yet: its `place` answers it and returns when it is up."""
        ...

    async def refuse(self, refusal: Refusal) -> None:
        """Do not take the call; harmless when the caller has given up."""
        ...


class LineObserver(Protocol):
    """Who is told what happens on a line; all methods are called in the engine's loop."""

    def incoming(self, call: Incoming) -> None:
        """A call came in. It is opened or refused, now or later."""
        ...

    def withdrawn(self, call: Incoming, reason: str) -> None:
        """The caller gave up a call that was neither opened nor refused."""
        ...

    def line_changed(self, change: LineChange) -> None:
        """The line came into a state."""
        ...

    def message(self, message: WireMessage) -> None:
        """A signalling message passed on the wire that belongs to no call."""
        ...

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Something about the line that a person should read."""
        ...


class Line(Protocol):
    """Takes calls until it is closed."""

    async def open(self) -> None:
        """Begin to listen, or to register; raise CallError when that cannot be. A registration goes on by itself."""
        ...

    async def close(self) -> None:
        """Unregister, stop listening; calls that are up go on. Harmless when repeated."""
        ...
