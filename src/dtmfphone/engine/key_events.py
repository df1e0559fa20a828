"""Events of keys: how presses were seen on the wire and in the audio, and the queue of keys to send."""

from typing import Literal

import msgspec

from dtmfphone.dtmf.digits import Reason
from dtmfphone.engine.event import Direction, Event, Leg

SightingMethod = Literal["rfc4733", "inband", "info"]
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
    verdicts: dict[str, str] = msgspec.field(default_factory=dict)
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
