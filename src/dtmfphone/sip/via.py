"""Via: the way back for responses (RFC 3261 section 20.42, RFC 3581)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from dtmfphone.sip.grammar import split
from dtmfphone.sip.parameters import Parameters

MAGIC: Final = "z9hG4bK"
"""How the branch of everyone begins who keeps to RFC 3261 (section 8.1.1.7)."""
_VIA: Final = re.compile(
    r"SIP\s*/\s*[0-9.]+\s*/\s*(?P<transport>[A-Za-z0-9\-]+)\s+"
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s;,:\[\]\"<>@?]+))\s*(?::\s*(?P<port>\d{1,5}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Via:
    """One step of the way."""

    transport: str
    """`UDP`, `TCP`, `TLS` or what the sender wrote."""
    host: str
    """IPv6 without brackets."""
    port: int | None
    parameters: Parameters

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one Via; raise ValueError with a sentence when it is none."""
        start, _, parameters = text.partition(";")
        found = _VIA.fullmatch(start.strip())
        if found is None or int(found["port"] or 0) > 65535:
            raise ValueError(f"The Via {text[:80]!r} cannot be read.")
        return cls(
            found["transport"].upper(),
            found["v6"] or found["host"],
            int(found["port"]) if found["port"] else None,
            Parameters.parse(parameters),
        )

    @staticmethod
    def split_list(values: Iterable[str]) -> list[str]:
        """Take the values of all Via fields apart into single steps, topmost first."""
        return [part for value in values for part in split(value, ",") if part]

    @property
    def branch(self) -> str:
        """The name of the transaction; empty: none."""
        return self.parameters.get("branch")

    @property
    def sent_by(self) -> str:
        """Host and port of the sender, as it wrote them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"SIP/2.0/{self.transport} {self.sent_by}{self.parameters}"
