"""What every way to call offers to the engine, and what it is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from dtmfphone.calls.account import Account
from dtmfphone.calls.media import AudioSink, AudioSource
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

if TYPE_CHECKING:
    from dtmfphone.calls.line import Incoming, Line

Direction = Literal["sent", "received"]
CallState = Literal["calling", "ringing", "incoming", "connecting", "up", "ended", "failed"]
"""`ringing`: the far end rings, perhaps with early media; `incoming`: it rings here."""
TransferState = Literal["asked", "trying", "done", "failed"]


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
    event_codes: frozenset[int] = frozenset(range(16))
    """Which events the far end takes (RFC 4733 section 2.4.1, `a=fmtp`)."""
    secure: bool = False
    """Whether the audio is encrypted."""
    remote: str = ""
    """Where the audio goes, `host:port`, as far as it is known."""
    negotiated: bool = True
    """Whether the far end agreed to all this; False: only our side's address says so."""


@dataclass(frozen=True, kw_only=True)
class InfoKey:
    """A key in a SIP INFO request: received, or sent and answered."""

    char: str
    start: float
    """When the request passed on the wire, seconds."""
    duration: float | None
    """Seconds as claimed; None: the body says none."""
    content_type: str
    """`application/dtmf-relay` or `application/dtmf`."""
    status: int | None = None
    """Of a sent one: the final status; None: there was no answer. 2xx means accepted, not heard."""
    reason: str = ""
    """Reason phrase of the answer, or why there is none."""
    answered_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class WireMessage:
    """A signalling message that passed on the wire, for traces; secrets are masked in it."""

    t: float
    direction: Direction
    transport: str
    local: str
    """`host:port`"""
    remote: str
    text: str
    """Headers and body."""
    summary: str
    """Start line, shortened."""
    dialog: str = ""
    """What joins the messages of one call: the Call-ID."""


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
    remote_lost: int | None = None
    """Packets that the far end missed, as its RTCP reports say."""
    remote_jitter_ms: float | None = None
    junk_packets: int = 0
    """Received datagrams that were no RTP, RTCP or whatever else belongs there."""


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

    def media_changed(self) -> None:
        """`Call.media` is another one: early media began, or something was negotiated anew."""
        ...

    def held(self, *, here: bool, there: bool) -> None:
        """The call is on hold by us, by the far end, by both or by none."""
        ...

    def info_key(self, direction: Direction, key: InfoKey) -> None:
        """A key passed in a SIP INFO request; a sent one is told of when its answer has come or stayed away."""
        ...

    def transfer_changed(self, state: TransferState, reason: str = "") -> None:
        """A transfer goes on that we asked for, or that the far end asks of us; the reason of `asked` is the target."""
        ...

    def message(self, message: WireMessage) -> None:
        """A signalling message of this call passed on the wire."""
        ...

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Something about the call that a person should read."""
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
        """Call, or answer an incoming call, and return when the call is up; raise CallError when it cannot be.

        Where the task is cancelled, the attempt is given up and the far end told so.
        """
        ...

    async def hang_up(self) -> None:
        """End the call; harmless when it has ended."""
        ...

    def statistics(self) -> CallStatistics:
        """Return the counters."""
        ...


@runtime_checkable
class Holdable(Protocol):
    """A call that can be put on hold."""

    async def hold(self, on: bool) -> None:
        """Put the call on hold or resume it; raise CallError when the far end refuses."""
        ...


@runtime_checkable
class Transferable(Protocol):
    """A call whose far end can be asked to call somebody else (blind transfer)."""

    async def transfer(self, target: str) -> None:
        """Ask for it and return when it is done; raise CallError when it fails. Progress goes to the observer."""
        ...


@runtime_checkable
class InfoCapable(Protocol):
    """A call whose signalling carries keys (SIP INFO)."""

    @property
    def allows_info(self) -> bool:
        """Whether the far end names INFO among what it allows, or names nothing."""
        ...

    async def send_info(self, char: str, duration: float, content_type: str) -> InfoKey:
        """Send a key with its length in seconds and return how it was answered; the observer is told the same."""
        ...


@dataclass(frozen=True)
class CallContext:
    """All that a way to call needs from the engine."""

    source: AudioSource
    sink: AudioSink
    observer: CallObserver
    slot: Callable[[float], Slot]
    """Asked once per outgoing audio packet, with its time: the key that sounds in it."""
    clock: Callable[[], float]
    answer_builtin: "Callable[[str, Incoming], None]"
    """Let the built-in IVR of that name take a call; raises CallError where there is none."""
    codec: str = "auto"
    token: str = ""
    account: Account | None = None
    """Who calls, where the way to call knows accounts."""
    line: "Line | None" = None
    """The open line of that account: the call goes out on it."""
