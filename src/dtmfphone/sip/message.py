"""SIP requests and responses as values (RFC 3261 section 7)."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

from dtmfphone.sip.grammar import TOKEN

COMPACT: Final = {
    "a": "Accept-Contact",
    "d": "Request-Disposition",
    "j": "Reject-Contact",
    "y": "Identity",
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
"""Compact header names (RFC 3261 section 7.3.3, RFC 4028, RFC 3515, RFC 3892, RFC 6665,
RFC 3841, RFC 8224)."""


_LINE_END: Final = re.compile(r"[\r\n\0]")
_BLANK: Final = re.compile(r"[\s\0]")


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
class Message(ABC):
    """What requests and responses have in common."""

    headers: Headers
    body: bytes = b""

    def with_headers(self, headers: Headers) -> Self:
        """Return the message with other headers."""
        return replace(self, headers=headers)

    @property
    @abstractmethod
    def start_line(self) -> str:
        """The first line, without its end; ValueError where it cannot be written."""

    def __bytes__(self) -> bytes:
        """Return the message as it goes on the wire, with its true Content-Length.

        Raise ValueError where a part would break out of its line: nothing can smuggle in a header field.
        """
        lines = [self.start_line]
        for name, value in self.headers.replaced("Content-Length", str(len(self.body))):
            if not TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} cannot name a header field.")
            lines.append(f"{name}: {value}")
        if any(_LINE_END.search(line) for line in lines):
            raise ValueError("A line of a SIP message must not contain line ends.")
        return "\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape") + self.body


@dataclass(frozen=True)
class Request(Message):
    """A request."""

    method: str = ""
    uri: str = ""
    """The Request-URI, as it stands there."""

    @property
    def start_line(self) -> str:
        if not TOKEN.fullmatch(self.method) or not self.uri or _BLANK.search(self.uri):
            raise ValueError("A request needs a method and a URI without blanks.")
        return f"{self.method} {self.uri} SIP/2.0"


@dataclass(frozen=True)
class Response(Message):
    """A response."""

    status: int = 0
    reason: str = ""

    @property
    def start_line(self) -> str:
        if not 100 <= self.status <= 699:
            raise ValueError(f"{self.status} is no status of SIP.")
        return f"SIP/2.0 {self.status} {self.reason}"
