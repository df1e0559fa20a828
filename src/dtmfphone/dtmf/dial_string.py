"""Dial strings: what a person types to send several keys with pauses and waits between them.

0-9 * # A-D a-d     a key
,                   pause of 2 s, as in the W3C's insertDTMF
p                   pause of 0.5 s
w                   wait until the far end has spoken, or until the user goes on
space - ( ) .       no meaning
"""

from dataclasses import dataclass
from typing import Final

from dtmfphone.dtmf.keys import KEYS

PAUSES: Final = {",": 2.0, "p": 0.5}
"""Seconds by character."""
WAIT: Final = "w"
IGNORED: Final = "-()."


@dataclass(frozen=True)
class Press:
    """A key to be pressed."""

    char: str
    """`0-9 * # A-D`."""

    def __str__(self) -> str:
        return self.char


@dataclass(frozen=True)
class Pause:
    """Silence of fixed length."""

    seconds: float

    def __str__(self) -> str:
        return "," if self.seconds >= PAUSES[","] else "p"


@dataclass(frozen=True)
class Wait:
    """Silence until the far end has spoken, or until the user goes on."""

    def __str__(self) -> str:
        return WAIT


Step = Press | Pause | Wait


class DialStringError(ValueError):
    """A character that has no meaning in a dial string; the message names it, its place and what is allowed."""

    def __init__(self, position: int, char: str) -> None:
        super().__init__(
            f"{char!r} at position {position + 1} is not allowed in a dial string: "
            "use 0-9, *, #, A-D, ',' (2 s pause), 'p' (0.5 s pause) or 'w' (wait for the far end)."
        )
        self.position = position
        """Index in the text, from 0."""
        self.char = char


def parse(text: str) -> tuple[Step, ...]:
    """Return the steps of a dial string; raises DialStringError at the first character without meaning."""
    steps: list[Step] = []
    for position, char in enumerate(text):
        if char.upper() in KEYS:
            steps.append(Press(char.upper()))
        elif char in PAUSES:
            steps.append(Pause(PAUSES[char]))
        elif char == WAIT:
            steps.append(Wait())
        elif char not in IGNORED and not char.isspace():
            raise DialStringError(position, char)
    return tuple(steps)


def normalise(text: str) -> str:
    """Return a dial string without characters that have no meaning, in upper-case keys; raises DialStringError."""
    return "".join(str(step) for step in parse(text))
