"""How long the audio of a payload lasts (RFC 3551 section 4.5, RFC 6716 section 3.1)."""

from typing import Final

_SILK: Final = (480, 960, 1920, 2880)
_HYBRID: Final = (480, 960)
_CELT: Final = (120, 240, 480, 960)
MAX_OPUS_UNITS: Final = 5760
"""120 ms."""


def units(codec: str, payload: bytes) -> int:
    """Return the duration in units of the RTP clock; 0 for a payload that is none of this codec.

    `codec`: `pcmu`, `pcma` and `g722` have a byte per unit of 8000 Hz, `opus` counts at 48000 Hz.
    """
    if codec != "opus":
        return len(payload)
    if not payload:
        return 0
    configuration, code = payload[0] >> 3, payload[0] & 3
    if configuration < 12:
        frame = _SILK[configuration % 4]
    elif configuration < 16:
        frame = _HYBRID[configuration % 2]
    else:
        frame = _CELT[configuration % 4]
    if code < 3:
        return frame * (1 if code == 0 else 2)
    total = frame * (payload[1] & 0x3F) if len(payload) > 1 else 0
    return total if total <= MAX_OPUS_UNITS else 0
