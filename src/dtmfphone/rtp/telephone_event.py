"""The telephone-event payload (RFC 4733 section 2.3)."""

import struct
from dataclasses import dataclass
from typing import Final

MAX_DURATION: Final = 0xFFFF
"""The longest duration of one packet, in timestamp units; longer events go on in a new segment."""
END: Final = 0x80
RESERVED: Final = 0x40
MAX_VOLUME: Final = 0x3F
_BLOCK: Final = struct.Struct("!BBH")


class TelephoneEventError(ValueError):
    """A telephone-event that cannot be read or written; the message is one sentence."""


@dataclass(frozen=True)
class TelephoneEvent:
    """One event block of four bytes."""

    code: int
    """0 to 255; 0 to 15 are the sixteen keys."""
    end: bool
    """The E bit: the event has ended."""
    volume: int
    """Minus dBm0, 0 to 63."""
    duration: int
    """So far, in timestamp units, 0 to 65535."""
    reserved: bool = False
    """The R bit, which must be zero."""

    def __post_init__(self) -> None:
        for name, value, most in (
            ("code", self.code, 0xFF),
            ("volume", self.volume, MAX_VOLUME),
            ("duration", self.duration, MAX_DURATION),
        ):
            if not 0 <= value <= most:
                raise TelephoneEventError(f"A telephone-event's {name} is {value}: it must be 0 to {most}.")

    def serialize(self) -> bytes:
        """Return the four bytes."""
        flags = (END if self.end else 0) | (RESERVED if self.reserved else 0) | self.volume
        return _BLOCK.pack(self.code, flags, self.duration)


def parse(payload: bytes) -> tuple[TelephoneEvent, ...]:
    """Return the events of an RTP payload, one in nearly all cases (section 2.5.1.5 allows several in a row).

    Raises TelephoneEventError when the length is not a multiple of four bytes, or zero.
    """
    if not payload or len(payload) % _BLOCK.size:
        raise TelephoneEventError(
            f"A telephone-event payload of {len(payload)} bytes is malformed: it must be four bytes per event."
        )
    return tuple(
        TelephoneEvent(code, bool(flags & END), flags & MAX_VOLUME, duration, bool(flags & RESERVED))
        for code, flags, duration in _BLOCK.iter_unpack(payload)
    )
