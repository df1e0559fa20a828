"""YAML into msgspec structs, with the place of each value, and all errors with their exact places."""

import contextlib
import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple, NoReturn

import msgspec
import yaml

Path = tuple[str, ...]
MOST_CHARACTERS: Final = 4_000_000

_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")}
_NULL = "tag:yaml.org,2002:null"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What would reach terminals and voices; YAML itself refuses these only where no escape spells them."""


class Place(NamedTuple):
    """A place in a text, counted from 1."""

    line: int
    column: int


class MarkedError(ValueError):
    """What is wrong in a text, where, and what to do about it."""

    def __init__(self, problem: str, place: Place, remedy: str) -> None:
        super().__init__(f"{place.line}:{place.column}: {problem}: {remedy}")
        self.problem = problem
        self.place = place
        self.remedy = remedy


class MarkedErrors(ValueError):
    """All that is wrong in a text, at least one thing, in the order in which it was found."""

    def __init__(self, errors: Sequence[MarkedError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)


class Places(NamedTuple):
    """Where each key and each value of a document stands."""

    keys: dict[Path, Place]
    values: dict[Path, Place]


class _Loader(yaml.SafeLoader):
    """Refuses aliases, which can make a small text huge."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: yaml.AliasEvent = self.peek_event()  # type: ignore[no-untyped-call] # the stubs lack it
            raise MarkedError(
                f"*{event.anchor} is a YAML alias, which scripts do not use",
                _place(event.start_mark),
                'write the value out, or put a key in quotes: "*"',
            )
        return super().compose_node(parent, index)


def compose(text: str) -> yaml.Node:
    """Return the YAML tree of a text; raise MarkedError."""
    if len(text) > MOST_CHARACTERS:
        raise MarkedError(
            f"the text has {len(text)} characters", Place(1, 1), f"keep it under {MOST_CHARACTERS} characters"
        )
    try:
        root = yaml.compose(text, _Loader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        raise MarkedError(f"the character {text[error.position]!r} is not allowed", place, "remove it") from None
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark)
        problem = f"this is not YAML ({error.problem or error.context})"
        raise MarkedError(
            problem, place, 'check quotes, indentation and colons; put # and * in quotes, as in "#"'
        ) from None
    except RecursionError:
        raise MarkedError("the text is nested too deeply", Place(1, 1), "a script has four levels") from None
    if root is None:
        raise MarkedError("there is nothing in it", Place(1, 1), "write title, start and nodes")
    return root


def convert(
    root: yaml.Node, kind: Any, unions: Mapping[Any, Mapping[str, type[msgspec.Struct]]] | None = None
) -> tuple[Any, Places]:
    """Return the tree as a value of type `kind`, and the places; raise MarkedErrors.

    Strings, numbers, `X | None`, `tuple[X, ...]`, `dict[str, X]` and structs are known. `unions` gives for a union of
    structs the field that tells each of them.
    """
    converter = _Converter(unions or {})
    try:
        value = converter.convert(root, kind, ())
    except _BadValueError:
        value = None
    if converter.errors:
        raise MarkedErrors(converter.errors)
    return value, converter.places


def near(word: str, words: Iterable[str]) -> str:
    """Return a remedy that offers the nearest word, or all of them."""
    words = list(words)
    close = difflib.get_close_matches(word, words, 1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(words[:20])}"


class _BadValueError(Exception):
    """A value could not be made; why is among the errors already."""


