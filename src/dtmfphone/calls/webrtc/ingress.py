"""Received packets as aiortc's jitter buffer can take them: no telephone-events, no holes.

That buffer stalls on every missing sequence number. So packets that are not audio are taken out and the numbers closed
up behind them; a hole that turns out to be real is closed up too, or, once later audio was handed on, filled by
an empty packet that melts into the frame before it:

    arrives      10a 11e 12e 13a 14a    15a -- 17a 18a 19a       a: audio, e: event, --: lost
    handed on    10a         11a 12a    13a    15a 16a 14f 17a   f: filler with the timestamp of 13a
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from dtmfphone.rtp.jitter import Jitter
from dtmfphone.rtp.packet import RtpPacket

PATIENCE: Final = 3
"""Newer packets after which a missing one is given up."""
MAX_HOLES: Final = 6
"""When more packets are missing, none is waited for: more fillers would overflow the jitter buffer."""
MAX_DROPOUT: Final = 3000
MAX_MISORDER: Final = 100
"""Jumps of the sequence number that are still the same sequence (RFC 3550 appendix A.1)."""
MAX_SOURCES: Final = 8


@dataclass
class _Hole:
    """A packet that has not arrived."""

    number: int | None
    """The number that it would have when handed on; None: given up."""
    newer: int = 0
    """Packets with higher numbers that have arrived meanwhile."""


class InboundStream:
    """One received source (SSRC). Numbers are unwrapped, so that they only grow."""

    def __init__(self, clock_rate: int) -> None:
        self.jitter = Jitter(clock_rate)
        self.received = 0
        """Packets without repeats."""
        self.duplicates = 0
        self._expected = 0
        """Packets of earlier sequences, where the far end began anew."""
        self._first = 0
        self._highest: int | None = None
        self._taken_out = 0
        """Wire number minus number handed on, for what comes next."""
        self._first_audio: int | None = None
        self._last_audio: int | None = None
        """Highest number handed on."""
        self._timestamps: OrderedDict[int, int] = OrderedDict()
        """Timestamps of the audio handed on last, by number."""
        self._holes: dict[int, _Hole] = {}
        self._to_fill: set[int] = set()
        """Numbers that will not come but have later audio behind them."""
        self._resync: int | None = None
        """The number that would confirm a new beginning."""
        self._pattern: RtpPacket | None = None
        """Audio without payload, to make fillers from."""
        self._stalled = 0
        """Packets handed on behind a hole, for which the jitter buffer gave out no frame."""
        self._newest: RtpPacket | None = None
        """As handed on, with the highest number."""

    @property
    def lost(self) -> int:
        """Packets that never came, so far (RFC 3550 appendix A.3)."""
        if self._highest is None:
            return 0
        return max(0, self._expected + self._highest - self._first + 1 - self.received)

    def feed(self, packet: RtpPacket, *, audio: bool, t: float) -> list[RtpPacket]:
        """Return what to hand on for a packet that arrived at `t`, in order; `audio`: this packet shall be, too."""
        wire = self._unwrap(packet.sequence)
        if wire is None:
            return []
        out: list[RtpPacket] = []
        if self._highest is None or wire > self._highest:
            self._advance(wire)
            self._give_up()
            out += self._fill()
            number: int | None = wire - self._taken_out
            if not audio:
                self._taken_out += 1
        else:
            hole = self._holes.pop(wire, None)
            if hole is None:
                self.duplicates += 1
                return []
            number = hole.number
            if not audio and number is not None:
                self._close(number)
        self.received += 1
        if audio:
            self.jitter.add(packet.timestamp, t)
            if number is not None:
                out.append(self._hand_on(packet, number))
        out += self._fill()
        return out + self._catch_up() if out else []

    def _unwrap(self, sequence: int) -> int | None:
        """Return the unwrapped number; None for a stray packet."""
        if self._highest is None:
            self._first = sequence + 0x10000
            return self._first
        step = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if -MAX_MISORDER <= step <= MAX_DROPOUT:
            self._resync = None
            return self._highest + step
        if sequence != self._resync:
            self._resync = (sequence + 1) & 0xFFFF
            return None
        return self._begin_anew(sequence)

    def _begin_anew(self, sequence: int) -> int:
        """Two packets in a row tell that the far end numbers anew; what is handed on goes on without a gap."""
        assert self._highest is not None
        self._expected += self._highest - self._first + 1
        wire = ((self._highest >> 16) + 1 << 16) + sequence
        self._taken_out += wire - self._highest - 1
        self._first, self._highest, self._resync = wire, wire - 1, None
        for hole in self._holes.values():
            hole.newer = PATIENCE
        return wire

    def _advance(self, wire: int) -> None:
        """Note the numbers between the highest so far and a new one as missing."""
        if self._highest is not None:
            missing = range(self._highest + 1, wire)
            if len(missing) > MAX_HOLES:
                self._taken_out += len(missing)
                self._holes |= {number: _Hole(None) for number in missing[-MAX_MISORDER:]}
            else:
                self._holes |= {number: _Hole(number - self._taken_out) for number in missing}
        self._highest = wire

    def _give_up(self) -> None:
        """Close the holes that are too old, or too many."""
        assert self._highest is not None
        waiting = [hole for hole in self._holes.values() if hole.number is not None]
        for hole in waiting:
            hole.newer += 1
            if hole.newer >= PATIENCE or len(waiting) > MAX_HOLES:
                assert hole.number is not None
                self._close(hole.number)
                hole.number = None
        for number in [number for number in self._holes if number < self._highest - MAX_MISORDER]:
            del self._holes[number]

    def _close(self, number: int) -> None:
        """Close up a hole where nothing behind it was handed on; have it filled otherwise."""
        if self._first_audio is not None and self._last_audio is not None and number < self._last_audio:
            if number > self._first_audio:
                self._to_fill.add(number)
            return
        self._taken_out += 1
        for hole in self._holes.values():
            if hole.number is not None and hole.number > number:
                hole.number -= 1

    def _fill(self) -> list[RtpPacket]:
        """Return the fillers that are due: a filler melts into the frame before it, so that one must be there."""
        out = []
        for number in sorted(self._to_fill):
            timestamp = self._timestamps.get(number - 1)
            if timestamp is not None and self._pattern is not None:
                self._to_fill.discard(number)
                out.append(self._hand_on(replace(self._pattern, timestamp=timestamp), number))
        return out

    def _hand_on(self, packet: RtpPacket, number: int) -> RtpPacket:
        if packet.payload:
            self._pattern = packet.without_payload()
        if self._has_hole_before(number):
            self._stalled += 1
        self._timestamps[number] = packet.timestamp
        if len(self._timestamps) > MAX_MISORDER:
            self._timestamps.popitem(last=False)
        packet = replace(packet, sequence=number & 0xFFFF)
        if self._first_audio is None:
            self._first_audio = number
        if self._last_audio is None or number > self._last_audio:
            self._last_audio, self._newest = number, packet
        return packet

    def _catch_up(self) -> list[RtpPacket]:
        """Return repeats that drain the jitter buffer after a hole.

        It gives out at most one frame per packet, and none while there is a hole: without them its delay would grow
        with every loss (aiortc issue 543). A repeat that it has no frame for does nothing.
        """
        if self._newest is None or self._last_audio is None or self._has_hole_before(self._last_audio):
            return []
        repeats, self._stalled = [self._newest] * self._stalled, 0
        return repeats

    def _has_hole_before(self, number: int) -> bool:
        waiting = (hole.number for hole in self._holes.values() if hole.number is not None)
        return any(missing < number for missing in (*waiting, *self._to_fill))


class Ingress:
    """All received sources of the call; counters are sums over them."""

    def __init__(self, audio_payload_types: frozenset[int], clock_rate: int) -> None:
        self._audio_payload_types = audio_payload_types
        self._clock_rate = clock_rate
        self._streams: OrderedDict[int, InboundStream] = OrderedDict()
        self._lost = 0
        self._duplicates = 0
        self._latest: InboundStream | None = None

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._lost + sum(stream.lost for stream in self._streams.values())

    @property
    def duplicates(self) -> int:
        """Packets that came again."""
        return self._duplicates + sum(stream.duplicates for stream in self._streams.values())

    @property
    def jitter(self) -> float:
        """Interarrival jitter in seconds, of the source heard last."""
        return self._latest.jitter.seconds if self._latest is not None else 0.0

    def is_audio(self, packet: RtpPacket) -> bool:
        """Whether the packet can be decoded. An empty one cannot: it would end the decoder's stream."""
        return packet.payload_type in self._audio_payload_types and bool(packet.payload)

    def feed(self, packet: RtpPacket, t: float) -> list[RtpPacket]:
        """Return what to hand on for a packet that arrived at `t`."""
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            stream = self._streams[packet.ssrc] = InboundStream(self._clock_rate)
            if len(self._streams) > MAX_SOURCES:
                _, oldest = self._streams.popitem(last=False)
                self._lost += oldest.lost
                self._duplicates += oldest.duplicates
        self._streams.move_to_end(packet.ssrc)
        self._latest = stream
        return stream.feed(packet, audio=self.is_audio(packet), t=t)
