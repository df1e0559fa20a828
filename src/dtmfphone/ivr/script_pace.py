"""Whether time passes in every loop of a script: limits of nested repeats multiply, and nobody could stop them."""

from collections.abc import Iterator

from dtmfphone.ivr.document import Document, Task, full_name
from dtmfphone.ivr.marked_yaml import MarkedError, Path, Places
from dtmfphone.ivr.nodes import Branch, Record, Repeat, Result, Run, Set


def check_pace(document: Document, places: Places) -> Iterator[MarkedError]:
    """Yield the first loop of each task in which nothing is said, sent or asked; in other ways the flow is right."""
    ends = _ends(document)
    for scope, task in document.scopes().items():
        ways = _ways(task, ends)
        for name in task.nodes:
            if name in _beyond(ways, name):
                where: Path = ("tasks", scope, "nodes", name) if scope else ("nodes", name)
                problem = f"from node {full_name(scope, name)!r} the call goes round without a word"
                yield MarkedError(problem, places.keys[where], "say or ask something in the loop")
                break


def _ends(document: Document) -> dict[str, set[str]]:
    """Return for each task the results that it can have in no time."""
    ends: dict[str, set[str]] = {name: set() for name in document.tasks}
    changed = True
    while changed:
        changed = False
        for name, task in reversed(document.tasks.items()):
            reached = {task.start} | _beyond(_ways(task, ends), task.start)
            found = {node.result for own in reached if isinstance(node := task.nodes[own], Result)}
            changed |= found != ends[name]
            ends[name] = found
    return ends


def _ways(task: Task, ends: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return where the call can go from each node in no time, given the results that tasks can have in none."""
    ways: dict[str, set[str]] = {}
    for name, node in task.nodes.items():
        match node:
            case Set() | Branch() | Repeat() | Record():
                ways[name] = {to for _, to in node.targets()}
            case Run():
                ways[name] = {to for result, to in node.results.items() if result in ends[node.run]}
            case _:
                ways[name] = set()
    return ways


def _beyond(ways: dict[str, set[str]], name: str) -> set[str]:
    """Return the nodes to which ways lead from a node; itself only if one leads back."""
    found: set[str] = set()
    todo = [name]
    while todo:
        new = ways[todo.pop()] - found
        found |= new
        todo += new
    return found
