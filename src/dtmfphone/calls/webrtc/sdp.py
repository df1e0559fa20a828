"""SDP text of a WebRTC audio call (RFC 8866, RFC 9429): formats, exactly one telephone-event, rejected sections."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from dtmfphone.calls.call import CallError

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

REVERSED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"""A direction as the other side sees it."""

_MEDIA = re.compile(r"m=(?P<kind>\S+) (?P<port>\d{1,5})(?:/\d+)? (?P<protocol>\S+)(?P<formats>(?: \S+)+)", re.ASCII)
_RTPMAP = re.compile(
    r"(?P<type>\d{1,3}) (?P<name>[^/ ]+)/(?P<clock>\d{1,6})(?:/(?P<channels>\d{1,2}))?(?!\d)", re.ASCII
)
_FINGERPRINT = re.compile(r"(?:sha-256|sha-384|sha-512) [0-9a-f:]+", re.ASCII | re.IGNORECASE)
_CANDIDATE = re.compile(
    r"\S+ 1 udp \d{1,10} (?P<address>\S+) (?P<port>\d{1,5}) typ (?:host|srflx|prflx|relay)(?: .*)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_EXTENSIONS = ("urn:ietf:params:rtp-hdrext:sdes:mid", "urn:ietf:params:rtp-hdrext:ssrc-audio-level")


class SdpError(CallError):
    """An SDP that cannot become a call; one clear sentence."""


class NoCommonCodec(SdpError):
    """The far end and we have no audio codec in common."""


@dataclass(frozen=True)
class Format:
    """An RTP payload format of the audio section."""

    payload_type: int
    name: str
    """Encoding name in lower case."""
    clock: int
    """RTP clock, Hz."""
    channels: int = 1
    parameters: str = ""
    """What `a=fmtp` says."""


@dataclass(frozen=True)
class Profile:
    """What one offer holds: codecs of one RTP clock, and the telephone-event of that clock.

    Browsers that are offered two event clocks answer both and then send with the wrong one.
    """

    codecs: tuple[str, ...]
    event: Format


_EVENT_48000 = Format(110, "telephone-event", 48000, parameters="0-15")
_EVENT_8000 = Format(126, "telephone-event", 8000, parameters="0-15")
PROFILES = {
    "opus": Profile(("opus",), _EVENT_48000),
    "g711": Profile(("pcmu", "pcma", "g722"), _EVENT_8000),
    "g722": Profile(("g722",), _EVENT_8000),
    "pcmu": Profile(("pcmu",), _EVENT_8000),
    "pcma": Profile(("pcma",), _EVENT_8000),
}
"""What can be offered, by name."""

CODECS = {"opus": 48000, "g722": 8000, "pcmu": 8000, "pcma": 8000}
"""RTP clock by codec (RFC 3551, RFC 7587)."""
STATIC_FORMATS = {0: Format(0, "pcmu", 8000), 8: Format(8, "pcma", 8000), 9: Format(9, "g722", 8000)}
"""Payload types that need no `a=rtpmap` (RFC 3551 section 6)."""


@dataclass(frozen=True)
class Section:
    """An `m=` section with its lines."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[str, ...]
    """Without the `m=` line."""

    def attributes(self, name: str) -> list[str]:
        """Return the values of `a=name`, or empty strings where it has none."""
        return _attributes(self.lines, name)


@dataclass(frozen=True)
class Description:
    """A parsed SDP: session lines and sections."""

    lines: tuple[str, ...]
    sections: tuple[Section, ...]

    def audio(self) -> Section:
        """Return the first audio section that is not rejected; raise SdpError when there is none."""
        for section in self.sections:
            if section.kind == "audio" and (section.port or section.attributes("bundle-only")):
                return section
        kinds = ", ".join(sorted({section.kind for section in self.sections if section.kind != "audio"}))
        raise SdpError(f"The SDP holds no audio{kinds and f', only {kinds}'}.", "Add an audio track to the call.")

    def accepted_audio(self) -> Section:
        """Return the audio section of an answer; raise NoCommonCodec when it is rejected."""
        if self.sections and self.sections[0].kind == "audio" and not self.sections[0].port:
            raise NoCommonCodec(
                "The far end refused the audio that was offered.", "Choose another codec, or allow one of ours there."
            )
        return self.audio()

    def bundle(self) -> tuple[str, ...]:
        """Return the mids of the BUNDLE group (RFC 9143)."""
        for group in _attributes(self.lines, "group"):
            semantics, *mids = group.split() or [""]
            if semantics == "BUNDLE":
                return tuple(mids)
        return ()

    def transport(self, section: Section, name: str) -> list[str]:
        """Return the attributes of the section's transport: its own, the session's, or those of its bundle."""
        mid = section.attributes("mid")
        mids = self.bundle()
        bundled = (
            [other for other in self.sections if other.attributes("mid") == [mids[0]]] if mid and mid[0] in mids else []
        )
        for lines in (section.lines, self.lines, *(other.lines for other in bundled)):
            if values := _attributes(lines, name):
                return values
        return []

    def direction(self, section: Section) -> Direction:
        """Return the section's direction as its author sees it."""
        for lines in (section.lines, self.lines):
            for line in lines:
                if line[2:] in REVERSED and line.startswith("a="):
                    return cast(Direction, line[2:])
        return "sendrecv"


