"""Whether a call can go well through a script: all nodes are reached, each loop has a way out, variables are set.

Each task is looked at for itself, those that it runs first; what its caller needs to know of it is its `_Summary`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dtmfphone.ivr import prompt
from dtmfphone.ivr.document import Document, Task, full_name
from dtmfphone.ivr.marked_yaml import MarkedError, Path, Place, Places, near
from dtmfphone.ivr.nodes import Asking, Confirm, HangUp, Node, Repeat, Result, Run, Set, Transfer


@dataclass
class _Summary:
    """What a task may do, as its callers see it."""

    results: set[str] = field(default_factory=set)
    """How it may end."""
    at_once: set[str] = field(default_factory=set)
    """How it may end without having waited for a key."""
    hangs_up: bool = False
    """Whether the call may end in it."""
    sets: dict[str, set[str]] = field(default_factory=dict)
    """By result, the variables that are set whatever way the call took."""


def check_flow(document: Document, places: Places) -> list[MarkedError]:
    """Return what is wrong in a document all of whose names exist."""
    if circle := _circle({name: _tasks_of(task) for name, task in document.scopes().items()}):
        name = circle[0]
        return [
            MarkedError(
                f"the task {name!r} runs itself ({' -> '.join((*circle, name))})",
                places.keys["tasks", name],
                "lead back to a node inside of it",
            )
        ]
    flow = _Flow(document, places)
    flow.run()
    return flow.errors


class _Flow:
    def __init__(self, document: Document, places: Places) -> None:
        self.document = document
        self.scopes = document.scopes()
        self.places = places
        self.errors: list[MarkedError] = []
        self.summaries: dict[str, _Summary] = {}

    def run(self) -> None:
        order = self.order()
        for scope in order:
            self.summaries[scope] = self.summary(self.scopes[scope])
        for scope in reversed(order):
            self.check_graph(scope, self.scopes[scope])
        used = _closure({""}, {scope: _tasks_of(task, self.reached(task)) for scope, task in self.scopes.items()})
        for name in self.document.tasks:
            if name not in used:
                self.note(f"no way leads to task {name!r}", self.places.keys["tasks", name], "run it, or remove it")
        self.check_variables([scope for scope in reversed(order) if scope in used])

    def note(self, problem: str, place: Place, remedy: str) -> None:
        self.errors.append(MarkedError(problem, place, remedy))

    def order(self) -> list[str]:
        """Return the tasks, each after those that it runs; the script itself is the last."""
        order: list[str] = []

        def visit(scope: str) -> None:
            if scope not in order:
                for task in sorted(_tasks_of(self.scopes[scope])):
                    visit(task)
                order.append(scope)

        for scope in (*self.document.tasks, ""):
            visit(scope)
        return order

    def ways(self, node: Node) -> Iterator[tuple[Path, str]]:
        """Yield where the call can really go from a node."""
        for path, to in node.targets():
            if not isinstance(node, Run) or path[1] in self.summaries[node.run].results:
                yield path, to

    def graph(self, task: Task) -> dict[str, set[str]]:
        return {name: {to for _, to in self.ways(node)} for name, node in task.nodes.items()}

    def reached(self, task: Task) -> set[str]:
        return _closure({task.start}, self.graph(task))

    def restless(self, task: Task) -> dict[str, set[str]]:
        """Return the ways on which nobody waits for a key and that can be taken without end."""
        ways: dict[str, set[str]] = {}
        for name, node in task.nodes.items():
            match node:
                case Asking():
                    ways[name] = set()
                case Repeat():
                    ways[name] = {node.next}
                case Run():
                    at_once = self.summaries[node.run].at_once
                    ways[name] = {to for path, to in self.ways(node) if path[1] in at_once}
                case _:
                    ways[name] = {to for _, to in node.targets()}
        return ways

    def summary(self, task: Task) -> _Summary:
        reached = self.reached(task)
        ends = {name: node for name, node in task.nodes.items() if isinstance(node, Result) and name in reached}
        known = self.known(task, set())
        at_once = _closure({task.start}, self.restless(task) | self.repeats(task))
        sets: dict[str, set[str]] = {}
        for name, node in ends.items():
            sets[node.result] = sets.get(node.result, known[name]) & known[name]
        return _Summary(
            results={node.result for node in ends.values()},
            at_once={node.result for name, node in ends.items() if name in at_once},
            hangs_up=any(self.hangs_up(task.nodes[name]) for name in reached),
            sets=sets,
        )

    def repeats(self, task: Task) -> dict[str, set[str]]:
        return {name: {node.repeat, node.next} for name, node in task.nodes.items() if isinstance(node, Repeat)}

    def hangs_up(self, node: Node) -> bool:
        return isinstance(node, HangUp | Transfer) or (isinstance(node, Run) and self.summaries[node.run].hangs_up)

    def check_graph(self, scope: str, task: Task) -> None:
        where: Path = ("tasks", scope, "nodes") if scope else ("nodes",)
        reached = self.reached(task)
        for name, node in task.nodes.items():
            if isinstance(node, Run):
                self.check_results(full_name(scope, name), node, (*where, name))
        for name in task.nodes:
            if name not in reached:
                self.note(
                    f"no way leads to node {full_name(scope, name)!r}",
                    self.places.keys[(*where, name)],
                    "lead a key or `next` there, or remove it",
                )
        self.check_ends(scope, task, where)

    def check_results(self, name: str, node: Run, where: Path) -> None:
        possible = self.summaries[node.run].results
        for result in node.results:
            if result not in possible:
                self.note(
                    f"{name}: the task {node.run!r} never ends with {result!r}",
                    self.places.keys[(*where, "results", result)],
                    near(result, sorted(possible)) if possible else "remove it",
                )
        for result in sorted(possible - set(node.results)):
            self.note(
                f"{name}: the task {node.run!r} may end with {result!r}, which leads nowhere",
                self.places.keys[where],
                f"add `{result}:` with a node to `results`",
            )

    def check_ends(self, scope: str, task: Task, where: Path) -> None:
        sources: dict[str, set[str]] = {name: set() for name in task.nodes}
        for name, ways in self.graph(task).items():
            for to in ways:
                sources[to].add(name)
        ends = {name for name, node in task.nodes.items() if isinstance(node, Result) or self.hangs_up(node)}
        ending = _closure(ends, sources)
        for name in task.nodes:
            if name not in ending:
                self.note(
                    f"from node {full_name(scope, name)!r} the call goes round for ever: no key leaves the loop",
                    self.places.keys[(*where, name)],
                    f"lead a key, a time-out or `next` to a node with {'result' if scope else 'hang_up'}",
                )
                return
        if circle := _circle(self.restless(task)):
            names = [full_name(scope, name) for name in circle]
            self.note(
                f"the call goes round for ever without waiting for a key ({' -> '.join((*names, names[0]))})",
                self.places.keys[(*where, circle[0])],
                "put a menu or a collection into the loop, or a repeat, which has a limit",
            )

    def known(self, task: Task, before: set[str]) -> dict[str, set[str]]:
        """Return for each node the variables that are set there whatever way the call took."""
        everything = self.everything() | before
        known = {name: set(everything) for name in task.nodes}
        known[task.start] = set(before)
        changed = True
        while changed:
            changed = False
            for name, node in task.nodes.items():
                for path, to in self.ways(node):
                    after = known[to] & (known[name] | self.sets(node, path))
                    changed |= after != known[to]
                    known[to] = after
        return known

    def sets(self, node: Node, path: Path) -> set[str]:
        return self.summaries[node.run].sets[path[1]] if isinstance(node, Run) else set(node.sets(path))

    def everything(self) -> set[str]:
        return {
            variable
            for _, node in self.document.all_nodes()
            for path, _ in node.targets()
            for variable in node.sets(path)
        }

    def check_variables(self, order: list[str]) -> None:
        """Refuse what looks at a variable that some way to it does not set; callers come before what they run."""
        everything = self.everything()
        texts = _texts(self.document)
        before: dict[str, set[str]] = {"": set()}
        for scope in order:
            task = self.scopes[scope]
            known = self.known(task, before.get(scope, set()))
            for name in self.reached(task):
                node = task.nodes[name]
                if isinstance(node, Run):
                    before[node.run] = before.get(node.run, known[name]) & known[name]
            for name, node in task.nodes.items():
                where: Path = ("tasks", scope, "nodes", name) if scope else ("nodes", name)
                for path, variable, how in _uses(node):
                    place = self.places.values[(*where, *path)]
                    if variable not in known[name]:
                        problem = "nothing sets it" if variable not in everything else "not every way here sets it"
                        remedy = f"collect `variable: {variable}` before"
                        self.note(f"{full_name(scope, name)} {how.format(variable)}, but {problem}", place, remedy)
                    elif variable in texts and path[0] in ("set", "send"):
                        self.note(
                            f"{full_name(scope, name)} takes {variable} for keys, but it may hold text",
                            place,
                            "use a variable that was collected",
                        )


def _uses(node: Node) -> Iterator[tuple[Path, str, str]]:
    """Yield the variables that a node looks at: the path of the field, the name, and how."""
    for path, text in node.prompts():
        for variable in _variables(text):
            yield path, variable, "reads {{{}}} back"
    for path, text in node.templates():
        for variable in _variables(text):
            yield path, variable, "uses {{{}}}"
    for path, variable in node.reads():
        yield path, variable, "looks at {}"


def _variables(text: str) -> tuple[str, ...]:
    try:
        return prompt.variables(text)
    except ValueError:
        return ()  # told of with the texts


def _texts(document: Document) -> set[str]:
    """Return the variables that may hold text."""
    names: set[str] = set()
    for _, node in document.all_nodes():
        if isinstance(node, Set):
            names |= {name for name, value in node.set.items() if "{" not in value and not prompt.is_keys(value)}
        elif isinstance(node, Confirm) and node.variable is not None:
            names.add(node.variable)
    return names


def _tasks_of(task: Task, among: set[str] | None = None) -> set[str]:
    return {node.run for name, node in task.nodes.items() if isinstance(node, Run) and (among is None or name in among)}


def _closure(begin: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    found, todo = set(begin), list(begin)
    while todo:
        new = ways[todo.pop()] - found
        found |= new
        todo += new
    return found


def _circle(ways: Mapping[str, set[str]]) -> list[str]:
    """Return a way that leads back to its beginning, or nothing; the first by the order of the names that has one."""
    for name in ways:
        came_from: dict[str, str] = {}
        todo = [name]
        while todo:
            here = todo.pop()
            for to in sorted(ways[here]):
                if to == name:
                    circle = [here]
                    while circle[-1] != name:
                        circle.append(came_from[circle[-1]])
                    return circle[::-1]
                if to not in came_from:
                    came_from[to] = here
                    todo.append(to)
    return []
