"""The sixteen DTMF keys (ITU-T Q.23) and their RFC 4733 event codes (section 3.2)."""

from typing import Final, NamedTuple


class Key(NamedTuple):
    """One of the sixteen keys."""

    char: str
    """`0-9 * # A-D`."""
    code: int
    """RFC 4733 event code, 0 to 15."""
    low_hz: float
    """Row frequency."""
    high_hz: float
    """Column frequency."""


LOW_HZ: Final = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)
LAYOUT: Final = ("123A", "456B", "789C", "*0#D")
"""The keypad, row by row (Q.23): row r sounds LOW_HZ[r], column c sounds HIGH_HZ[c]."""
CODES: Final = "0123456789*#ABCD"
"""Position in this string is the RFC 4733 event code."""

KEYS: Final = {
    char: Key(char, CODES.index(char), LOW_HZ[row], HIGH_HZ[column])
    for row, line in enumerate(LAYOUT)
    for column, char in enumerate(line)
}
KEYS_BY_CODE: Final = {key.code: key for key in KEYS.values()}


def key_of(char: str) -> Key:
    """Return the key of a character, `a-d` included; raise ValueError for any other character."""
    try:
        return KEYS[char.upper()]
    except KeyError:
        raise ValueError(f"{char!r} is not a DTMF key: use 0-9, *, # or A-D") from None