def _attributes(lines: Iterable[str], name: str) -> list[str]:
    bare, prefix = f"a={name}", f"a={name}:"
    return [line[len(prefix) :].strip() for line in lines if line == bare or line.startswith(prefix)]


def parse(text: str) -> Description:
    """Parse an SDP; raise SdpError when it is none. Line ends may be LF, unknown lines are kept."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "v=0":
        raise SdpError(f"This is not an SDP: it begins with {lines[0][:40] if lines else ''!r}, not with 'v=0'.")
    session: list[str] = []
    sections: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(lines, 1):
        if len(line) < 2 or line[1] != "=":
            raise SdpError(f"Line {number} of the SDP is not of the form 'x=...': {line[:40]!r}.")
        if line.startswith("m="):
            match = _MEDIA.fullmatch(line)
            if match is None:
                raise SdpError(f"Line {number} of the SDP is not a media description: {line[:60]!r}.")
            sections.append((match, []))
        else:
            (sections[-1][1] if sections else session).append(line)
    return Description(
        tuple(session),
        tuple(
            Section(m["kind"], int(m["port"]), m["protocol"], tuple(m["formats"].split()), tuple(own))
            for m, own in sections
        ),
    )


def formats(audio: Section) -> tuple[Format, ...]:
    """Return the payload formats of the section, preferred first; those without a name are left out."""
    named = dict(STATIC_FORMATS)
    for value in audio.attributes("rtpmap"):
        if match := _RTPMAP.match(value):
            number = int(match["type"])
            named[number] = Format(number, match["name"].lower(), int(match["clock"]), int(match["channels"] or 1))
    parameters = dict(value.partition(" ")[::2] for value in audio.attributes("fmtp"))
    found = []
    for text in audio.formats:
        if not _NUMBER.fullmatch(text) or int(text) > 127:
            raise SdpError(f"{text[:20]!r} in the SDP's audio section is not an RTP payload type.")
        if known := named.get(int(text)):
            parameter = parameters.get(text, "").strip()
            found.append(Format(known.payload_type, known.name, known.clock, known.channels, parameter))
    return tuple(dict.fromkeys(found))


def offered_events(offered: Sequence[Format]) -> tuple[Format, ...]:
    """Return the telephone-event formats (RFC 4733) among the offered ones."""
    return tuple(each for each in offered if each.name == "telephone-event")


def common_codecs(offered: Sequence[Format], allowed: Iterable[str] = CODECS) -> tuple[Format, ...]:
    """Return the formats that we can send and receive, preferred first; raise NoCommonCodec when there is none."""
    common = tuple(each for each in offered if each.name in allowed and _usable(each))
    if not common:
        names = ", ".join(dict.fromkeys(f"{each.name}/{each.clock}" for each in offered)) or "nothing we know"
        raise NoCommonCodec(
            f"The far end and we have no audio codec in common: it takes {names}, we take {', '.join(allowed)}.",
            "Choose another codec, or allow one of ours at the far end.",
        )
    return common


def _usable(codec: Format) -> bool:
    """Whether clock and payload type are such that aiortc can take them."""
    static = STATIC_FORMATS.get(codec.payload_type)
    return codec.clock == CODECS[codec.name] and (
        codec.payload_type >= 96 or (static is not None and static.name == codec.name)
    )


def choose_event(clock: int, offered: Sequence[Format]) -> Format | None:
    """Return the one telephone-event whose clock is the audio codec's, or None."""
    return next((each for each in offered_events(offered) if each.clock == clock), None)