class _Converter:
    """Goes on after an error, so that all are found; a mapping with a bad value is a bad value."""

    def __init__(self, unions: Mapping[Any, Mapping[str, type[msgspec.Struct]]]) -> None:
        self.unions = unions
        self.places = Places({}, {})
        self.errors: list[MarkedError] = []

    def note(self, problem: str, place: Place, remedy: str) -> None:
        self.errors.append(MarkedError(problem, place, remedy))

    def refuse(self, problem: str, place: Place, remedy: str) -> NoReturn:
        self.note(problem, place, remedy)
        raise _BadValueError

    def convert(self, node: yaml.Node, kind: Any, path: Path) -> Any:
        self.places.values[path] = _place(node.start_mark)
        if node.tag not in _TAGS:
            self.refuse(f"the tag {node.tag} is unknown", _place(node.start_mark), "write the value without !")
        bare = typing.get_args(kind)[0] if typing.get_origin(kind) is Annotated else kind
        if kind in self.unions:
            return self.struct(node, self.member(node, self.unions[kind], path), path)
        if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
            return self.struct(node, bare, path)
        if typing.get_origin(bare) is dict:
            return self.mapping(node, kind, typing.get_args(bare), path)
        if typing.get_origin(bare) is tuple:
            return self.sequence(node, typing.get_args(bare)[0], path)
        return self.scalar(node, kind, path)

    def mapping(self, node: yaml.Node, kind: Any, kinds: tuple[Any, ...], path: Path) -> dict[str, Any]:
        items = self.items(node, path)
        if not items:
            self.refuse(f"{_name(path)} is empty", _place(node.start_mark), _description(kind) or "fill it")
        key_kind, value_kind = kinds
        made: dict[str, Any] = {}
        for key, item in items.items():
            with contextlib.suppress(_BadValueError):
                self.checked(key, key_kind, self.places.keys[(*path, key)], f"{key!r:.60} is not a name")
                made[key] = self.convert(item, value_kind, (*path, key))
        return self.whole(made, items)

    def sequence(self, node: yaml.Node, kind: Any, path: Path) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(f"{_name(path)} is not a list", _place(node.start_mark), "write [one, another]")
        return tuple(self.convert(item, kind, (*path, str(place))) for place, item in enumerate(node.value))

    def items(self, node: yaml.Node, path: Path) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self.refuse(f"{_name(path)} is not a mapping", _place(node.start_mark), "write `name: value` lines")
        items: dict[str, yaml.Node] = {}
        for key, value in node.value:
            place = _place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self.note("this key is not plain text", place, "write `name: value`")
            elif key.value in items:
                first = self.places.keys[(*path, key.value)]
                self.note(
                    f"the key {key.value!r:.60} is there twice in {_name(path)}",
                    place,
                    f"the first is on line {first.line}",
                )
            else:
                items[key.value] = value
                self.places.keys[(*path, key.value)] = place
        return items

    def member(self, node: yaml.Node, members: Mapping[str, type[msgspec.Struct]], path: Path) -> type[msgspec.Struct]:
        if not isinstance(node, yaml.MappingNode):
            self.refuse(f"{_name(path)} is not a mapping", _place(node.start_mark), "write `name: value` lines")
        found = {key.value: key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value in members}
        if not found:
            self.refuse(f"{_name(path)} does nothing", _place(node.start_mark), f"give it {_any_of(members)}")
        first, *others = (
            name
            for name in found
            if not any(name in members[other].__struct_fields__ for other in found if other != name)
        )
        if others:
            place = _place(found[others[0]].start_mark)
            self.refuse(
                f"{_name(path)} has both {first} and {others[0]}", place, f"give it only one of {', '.join(members)}"
            )
        return members[first]

    def struct(self, node: yaml.Node, kind: type[msgspec.Struct], path: Path) -> msgspec.Struct:
        items = self.items(node, path)
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        made: dict[str, Any] = {}
        for name, item in items.items():
            if name in fields:
                with contextlib.suppress(_BadValueError):
                    made[name] = self.convert(item, fields[name].type, (*path, name))
            else:
                place = self.places.keys[(*path, name)]
                self.note(f"{_name(path)} has an unknown field {name!r:.60}", place, near(name, fields))
        for name, field in fields.items():
            if field.required and name not in items:
                self.note(f"{_name(path)} has no {name}", _place(node.start_mark), f"add `{name}:`")
                raise _BadValueError
        return kind(**self.whole(made, items))

    def whole(self, made: dict[str, Any], items: Mapping[str, yaml.Node]) -> dict[str, Any]:
        """Return what was made of a mapping, if it is all of it."""
        if len(made) < len(items):
            raise _BadValueError
        return made

    def scalar(self, node: yaml.Node, kind: Any, path: Path) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            self.refuse(f"{_name(path)} is not a single value", _place(node.start_mark), "write one value")
        value = None if node.tag == _NULL else node.value
        if value is not None and (found := _CONTROL.search(value)):
            place = _place(node.start_mark)
            self.refuse(f"{_name(path)} holds the character {found[0]!r}, which is not allowed", place, "remove it")
        if value is None:
            shown = "empty"
        else:
            shown = repr(value) if len(value) < 60 else f"{value[:40]!r}... of {len(value)} characters"
        return self.checked(value, kind, _place(node.start_mark), f"{_name(path)} is {shown}")

    def checked(self, value: Any, kind: Any, place: Place, shown: str) -> Any:
        try:
            # Not strict: every scalar comes as its text, so that `next: 1` and `stop_keys: 05` mean what they say.
            return msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError as error:
            wanted = str(error).replace("`", "")
            self.refuse(shown, place, _description(kind) or wanted[:1].lower() + wanted[1:])


def _description(kind: Any) -> str:
    metas = [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return next(filter(None, map(_description, typing.get_args(kind))), "")
    return next((meta.description for meta in metas if meta.description), "")


def _any_of(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"


def _name(path: Path) -> str:
    return ".".join(path) or "the script"


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)
