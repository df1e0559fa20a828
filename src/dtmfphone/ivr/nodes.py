"""The nodes of an IVR script, as written in its YAML file."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

import msgspec

from dtmfphone.ivr.collector import LONGEST_SECONDS, MOST_DIGITS, CollectorSettings

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
Milliseconds = Annotated[int, msgspec.Meta(ge=30, le=6000, description="use whole milliseconds, 30 to 6000")]
Prompt = Annotated[
    str, msgspec.Meta(max_length=LONGEST_PROMPT, description=f'write up to {LONGEST_PROMPT} characters, or "" for none')
]
"""Text to speak; `{name}` reads the digits of a variable back, one by one."""
Value = Annotated[str, msgspec.Meta(max_length=LONGEST_VALUE, description=f"write up to {LONGEST_VALUE} characters")]
Key = Annotated[str, msgspec.Meta(max_length=LONGEST_VALUE, description="use 0-9, *, # or A-D")]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+( [a-z]+){0,3}$", description="use up to four small English words")]
Address = Annotated[
    str,
    msgspec.Meta(pattern=r"^(sips?|tel):[^\s<>]{1,250}$", description="write an address such as sip:desk@example.com"),
]

Path = tuple[str, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything in a script."""


class Retry(Part, frozen=True):
    """What follows a wrong key or a time-out: say so and ask again, `limit` times, then go to `next`."""

    say: Prompt
    next: NodeName
    limit: Times = 2


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


class Asking(Base, frozen=True):
    """A node that waits for keys."""

    invalid: Retry
    """After keys that make no sense here."""
    time_out: Retry
    """After no key at all."""
    barge_in: bool = True
    """Whether a key interrupts the prompt; else keys are not taken before its end."""

    def retries(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call goes when the caller fails: the path of the field, and the node."""
        yield ("invalid", "next"), self.invalid.next
        yield ("time_out", "next"), self.time_out.next

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("invalid", "say"), self.invalid.say
        yield ("time_out", "say"), self.time_out.say


class Say(Onward, frozen=True):
    """Speak, then go on; a key interrupts and counts for the next menu or collection."""

    say: Prompt
    barge_in: bool = True
    """Whether a key interrupts; else it has no effect."""

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("say",), self.say


class Play(Onward, frozen=True):
    """Play a recording, a file beside the script, then go on; a key interrupts as in `say`."""

    play: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="name a sound file")]
    barge_in: bool = True


class Menu(Asking, frozen=True, kw_only=True):
    """Ask for one key."""

    menu: Prompt
    keys: Annotated[dict[Key, NodeName], msgspec.Meta(description="lead at least one key somewhere")]
    """Key to node."""
    words: dict[Key, tuple[Word, ...]] = msgspec.field(default_factory=dict)
    """Key to the words that a caller may say in place of it."""
    variable: VariableName | None = None
    """Keeps the key."""
    seconds: Seconds = 6.0
    """How long to wait for a key."""

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        for key, node in self.keys.items():
            yield ("keys", key), node
        yield from self.retries()

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("menu",), self.menu
        yield from super().prompts()

    def sets(self, path: Path, /) -> tuple[str, ...]:
        """Return the variables that are set where the call leaves by the field at a path."""
        return (self.variable,) if self.variable and path[0] == "keys" else ()

    def choices(self) -> Mapping[str, tuple[str, str]]:
        """Return for each key the node and the value to keep."""
        return {key: (node, key) for key, node in self.keys.items()}

    def spoken(self) -> Mapping[str, tuple[str, ...]]:
        """Return the words for each key."""
        return self.words

    def settings(self) -> CollectorSettings:
        """Return the collection that a menu is: one digit, no stop key."""
        return CollectorSettings(first_digit_seconds=self.seconds, stop_keys="")


class Confirm(Asking, frozen=True, kw_only=True):
    """Ask a question that is answered by one of two keys, or by yes or no."""

    confirm: Prompt
    yes: NodeName
    no: NodeName
    yes_key: Key = "1"
    no_key: Key = "2"
    variable: VariableName | None = None
    """Keeps `yes` or `no`."""
    seconds: Seconds = 6.0
    """How long to wait for a key."""

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("yes",), self.yes
        yield ("no",), self.no
        yield from self.retries()

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("confirm",), self.confirm
        yield from super().prompts()

    def sets(self, path: Path, /) -> tuple[str, ...]:
        """Return the variables that are set where the call leaves by the field at a path."""
        return (self.variable,) if self.variable and path[0] in ("yes", "no") else ()

    def choices(self) -> Mapping[str, tuple[str, str]]:
        """Return for each key the node and the value to keep."""
        return {self.yes_key: (self.yes, "yes"), self.no_key: (self.no, "no")}

    def spoken(self) -> Mapping[str, tuple[str, ...]]:
        """Return the words for each key."""
        return {self.yes_key: ("yes",), self.no_key: ("no",)}

    def settings(self) -> CollectorSettings:
        """Return the collection that a question is: one digit, no stop key."""
        return CollectorSettings(first_digit_seconds=self.seconds, stop_keys="")


class Collect(Asking, frozen=True, kw_only=True):
    """Ask for digits and keep them in a variable; too few are `invalid`, none at all a `time_out`."""

    collect: Prompt
    variable: VariableName
    next: NodeName
    max_digits: Digits
    min_digits: Digits = 1
    stop_keys: str = "#"
    first_digit_seconds: Seconds | None = 8.0
    inter_digit_seconds: Seconds | None = 4.0
    total_seconds: Seconds | None = None

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("next",), self.next
        yield from self.retries()

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("collect",), self.collect
        yield from super().prompts()

    def sets(self, path: Path, /) -> tuple[str, ...]:
        """Return the variables that are set where the call leaves by the field at a path."""
        return (self.variable,) if path == ("next",) else ()

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


class Set(Onward, frozen=True):
    """Give variables values: any text, or keys with `{name}` in between for those of another variable."""

    set: Annotated[dict[VariableName, Value], msgspec.Meta(description="set at least one variable")]

    def templates(self) -> Iterator[tuple[Path, str]]:
        """Yield texts with variables in them that are not spoken: the path of the field, and the text."""
        for name, value in self.set.items():
            yield ("set", name), value

    def sets(self, _path: Path, /) -> tuple[str, ...]:
        """Return the variables that are set where the call leaves by the field at a path."""
        return tuple(self.set)


class Branch(Base, frozen=True):
    """Go where the value of a variable leads."""

    branch: VariableName
    cases: Annotated[dict[Value, NodeName], msgspec.Meta(description="lead at least one value somewhere")]
    """Value to node."""
    otherwise: NodeName

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        for value, node in self.cases.items():
            yield ("cases", value), node
        yield ("otherwise",), self.otherwise

    def reads(self) -> Iterator[tuple[Path, str]]:
        """Yield the variables that are looked at here, besides those in texts: the path of the field, and the name."""
        yield ("branch",), self.branch


class Repeat(Onward, frozen=True):
    """Go back to a node, `limit` times in a call, then on; the count begins anew after that."""

    repeat: NodeName
    limit: Times = 2

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("repeat",), self.repeat
        yield from super().targets()


class Transfer(Base, frozen=True):
    """Ask the caller's phone to call somebody else, which ends this call; go to `failed` where that does not work."""

    transfer: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^(sips?|tel):[^\s<>]{1,250}$", description="write an address such as sip:desk@example.com"
        ),
    ]
    failed: NodeName

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("failed",), self.failed

    def templates(self) -> Iterator[tuple[Path, str]]:
        """Yield texts with variables in them that are not spoken: the path of the field, and the text."""
        yield ("transfer",), self.transfer


