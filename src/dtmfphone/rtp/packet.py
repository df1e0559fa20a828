"""The RTP packet (RFC 3550 section 5.1)."""

import struct
from dataclasses import dataclass
from typing import Final, Self

_HEADER: Final = struct.Struct("!BBHII")
_EXTENSION: Final = struct.Struct("!HH")
VERSION: Final = 2


class RtpPacketError(ValueError):
    """Bytes that are no RTP packet."""


@dataclass(frozen=True, kw_only=True)
class RtpPacket:
    """An RTP packet; what it does not need to know of the header is kept as it came."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    """Without padding."""
    flags: int = VERSION << 6
    """The first byte: version, padding, extension, number of contributing sources."""
    opaque: bytes = b""
    """Contributing sources and header extension."""
    padding: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Parse a packet; raise RtpPacketError when it is none."""
        if len(data) < _HEADER.size or data[0] >> 6 != VERSION:
            raise RtpPacketError(f"{len(data)} bytes are not an RTP packet of version 2.")
        flags, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
        begin = _HEADER.size + 4 * (flags & 0x0F)
        if flags & 0x10:
            if len(data) < begin + _EXTENSION.size:
                raise RtpPacketError("An RTP packet ends within its header extension.")
            begin += _EXTENSION.size + 4 * _EXTENSION.unpack_from(data, begin)[1]
        end = len(data) - (data[-1] if flags & 0x20 else 0)
        if begin > end or (flags & 0x20 and end == len(data)):
            raise RtpPacketError("The header of an RTP packet claims more bytes than there are.")
        return cls(
            payload_type=second & 0x7F,
            marker=bool(second & 0x80),
            sequence=sequence,
            timestamp=timestamp,
            ssrc=ssrc,
            payload=data[begin:end],
            flags=flags,
            opaque=data[_HEADER.size : begin],
            padding=data[end:],
        )

    def __bytes__(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        header = _HEADER.pack(self.flags, second, self.sequence, self.timestamp, self.ssrc)
        return header + self.opaque + self.payload + self.padding

    def without_payload(self) -> Self:
        """Return the packet with neither payload nor padding, extension nor contributing sources."""
        return type(self)(
            payload_type=self.payload_type,
            marker=self.marker,
            sequence=self.sequence,
            timestamp=self.timestamp,
            ssrc=self.ssrc,
            payload=b"",
        )


def is_rtcp(data: bytes) -> bool:
    """Whether a packet on a port shared by RTP and RTCP is the latter (RFC 5761 section 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 223
