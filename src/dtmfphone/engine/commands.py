"""What a window, a terminal or a test may ask of the engine."""

from typing import Literal

import msgspec

Method = Literal["auto", "rfc4733", "inband"]
Codec = Literal["auto", "opus", "g722", "pcmu", "pcma"]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="command"):
    """Base of all commands."""


class PlaceCall(Command, frozen=True, tag="place-call"):
    """Call a target: `builtin:NAME`, `http(s)://...` (JSON offer POST) or `whip+http(s)://...` (SDP POST)."""

    target: str
    method: Method = "auto"
    codec: Codec = "auto"
    token: str = ""
    """Bearer token for the HTTP request; never logged."""


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


class SelectDevices(Command, frozen=True, tag="select-devices"):
    """Choose sound devices by name; an empty name is the system's default, `none` is off."""

    input: str = ""
    output: str = ""


class SetAudio(Command, frozen=True, tag="set-audio"):
    """Microphone mute and side-tone loudness of pressed keys (0 is off, 1 is full)."""

    muted: bool = False
    sidetone: float = 0.3


class Serve(Command, frozen=True, tag="serve"):
    """Let an IVR answer on an HTTP address (`host:port`)."""

    listen: str = "127.0.0.1:8080"
    ivr: str = "reception"


class StopServing(Command, frozen=True, tag="stop-serving"):
    """Close the HTTP address; calls that are up go on."""


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
    | SelectDevices
    | SetAudio
    | Serve
    | StopServing
    | Shutdown
)
