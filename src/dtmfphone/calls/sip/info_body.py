"""Keys in the bodies of SIP INFO requests: `application/dtmf-relay` and `application/dtmf`."""

import re
from dataclasses import dataclass
from typing import Final

RELAY: Final = "application/dtmf-relay"
PLAIN: Final = "application/dtmf"
_KEYS: Final = "0123456789*#ABCD"
_SIGNAL: Final = re.compile(r"^\s*signal\s*[=:]\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_DURATION: Final = re.compile(r"^\s*duration\s*[=:]\s*(\d{1,6})\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class InfoDigit:
    """A key as a body claims it."""

    char: str
    duration: float | None
    """Seconds; None: the body says none."""


def build(char: str, duration: float, content_type: str) -> bytes:
    """Return the body for a key that lasted `duration` seconds."""
    if content_type == PLAIN:
        return char.encode()
    return f"Signal={char}\r\nDuration={round(duration * 1000)}\r\n".encode()


def parse(content_type: str, body: bytes) -> InfoDigit | None:
    """Read a body; None: it holds no key.

    Taken are lower case, spaces, missing durations, and event codes (10 and 11 for `*` and `#`) in place of keys.
    """
    text = body[:200].decode("latin-1")
    kind = content_type.partition(";")[0].strip().lower()
    signal = _SIGNAL.search(text)
    if signal is not None:
        duration = _DURATION.search(text)
        char = _key(signal[1])
        return (char and InfoDigit(char, int(duration[1]) / 1000 if duration else None)) or None
    char = _key(text.strip()) if kind == PLAIN else None
    return InfoDigit(char, None) if char else None


def _key(text: str) -> str | None:
    text = text.strip("\"'").upper()
    if len(text) == 1 and text in _KEYS:
        return text
    if text.isdecimal() and 10 <= int(text) <= 15:
        return _KEYS[int(text)]
    return None
