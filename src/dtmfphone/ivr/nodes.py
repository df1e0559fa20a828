"""The nodes of an IVR script, as written in its YAML file; those that ask are in `asking_nodes`."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec

from dtmfphone.ivr.asking_nodes import Asking as Asking
from dtmfphone.ivr.asking_nodes import Collect as Collect
from dtmfphone.ivr.asking_nodes import Confirm as Confirm
from dtmfphone.ivr.asking_nodes import Menu as Menu
from dtmfphone.ivr.asking_nodes import Retry as Retry
from dtmfphone.ivr.node_parts import LONGEST_VALUE as LONGEST_VALUE
from dtmfphone.ivr.node_parts import Address, Base, Flag, Milliseconds, Onward, Path, Prompt, Times, Value, VariableName
from dtmfphone.ivr.node_parts import NodeName as NodeName
from dtmfphone.ivr.node_parts import Part as Part


class Say(Onward, frozen=True):
    """Speak, then go on; a key interrupts and counts for the next menu or collection."""

    say: Prompt
    barge_in: Flag = True
    """Whether a key interrupts; else it has no effect."""

    def prompts(self) -> Iterator[tuple[Path, str]]:
        """Yield what is spoken here: the path of the field, and the text."""
        yield ("say",), self.say


class Play(Onward, frozen=True):
    """Play a recording, a file beside the script, then go on; a key interrupts as in `say`."""

    play: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="name a sound file")]
    barge_in: Flag = True


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

    transfer: Address
    failed: NodeName

    def targets(self) -> Iterator[tuple[Path, str]]:
        """Yield where the call can go from here: the path of the field, and the node."""
        yield ("failed",), self.failed

    def templates(self) -> Iterator[tuple[Path, str]]:
        """Yield texts with variables in them that are not spoken: the path of the field, and the text."""
        yield ("transfer",), self.transfer


class Record(Onward, frozen=True):
    """Record both sides of the call from here on, if the caller has consented, or stop that."""

    record: Annotated[Literal["start", "stop"], msgspec.Meta(description="use start or stop")]
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
