"""A session description on its way over HTTP: SDP in JSON (W3C RTCSessionDescriptionInit) or alone (RFC 9725)."""

from typing import Literal

import msgspec

MAX_BYTES = 64 * 1024
"""Longest body that is read; a WebRTC audio offer has 2 to 8 KiB."""
SDP = "application/sdp"
JSON = "application/json"

Type = Literal["offer", "answer"]


class SessionDescription(msgspec.Struct, frozen=True):
    """`{"type": ..., "sdp": ...}`; other fields are ignored."""

    type: str
    sdp: str


def to_json(kind: Type, sdp: str) -> bytes:
    """Return the description as JSON."""
    return msgspec.json.encode(SessionDescription(kind, sdp))


def from_json(body: bytes, kind: Type) -> str:
    """Return the SDP of a JSON description of that type; raise ValueError with one sentence when it is none."""
    try:
        description = msgspec.json.decode(body, type=SessionDescription)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f'The body is not a JSON object {{"type": "{kind}", "sdp": "..."}}: {error}.') from error
    if description.type != kind:
        raise ValueError(f"The JSON holds a description of type {description.type[:20]!r}, not of type {kind!r}.")
    return _checked(description.sdp)


def from_sdp(body: bytes) -> str:
    """Return the SDP of an `application/sdp` body; raise ValueError with one sentence when it is none."""
    try:
        return _checked(body.decode())
    except UnicodeDecodeError as error:
        raise ValueError("The body is not an SDP: it is not UTF-8 text.") from error


def _checked(sdp: str) -> str:
    if not sdp.startswith(("v=0\r", "v=0\n")):
        raise ValueError(f"The description is not an SDP: it begins with {sdp[:20]!r}, not with the line 'v=0'.")
    return sdp
