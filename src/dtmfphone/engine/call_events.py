"""Events of calls: state, media, counters, hold, transfer, accounts and signalling."""

from typing import Literal

from dtmfphone.engine.event import Direction, Event, Leg

CallState = Literal["calling", "ringing", "incoming", "connecting", "up", "ended", "failed"]
"""`ringing`: the far end rings, perhaps with early media; `incoming`: it rings here."""
SendMethod = Literal["rfc4733", "info", "info-dtmf", "inband"]


class CallChanged(Event, frozen=True, tag="call"):
    """A call came into a state."""

    call: str
    leg: Leg
    state: CallState
    target: str = ""
    """The far end: who is called, or who calls."""
    direction: Literal["outgoing", "incoming"] = "outgoing"
    account: str = ""
    """Name of the account, where there is one."""
    reason: str = ""
    """Why it ended or failed, one sentence; while it rings, what the far end says."""
    remedy: str = ""
    """What the user can do about it, one sentence."""


class MediaChanged(Event, frozen=True, tag="media"):
    """What was negotiated, and how keys will be sent."""

    call: str
    leg: Leg
    codec: str
    clock: int
    payload_type: int
    event_payload_type: int | None = None
    event_clock: int | None = None
    event_codes: frozenset[int] = frozenset(range(16))
    """Which events the far end takes."""
    secure: bool = False
    remote: str = ""
    """Where the audio goes, `host:port`."""
    negotiated: bool = True
    """Whether the far end agreed to all this; false: only the address that was called or opened says so."""
    method: SendMethod | None = None
    """The method in use; None: keys cannot be sent by the method that was asked for."""
    method_reason: str = ""
    """Why this method."""


class Statistics(Event, frozen=True, tag="stats"):
    """Once per second while a call is up: what our own side counted on the wire."""

    call: str
    leg: Leg
    packets_sent: int
    packets_received: int
    packets_lost: int
    event_packets_sent: int
    event_packets_received: int
    jitter_ms: float
    lateness_p99_ms: float = 0.0
    """Send time against the ideal 20 ms grid, over the last ten seconds."""
    lateness_max_ms: float = 0.0
    round_trip_ms: float | None = None
    remote_lost: int | None = None
    """Packets that the far end missed, as it says (RTCP)."""
    remote_jitter_ms: float | None = None
    junk_packets: int = 0
    """Datagrams that were none of the call's."""


class HoldChanged(Event, frozen=True, tag="hold"):
    """The phone's call is on hold by us, by the far end, by both or by none."""

    call: str
    here: bool = False
    there: bool = False


class TransferChanged(Event, frozen=True, tag="transfer"):
    """A blind transfer goes on; the call ends when it is done."""

    call: str
    state: Literal["asked", "trying", "done", "failed"]
    target: str = ""
    reason: str = ""


class AccountChanged(Event, frozen=True, tag="account"):
    """How an account stands with its registrar."""

    account: str
    state: Literal["registering", "registered", "ready", "failed", "closed"]
    """`ready`: open without a registration."""
    address: str = ""
    contact: str = ""
    """Where calls reach us."""
    expires: int = 0
    """Seconds until the registration ends; it is renewed before."""
    reason: str = ""
    remedy: str = ""


class SignallingMessage(Event, frozen=True, tag="signalling"):
    """A SIP message that passed on the wire; secrets are masked."""

    direction: Direction
    transport: str
    local: str
    remote: str
    summary: str
    """Start line, shortened."""
    text: str
    """Headers and body."""
    call: str = ""
    """The call that it belongs to; empty: none, such as a registration, or one that nobody has taken yet."""
    line: str = ""
    """The account or address whose message it is, where it belongs to no call."""
    dialog: str = ""
    """Call-ID."""
