"""YAML into msgspec structs, with the place of each value and one exact place in each error."""

import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import yaml

Path = tuple[str, ...]
MOST_CHARACTERS: Final = 4_000_000

_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")}
_NULL = "tag:yaml.org,2002:null"


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
    """Return the tree as a value of type `kind`, and the places; raise MarkedError.

    Strings, numbers, `X | None`, `dict[str, X]` and structs are known. `unions` gives for a union of structs the field
    that tells each of them.
    """
    converter = _Converter(unions or {})
    return converter.convert(root, kind, ()), converter.places


def near(word: str, words: Iterable[str]) -> str:
    """Return a remedy that offers the nearest word, or all of them."""
    words = list(words)
    close = difflib.get_close_matches(word, words, 1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(words[:20])}"


class _Converter:
    def __init__(self, unions: Mapping[Any, Mapping[str, type[msgspec.Struct]]]) -> None:
        self.unions = unions
        self.places = Places({}, {})

    def convert(self, node: yaml.Node, kind: Any, path: Path) -> Any:
        self.places.values[path] = _place(node.start_mark)
        if node.tag not in _TAGS:
            raise MarkedError(f"the tag {node.tag} is unknown", _place(node.start_mark), "write the value without !")
        bare = typing.get_args(kind)[0] if typing.get_origin(kind) is Annotated else kind
        if kind in self.unions:
            return self.struct(node, self.member(node, self.unions[kind], path), path)
        if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
            return self.struct(node, bare, path)
        if typing.get_origin(bare) is dict:
            key_kind, value_kind = typing.get_args(bare)
            items = self.items(node, path)
            if not items:
                raise MarkedError(f"{_name(path)} is empty", _place(node.start_mark), _description(kind) or "fill it")
            for key in items:
                self.checked(key, key_kind, self.places.keys[(*path, key)], f"{key!r:.60} is not a name")
            return {key: self.convert(item, value_kind, (*path, key)) for key, item in items.items()}
        return self.scalar(node, kind, path)

    def items(self, node: yaml.Node, path: Path) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise MarkedError(f"{_name(path)} is not a mapping", _place(node.start_mark), "write `name: value` lines")
        items: dict[str, yaml.Node] = {}
        for key, value in node.value:
            place = _place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                raise MarkedError("this key is not plain text", place, "write `name: value`")
            if key.value in items:
                first = self.places.keys[(*path, key.value)]
                raise MarkedError(
                    f"the key {key.value!r} is there twice in {_name(path)}",
                    place,
                    f"the first is on line {first.line}",
                )
            items[key.value] = value
            self.places.keys[(*path, key.value)] = place
        return items

    def member(self, node: yaml.Node, members: Mapping[str, type[msgspec.Struct]], path: Path) -> type[msgspec.Struct]:
        found = [field for field in self.items(node, path) if field in members]
        if not found:
            raise MarkedError(f"{_name(path)} does nothing", _place(node.start_mark), f"give it {_any_of(members)}")
        if len(found) > 1:
            place = self.places.keys[(*path, found[1])]
            raise MarkedError(
                f"{_name(path)} has both {found[0]} and {found[1]}", place, f"give it only one of {', '.join(members)}"
            )
        return members[found[0]]

    def struct(self, node: yaml.Node, kind: type[msgspec.Struct], path: Path) -> msgspec.Struct:
        items = self.items(node, path)
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        for name in items:
            if name not in fields:
                raise MarkedError(
                    f"{_name(path)} has an unknown field {name!r}",
                    self.places.keys[(*path, name)],
                    near(name, fields),
                )
        for name, field in fields.items():
            if field.required and name not in items:
                raise MarkedError(f"{_name(path)} has no {name}", _place(node.start_mark), f"add `{name}:`")
        return kind(**{name: self.convert(item, fields[name].type, (*path, name)) for name, item in items.items()})

    def scalar(self, node: yaml.Node, kind: Any, path: Path) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise MarkedError(f"{_name(path)} is not a single value", _place(node.start_mark), "write one value")
        value = None if node.tag == _NULL else node.value
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
            raise MarkedError(shown, place, _description(kind) or wanted[:1].lower() + wanted[1:]) from None


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
