"""SIP, SIPS and TEL URIs (RFC 3261 section 19.1, RFC 3966)."""

import re
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import quote, unquote_to_bytes

from dtmfphone.sip.grammar import decoded
from dtmfphone.sip.parameters import NO_PARAMETERS, Parameters

_HOST: Final = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^\s\x00-\x1f\x7f<>\"@,;?:/\\%\[\]]+))(?::(?P<port>\d{1,5}))?"
)
_USER_SAFE: Final = "-_.!~*'()&=+$,;?/"
_PASSWORD_SAFE: Final = "-_.!~*'()&=+$,"
_DECIDING: Final = ("user", "ttl", "method", "maddr", "transport")
"""Parameters that make two URIs differ when one of them has it alone (RFC 3261 section 19.1.4)."""


@dataclass(frozen=True)
class SipUri:
    """A URI, taken apart."""

    scheme: str
    """`sip`, `sips` or `tel`."""
    user: str = ""
    """Without escapes; of `tel` the number."""
    password: str = field(default="", repr=False)
    host: str = ""
    """IPv6 without brackets; empty for `tel`."""
    port: int | None = None
    parameters: Parameters = NO_PARAMETERS
    headers: str = ""
    """What follows the question mark, as it stands there."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URI; raise ValueError with a sentence when it is none of ours.

        Taken although no grammar has them: underscores in the host, unescaped `#` in the user and `@` in the headers.
        """
        text = text.strip()
        if any(char.isspace() or char in '<>"' for char in text):
            raise ValueError(f"{text[:80]!r} contains blanks, quotes or brackets.")
        scheme, colon, rest = text.partition(":")
        scheme = scheme.lower()
        if not colon or scheme not in ("sip", "sips", "tel"):
            raise ValueError(f"{text[:80]!r} is no SIP or telephone address.")
        if scheme == "tel":
            number, _, parameters = rest.partition(";")
            if not re.fullmatch(r"\+?[0-9A-Fa-f*#().\-]+", number):
                raise ValueError(f"{text[:80]!r} has no telephone number.")
            return cls(scheme, number, parameters=Parameters.parse(parameters))
        user, password, rest = _user_part(rest)
        end = next((i for i, char in enumerate(rest) if char in ";?"), len(rest))
        found = _HOST.fullmatch(rest[:end])
        if found is None or int(found["port"] or 0) > 65535:
            raise ValueError(f"{text[:80]!r} has no host that can be called.")
        parameters, _, headers = rest[end:].partition("?")
        return cls(
            scheme,
            user,
            password,
            found["v6"] or found["name"],
            int(found["port"]) if found["port"] else None,
            Parameters.parse(parameters),
            headers,
        )

    @property
    def host_port(self) -> str:
        """The host, IPv6 in brackets, and the port if there is one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    def matches(self, other: "SipUri") -> bool:
        """Whether two URIs are equal by the rules of RFC 3261 section 19.1.4; headers are not compared."""
        if (self.scheme, self.user, self.password, self.port) != (other.scheme, other.user, other.password, other.port):
            return False
        names = {name.lower() for name, _ in (*self.parameters.items, *other.parameters.items)}
        return self.host.lower() == other.host.lower() and all(
            self.parameters.get(name).lower() == other.parameters.get(name).lower()
            for name in names
            if name in _DECIDING or (name in self.parameters and name in other.parameters)
        )

    def __str__(self) -> str:
        if self.scheme == "tel":
            return f"tel:{self.user}{self.parameters}"
        user = _escaped(self.user, _USER_SAFE)
        if self.password:
            user += ":" + _escaped(self.password, _PASSWORD_SAFE)
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{'@' if user else ''}{self.host_port}{self.parameters}{headers}"


def _user_part(rest: str) -> tuple[str, str, str]:
    """Return user, password and what follows the `@`; of several, the last before parameters and headers counts."""
    first = rest.find("@")
    if first < 0:
        return "", "", rest
    end = next((i for i in range(first, len(rest)) if rest[i] in ";?"), len(rest))
    at = rest.rindex("@", 0, end)
    user, _, password = rest[:at].partition(":")
    return _unescaped(user), _unescaped(password), rest[at + 1 :]


def _unescaped(text: str) -> str:
    return decoded(unquote_to_bytes(text.encode("utf-8", "surrogateescape")))


def _escaped(text: str, safe: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe=safe)
