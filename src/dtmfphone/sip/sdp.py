"""Session descriptions (RFC 8866): parsed with tolerance, written with none; every line is kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, Self, cast

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

REVERSED: Final[dict[Direction, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"""A direction as the other side sees it (RFC 3264 section 6.1)."""
NOWHERE: Final = ("0.0.0.0", "::", "0:0:0:0:0:0:0:0")
"""Addresses that mean hold in old peers (RFC 3264 section 8.4)."""

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_MEDIA: Final = re.compile(
    r"m=(?P<kind>[!-.0-~]+)[ \t]+(?P<port>\d{1,5})(?:/(?P<count>\d{1,5}))?[ \t]+(?P<protocol>[!-~]+)"
    r"(?P<formats>(?:[ \t]+[!-~]+)*)[ \t]*",
    re.ASCII,
)
_CONNECTION: Final = re.compile(
    r"c=[ \t]*IN[ \t]+IP[46][ \t]+(?P<host>[!-.0-~]+)(?:/\S*)?\s*", re.ASCII | re.IGNORECASE
)
_ORIGIN: Final = re.compile(
    r"o=(?P<user>\S+) (?P<session>\d{1,20}) (?P<version>\d{1,20}) IN IP[46] (?P<host>\S+)\s*", re.ASCII
)
_PORT: Final = re.compile(r"\s*(\d{1,5})(?!\d)", re.ASCII)


class SdpError(Exception):
    """A session description that cannot become a call: one sentence for the cause, one for the remedy."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class NoCommonCodec(SdpError):
    """The far end and we have no audio codec in common."""


@dataclass(frozen=True)
class Origin:
    """Who wrote the description, and which version of it this is."""

    session_id: int
    version: int
    host: str

    def __str__(self) -> str:
        return f"o=- {self.session_id} {self.version} IN {family(self.host)} {self.host}"


@dataclass(frozen=True)
class MediaDescription:
    """An `m=` line and what belongs to it."""

    kind: str
    """In lower case: `audio`, `video`, `image`."""
    port: int
    """0: rejected, or not wanted any more."""
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[str, ...] = field(default=(), repr=False)
    """What follows the `m=` line, as it stands there; may hold keys."""
    count: int = 1
    """Number of ports, `m=audio 4000/2`."""

    def attributes(self, name: str) -> tuple[str, ...]:
        """Return the values of `a=name` in their order, or empty strings where it has none."""
        return _attributes(self.lines, name)

    def rejected(self) -> Self:
        """Return the same with port 0 and nothing else (RFC 3264 section 6)."""
        return type(self)(self.kind, 0, self.protocol, self.formats or ("0",))

    def __str__(self) -> str:
        port = f"{self.port}/{self.count}" if self.count != 1 else f"{self.port}"
        return " ".join((f"m={self.kind}", port, self.protocol, *self.formats))


@dataclass(frozen=True)
class SessionDescription:
    """A session description: the session's lines after `v=0`, then its media in order."""

    lines: tuple[str, ...] = field(repr=False)
    """As they stand there; may hold keys."""
    media: tuple[MediaDescription, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Parse a description; raise SdpError when it is none. Line ends may be LF, unknown lines are kept."""
        text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        lines = [line for line in _LINE_END.split(text) if line.strip()]
        if not lines or lines[0].rstrip() != "v=0":
            begin = f"it begins with {lines[0][:40]!r}, not with 'v=0'" if lines else "it is empty"
            raise SdpError(f"This is not a session description: {begin}.")
        session: list[str] = []
        media: list[tuple[re.Match[str], list[str]]] = []
        for number, line in enumerate(lines[1:], 2):
            if line[1:2] != "=":
                raise SdpError(f"Line {number} of the SDP is not of the form 'x=...': {line[:40]!r}.")
            if line.startswith("m="):
                match = _MEDIA.fullmatch(line)
                if match is None or int(match["port"]) > 65535:
                    raise SdpError(f"Line {number} of the SDP is not a media description: {line[:60]!r}.")
                media.append((match, []))
            else:
                (media[-1][1] if media else session).append(line)
        return cls(
            tuple(session),
            tuple(
                MediaDescription(
                    m["kind"].lower(),
                    int(m["port"]),
                    m["protocol"],
                    tuple(m["formats"].split()),
                    tuple(own),
                    int(m["count"] or 1),
                )
                for m, own in media
            ),
        )

    def __bytes__(self) -> bytes:
        lines = ["v=0", *self.lines]
        for media in self.media:
            lines += [str(media), *media.lines]
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")

    @property
    def origin(self) -> Origin | None:
        """The `o=` line; None when there is none that can be read."""
        match = next((m for line in self.lines if (m := _ORIGIN.fullmatch(line))), None)
        return match and Origin(int(match["session"]), int(match["version"]), match["host"])

    def attributes(self, media: MediaDescription, name: str) -> tuple[str, ...]:
        """Return the values of `a=name` of the media, else those of the session."""
        return media.attributes(name) or _attributes(self.lines, name)

    def direction(self, media: MediaDescription) -> Direction:
        """Return the media's direction as its author sees it."""
        for lines in (media.lines, self.lines):
            for line in lines:
                if line.startswith("a=") and line[2:].strip() in REVERSED:
                    return cast(Direction, line[2:].strip())
        return "sendrecv"

    def host(self, media: MediaDescription) -> str:
        """Return where the media goes, an address or a name; raise SdpError when no `c=` line says."""
        for line in (*media.lines, *self.lines):
            if line.startswith("c="):
                match = _CONNECTION.fullmatch(line)
                if match is None:
                    raise SdpError(f"The connection line of the SDP cannot be read: {line[:60]!r}.")
                return match["host"]
        raise SdpError("The SDP does not say where audio goes: it has no c= line.")

    def rtcp_port(self, media: MediaDescription) -> int | None:
        """Return where RTCP goes (RFC 3605), by default the next port; None when there is no such port."""
        for value in media.attributes("rtcp"):
            match = _PORT.match(value)
            if match and 0 < int(match[1]) < 65536:
                return int(match[1])
        return media.port + 1 if media.port < 65535 else None

    def milliseconds(self, media: MediaDescription, name: str) -> int | None:
        """Return `a=ptime` or `a=maxptime`; None when it is not there, or no number."""
        for value in self.attributes(media, name):
            match = _PORT.match(value)
            if match and int(match[1]):
                return int(match[1])
        return None


def family(host: str) -> str:
    """Return the address type of a host, `IP4` or `IP6`."""
    return "IP6" if ":" in host else "IP4"


def _attributes(lines: Iterable[str], name: str) -> tuple[str, ...]:
    prefix = f"a={name}:"
    return tuple(
        line[len(prefix) :].strip() for line in lines if line.startswith(prefix) or line.rstrip() == prefix[:-1]
    )
