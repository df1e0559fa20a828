"""What the engine reports: one stream for window, terminal, tests and `--json`.

`t` is in seconds since the session began, on the monotonic clock; `Started.wall_clock` anchors it.
"""

from typing import Literal

import msgspec

from dtmfphone.engine.call_events import AccountChanged as AccountChanged
from dtmfphone.engine.call_events import CallChanged as CallChanged
from dtmfphone.engine.call_events import CallState as CallState
from dtmfphone.engine.call_events import HoldChanged as HoldChanged
from dtmfphone.engine.call_events import MediaChanged as MediaChanged
from dtmfphone.engine.call_events import SendMethod as SendMethod
from dtmfphone.engine.call_events import SignallingMessage as SignallingMessage
from dtmfphone.engine.call_events import Statistics as Statistics
from dtmfphone.engine.call_events import TransferChanged as TransferChanged
from dtmfphone.engine.event import Direction as Direction
from dtmfphone.engine.event import Event as Event
from dtmfphone.engine.event import Leg as Leg
from dtmfphone.engine.ivr_events import CollectorChanged as CollectorChanged
from dtmfphone.engine.ivr_events import IvrBox as IvrBox
from dtmfphone.engine.ivr_events import IvrGraph as IvrGraph
from dtmfphone.engine.ivr_events import IvrLabel as IvrLabel
from dtmfphone.engine.ivr_events import IvrStep as IvrStep
from dtmfphone.engine.ivr_events import IvrWay as IvrWay
from dtmfphone.engine.ivr_events import SpeechChanged as SpeechChanged
from dtmfphone.engine.ivr_events import Utterance as Utterance
from dtmfphone.engine.key_events import BACKGROUND as BACKGROUND
from dtmfphone.engine.key_events import PASS as PASS
from dtmfphone.engine.key_events import REASONS as REASONS
from dtmfphone.engine.key_events import Dialing as Dialing
from dtmfphone.engine.key_events import RecordedKey as RecordedKey
from dtmfphone.engine.key_events import RecordedRejection as RecordedRejection
from dtmfphone.engine.key_events import Sighting as Sighting
from dtmfphone.engine.key_events import SightingMethod as SightingMethod
from dtmfphone.engine.key_events import SightingRejected as SightingRejected
from dtmfphone.engine.key_events import SightingRetracted as SightingRetracted
from dtmfphone.engine.key_events import SightingStarted as SightingStarted
from dtmfphone.engine.key_events import Tones as Tones


class Started(Event, frozen=True, tag="started"):
    """The engine runs and takes commands."""

    version: str
    wall_clock: float
    """Seconds since the Unix epoch at t = 0."""
    ivrs: tuple[str, ...] = ()
    """Names of the built-in scripts."""
    recognizers: tuple[str, ...] = ()
    """Names of the engines that recognise words; that one is named does not say that its package is installed."""


class SpeechVoice(msgspec.Struct, frozen=True):
    """A synthetic voice."""

    name: str
    """As `Say.voice` takes it, e.g. `en-gb`."""
    title: str
    """In words, e.g. `English (Great Britain)`."""


class VoicesListed(Event, frozen=True, tag="voices"):
    """The voices that `Say` can speak in; none, and why, where they are missing."""

    voices: tuple[SpeechVoice, ...] = ()
    problem: str = ""
    remedy: str = ""


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
    | SpeechChanged
    | Utterance
    | IvrStep
    | IvrGraph
    | DevicesChanged
    | VoicesListed
    | ServerChanged
    | Notice
    | Stopped
)
"""What the engine reports."""
RecordingEvent = RecordedKey | RecordedRejection
"""What is found in recordings."""
