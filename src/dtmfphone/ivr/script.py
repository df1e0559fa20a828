"""IVR scripts: YAML text into a checked graph of nodes."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from dtmfphone.assets import assets
from dtmfphone.ivr.document import Document, Script
from dtmfphone.ivr.marked_yaml import MarkedError, MarkedErrors, Place, compose, convert, near
from dtmfphone.ivr.nodes import KINDS, Node
from dtmfphone.ivr.script_checks import check

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
        self.all: tuple[ScriptError, ...] = (self,)
        """Everything that is wrong in the script, by place; this is the first that was found."""


def names() -> tuple[str, ...]:
    """Return the names of the built-in scripts."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in _folder().iterdir() if file.name.endswith(".yaml")))


def file_of(name_or_path: str | Path) -> Path | None:
    """Return the file that is meant, or None for the name of a built-in script."""
    text = str(name_or_path)
    is_file = isinstance(name_or_path, Path) or "/" in text or "\\" in text or text.endswith(SUFFIXES)
    return Path(name_or_path) if is_file else None


def load(name_or_path: str | Path) -> Script:
    """Return a built-in script by name, or the script in a file (`.yaml` or `.yml`); raise ScriptError."""
    text = str(name_or_path)
    path = file_of(name_or_path)
    if path is not None:
        source, name = path.name, path.stem
        file: Path | Traversable = path
        folder = str(path.parent)
    else:
        if text not in names():
            raise ScriptError(text, "there is no built-in script of this name", near(text, names()))
        source, name = f"{text}.yaml", text
        file = _folder() / source
        folder = str(_folder())
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
    return parse(content, name=name, source=source, folder=folder)


def parse(text: str, *, name: str = "script", source: str = "script", folder: str = "") -> Script:
    """Return the script that a YAML text describes; raise ScriptError. `folder` holds the recordings it plays."""
    try:
        document, places = convert(compose(text), Document, {Node: KINDS})
        if errors := check(document, places, folder):
            raise MarkedErrors(errors)
    except MarkedError as error:
        raise _error(source, error) from None
    except MarkedErrors as errors:
        found = tuple(_error(source, error) for error in errors.errors)
        first = found[0]
        first.all = tuple(sorted(found, key=lambda error: (error.line or 0, error.column or 0)))
        raise first from None
    return Script(
        name=name,
        title=document.title,
        start=document.start,
        nodes=document.nodes,
        tasks=document.tasks,
        voice=document.voice,
        words_per_minute=document.words_per_minute,
        folder=folder,
    )


def _error(source: str, error: MarkedError) -> ScriptError:
    return ScriptError(source, error.problem, error.remedy, error.place)


def _folder() -> Traversable:
    return assets() / "ivr"
