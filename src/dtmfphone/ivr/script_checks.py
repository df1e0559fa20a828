"""What must be right in a script before a call may run it, besides its form; see also `script_flow`."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Final

from dtmfphone.dtmf import dial_string
from dtmfphone.dtmf.keys import KEYS
from dtmfphone.ivr import espeak, prompt
from dtmfphone.ivr.document import Document, full_name
from dtmfphone.ivr.language import Language
from dtmfphone.ivr.marked_yaml import MarkedError, Path, Place, Places, near
from dtmfphone.ivr.nodes import Collect, Confirm, HangUp, Menu, Node, Play, Record, Result, Run, Send, Set
from dtmfphone.ivr.script_flow import check_flow
from dtmfphone.ivr.script_pace import check_pace
from dtmfphone.ivr.spoken_digits import plain_words, spoken_keys

LARGEST_RECORDING: Final = 20_000_000
"""Bytes of a sound file that is played."""

MOST_NODES: Final = 1000


def check(document: Document, places: Places, folder: str) -> list[MarkedError]:
    """Return all that is wrong; what depends on something wrong is looked at when that is right."""
    count = sum(len(task.nodes) for task in document.scopes().values())
    if count > MOST_NODES:
        return [MarkedError(f"there are {count} nodes", places.keys["nodes",], f"keep it under {MOST_NODES}")]
    errors = [
        error
        for where, scope, name, node in _nodes(document)
        for examine in (_prompts, _templates, _keys, _consents, _results)
        for error in examine(_Place(where, full_name(scope, name), scope, places), node)
    ]
    errors += [
        error
        for where, scope, name, node in _nodes(document)
        for at in (_Place(where, full_name(scope, name), scope, places),)
        for error in (*_words(at, node, document.language), *_recordings(at, node, folder))
    ]
    errors += _voice(document, places)
    missing = list(_targets(document, places))
    if missing:
        return errors + missing
    flow = check_flow(document, places)
    return errors + (flow or list(check_pace(document, places)))


def _voice(document: Document, places: Places) -> Iterator[MarkedError]:
    if not document.voice:
        return
    try:
        espeak.check_voice(document.voice)
    except espeak.UnknownVoiceError as error:
        yield MarkedError(str(error), places.values["voice",], "see dtmfphone ivr voices")
    except espeak.EspeakError:
        """Without espeak-ng nobody knows; then calls get beeps and say so."""


class _Place:
    """Where a node stands, and what it is called."""

    def __init__(self, where: Path, name: str, scope: str, places: Places) -> None:
        self.name = name
        self.scope = scope
        self._where = where
        self._places = places

    def of(self, path: Path) -> Place:
        """Return where the value of a field stands; the node, where the field is not written."""
        return self._places.values.get((*self._where, *path), self._places.keys[self._where])

    def of_key(self, path: Path) -> Place:
        """Return where the name of a field stands."""
        return self._places.keys[(*self._where, *path)]


def _nodes(document: Document) -> Iterator[tuple[Path, str, str, Node]]:
    for scope, task in document.scopes().items():
        for name, node in task.nodes.items():
            yield (("tasks", scope, "nodes", name) if scope else ("nodes", name)), scope, name, node


def _prompts(at: _Place, node: Node) -> Iterator[MarkedError]:
    for path, text in node.prompts():
        try:
            parts = prompt.parse(text)
        except ValueError as error:
            problem, _, remedy = str(error).partition(": ")
            yield MarkedError(f"{problem} in the prompt of {at.name}", at.of(path), remedy)
        else:
            if not parts and not isinstance(node, HangUp):
                yield MarkedError(f"the prompt of {at.name} is empty", at.of(path), "write what the caller should hear")


def _templates(at: _Place, node: Node) -> Iterator[MarkedError]:
    for path, text in node.templates():
        try:
            names = prompt.variables(text)
        except ValueError as error:
            problem, _, remedy = str(error).partition(": ")
            yield MarkedError(f"{problem} in {at.name}", at.of(path), remedy)
            continue
        keys = prompt.filled(text, dict.fromkeys(names, "0"))
        if isinstance(node, Set) and names and not prompt.is_keys(keys):
            yield MarkedError(f"{at.name} joins a variable to text", at.of(path), "join variables only to keys")
        if isinstance(node, Send):
            try:
                dial_string.parse(keys)
            except dial_string.DialStringError as error:
                problem, _, remedy = str(error).partition(": ")
                yield MarkedError(f"{at.name}: {problem}", at.of(path), remedy.rstrip("."))


def _keys(at: _Place, node: Node) -> Iterator[MarkedError]:
    if isinstance(node, Menu):
        for field, keys in (("keys", tuple(node.keys)), ("words", tuple(node.words))):
            for key in keys:
                if key not in KEYS:
                    yield MarkedError(f"{key!r} is not a DTMF key", at.of_key((field, key)), "use 0-9, *, # or A-D")
    if isinstance(node, Confirm):
        for field in ("yes_key", "no_key"):
            key = getattr(node, field)
            if key not in KEYS:
                yield MarkedError(f"{key!r} is not a DTMF key", at.of((field,)), "use 0-9, *, # or A-D")
        if node.yes_key == node.no_key:
            field = "no_key" if node.no_key != "2" else "yes_key"
            yield MarkedError(
                f"{at.name} has the key {node.no_key!r} twice", at.of((field,)), "give yes and no keys of their own"
            )
    if isinstance(node, Menu | Confirm | Collect):
        try:
            node.settings()
        except ValueError as error:
            problem, _, remedy = str(error).partition(": ")
            yield MarkedError(problem, at.of((str(error).partition(" ")[0],)), remedy or "change it")


def _words(at: _Place, node: Node, language: Language) -> Iterator[MarkedError]:
    if not isinstance(node, Menu):
        return
    seen: dict[tuple[str, ...], str] = {}
    for key, words in node.words.items():
        if key in KEYS and key not in node.keys:
            yield MarkedError(
                f"{at.name} has words for {key!r}, which is no choice", at.of_key(("words", key)), near(key, node.keys)
            )
        for number, word in enumerate(words):
            place = at.of(("words", key, str(number)))
            named = spoken_keys(word, language.code)
            plain = plain_words(word)
            if plain in seen:
                problem = f"the word {word!r} is there twice in {at.name}"
                yield MarkedError(problem, place, f"the first is for {seen[plain]!r}")
            elif named != key and named in node.keys:
                yield MarkedError(f"{word!r} is the name of the key {named!r} in {at.name}", place, "use another word")
            seen.setdefault(plain, key)


def _consents(at: _Place, node: Node) -> Iterator[MarkedError]:
    if isinstance(node, Record) and node.record == "start" and node.consent is None:
        yield MarkedError(
            f"{at.name} records without consent",
            at.of(("record",)),
            "ask with `confirm`, keep the answer in a `variable`, and name it as `consent`",
        )


def _results(at: _Place, node: Node) -> Iterator[MarkedError]:
    if isinstance(node, Result) and not at.scope:
        yield MarkedError(f"{at.name} ends a task, but is in none", at.of(("result",)), "use hang_up, or move it")


def _recordings(at: _Place, node: Node, folder: str) -> Iterator[MarkedError]:
    if not isinstance(node, Play):
        return
    file = FilePath(folder, node.play)
    try:
        size = file.stat().st_size if file.is_file() else None
    except (OSError, ValueError):
        size = None
    if size is None:
        yield MarkedError(
            f"{at.name}: there is no file {node.play!r:.80}", at.of(("play",)), "put it beside the script"
        )
    elif size > LARGEST_RECORDING:
        yield MarkedError(
            f"{at.name}: {node.play!r:.80} has {size} bytes",
            at.of(("play",)),
            f"keep it under {LARGEST_RECORDING} bytes",
        )


def _targets(document: Document, places: Places) -> Iterator[MarkedError]:
    for scope, task in document.scopes().items():
        if task.start not in task.nodes:
            path: Path = ("tasks", scope, "start") if scope else ("start",)
            yield MarkedError(
                f"{full_name(scope, 'start')}: there is no node {task.start!r}",
                places.values[path],
                near(task.start, task.nodes),
            )
    for where, scope, name, node in _nodes(document):
        at = _Place(where, full_name(scope, name), scope, places)
        nodes = document.scopes()[scope].nodes
        for path, to in node.targets():
            if to not in nodes:
                yield MarkedError(f"{at.name}: there is no node {to!r}", at.of(path), near(to, nodes))
        if isinstance(node, Run) and node.run not in document.tasks:
            remedy = near(node.run, document.tasks) if document.tasks else "write it under `tasks:`"
            yield MarkedError(f"{at.name}: there is no task {node.run!r}", at.of(("run",)), remedy)
