"""What every way to call offers to the engine, and what it is given."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from dtmfphone.calls.media import AudioSink, AudioSource
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

Direction = Literal["sent", "received"]
CallState = Literal["calling", "connecting", "up", "ended", "failed"]


class CallError(Exception):
    """A call that could not be placed, or broke: one sentence for the cause, one for the remedy."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Media:
    """The negotiated audio of a call."""

    codec: str
    """`opus`, `g722`, `pcmu` or `pcma`."""
    clock: int
    """RTP clock of the codec, Hz (RFC 3551: 8000 for G.722)."""
    payload_type: int
    event_payload_type: int | None
    """None: the far end negotiated no telephone-event (RFC 4733)."""
    event_clock: int | None


@dataclass(frozen=True)
class CallStatistics:
    """What this side counted on the wire since the call began."""

    packets_sent: int
    packets_received: int
    packets_lost: int
    event_packets_sent: int
    event_packets_received: int
    jitter_ms: float
    lateness_p99_ms: float
    lateness_max_ms: float
    round_trip_ms: float | None = None


class CallObserver(Protocol):
    """Who is told what happens on a call; all methods are called in the engine's loop."""

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        """The call came into a state."""
        ...

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        """The first packet of a telephone-event passed on the wire."""
        ...

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        """A telephone-event is complete."""
        ...

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        """A telephone-event packet that no correct sender sends."""
        ...

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        """An audio packet left; it ends `position` samples at `rate` Hz after the first sample pulled."""
        ...


class Call(Protocol):
    """One call of any kind."""

    @property
    def media(self) -> Media | None:
        """What was negotiated; None until the far end answered."""
        ...

    events_enabled: bool
    """Whether outgoing slots may carry telephone-events; False: `slot` is not asked."""

    async def place(self) -> None:
        """Call and return when the call is up; raise CallError when it cannot be."""
        ...

    async def hang_up(self) -> None:
        """End the call; harmless when it has ended."""
        ...

    def statistics(self) -> CallStatistics:
        """Return the counters."""
        ...


@dataclass(frozen=True)
class Answer:
    """What an answering side gave for an SDP offer."""

    sdp: str
    hang_up: Callable[[], Awaitable[None]] | None = None
    """Tells the answering side that the caller hung up, where the signalling has a word for it."""


@dataclass(frozen=True)
class CallContext:
    """All that a way to call needs from the engine."""

    source: AudioSource
    sink: AudioSink
    observer: CallObserver
    slot: Callable[[float], Slot]
    """Asked once per outgoing audio packet, with its time: the key that sounds in it."""
    clock: Callable[[], float]
    answer_builtin: Callable[[str, str], Awaitable[Answer]]
    """Let the built-in IVR of that name answer an SDP offer; raises CallError."""
    codec: str = "auto"
    token: str = ""
