"""The nodes of an IVR script, as written in its YAML file."""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec

from dtmfphone.ivr.collector import LONGEST_SECONDS, MOST_DIGITS, CollectorSettings

LONGEST_PROMPT: Final = 1000
"""Characters: about a minute of speech."""

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
Prompt = Annotated[
    str, msgspec.Meta(max_length=LONGEST_PROMPT, description=f'write up to {LONGEST_PROMPT} characters, or "" for none')
]
"""Text to speak; `{name}` reads the digits of a variable back, one by one."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything in a script."""


class Retry(Part, frozen=True):
    """What follows a wrong key or a time-out: say so and ask again, `limit` times, then go to `next`."""

    say: Prompt
    next: NodeName
    limit: Annotated[int, msgspec.Meta(ge=0, le=20, description="use a whole number, 0 to 20")] = 2


class Say(Part, frozen=True):
    """Speak, then go on; a key interrupts and counts for the next menu or collection."""

    say: Prompt
    next: NodeName

    def targets(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("next",), self.next

    def prompts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("say",), self.say


class Menu(Part, frozen=True):
    """Ask for one key."""

    menu: Prompt
    keys: Annotated[dict[str, NodeName], msgspec.Meta(description="lead at least one key somewhere")]
    """Key to node."""
    invalid: Retry
    """After a key that is not in `keys`."""
    time_out: Retry
    """After no key for `seconds`."""
    seconds: Seconds = 6.0

    def targets(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        for key, node in self.keys.items():
            yield ("keys", key), node
        yield ("invalid", "next"), self.invalid.next
        yield ("time_out", "next"), self.time_out.next

    def prompts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("menu",), self.menu
        yield ("invalid", "say"), self.invalid.say
        yield ("time_out", "say"), self.time_out.say

    def settings(self) -> CollectorSettings:
        """Return the collection that a menu is: one digit, no stop key."""
        return CollectorSettings(first_digit_seconds=self.seconds, stop_keys="")


class Collect(Part, frozen=True):
    """Ask for digits and keep them in a variable."""

    collect: Prompt
    variable: VariableName
    next: NodeName
    invalid: Retry
    """After too few digits."""
    time_out: Retry
    """After no digit at all."""
    max_digits: Digits
    min_digits: Digits = 1
    stop_keys: str = "#"
    first_digit_seconds: Seconds | None = 8.0
    inter_digit_seconds: Seconds | None = 4.0
    total_seconds: Seconds | None = None

    def targets(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("next",), self.next
        yield ("invalid", "next"), self.invalid.next
        yield ("time_out", "next"), self.time_out.next

    def prompts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("collect",), self.collect
        yield ("invalid", "say"), self.invalid.say
        yield ("time_out", "say"), self.time_out.say

    def settings(self) -> CollectorSettings:
        """Return what to collect; raise ValueError naming the field that makes no sense."""
        return CollectorSettings(
            max_digits=self.max_digits,
            min_digits=self.min_digits,
            first_digit_seconds=self.first_digit_seconds,
            inter_digit_seconds=self.inter_digit_seconds,
            total_seconds=self.total_seconds,
            stop_keys=self.stop_keys,
        )


class HangUp(Part, frozen=True):
    """Say good-bye and end the call."""

    hang_up: Prompt

    def targets(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield nothing: the call ends here."""
        return iter(())

    def prompts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("hang_up",), self.hang_up


Node = Say | Menu | Collect | HangUp
KINDS: Final[dict[str, type[Node]]] = {"say": Say, "menu": Menu, "collect": Collect, "hang_up": HangUp}
"""The field that tells what a node is."""


class Document(Part, frozen=True):
    """A script as its file says it."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="name it, in up to 80 characters")]
    start: NodeName
    nodes: Annotated[dict[NodeName, Node], msgspec.Meta(description="write at least one node")]


class Script(Document, frozen=True):
    """An IVR: a graph of nodes, entered at `start`."""

    name: str

    def prompts(self) -> tuple[str, ...]:
        """Return every text of the script, once each."""
        return tuple(dict.fromkeys(text for node in self.nodes.values() for _, text in node.prompts()))
