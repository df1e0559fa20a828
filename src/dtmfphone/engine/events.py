"""What the engine reports: one stream for window, terminal, tests and `--json`.

`t` is in seconds since the session began, on the monotonic clock; `Started.wall_clock` anchors it.
"""

from typing import Literal

import msgspec

from dtmfphone.dtmf.digits import Reason

Leg = Literal["phone", "ivr"]
"""Whose side of a call an event was seen on: the phone's, or the built-in IVR's (a peer of its own)."""
Direction = Literal["sent", "received"]
SightingMethod = Literal["rfc4733", "inband", "info"]
CallState = Literal["calling", "ringing", "incoming", "connecting", "up", "ended", "failed"]
"""`ringing`: the far end rings, perhaps with early media; `incoming`: it rings here."""
SendMethod = Literal["rfc4733", "info", "info-dtmf", "inband"]
REASONS: dict[Reason, str] = {
    "too-short": "too short",
    "too-weak": "too weak",
    "twist": "twist",
    "frequency": "off frequency",
    "speech": "like speech",
    "noise": "noise",
    "codec": "codec damage",
}
"""In words, why a burst was refused."""
PASS = "pass"
"""What a receiver profile says of a key that keeps to it."""
BACKGROUND: tuple[Reason, ...] = ("speech", "noise")
"""Reasons of what hardly was an attempt at a key."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event", gc=False):
    """Base of all events; there are many, they hold no other objects that could hold them, so nothing is collected."""

    t: float


class Started(Event, frozen=True, tag="started"):
    """The engine runs and takes commands."""

    version: str
    wall_clock: float
    """Seconds since the Unix epoch at t = 0."""
    ivrs: tuple[str, ...] = ()
    """Names of the built-in scripts."""


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


class SightingStarted(Event, frozen=True, tag="key-start"):
    """A key press began to be seen; a `Sighting` with the same `id` follows when it ended."""

    call: str
    leg: Leg
    id: str
    direction: Direction
    key: str
    method: SightingMethod
    start: float
    tentative: bool = False
    """A guess: another one with the same `id` confirms it, or a `SightingRetracted` takes it back."""


class SightingRetracted(Event, frozen=True, tag="key-retracted"):
    """A tentative key press was none; a `SightingRejected` may say why."""

    call: str
    leg: Leg
    id: str


class Tones(Event, frozen=True, kw_only=True):
    """Two tones that sounded together, as measured; what is not known is absent."""

    low_hz: float | None = None
    high_hz: float | None = None
    low_deviation: float | None = None
    """Percent from the nominal frequency."""
    high_deviation: float | None = None
    low_dbm0: float | None = None
    high_dbm0: float | None = None
    twist_db: float | None = None
    """High group level minus low group level."""
    snr_db: float | None = None
    """Both tones against all the rest."""
    pause: float | None = None
    """Seconds since the key before ended."""
    verdicts: dict[str, str] = {}
    """By receiver profile (`dtmfphone.dtmf.profiles`): `pass`, or why the key is outside of what must work."""


class Sighting(Tones, frozen=True, tag="key"):
    """A finished sighting of one key press; a fact that does not belong to the method is absent."""

    call: str
    leg: Leg
    id: str
    direction: Direction
    key: str
    method: SightingMethod
    start: float
    """Seconds on the session's time line."""
    duration: float
    """Seconds: as claimed by the event's last duration field, or as measured in the audio."""
    volume: int | None = None
    """RFC 4733: minus dBm0."""
    payload_type: int | None = None
    clock: int | None = None
    packets: int | None = None
    """Event packets seen, retransmits included."""
    end_packets: int | None = None
    lost_packets: int | None = None
    marker: bool | None = None
    timestamp: int | None = None
    ended_by: str | None = None
    """`end-bit`, `time-out` or `next-event`."""
    span: float | None = None
    """Seconds between first and last packet by arrival."""
    press_to_wire: float | None = None
    """Seconds from the key press to its first packet (sent keys)."""
    content_type: str | None = None
    """SIP INFO: the form of the body."""
    status: int | None = None
    """SIP INFO, sent: the final status. 2xx is accepted by the far end, which need not have heard it."""
    note: str = ""


class SightingRejected(Tones, frozen=True, tag="key-rejected"):
    """A burst near a key's tones that was taken for no key press."""

    call: str
    leg: Leg
    direction: Direction
    key: str
    method: SightingMethod
    start: float
    duration: float
    reason: Reason
    detail: str
    """The reason with its figures."""


