"""What a window, a terminal or a test may ask of the engine."""

from typing import Final, Literal

import msgspec

from dtmfphone.calls.account import Account as Account
from dtmfphone.calls.account import Codec as Codec
from dtmfphone.calls.account import Method as Method
from dtmfphone.ivr.collector_settings import LONGEST_SECONDS as LONGEST_SECONDS
from dtmfphone.ivr.collector_settings import MOST_DIGITS as MOST_DIGITS

BUILTIN: Final = "builtin:"
"""How a target begins that is an IVR of this program, in the same process."""
LONGEST_TEXT: Final = 1000
"""Characters that can be said at once."""


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="command"):
    """Base of all commands."""


class PlaceCall(Command, frozen=True, tag="place-call"):
    """Call a target: `builtin:NAME`, `sip:...`, `rtp://...`, `http(s)://...` (JSON offer) or `whip+http(s)://...`."""

    target: str
    method: Method = "auto"
    codec: Codec = "auto"
    token: str = ""
    """Bearer token for the HTTP request; never logged."""
    account: Account | None = None
    """Who calls; the call goes out on the open account of that name if there is one."""


class HangUp(Command, frozen=True, tag="hang-up"):
    """End the phone's call."""


class KeyDown(Command, frozen=True, tag="key-down"):
    """A key goes down: its tone lasts until `KeyUp`, at least 80 ms, at most 10 s."""

    key: str


class KeyUp(Command, frozen=True, tag="key-up"):
    """The key goes up."""

    key: str


class Dial(Command, frozen=True, tag="dial"):
    """Send a dial string after what is already queued."""

    digits: str
    duration_ms: int = 100
    gap_ms: int = 70


class StopDialing(Command, frozen=True, tag="stop-dialing"):
    """Drop the queue and end the tone."""


class SkipWait(Command, frozen=True, tag="skip-wait"):
    """Go on now where the dial string waits for the far end (`w`)."""


class SetMethod(Command, frozen=True, tag="set-method"):
    """Choose how keys are sent from now on."""

    method: Method


class AnswerCall(Command, frozen=True, tag="answer-call"):
    """Take the call that rings here."""


class RejectCall(Command, frozen=True, tag="reject-call"):
    """Refuse the call that rings here."""

    reason: Literal["declined", "busy"] = "declined"


class Hold(Command, frozen=True, tag="hold"):
    """Put the phone's call on hold, or resume it."""

    on: bool = True


class Transfer(Command, frozen=True, tag="transfer"):
    """Ask the far end of the phone's call to call somebody else, and leave when it did (blind transfer)."""

    target: str


class OpenAccount(Command, frozen=True, tag="open-account"):
    """Register an account, and take its incoming calls; one that is open under that name is opened anew."""

    account: Account
    ivr: str = ""
    """The script that answers its incoming calls; empty: they ring."""


class CloseAccount(Command, frozen=True, tag="close-account"):
    """Unregister an account; calls that are up go on."""

    name: str


class SelectDevices(Command, frozen=True, tag="select-devices"):
    """Choose sound devices by name; an empty name is the system's default, `none` is off."""

    input: str = ""
    output: str = ""


class SetAudio(Command, frozen=True, tag="set-audio"):
    """Microphone mute and side-tone loudness of pressed keys (0 is off, 1 is full)."""

    muted: bool = False
    sidetone: float = 0.3


class Serve(Command, frozen=True, tag="serve"):
    """Let an IVR answer on addresses: `http://host:port`, `sip:host:port;transport=tcp`, `rtp://host:port?codec=PCMU`.

    What was served before is not any more.
    """

    listen: tuple[str, ...] = ("http://127.0.0.1:8080",)
    ivr: str = "reception"


class StopServing(Command, frozen=True, tag="stop-serving"):
    """Close all addresses that are served; calls that are up go on."""


class ShadowCollector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A digit collector that watches the keys of a call and has no effect on it; see `dtmfphone.ivr.collector`."""

    mode: Literal["standard", "livekit"] = "livekit"
    digits: int = 4
    """How many are wanted, up to `MOST_DIGITS`: at most, in standard mode; exactly, as a LiveKit agent wants it."""
    min_digits: int | None = None
    """Standard mode: how few are enough; None: as many as `digits`."""
    seconds: float = 4.0
    """From each digit to the next, up to `LONGEST_SECONDS` as all others."""
    first_digit_seconds: float | None = None
    """Standard mode: from when the agent has spoken, or from the beginning; None: a collection begins with a key."""
    total_seconds: float | None = None
    """Standard mode; None: no such timer."""
    stop_keys: str = "#"
    """One key in LiveKit mode; any number in standard mode."""
    confirm: bool = False


class Shadow(Command, frozen=True, tag="shadow"):
    """Put these collectors on the phone's call and on all that IVRs answer, now and later; none takes them off.

    Whoever watches the same keys shows the same collection numbers, so verdicts can be laid side by side.
    """

    collectors: tuple[ShadowCollector, ...] = ()
    keys: Literal["sent", "received"] = "sent"
    """Whose keys, on the phone's call; on a call that an IVR answers, always the caller's."""
    follow: bool = True
    """Where an IVR of ours answers: begin with each of its collections, with its count, times and stop keys."""


class Say(Command, frozen=True, tag="say"):
    """Speak words into the phone's call by a synthetic voice.

    An IVR of ours that answers that call, and does not listen for itself, takes them as heard when they are over.
    """

    text: str
    """Up to `LONGEST_TEXT` characters."""
    voice: str = ""
    """As espeak-ng names it, e.g. `en-gb` or `de`; empty: the usual one."""
    aloud: bool = True
    """Whether they sound in the call; else only an IVR of ours gets them."""


class ListVoices(Command, frozen=True, tag="list-voices"):
    """Ask for the voices that `Say` can speak in; the answer is `VoicesListed`."""


class StopSaying(Command, frozen=True, tag="stop-saying"):
    """Cut short what the synthetic voice says, and drop what waits."""


class SetSpeech(Command, frozen=True, tag="set-speech"):
    """Choose what recognises the words of the callers of our IVRs, in calls that are answered from now on."""

    recognizer: str = ""
    """Name of the engine; empty: none, only typed words count."""
    model: str = ""
    """Folder of its model, where it needs one."""
    phone: bool = False
    """Whether the phone listens, too: to what digits its far end says."""
    language: str = "en"
    """What that far end speaks, as in ISO 639-1; scripts know their own."""
    quiet: bool = False
    """Whether a notice tells only of failure: nobody has chosen it just now."""


class Shutdown(Command, frozen=True, tag="shutdown"):
    """Hang up all calls and end the engine."""


AnyCommand = (
    PlaceCall
    | HangUp
    | KeyDown
    | KeyUp
    | Dial
    | StopDialing
    | SkipWait
    | SetMethod
    | AnswerCall
    | RejectCall
    | Hold
    | Transfer
    | OpenAccount
    | CloseAccount
    | SelectDevices
    | SetAudio
    | Serve
    | StopServing
    | Shadow
    | Say
    | StopSaying
    | ListVoices
    | SetSpeech
    | Shutdown
)
