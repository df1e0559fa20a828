"""SIP requests and responses as values (RFC 3261 section 7)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

COMPACT: Final = {
    "i": "Call-ID",
    "m": "Contact",
    "e": "Content-Encoding",
    "l": "Content-Length",
    "c": "Content-Type",
    "f": "From",
    "s": "Subject",
    "k": "Supported",
    "t": "To",
    "v": "Via",
    "x": "Session-Expires",
    "r": "Refer-To",
    "b": "Referred-By",
    "o": "Event",
    "u": "Allow-Events",
}
"""Compact header names (RFC 3261 section 7.3.3, RFC 4028, RFC 3515, RFC 3892, RFC 6665)."""


class Headers:
    """Header fields in their order; names are compared without case, compact names are written out. Immutable."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple((COMPACT.get(name.lower(), name), value) for name, value in fields)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a header field, as it stands there."""
        return next((value for value in self.get_all(name)), default)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return the values of all fields of that name; comma-separated lists are not taken apart."""
        wanted = name.lower()
        return tuple(value for each, value in self._fields if each.lower() == wanted)

    def __contains__(self, name: str) -> bool:
        return bool(self.get_all(name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and other._fields == self._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"

    def without(self, *names: str) -> Self:
        """Return the headers without those fields."""
        unwanted = {name.lower() for name in names}
        return type(self)(field for field in self._fields if field[0].lower() not in unwanted)

    def replaced(self, name: str, *values: str) -> Self:
        """Return the headers with these values of a field alone, in the place of its first one or at the end."""
        wanted = name.lower()
        place = next((i for i, (each, _) in enumerate(self._fields) if each.lower() == wanted), len(self._fields))
        kept = [(each, value) for each, value in self._fields[place:] if each.lower() != wanted]
        return type(self)([*self._fields[:place], *((name, value) for value in values), *kept])

    def appended(self, name: str, value: str) -> Self:
        """Return the headers with one more field at the end."""
        return type(self)([*self._fields, (name, value)])

    def prepended(self, name: str, value: str) -> Self:
        """Return the headers with one more field at the beginning."""
        return type(self)([(name, value), *self._fields])


@dataclass(frozen=True)
class Message:
    """What requests and responses have in common."""

    headers: Headers
    body: bytes = b""

    def with_headers(self, headers: Headers) -> Self:
        """Return the message with other headers."""
        return replace(self, headers=headers)


@dataclass(frozen=True)
class Request(Message):
    """A request."""

    method: str = ""
    uri: str = ""
    """The Request-URI, as it stands there."""


@dataclass(frozen=True)
class Response(Message):
    """A response."""

    status: int = 0
    reason: str = ""