class RecordedKey(Tones, frozen=True, tag="key"):
    """A key in a recording; times are seconds of its audio."""

    file: str
    channel: int
    """From 0."""
    direction: Direction
    key: str
    method: SightingMethod
    start: float
    duration: float
    reported: float
    """When a live call in frames of 20 ms has it."""


class RecordedRejection(Tones, frozen=True, tag="key-rejected"):
    """A burst in a recording that was taken for no key."""

    file: str
    channel: int
    direction: Direction
    key: str
    method: SightingMethod
    start: float
    duration: float
    reported: float
    reason: Reason
    detail: str


class Dialing(Event, frozen=True, tag="dialing"):
    """The queue of keys to send."""

    call: str
    state: Literal["sending", "waiting", "idle", "stopped"]
    current: str = ""
    """The tone that sounds now, or empty."""
    remaining: str = ""
    sent: int = 0
    """Keys whose last packet has gone out, since the call began."""
    reason: str = ""


class CollectorChanged(Event, frozen=True, tag="collector"):
    """State of a digit collector after a transition; the running timer needs no further events to be drawn."""

    call: str
    state: Literal["idle", "prompting", "collecting", "confirming", "done", "failed"]
    node: str = ""
    digits: str = ""
    expected: str = ""
    """In words, e.g. `4 digits, then #`."""
    timer: Literal["", "first-digit", "inter-digit", "total", "confirm"] = ""
    timer_seconds: float = 0.0
    timer_left: float = 0.0
    """Seconds left at `t`."""
    end_reason: str = ""
    mode: Literal["standard", "livekit"] = "standard"
    paused: str = ""
    """Why the timers do not run, e.g. `prompt` or `user speaking`."""
    attempt: int = 1


class IvrStep(Event, frozen=True, tag="ivr"):
    """The built-in IVR came to a node, speaks, or does something."""

    call: str
    script: str
    node: str
    action: Literal["enter", "say", "said", "interrupted", "key", "set", "record", "send", "transfer", "hang-up"]
    text: str = ""
    """What is spoken, the key, `name = value`, `start` or `stop`, the keys that are sent, or the target."""
    note: str = ""
    """Of `key`: where it led, or why nowhere; of `record`: why not."""


class IvrBox(msgspec.Struct, frozen=True):
    """A node of a script in its place; lengths are in pixels, `x` and `y` are of the upper left corner."""

    node: str
    role: Literal["ask", "speak", "do", "task", "end"]
    line: str
    """What it says or does, in short."""
    text: str
    x: float
    y: float
    width: float
    height: float


class IvrWay(msgspec.Struct, frozen=True):
    """A way between two nodes in its place; one from a node to itself has no points."""

    source: str
    target: str
    label: str = ""
    """What takes it; empty: it always follows."""
    inward: bool = False
    """Into a task, or back out of it."""
    points: tuple[tuple[float, float], ...] = ()


class IvrGraph(Event, frozen=True, tag="ivr-graph"):
    """A call is up with a script that looks like this; a script that is too large to be drawn has no boxes."""

    call: str
    script: str
    title: str
    width: float = 0.0
    height: float = 0.0
    boxes: tuple[IvrBox, ...] = ()
    ways: tuple[IvrWay, ...] = ()


class Device(msgspec.Struct, frozen=True):
    """A sound device."""

    name: str
    inputs: int
    outputs: int


class DevicesChanged(Event, frozen=True, tag="devices"):
    """Which sound devices exist and are in use; `problem` and `remedy` say why there is no sound."""

    devices: tuple[Device, ...] = ()
    input: str = ""
    output: str = ""
    problem: str = ""
    remedy: str = ""
    xruns: int = 0


class ServerChanged(Event, frozen=True, tag="server"):
    """An address at which an IVR answers was opened, closed, or failed."""

    state: Literal["listening", "closed", "failed"]
    url: str = ""
    """As callers write it."""
    ivr: str = ""
    reason: str = ""
    remedy: str = ""


class Notice(Event, frozen=True, tag="notice"):
    """Something a person should read."""

    level: Literal["info", "warning", "error"]
    text: str
    remedy: str = ""


class Stopped(Event, frozen=True, tag="stopped"):
    """The engine has ended; nothing follows."""


AnyEvent = (
    Started
    | CallChanged
    | MediaChanged
    | Statistics
    | HoldChanged
    | TransferChanged
    | AccountChanged
    | SignallingMessage
    | SightingStarted
    | SightingRetracted
    | Sighting
    | SightingRejected
    | Dialing
    | CollectorChanged
    | IvrStep
    | IvrGraph
    | DevicesChanged
    | ServerChanged
    | Notice
    | Stopped
)
"""What the engine reports."""
RecordingEvent = RecordedKey | RecordedRejection
"""What is found in recordings."""
