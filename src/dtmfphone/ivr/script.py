"""IVR scripts: YAML text into a checked graph of nodes."""

from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from dtmfphone.assets import assets
from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr import prompt
from dtmfphone.ivr.marked_yaml import MarkedError, Place, Places, compose, convert, near
from dtmfphone.ivr.nodes import KINDS, Collect, Document, HangUp, Menu, Node, Script

SUFFIXES: Final = (".yaml", ".yml")


class ScriptError(Exception):
    """A script that cannot run: what, where (line and column from 1, or None), and the remedy."""

    def __init__(self, source: str, problem: str, remedy: str, place: Place | None = None) -> None:
        where = f"{source}:{place.line}:{place.column}" if place else source
        super().__init__(f"{where}: {problem}: {remedy}")
        self.source = source
        self.problem = problem
        self.remedy = remedy
        self.line = place.line if place else None
        self.column = place.column if place else None


def names() -> tuple[str, ...]:
    """Return the names of the built-in scripts."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in _folder().iterdir() if file.name.endswith(".yaml")))


def load(name_or_path: str | Path) -> Script:
    """Return a built-in script by name, or the script in a file (`.yaml` or `.yml`); raise ScriptError."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith(SUFFIXES):
        path = Path(name_or_path)
        source, name = path.name, path.stem
        file: Path | Traversable = path
    else:
        if text not in names():
            raise ScriptError(text, "there is no built-in script of this name", near(text, names()))
        source, name = f"{text}.yaml", text
        file = _folder() / source
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ScriptError(
            text, f"the script cannot be read ({error.strerror or error})", "check the path and its permissions"
        ) from None
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        raise ScriptError(source, "this is not UTF-8 text", "save the file as UTF-8", place) from None
    return parse(content, name=name, source=source)


def parse(text: str, *, name: str = "script", source: str = "script") -> Script:
    """Return the script that a YAML text describes; raise ScriptError."""
    try:
        document, places = convert(compose(text), Document, {Node: KINDS})
        _check(document, places)
    except MarkedError as error:
        raise ScriptError(source, error.problem, error.remedy, error.place) from None
    return Script(name=name, title=document.title, start=document.start, nodes=document.nodes)


def _folder() -> Traversable:
    return assets() / "ivr"


def _check(document: Document, places: Places) -> None:
    nodes = document.nodes
    for name, node in nodes.items():
        _check_prompts(name, node, places)
        _check_keys(name, node, places)
    _check_targets(document, places)
    reached = _closure({document.start}, {name: {to for _, to in node.targets()} for name, node in nodes.items()})
    for name in nodes:
        if name not in reached:
            raise MarkedError(
                f"no way leads to node {name!r}", places.keys["nodes", name], "lead a key or `next` there, or remove it"
            )
    _check_ends(nodes, places)
    _check_variables(document, places)


def _check_prompts(name: str, node: Node, places: Places) -> None:
    for path, text in node.prompts():
        place = places.values["nodes", name, *path]
        try:
            parts = prompt.parse(text)
        except ValueError as error:
            problem, _, remedy = str(error).partition(": ")
            raise MarkedError(f"{problem} in the prompt of {name}", place, remedy) from None
        if not parts and not isinstance(node, HangUp):
            raise MarkedError(f"the prompt of {name} is empty", place, "write what the caller should hear")


def _check_keys(name: str, node: Node, places: Places) -> None:
    if isinstance(node, Menu):
        for key in node.keys:
            if key not in CODES or len(key) != 1:
                raise MarkedError(
                    f"{key!r} is not a DTMF key", places.keys["nodes", name, "keys", key], "use 0-9, *, # or A-D"
                )
    if isinstance(node, Menu | Collect):
        try:
            node.settings()
        except ValueError as error:
            field = str(error).partition(" ")[0]
            problem, _, remedy = str(error).partition(": ")
            place = places.values.get(("nodes", name, field), places.keys["nodes", name])
            raise MarkedError(problem, place, remedy or "change it") from None


def _check_targets(document: Document, places: Places) -> None:
    if document.start not in document.nodes:
        raise MarkedError(
            f"start: there is no node {document.start!r}", places.values["start",], near(document.start, document.nodes)
        )
    for name, node in document.nodes.items():
        for path, to in node.targets():
            if to not in document.nodes:
                raise MarkedError(
                    f"{name}: there is no node {to!r}", places.values["nodes", name, *path], near(to, document.nodes)
                )


def _check_ends(nodes: Mapping[str, Node], places: Places) -> None:
    sources: dict[str, set[str]] = {name: set() for name in nodes}
    for name, node in nodes.items():
        for _, to in node.targets():
            sources[to].add(name)
    ending = _closure({name for name, node in nodes.items() if isinstance(node, HangUp)}, sources)
    for name in nodes:
        if name not in ending:
            raise MarkedError(
                f"from node {name!r} the call goes round for ever: no key leaves the loop",
                places.keys["nodes", name],
                "lead a key, a time-out or `next` to a node with hang_up",
            )


def _check_variables(document: Document, places: Places) -> None:
    """Refuse a read-back of a variable that some way to it does not set."""
    everything = {node.variable for node in document.nodes.values() if isinstance(node, Collect)}
    known = {name: set(everything) for name in document.nodes}
    known[document.start] = set()
    changed = True
    while changed:
        changed = False
        for name, to, variable in _ways(document.nodes):
            after = known[to] & (known[name] | {variable})
            changed |= after != known[to]
            known[to] = after
    for name, node in document.nodes.items():
        for path, text in node.prompts():
            for variable in prompt.variables(text):
                if variable not in known[name]:
                    problem = "nothing sets it" if variable not in everything else "not every way here sets it"
                    raise MarkedError(
                        f"{name} reads {{{variable}}} back, but {problem}",
                        places.values["nodes", name, *path],
                        f"collect `variable: {variable}` before",
                    )


def _ways(nodes: Mapping[str, Node]) -> Iterator[tuple[str, str, str]]:
    """Yield each way from node to node with the variable that it sets, or an empty name."""
    for name, node in nodes.items():
        for path, to in node.targets():
            yield name, to, node.variable if isinstance(node, Collect) and path == ("next",) else ""


def _closure(begin: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    found, todo = set(begin), list(begin)
    while todo:
        new = ways[todo.pop()] - found
        found |= new
        todo += new
    return found
