"""The nodes of an IVR script that wait for keys or words: menus, questions, and collections of digits."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from dtmfphone.ivr.collector_settings import CollectorSettings
from dtmfphone.ivr.node_parts import (
    Base,
    Digits,
    Flag,
    Key,
    NodeName,
    Part,
    Path,
    Prompt,
    Seconds,
    Times,
    VariableName,
    Word,
)


class Retry(Part, frozen=True):
    """What follows a wrong key or a time-out: say so and ask again, `limit` times, then go to `next`."""

    say: Prompt
    next: NodeName
    limit: Times = 2


class Asking(Base, frozen=True):
    """A node that waits for keys, or words."""

    invalid: Retry
    """After keys that make no sense here."""
    time_out: Retry
    """After no key at all."""
    barge_in: Flag = True
    """Whether a key or speech interrupts the prompt; else neither is taken before its end."""

    @property
    def question(self) -> str:
        """What is asked."""
        raise NotImplementedError

    @property
    def expected(self) -> str:
        """What the caller should press, in words."""
        raise NotImplementedError

    def settings(self) -> CollectorSettings:
        """Return what to collect; raise ValueError naming the field that makes no sense."""
        raise NotImplementedError

    def retries(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call goes when the caller fails: the path of the field, and the node."""
        yield ("invalid", "next"), self.invalid.next
        yield ("time_out", "next"), self.time_out.next

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("invalid", "say"), self.invalid.say
        yield ("time_out", "say"), self.time_out.say


class Menu(Asking, frozen=True, kw_only=True):
    """Ask for one key, or a word in place of it; a word that a recognizer heard is read back first, to be confirmed."""

    menu: Prompt
    keys: Annotated[dict[Key, NodeName], msgspec.Meta(description="lead at least one key somewhere")]
    """Key to node."""
    words: Annotated[
        dict[Key, tuple[Word, ...]],
        msgspec.Meta(description='write for a key the phrases that callers may say, as in "1": [sales, the shop]'),
    ] = msgspec.field(default_factory=dict)
    """Key to the phrases that a caller may say in place of it, besides its own name."""
    variable: VariableName | None = None
    """Keeps the key."""
    seconds: Seconds = 6.0
    """How long to wait for a key."""

    @property
    def question(self) -> str:
        """What is asked."""
        return self.menu

    @property
    def expected(self) -> str:
        """What the caller should press, in words."""
        return f"one key: {', '.join(self.keys)}"

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

    def settings(self) -> CollectorSettings:
        """Return the collection that a menu is: one digit, no stop key."""
        return CollectorSettings(first_digit_seconds=self.seconds, stop_keys="", confirm_seconds=self.seconds)


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

    @property
    def question(self) -> str:
        """What is asked."""
        return self.confirm

    @property
    def expected(self) -> str:
        """What the caller should press, in words."""
        return f"{self.yes_key} for yes, {self.no_key} for no"

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

    def settings(self) -> CollectorSettings:
        """Return the collection that a question is: one digit, no stop key."""
        return CollectorSettings(first_digit_seconds=self.seconds, stop_keys="")


class Collect(Asking, frozen=True, kw_only=True):
    """Ask for digits and keep them in a variable; too few are `invalid`, none at all a `time_out`.

    With `confirm` they are read back: 1 or yes takes them, 2 or no asks again, silence is a `time_out`. That happens in
    any case to digits that a recognizer heard.
    """

    collect: Prompt
    variable: VariableName
    next: NodeName
    max_digits: Digits
    min_digits: Digits = 1
    stop_keys: str = "#"
    first_digit_seconds: Seconds | None = 8.0
    inter_digit_seconds: Seconds | None = 4.0
    total_seconds: Seconds | None = None
    confirm: Annotated[bool, msgspec.Meta(description="use true to have the digits confirmed, or false")] = False
    confirm_seconds: Seconds = 6.0
    """How long to wait for the answer to the read-back."""

    @property
    def question(self) -> str:
        """What is asked."""
        return self.collect

    @property
    def expected(self) -> str:
        """What the caller should press, in words."""
        return self.settings().expected

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
            confirm=self.confirm,
            confirm_seconds=self.confirm_seconds,
        )
