"""Message bodies: where the session description is in them (RFC 3261 section 7.4, RFC 2046)."""

import re
from typing import Final

from dtmfphone.sip.message import Message
from dtmfphone.sip.parameters import Parameters

SDP: Final = "application/sdp"
MAX_PARTS: Final = 16
_PART_TYPE: Final = re.compile(rb"(?im)^content-type[ \t]*:[ \t]*([^;\r\n]*)")
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")


def content_type(message: Message) -> str:
    """Return the type of a message's body without its parameters, in lower case; empty: it does not say."""
    return message.headers.get("Content-Type").partition(";")[0].strip().lower()


def sdp_of(message: Message) -> bytes | None:
    """Return the session description in a message, also out of several parts; None: there is none."""
    kind = content_type(message)
    if not message.body:
        return None
    if kind.startswith("multipart/"):
        return _part(message, SDP.encode())
    return message.body if kind in (SDP, "") else None


def understood(message: Message) -> bool:
    """Whether we can read the body of an INVITE, UPDATE or PRACK: none, or one with a session description."""
    coding = message.headers.get("Content-Encoding", "identity").lower()
    return not message.body or (coding == "identity" and sdp_of(message) is not None)


def _part(message: Message, wanted: bytes) -> bytes | None:
    boundary = Parameters.parse(message.headers.get("Content-Type").partition(";")[2]).get("boundary")
    if not boundary:
        return None
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    for part in message.body.split(mark, MAX_PARTS)[1:]:
        end = _HEADER_END.search(part)
        if end is None:
            continue
        kind = _PART_TYPE.search(part[: end.end()])
        if kind and kind[1].strip().lower() == wanted:
            return part[end.end() :].removesuffix(b"\n").removesuffix(b"\r")
    return None
