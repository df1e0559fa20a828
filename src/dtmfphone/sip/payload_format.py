"""RTP payload formats in SDP: `a=rtpmap`, `a=fmtp`, static types (RFC 8866 section 6.6, RFC 3551, RFC 4733)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dtmfphone.sip.sdp import MediaDescription, SdpError

_RTPMAP: Final = re.compile(
    r"(?P<type>\d{1,3})\s+(?P<name>[!-.0-~]+)\s*/\s*(?P<clock>\d{1,6})(?:/(?P<channels>\d{1,2}))?(?!\d)", re.ASCII
)
_NUMBER: Final = re.compile(r"\d{1,3}", re.ASCII)
_EVENTS: Final = re.compile(
    r"(?:events\s*=)?\s*(?P<list>\d{1,3}(?:\s*[-,]\s*\d{1,3})*)\s*,?\s*;?", re.ASCII | re.IGNORECASE
)
_RANGE: Final = re.compile(r"(\d{1,3})(?:\s*-\s*(\d{1,3}))?", re.ASCII)
_DIGITS: Final = frozenset(range(16))


@dataclass(frozen=True)
class PayloadFormat:
    """A payload format of an audio stream."""

    payload_type: int
    name: str
    """Encoding name in lower case."""
    clock: int
    """RTP clock, Hz."""
    channels: int = 1
    parameters: str = ""
    """What `a=fmtp` says."""

    @property
    def is_event(self) -> bool:
        """Whether it carries telephone-events (RFC 4733)."""
        return self.name == "telephone-event"

    @property
    def codec(self) -> str | None:
        """The codec that we know it as; None: another one, or another clock or number of channels."""
        if self.name == "opus":
            return "opus" if self.clock == 48000 else None
        if self.name == "g722":
            # The name G722/16000 is wrong, for the RTP clock is 8000 (RFC 3551 section 4.5.2), but it is sent.
            return "g722" if self.clock in (8000, 16000) and self.channels == 1 else None
        return self.name if self.name in CODECS and (self.clock, self.channels) == (8000, 1) else None

    def lines(self) -> tuple[str, ...]:
        """Return its attribute lines."""
        shown = _SPELT.get(self.name, self.name)
        channels = f"/{self.channels}" if self.channels != 1 else ""
        rtpmap = f"a=rtpmap:{self.payload_type} {shown}/{self.clock}{channels}"
        return (rtpmap, f"a=fmtp:{self.payload_type} {self.parameters}") if self.parameters else (rtpmap,)

    def __str__(self) -> str:
        return f"{_SPELT.get(self.name, self.name)}/{self.clock}"


CODECS: Final = {
    "opus": PayloadFormat(111, "opus", 48000, 2),
    "g722": PayloadFormat(9, "g722", 8000),
    "pcmu": PayloadFormat(0, "pcmu", 8000),
    "pcma": PayloadFormat(8, "pcma", 8000),
}
"""As we offer them (RFC 3551, RFC 7587)."""
EVENTS: Final = {
    48000: PayloadFormat(110, "telephone-event", 48000, parameters="0-15"),
    8000: PayloadFormat(101, "telephone-event", 8000, parameters="0-15"),
}
"""Telephone-events as we offer them, by RTP clock."""
STATIC: Final = {
    number: PayloadFormat(number, name, clock, channels)
    for number, name, clock, channels in (
        (0, "pcmu", 8000, 1),
        (3, "gsm", 8000, 1),
        (4, "g723", 8000, 1),
        (5, "dvi4", 8000, 1),
        (6, "dvi4", 16000, 1),
        (7, "lpc", 8000, 1),
        (8, "pcma", 8000, 1),
        (9, "g722", 8000, 1),
        (10, "l16", 44100, 2),
        (11, "l16", 44100, 1),
        (12, "qcelp", 8000, 1),
        (13, "cn", 8000, 1),
        (14, "mpa", 90000, 1),
        (15, "g728", 8000, 1),
        (16, "dvi4", 11025, 1),
        (17, "dvi4", 22050, 1),
        (18, "g729", 8000, 1),
    )
}
"""Audio payload types that need no `a=rtpmap` (RFC 3551 section 6)."""
_SPELT: Final = {"pcmu": "PCMU", "pcma": "PCMA", "g722": "G722", "gsm": "GSM", "g729": "G729", "cn": "CN"}


def payload_formats(
    media: MediaDescription, otherwise: Mapping[int, PayloadFormat] = STATIC
) -> tuple[PayloadFormat, ...]:
    """Return the formats of a media description, preferred first; raise SdpError when one is no payload type.

    Of several `a=rtpmap` for one payload type the first counts; `otherwise` says what types without any mean, and those
    that are not in it are left out.
    """
    named: dict[int, PayloadFormat] = {}
    for value in media.attributes("rtpmap"):
        if match := _RTPMAP.match(value):
            number = int(match["type"])
            format_ = PayloadFormat(number, match["name"].lower(), int(match["clock"]), int(match["channels"] or 1))
            named.setdefault(number, format_)
    parameters: dict[str, str] = {}
    for value in media.attributes("fmtp"):
        number_text, _, rest = value.partition(" ")
        parameters.setdefault(number_text, rest.strip())
    found = []
    for text in dict.fromkeys(media.formats):
        if not _NUMBER.fullmatch(text) or int(text) > 127:
            raise SdpError(f"{text[:20]!r} in the SDP's audio line is not an RTP payload type.")
        number = int(text)
        if known := named.get(number) or otherwise.get(number):
            found.append(PayloadFormat(number, known.name, known.clock, known.channels, parameters.get(text, "")))
    return tuple(found)


def event_codes(parameters: str) -> frozenset[int] | None:
    """Return the events that an `a=fmtp` of telephone-event names (RFC 4733 section 2.4.1), by default 0 to 15.

    Return None when it cannot be read.
    """
    if not parameters:
        return _DIGITS
    match = _EVENTS.fullmatch(parameters)
    if match is None:
        return None
    codes: set[int] = set()
    for first, last in _RANGE.findall(match["list"]):
        codes.update(range(int(first), min(int(last or first), 255) + 1))
    return frozenset(codes) or None