def add_event(text: str, event: Format | None) -> str:
    """Return the SDP with the telephone-event as last format of its audio section; events 0-15."""
    if event is None:
        return text
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("m=audio"))
    end = next((i for i, line in enumerate(lines[start + 1 :], start + 1) if line.startswith("m=")), len(lines))
    codec_lines = [i for i in range(start, end) if lines[i].startswith(("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"))]
    lines[start] += f" {event.payload_type}"
    place = max(codec_lines, default=start) + 1
    lines[place:place] = [
        f"a=rtpmap:{event.payload_type} telephone-event/{event.clock}",
        f"a=fmtp:{event.payload_type} 0-15",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def audio_only(description: Description, codecs: Sequence[Format], setup: Literal["active", "passive"]) -> str:
    """Return an SDP with nothing but the audio section and some codecs of it, as aiortc can parse it.

    `setup` is the DTLS role (RFC 4145) when the text names none. Raise SdpError when the section has no ICE
    credentials or no certificate fingerprint.
    """
    audio = description.audio()

    def needed(name: str, what: str) -> str:
        values = description.transport(audio, name)
        if not values or not values[0]:
            raise SdpError(
                f"The SDP's audio section has no {what} (a={name}).", "Offer WebRTC media (ICE and DTLS-SRTP)."
            )
        return values[0]

    ufrag = needed("ice-ufrag", "ICE user name")
    password = needed("ice-pwd", "ICE password")
    needed("fingerprint", "certificate fingerprint")
    fingerprints = [v for v in description.transport(audio, "fingerprint") if _FINGERPRINT.fullmatch(v)]
    if not fingerprints:
        raise SdpError("No certificate fingerprint in the SDP uses SHA-256, SHA-384 or SHA-512.", "Use SHA-256.")
    role = (description.transport(audio, "setup") or [setup])[0]
    if role not in ("active", "passive", "actpass"):
        raise SdpError(f"The SDP's DTLS role is {role[:20]!r}, not active, passive or actpass.")
    mid = _mid(audio)
    lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    if "a=ice-lite" in description.lines:
        lines.append("a=ice-lite")
    lines += [
        f"a=group:BUNDLE {mid}",
        f"m=audio {audio.port or 9} UDP/TLS/RTP/SAVPF {' '.join(str(codec.payload_type) for codec in codecs)}",
        "c=IN IP4 0.0.0.0",
        f"a={description.direction(audio)}",
        f"a=mid:{mid}",
        "a=rtcp-mux",
        *(f"a=extmap:{value}" for value in audio.attributes("extmap") if _known_extension(value)),
        *(f"a=rtpmap:{c.payload_type} {c.name}/{c.clock}" + ("/2" if c.name == "opus" else "") for c in codecs),
        *(f"a=candidate:{v}" for v in description.transport(audio, "candidate") if _usable_candidate(v)),
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        *(f"a=fingerprint:{value}" for value in fingerprints),
        f"a=setup:{role}",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def complete_answer(offer: Description, answer: str) -> str:
    """Return the answer to the whole offer from the one to its audio section; all others are rejected."""
    offered = offer.audio()
    ours = parse(answer)
    own = ours.audio()
    mids = offered.attributes("mid")
    lines = [line for line in ours.lines if not line.startswith("a=group:")]
    if mids and mids[0] in offer.bundle():
        lines.append(f"a=group:BUNDLE {mids[0]}")
    for section in offer.sections:
        numbers = " ".join(section.formats)
        if section is offered:
            lines.append(f"m=audio {own.port} {section.protocol} {' '.join(own.formats)}")
            lines += [line for line in own.lines if mids or not line.startswith("a=mid:")]
        else:
            lines += [f"m={section.kind} 0 {section.protocol} {numbers}", "c=IN IP4 0.0.0.0"]
            lines += ["a=inactive"] if section.kind in ("audio", "video") else []
            lines += [f"a=mid:{mid}" for mid in section.attributes("mid")]
    return "".join(f"{line}\r\n" for line in lines)


def _mid(audio: Section) -> str:
    return (audio.attributes("mid") or ["0"])[0]


def _known_extension(value: str) -> bool:
    number, _, rest = value.partition(" ")
    number = number.partition("/")[0]
    return _NUMBER.fullmatch(number) is not None and 1 <= int(number) <= 14 and rest in _EXTENSIONS


def _usable_candidate(value: str) -> bool:
    """Whether it is a UDP candidate of the RTP component with an address or an mDNS name (RFC 8839 section 5.1)."""
    match = _CANDIDATE.fullmatch(value)
    if match is None or not 0 < int(match["port"]) < 65536:
        return False
    if match["address"].endswith(".local"):
        return True
    try:
        ipaddress.ip_address(match["address"])
    except ValueError:
        return False
    return True
