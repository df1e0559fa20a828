"""The tap between aiortc and its encrypting transport: telephone-events in both directions, and what was on the wire.

    aiortc's sender -> audio packet -> [tap: event packets in its place?] -> SRTP -> network
    aiortc's receiver <- audio, renumbered <- [tap: events taken out] <- SRTP <- network

The only place that touches the private parts of aiortc: two coroutines of its DTLS transport.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from aiortc import RTCDtlsTransport

from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.calls.webrtc.lateness import Lateness
from dtmfphone.calls.webrtc.renumbering import Renumbering
from dtmfphone.dtmf.keys import key_of
from dtmfphone.rtp.event_receiver import EventReceiver, Report
from dtmfphone.rtp.event_sender import EventPacket, EventSender

Direction = Literal["sent", "received"]
RECORDS = 20_000
"""Packets kept for the analyzer: about three minutes of a call."""
MAX_STREAMS = 4
"""Received streams (SSRC) that are told apart."""
HEADER = 12


class UnsupportedAiortc(RuntimeError):
    """This version of aiortc works differently below the surface."""


@dataclass(frozen=True, slots=True)
class PacketRecord:
    """One RTP packet on the wire."""

    t: float
    direction: Direction
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    size: int
    event: bytes = b""
    """The payload of a telephone-event."""


@dataclass
class Counters:
    """Packets on the wire."""

    sent: int = 0
    received: int = 0
    events_sent: int = 0
    events_received: int = 0
    malformed: int = 0
    jitter: float = 0.0
    """Seconds (RFC 3550 section 6.4.1)."""


@dataclass(frozen=True)
class TapFormats:
    """Payload types and clocks of the call."""

    ssrc: int
    """Of the audio that we send."""
    audio_payload_type: int
    clock: int
    event_payload_type: int | None
    """Of the events that we send."""
    event_clocks: dict[int, int] = field(default_factory=dict)
    """Payload types of received events to their clock."""


class TapObserver(Protocol):
    """Who is told what passes."""

    def audio_left(self, media_time: float, t: float) -> None:
        """An audio packet left; its media time is in seconds since the first packet."""
        ...

    def reported(self, direction: Direction, report: Report) -> None:
        """Something about a telephone-event on the wire."""
        ...


class RtpTap:
    """Sits on one DTLS transport until `detach`."""

    def __init__(
        self,
        transport: RTCDtlsTransport,
        formats: TapFormats,
        *,
        slot: Callable[[float], Slot],
        observer: TapObserver,
        clock: Callable[[], float],
    ) -> None:
        check_aiortc(transport)
        self.events_enabled = True
        """Whether `slot` is asked."""
        self.counters = Counters()
        self.lateness = Lateness()
        self.records: deque[PacketRecord] = deque(maxlen=RECORDS)
        self._transport = transport
        self._formats = formats
        self._slot = slot
        self._observer = observer
        self._clock = clock
        self._sender = EventSender(formats.clock, slot_seconds=SLOT_SECONDS)
        self._readers: dict[Direction, EventReceiver] = {"sent": EventReceiver(), "received": EventReceiver()}
        self._timer: asyncio.TimerHandle | None = None
        self._first_timestamp: int | None = None
        self._extra = 0
        """Packets sent beyond those of aiortc."""
        self._streams: dict[int, Renumbering] = {}
        self._last_transit: float | None = None
        self._send = transport._send_rtp
        self._handle = transport._handle_rtp_data
        setattr(transport, "_send_rtp", self._outgoing)  # noqa: B010 - mypy refuses to assign a method
        setattr(transport, "_handle_rtp_data", self._incoming)  # noqa: B010

    @property
    def lost(self) -> int:
        """Received packets that are missing."""
        return sum(stream.lost for stream in self._streams.values())

    def detach(self) -> None:
        """Give the transport back as it was and end what is under way."""
        self._transport.__dict__.pop("_send_rtp", None)
        self._transport.__dict__.pop("_handle_rtp_data", None)
        if self._timer is not None:
            self._timer.cancel()
        for direction, reader in self._readers.items():
            self._report(direction, reader.flush(self._clock()))

    async def _outgoing(self, data: bytes) -> None:
        if is_rtcp(data) or len(data) < HEADER or int.from_bytes(data[8:12], "big") != self._formats.ssrc:
            await self._send(data)
            return
        t = self._clock()
        sequence, timestamp = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:8], "big")
        if self._first_timestamp is None:
            self._first_timestamp = timestamp
        media_time = (timestamp - self._first_timestamp) % (1 << 32) / self._formats.clock
        self.lateness.sent(t, media_time)
        packets, audio = self._event_packets(timestamp, t)
        for number, packet in enumerate(packets):
            await self._send_event(data, packet, sequence + self._extra + number, t)
        self._extra += len(packets) + audio - 1
        if audio:
            self.counters.sent += 1
            shifted = data[:2] + ((sequence + self._extra) & 0xFFFF).to_bytes(2, "big") + data[4:]
            self._readers["sent"].media_packet(ssrc=self._formats.ssrc)
            self._record("sent", shifted, t)
            await self._send(shifted)
            self._observer.audio_left(media_time, t)

    def _event_packets(self, timestamp: int, t: float) -> tuple[tuple[EventPacket, ...], bool]:
        """Return the event packets that leave in this slot, and whether the audio packet does."""
        if self._formats.event_payload_type is None:
            return (), True
        slot = self._slot(t) if self.events_enabled else None
        char = slot.char if slot is not None else None
        output = self._sender.slot(
            None if char is None else key_of(char).code, timestamp, last=slot is not None and slot.last
        )
        return output.packets, output.audio

    async def _send_event(self, audio: bytes, packet: EventPacket, sequence: int, t: float) -> None:
        payload_type = self._formats.event_payload_type
        assert payload_type is not None
        payload = packet.payload.serialize()
        header = bytes((audio[0] & ~0x20, packet.marker << 7 | payload_type)) + (sequence & 0xFFFF).to_bytes(2, "big")
        header += packet.timestamp.to_bytes(4, "big") + audio[8 : payload_offset(audio)]
        self.counters.sent += 1
        self.counters.events_sent += 1
        self._record("sent", header + payload, t, event=payload)
        await self._send(header + payload)
        self._read_event("sent", header, payload, self._formats.clock, t)

    async def _incoming(self, data: bytes, *args: int, **kwargs: int) -> None:
        if len(data) < HEADER or data[0] >> 6 != 2:
            self.counters.malformed += 1
            return
        payload_type, ssrc = data[1] & 0x7F, int.from_bytes(data[8:12], "big")
        event_clock = self._formats.event_clocks.get(payload_type)
        if event_clock is None and payload_type != self._formats.audio_payload_type:
            await self._handle(data, *args, **kwargs)
            return
        t = self._clock()
        stream = self._streams.get(ssrc)
        if stream is None:
            while len(self._streams) >= MAX_STREAMS:
                self._streams.pop(next(iter(self._streams)))
            stream = self._streams[ssrc] = Renumbering()
        sequence, timestamp = int.from_bytes(data[2:4], "big"), int.from_bytes(data[4:8], "big")
        placed = stream.packet(sequence, timestamp, event=event_clock is not None)
        self.counters.received += 1
        for filler in placed.fillers:
            empty = bytes((0x80, self._formats.audio_payload_type)) + filler.sequence.to_bytes(2, "big")
            empty += filler.timestamp.to_bytes(4, "big") + data[8:12]
            await self._handle(empty, *args, **kwargs)
        if event_clock is not None:
            payload = payload_of(data)
            self.counters.events_received += 1
            self._record("received", data, t, event=payload)
            self._read_event("received", data, payload, event_clock, t)
        elif placed.sequence is not None:
            self._readers["received"].media_packet(ssrc=ssrc)
            self._count_jitter(timestamp, t)
            self._record("received", data, t)
            await self._handle(data[:2] + placed.sequence.to_bytes(2, "big") + data[4:], *args, **kwargs)

    def _read_event(self, direction: Direction, header: bytes, payload: bytes, clock_rate: int, t: float) -> None:
        reports = self._readers[direction].packet(
            ssrc=int.from_bytes(header[8:12], "big"),
            sequence=int.from_bytes(header[2:4], "big"),
            timestamp=int.from_bytes(header[4:8], "big"),
            marker=bool(header[1] & 0x80),
            payload=payload,
            payload_type=header[1] & 0x7F,
            clock_rate=clock_rate,
            t=t,
        )
        self._report(direction, reports)
        self._arm()

    def _arm(self) -> None:
        """Have the readers look again when their next event may be over."""
        deadline = min((d for reader in self._readers.values() if (d := reader.deadline) is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            delay = max(0.0, deadline - self._clock()) + 0.001
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        for direction, reader in self._readers.items():
            self._report(direction, reader.tick(self._clock()))
        self._arm()

    def _report(self, direction: Direction, reports: list[Report]) -> None:
        for report in reports:
            self._observer.reported(direction, report)

    def _record(self, direction: Direction, data: bytes, t: float, event: bytes = b"") -> None:
        self.records.append(
            PacketRecord(
                t,
                direction,
                data[1] & 0x7F,
                bool(data[1] & 0x80),
                int.from_bytes(data[2:4], "big"),
                int.from_bytes(data[4:8], "big"),
                len(data),
                event,
            )
        )

    def _count_jitter(self, timestamp: int, t: float) -> None:
        transit = t - timestamp / self._formats.clock
        if self._last_transit is not None:
            difference = abs(transit - self._last_transit)
            if difference < 1.0:  # a wrap or a new beginning is no jitter
                self.counters.jitter += (difference - self.counters.jitter) / 16
        self._last_transit = transit


def check_aiortc(transport: object) -> None:
    """Raise UnsupportedAiortc unless the transport has the two coroutines that the tap replaces."""
    for name in ("_send_rtp", "_handle_rtp_data"):
        if not inspect.iscoroutinefunction(getattr(transport, name, None)):
            raise UnsupportedAiortc(
                f"This version of aiortc is not supported: {type(transport).__name__}.{name} is not a coroutine."
            )


def is_rtcp(data: bytes) -> bool:
    """Whether a packet is RTCP (RFC 5761 section 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 208


def payload_offset(data: bytes) -> int:
    """Return where the payload of an RTP packet begins (RFC 3550 section 5.1), at most the packet's length."""
    offset = HEADER + 4 * (data[0] & 0x0F)
    if data[0] & 0x10 and len(data) >= offset + 4:
        offset += 4 + 4 * int.from_bytes(data[offset + 2 : offset + 4], "big")
    return min(offset, len(data))


def payload_of(data: bytes) -> bytes:
    """Return the payload of an RTP packet without padding."""
    end = len(data)
    if data[0] & 0x20 and 0 < data[-1] <= end - payload_offset(data):
        end -= data[-1]
    return data[payload_offset(data) : end]
