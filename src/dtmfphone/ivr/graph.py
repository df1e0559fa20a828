"""The graph of a script as people see it: what each node does in a line, and what leads from node to node."""

from dataclasses import dataclass
from typing import Final, Literal

from dtmfphone.ivr.document import Script, full_name
from dtmfphone.ivr.nodes import (
    Asking,
    Branch,
    Collect,
    Confirm,
    HangUp,
    Menu,
    Node,
    Play,
    Record,
    Repeat,
    Result,
    Run,
    Say,
    Send,
    Set,
    Transfer,
)

Role = Literal["ask", "speak", "do", "task", "end"]
_LONGEST: Final = 38
_LONGEST_VALUE: Final = 24
_LONGEST_LABEL: Final = 60


@dataclass(frozen=True)
class GraphNode:
    """A node to draw."""

    name: str
    """Full name, as `IvrStep.node` has it."""
    role: Role
    kind: str
    """The field that tells what it is."""
    text: str
    """What it says or does."""

    @property
    def line(self) -> str:
        """The text in one short line."""
        text = f"{self.kind}: {' '.join(self.text.split())}".removesuffix(": ")
        return _short(text, _LONGEST)


@dataclass(frozen=True)
class GraphEdge:
    """A way from node to node; `label` says what takes it, empty: what always follows."""

    source: str
    target: str
    label: str = ""
    inward: bool = False
    """Into a task, or back out of it."""


@dataclass(frozen=True)
class Graph:
    """A script to draw, its first node first."""

    title: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    """One for each pair of nodes."""


def graph_of(script: Script) -> Graph:
    """Return what there is to draw of a script."""
    labels: dict[tuple[str, str], list[str]] = {}
    inward: set[tuple[str, str]] = set()
    for name, node in script.all_nodes():
        task = name.rpartition(".")[0]
        for path, to in node.targets():
            words = labels.setdefault((name, full_name(task, to)), [])
            label = _label(node, path)
            words += [label] if label and label not in words else []
        if isinstance(node, Run):
            into = (name, full_name(node.run, script.tasks[node.run].start))
            labels.setdefault(into, []).append("task")
            inward.add(into)
    nodes = sorted(script.all_nodes(), key=lambda one: one[0] != script.start)
    return Graph(
        script.title,
        tuple(GraphNode(name, _role(node), *_words(node)) for name, node in nodes),
        tuple(
            GraphEdge(*pair, _short(", ".join(words), _LONGEST_LABEL), pair in inward) for pair, words in labels.items()
        ),
    )


def _label(node: Node, path: tuple[str, ...]) -> str:
    match node, path:
        case Menu(), ("keys", key):
            return key
        case Confirm(), ("yes" | "no" as answer,):
            return f"{answer} ({node.yes_key if answer == 'yes' else node.no_key})"
        case Menu() | Confirm(), ("invalid", _):
            return "wrong key"
        case Collect(), ("invalid", _):
            return "too few"
        case Asking(), ("time_out", _):
            return "no key"
        case Branch(), ("cases", value):
            return f"= {_short(value, _LONGEST_VALUE)}"
        case Branch(), _:
            return "else"
        case Repeat(), ("repeat",):
            return f"at most {node.limit}×"
        case Repeat(), _:
            return "then"
        case Transfer(), _:
            return "failed"
        case Run(), (_, result):
            return result
    return ""


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _role(node: Node) -> Role:
    match node:
        case Asking():
            return "ask"
        case Say() | Play():
            return "speak"
        case Run():
            return "task"
        case HangUp() | Transfer() | Result():
            return "end"
    return "do"


def _words(node: Node) -> tuple[str, str]:
    match node:
        case Say():
            return "say", node.say
        case Play():
            return "play", node.play
        case Menu():
            return "menu", node.menu
        case Confirm():
            return "confirm", node.confirm
        case Collect():
            return "collect, confirm" if node.confirm else "collect", node.collect
        case Set():
            return "set", ", ".join(f"{name} = {value}" for name, value in node.set.items())
        case Branch():
            return "branch", node.branch
        case Repeat():
            return "repeat", node.repeat
        case Transfer():
            return "transfer", node.transfer
        case Record():
            return "record", node.record
        case Send():
            return "send", node.send
        case Run():
            return "run", node.run
        case Result():
            return "result", node.result
        case HangUp():
            return "hang up", node.hang_up
