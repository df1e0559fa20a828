"""The RTP packets that passed on the wire: the last of them as records, all of them as counts."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import msgspec

from dtmfphone.calls.call import Direction
from dtmfphone.rtp.packet import RtpPacket

MAX_RECORDS: Final = 2048


class PacketRecord(msgspec.Struct, frozen=True, gc=False):
    """An RTP packet that passed on the wire; there are many, and the garbage collector has nothing to find in them."""

    t: float
    direction: Direction
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    size: int
    """Bytes before encryption, header included."""
    event: bytes | None
    """Payload of a telephone-event."""


@dataclass
class Count:
    """Packets of one direction."""

    audio: int = 0
    events: int = 0


class PacketLog:
    """Counts the packets of both directions and keeps the last ones."""

    def __init__(self) -> None:
        self.sent = Count()
        self.received = Count()
        self.records: deque[PacketRecord] = deque(maxlen=MAX_RECORDS)

    def note(self, direction: Direction, packet: RtpPacket, size: int, t: float, *, event: bool) -> None:
        """Record a packet of `size` bytes that passed at `t`; it is not counted by that."""
        self.records.append(
            PacketRecord(
                t,
                direction,
                packet.payload_type,
                packet.marker,
                packet.sequence,
                packet.timestamp,
                size,
                packet.payload if event else None,
            )
        )