class Record(Onward, frozen=True):
    """Record both sides of the call from here on, if the caller has consented, or stop that."""

    record: Literal["start", "stop"]
    consent: VariableName | None = None
    """The variable of the question for consent: only where it is `yes` anything is recorded."""

    def reads(self) -> Iterator[tuple[Path, str]]:
        """Yield the variables that are looked at here, besides those in texts: the path of the field, and the name."""
        if self.consent is not None:
            yield ("consent",), self.consent


class Send(Onward, frozen=True):
    """Send keys to the caller, then go on: a dial string, in which `{name}` stands for the keys of a variable."""

    send: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_VALUE, description="write a dial string")]
    duration_ms: Milliseconds = 100
    gap_ms: Milliseconds = 70

    def templates(self) -> Iterator[tuple[Path, str]]:
        """Yield texts with variables in them that are not spoken: the path of the field, and the text."""
        yield ("send",), self.send


class Run(Base, frozen=True):
    """Do a task, then go where its result leads."""

    run: NodeName
    results: dict[NodeName, NodeName] = msgspec.field(default_factory=dict)
    """Result to node; none for a task that ends the call itself."""

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        for result, node in self.results.items():
            yield ("results", result), node


class Result(Base, frozen=True):
    """The end of a task, with its result."""

    result: NodeName


class HangUp(Base, frozen=True):
    """Say good-bye and end the call."""

    hang_up: Prompt

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("hang_up",), self.hang_up


Node = Say | Play | Menu | Confirm | Collect | Set | Branch | Repeat | Transfer | Record | Send | Run | Result | HangUp
KINDS: Final[dict[str, type[Node]]] = {
    "say": Say,
    "play": Play,
    "menu": Menu,
    "confirm": Confirm,
    "collect": Collect,
    "set": Set,
    "branch": Branch,
    "repeat": Repeat,
    "transfer": Transfer,
    "record": Record,
    "send": Send,
    "run": Run,
    "result": Result,
    "hang_up": HangUp,
}
"""The field that tells what a node is."""
