"""RTCP packets (RFC 3550 section 6), alone or compound; reduced-size ones too (RFC 5506)."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

VERSION: Final = 2
SR: Final = 200
RR: Final = 201
SDES: Final = 202
BYE: Final = 203
CNAME: Final = 1
_HEADER: Final = struct.Struct("!BBH")
_SENDER: Final = struct.Struct("!IQIII")
_BLOCK: Final = struct.Struct("!IIIIII")
_WORD: Final = struct.Struct("!I")


class RtcpError(ValueError):
    """Bytes that are no RTCP; the message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class ReportBlock:
    """What a receiver tells of one source (section 6.4.1)."""

    ssrc: int
    fraction_lost: int
    """Of the packets expected since the last report, in 1/256."""
    lost: int
    """Since the beginning; negative where repeats were counted."""
    highest: int
    """Extended highest sequence number, modulo 2**32."""
    jitter: int
    """In timestamp units."""
    last_report: int = 0
    """Middle 32 bits of the NTP time of the sender report that came last; 0: none came."""
    delay: int = 0
    """Since then, in 1/65536 s."""

    @classmethod
    def unpack(cls, data: bytes, offset: int) -> Self:
        """Read the 24 bytes at the offset."""
        ssrc, losses, highest, jitter, last_report, delay = _BLOCK.unpack_from(data, offset)
        lost = losses & 0xFFFFFF
        return cls(
            ssrc=ssrc,
            fraction_lost=losses >> 24,
            lost=lost - 0x1000000 if lost & 0x800000 else lost,
            highest=highest,
            jitter=jitter,
            last_report=last_report,
            delay=delay,
        )

    def __bytes__(self) -> bytes:
        lost = min(max(self.lost, -0x800000), 0x7FFFFF) & 0xFFFFFF
        losses = self.fraction_lost << 24 | lost
        return _BLOCK.pack(self.ssrc, losses, self.highest, self.jitter, self.last_report, self.delay)


@dataclass(frozen=True, kw_only=True)
class SenderReport:
    """What a sender tells of its stream, and of those that it receives (section 6.4.1)."""

    ssrc: int
    ntp: int
    """Seconds since 1900 in 1/2**32 s; any clock that runs evenly will do."""
    timestamp: int
    """The RTP timestamp of the same moment."""
    packets: int
    octets: int
    """Of payload."""
    reports: tuple[ReportBlock, ...] = ()

    def __bytes__(self) -> bytes:
        sender = _SENDER.pack(self.ssrc, self.ntp, self.timestamp, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF)
        return _packet(SR, len(self.reports), sender + b"".join(map(bytes, self.reports)))


@dataclass(frozen=True, kw_only=True)
class ReceiverReport:
    """What somebody who sends nothing tells of the streams that it receives (section 6.4.2)."""

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()

    def __bytes__(self) -> bytes:
        return _packet(RR, len(self.reports), _WORD.pack(self.ssrc) + b"".join(map(bytes, self.reports)))


@dataclass(frozen=True)
class SourceDescription:
    """The canonical names of sources (section 6.5); other items are not kept."""

    names: tuple[tuple[int, str], ...]
    """SSRC and CNAME."""

    def __bytes__(self) -> bytes:
        chunks = b""
        for ssrc, name in self.names:
            text = name.encode()[:255]
            chunk = _WORD.pack(ssrc) + bytes((CNAME, len(text))) + text
            chunks += chunk + bytes(4 - len(chunk) % 4)
        return _packet(SDES, len(self.names), chunks)


@dataclass(frozen=True)
class Bye:
    """Sources that send no more (section 6.6)."""

    sources: tuple[int, ...]
    reason: str = ""

    def __bytes__(self) -> bytes:
        body = b"".join(map(_WORD.pack, self.sources))
        if self.reason:
            text = self.reason.encode()[:255]
            body += bytes((len(text),)) + text
            body += bytes(-len(body) % 4)
        return _packet(BYE, len(self.sources), body)


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Bye


def compound(packets: Iterable[RtcpPacket]) -> bytes:
    """Return the packets as one datagram."""
    return b"".join(map(bytes, packets))


def parse(data: bytes) -> tuple[RtcpPacket, ...]:
    """Return the packets of a datagram that we know, in order; raise RtcpError where a length is wrong."""
    packets: list[RtcpPacket] = []
    offset = 0
    while offset < len(data) or not data:
        if len(data) - offset < _HEADER.size or data[offset] >> 6 != VERSION:
            raise RtcpError(f"{len(data) - offset} bytes are not an RTCP packet of version 2.")
        flags, kind, words = _HEADER.unpack_from(data, offset)
        end = offset + 4 * (words + 1)
        if end > len(data):
            raise RtcpError("An RTCP packet claims more bytes than there are.")
        body = data[offset + _HEADER.size : end]
        if flags & 0x20:
            if not body or not 0 < body[-1] <= len(body):
                raise RtcpError("The padding of an RTCP packet claims more bytes than there are.")
            body = body[: -body[-1]]
        packet = _read(kind, flags & 0x1F, body)
        if packet is not None:
            packets.append(packet)
        offset = end
    return tuple(packets)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(VERSION << 6 | count, kind, len(body) // 4) + body


def _read(kind: int, count: int, body: bytes) -> RtcpPacket | None:
    """Return the packet, or None for a kind that we do not know."""
    if kind == SR:
        _need(body, _SENDER.size + count * _BLOCK.size)
        ssrc, ntp, timestamp, packets, octets = _SENDER.unpack_from(body)
        reports = _blocks(body, _SENDER.size, count)
        return SenderReport(ssrc=ssrc, ntp=ntp, timestamp=timestamp, packets=packets, octets=octets, reports=reports)
    if kind == RR:
        _need(body, _WORD.size + count * _BLOCK.size)
        return ReceiverReport(ssrc=_WORD.unpack_from(body)[0], reports=_blocks(body, _WORD.size, count))
    if kind == SDES:
        return SourceDescription(_names(body, count))
    if kind == BYE:
        return _bye(body, count * _WORD.size)
    return None


def _bye(body: bytes, size: int) -> Bye:
    """Read a BYE whose sources take `size` bytes."""
    _need(body, size)
    sources = tuple(ssrc for (ssrc,) in _WORD.iter_unpack(body[:size]))
    if len(body) == size:
        return Bye(sources)
    _need(body, size + 1 + body[size])
    return Bye(sources, body[size + 1 : size + 1 + body[size]].decode("utf-8", "replace"))


def _blocks(body: bytes, offset: int, count: int) -> tuple[ReportBlock, ...]:
    return tuple(ReportBlock.unpack(body, offset + number * _BLOCK.size) for number in range(count))


def _names(body: bytes, count: int) -> tuple[tuple[int, str], ...]:
    names = []
    offset = 0
    for _ in range(count):
        _need(body, offset + _WORD.size)
        ssrc = _WORD.unpack_from(body, offset)[0]
        offset += _WORD.size
        while offset < len(body) and body[offset]:
            _need(body, offset + 2)
            text = body[offset + 2 : offset + 2 + body[offset + 1]]
            _need(body, offset + 2 + body[offset + 1])
            if body[offset] == CNAME:
                names.append((ssrc, text.decode("utf-8", "replace")))
            offset += 2 + len(text)
        offset += 4 - offset % 4
    return tuple(names)


def _need(body: bytes, size: int) -> None:
    if len(body) < size:
        raise RtcpError("The content of an RTCP packet ends too early.")
