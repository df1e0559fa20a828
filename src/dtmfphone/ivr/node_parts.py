"""What the nodes of an IVR script are made of: the forms of their values, and what all nodes tell about themselves."""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec

from dtmfphone.ivr.collector_settings import LONGEST_SECONDS, MOST_DIGITS

LONGEST_PROMPT: Final = 1000
"""Characters: about a minute of speech."""
LONGEST_VALUE: Final = 64
"""Characters of a variable."""

NodeName = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$",
        description="name a node with letters, digits, - and _, a letter first",
    ),
]
VariableName = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="use small letters, digits and _, as in patient_id"),
]
Seconds = Annotated[
    float, msgspec.Meta(gt=0, le=LONGEST_SECONDS, description=f"use seconds above 0, up to {LONGEST_SECONDS:g}")
]
Digits = Annotated[int, msgspec.Meta(ge=0, le=MOST_DIGITS, description=f"use a whole number, up to {MOST_DIGITS}")]
Times = Annotated[int, msgspec.Meta(ge=0, le=20, description="use a whole number, 0 to 20")]
Flag = Annotated[bool, msgspec.Meta(description="use true or false")]
Milliseconds = Annotated[int, msgspec.Meta(ge=30, le=6000, description="use whole milliseconds, 30 to 6000")]
Prompt = Annotated[
    str, msgspec.Meta(max_length=LONGEST_PROMPT, description=f'write up to {LONGEST_PROMPT} characters, or "" for none')
]
"""Text to speak; `{name}` reads the digits of a variable back, one by one."""
Value = Annotated[str, msgspec.Meta(max_length=LONGEST_VALUE, description=f"write up to {LONGEST_VALUE} characters")]
Key = Annotated[str, msgspec.Meta(max_length=LONGEST_VALUE, description="use 0-9, *, # or A-D")]
Word = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-zß-öø-ÿ']+( [a-zß-öø-ÿ']+){0,3}$", description="use up to four words in small letters"),
]
Address = Annotated[
    str,
    msgspec.Meta(pattern=r"^(sips?|tel):[^\s<>]{1,250}$", description="write an address such as sip:desk@example.com"),
]

Path = tuple[str, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything in a script."""


class Base(Part, frozen=True):
    """What all nodes tell about themselves; a path names a field."""

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        return iter(())

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        return iter(())

    def templates(self) -> Iterator[tuple[Path, str]]:
        """Yield texts with variables in them that are not spoken: the path of the field, and the text."""
        return iter(())

    def reads(self) -> Iterator[tuple[Path, str]]:
        """Yield the variables that are looked at here, besides those in texts: the path of the field, and the name."""
        return iter(())

    def sets(self, _path: Path, /) -> tuple[str, ...]:
        """Return the variables that are set where the call leaves by the field at a path."""
        return ()


class Onward(Base, frozen=True):
    """A node with one way out."""

    next: NodeName

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("next",), self.next
