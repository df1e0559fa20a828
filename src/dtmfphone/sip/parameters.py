"""Parameters behind semicolons: of URIs, of addresses, of Via (RFC 3261 section 7.3.1)."""

from dataclasses import dataclass
from typing import Final, Self

from dtmfphone.sip.grammar import split, unquote


@dataclass(frozen=True)
class Parameters:
    """Parameters in their order; names are compared without case."""

    items: tuple[tuple[str, str | None], ...] = ()
    """Name and value as they stand there, with quotes and escapes; None: the name stands alone."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `;a=b;c`, with or without the first semicolon; empty ones are left out."""
        items = []
        for part in split(text, ";"):
            name, equals, value = part.partition("=")
            if name.strip():
                items.append((name.strip(), value.strip() if equals else None))
        return cls(tuple(items))

    def get(self, name: str, default: str = "") -> str:
        """Return a value without its quotes; "" where the name stands alone."""
        wanted = name.lower()
        for each, value in self.items:
            if each.lower() == wanted:
                return unquote(value or "")
        return default

    def __contains__(self, name: str) -> bool:
        wanted = name.lower()
        return any(each.lower() == wanted for each, _ in self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def replaced(self, name: str, value: str | None) -> Self:
        """Return the parameters with that value, in the place of the old one or at the end."""
        wanted = name.lower()
        place = next((i for i, (each, _) in enumerate(self.items) if each.lower() == wanted), len(self.items))
        kept = tuple(item for item in self.items[place:] if item[0].lower() != wanted)
        return type(self)((*self.items[:place], (name, value), *kept))

    def without(self, name: str) -> Self:
        """Return the parameters without that one."""
        wanted = name.lower()
        return type(self)(tuple(item for item in self.items if item[0].lower() != wanted))

    def __str__(self) -> str:
        return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in self.items)


NO_PARAMETERS: Final = Parameters()
