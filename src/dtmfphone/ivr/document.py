"""An IVR script as a whole: a graph of nodes, and tasks that are graphs of their own."""

from collections.abc import Collection, Iterator
from typing import Annotated

import msgspec

from dtmfphone.ivr.language import Language, language_of
from dtmfphone.ivr.nodes import Confirm, Node, NodeName, Part, Play, Set

Nodes = Annotated[dict[NodeName, Node], msgspec.Meta(description="write at least one node")]


class Task(Part, frozen=True):
    """A part of a script that may be run from several places; it ends at nodes with `result`."""

    start: NodeName
    nodes: Nodes


class Document(Part, frozen=True):
    """A script as its file says it."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="name it, in up to 80 characters")]
    start: NodeName
    nodes: Nodes
    tasks: dict[NodeName, Task] = msgspec.field(default_factory=dict)
    voice: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{1,20}){0,3}(\+[A-Za-z0-9_-]{1,20})?)?$",
            description="name a voice of espeak-ng, such as en-gb, de or en-us+f3",
        ),
    ] = ""
    """Who speaks; empty: the usual voice."""
    words_per_minute: Annotated[
        int, msgspec.Meta(ge=80, le=450, description="use a whole number, 80 to 450; 150 is usual")
    ] = 150
    """How fast."""

    @property
    def language(self) -> Language:
        """The words for read-back, yes and no."""
        return language_of(self.voice)

    def scopes(self) -> dict[str, Task]:
        """Return the tasks by name, the script itself under the empty name."""
        return {"": Task(start=self.start, nodes=self.nodes), **self.tasks}

    def all_nodes(self) -> Iterator[tuple[str, Node]]:
        """Yield all nodes with their full names."""
        for scope, task in self.scopes().items():
            for name, node in task.nodes.items():
                yield full_name(scope, name), node


class Script(Document, frozen=True, kw_only=True):
    """An IVR: a graph of nodes, entered at `start`."""

    name: str
    folder: str = ""
    """Where its recordings are; empty: it has none."""

    def node(self, name: str) -> Node:
        """Return the node with that full name; raise KeyError."""
        task, _, own = name.rpartition(".")
        return (self.tasks[task].nodes if task else self.nodes)[own]

    def prompts(self) -> tuple[str, ...]:
        """Return every text of the script, once each."""
        return tuple(dict.fromkeys(text for _, node in self.all_nodes() for _, text in node.prompts()))

    def values(self, variables: Collection[str]) -> tuple[str, ...]:
        """Return the values that nodes give to these variables, besides collected keys."""
        values: list[str] = []
        for _, node in self.all_nodes():
            if isinstance(node, Set):
                values += [value for name, value in node.set.items() if name in variables]
            elif isinstance(node, Confirm) and node.variable in variables:
                values += [value for _, value in node.choices().values()]
        return tuple(dict.fromkeys(values))

    def recordings(self) -> tuple[str, ...]:
        """Return the names of the sound files that are played, once each."""
        return tuple(dict.fromkeys(node.play for _, node in self.all_nodes() if isinstance(node, Play)))


def full_name(task: str, node: str) -> str:
    """Return the name of a node that is unique in its script."""
    return f"{task}.{node}" if task else node
