"""Addresses with a name and parameters, as in From, To, Contact and Route (RFC 3261 section 20.10)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from dtmfphone.sip.grammar import closing_end, quote, split, unquote
from dtmfphone.sip.parameters import NO_PARAMETERS, Parameters


@dataclass(frozen=True)
class NameAddress:
    """A URI with a display name and header parameters."""

    uri: str
    """As it stands there; `*` in a Contact that means all."""
    display: str = ""
    """Without quotes."""
    parameters: Parameters = NO_PARAMETERS

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one address; raise ValueError with a sentence when there is none.

        Without angle brackets all parameters belong to the address, none to the URI.
        """
        text = text.strip()
        bracket = _bracket(text)
        if bracket is not None:
            end = closing_end(text, bracket)
            if end is None:
                raise ValueError(f"The address {text[:80]!r} has no closing bracket.")
            uri, parameters = text[bracket + 1 : end - 1].strip(), text[end:]
            if parameters.strip() and not parameters.lstrip().startswith(";"):
                raise ValueError(f"Something follows the address {text[:80]!r}.")
            display = unquote(text[:bracket].strip())
        else:
            uri, _, parameters = text.partition(";")
            uri, display = uri.strip(), ""
        if not uri or any(char.isspace() or char in "<>" for char in uri):
            raise ValueError(f"{text[:80]!r} is no address.")
        return cls(uri, display, Parameters.parse(parameters))

    @staticmethod
    def split_list(values: Iterable[str]) -> list[str]:
        """Take the values of a header apart into single addresses, at commas outside quotes and brackets."""
        return [part for value in values for part in split(value, ",") if part]

    @classmethod
    def parse_list(cls, values: Iterable[str]) -> list[Self]:
        """Read all addresses of a header's values; raise ValueError when one cannot be read."""
        return [cls.parse(part) for part in cls.split_list(values)]

    @property
    def tag(self) -> str:
        """The tag of From and To; empty: none."""
        return self.parameters.get("tag")

    def with_tag(self, tag: str) -> Self:
        """Return the address with that tag."""
        return replace(self, parameters=self.parameters.replaced("tag", tag))

    def __str__(self) -> str:
        if self.uri == "*" and not self.display:
            return f"*{self.parameters}"
        return f"{quote(self.display) + ' ' if self.display else ''}<{self.uri}>{self.parameters}"


def _bracket(text: str) -> int | None:
    """Return the place of the bracket that opens the URI, behind the display name."""
    start = 0
    if text.startswith('"'):
        start = closing_end(text, 0) or 0
    place = text.find("<", start)
    return place if place >= 0 else None
