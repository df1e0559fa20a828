"""Two seams in aiortc's DTLS transport through which all RTP passes unencrypted:

    OutgoingTrack -> aiortc encoder -> [ egress: events replace audio ] -> SRTP -> wire
    TrackReader <- aiortc decoder, jitter buffer <- [ ingress: events taken out ] <- SRTP <- wire

The only module that knows aiortc's private names for this. aiortc itself never hears of telephone-events: its codec
table, decoder and jitter buffer cannot carry them. The RTCP reports that it sends count what it was handed.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import aiortc
from aiortc import RTCDtlsTransport

from dtmfphone.calls.call import CallObserver, Direction, Media
from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.calls.webrtc.egress import Egress
from dtmfphone.calls.webrtc.ingress import Ingress
from dtmfphone.calls.webrtc.lateness import Lateness
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventReceiver, EventStarted, Report
from dtmfphone.rtp.packet import RtpPacket, RtpPacketError, is_rtcp

P = ParamSpec("P")
R = TypeVar("R")

SEAMS: Final = {"_send_rtp": ["data"], "_handle_rtp_data": ["data", "arrival_time_ms"]}
"""Coroutines of the transport and their parameters."""
MAX_RECORDS: Final = 8192
TIMER_SECONDS: Final = 0.001
"""Timers look so much behind a deadline, so that it is over by then."""


class UnsupportedAiortc(RuntimeError):
    """This version of aiortc has no seams where we know them."""


@dataclass(frozen=True, slots=True)
class PacketRecord:
    """An RTP packet that passed on the wire."""

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


class RtpTap:
    """Sends and receives the telephone-events of one audio stream, and counts what passes on the wire."""

    def __init__(
        self,
        transport: RTCDtlsTransport,
        *,
        ssrc: int,
        media: Media,
        audio_payload_types: Iterable[int],
        event_clocks: dict[int, int],
        audio_rate: int,
        slot: Callable[[float], Slot],
        observer: CallObserver,
        clock: Callable[[], float],
    ) -> None:
        """Attach to the transport; raise UnsupportedAiortc when it is not as we know it.

        `ssrc`: our audio's. `event_clocks`: clock by payload type of the events that may arrive. `slot`: asked once
        per outgoing audio packet while `events_enabled` and a telephone-event was negotiated.
        """
        check_aiortc(transport)
        self.events_enabled = True
        self.sent = Count()
        self.received = Count()
        self.records: deque[PacketRecord] = deque(maxlen=MAX_RECORDS)
        self._transport = transport
        self._ssrc = ssrc
        self._media = media
        self._event_clocks = event_clocks
        self._rate = audio_rate
        self._slot = slot
        self._observer = observer
        self._clock = clock
        self._position = 0
        self._egress = Egress(media.event_payload_type, media.event_clock or media.clock)
        self._ingress = Ingress(frozenset(audio_payload_types), media.clock)
        self._lateness = Lateness(media.clock)
        self._events: dict[Direction, EventReceiver] = {"sent": EventReceiver(), "received": EventReceiver()}
        self._timer: asyncio.TimerHandle | None = None
        """Fires when an event may be over."""
        self._send_rtp, self._handle_rtp_data = (getattr(transport, name) for name in SEAMS)
        self._hooks = dict(zip(SEAMS, (self._send, self._receive), strict=True))
        for name, hook in self._hooks.items():
            setattr(transport, name, hook)

    @property
    def lost(self) -> int:
        """Received sequence numbers that never came."""
        return self._ingress.lost

    @property
    def duplicates(self) -> int:
        """Received packets that came again."""
        return self._ingress.duplicates

    @property
    def jitter(self) -> float:
        """Interarrival jitter of received audio, seconds (RFC 3550)."""
        return self._ingress.jitter

    def lateness(self) -> tuple[float, float]:
        """Return p99 and maximum of the last ten seconds' send times against the 20 ms grid, seconds."""
        return self._lateness.p99_and_max()

    def detach(self) -> None:
        """Give the transport back as it was and report events that are still open as ended; harmless when repeated."""
        for name, hook in self._hooks.items():
            if vars(self._transport).get(name) == hook:
                delattr(self._transport, name)
        for direction, events in self._events.items():
            self._report(direction, events.flush(self._clock()))
        self._arm()

    async def _send(self, data: bytes) -> None:
        """Stand in for the coroutine that encrypts and sends RTP and RTCP."""
        packet = None if is_rtcp(data) else _parse(data)
        if packet is None or packet.ssrc != self._ssrc:
            await self._send_rtp(data)
            return
        t = self._clock()
        asked = self.events_enabled and self._media.event_payload_type is not None
        slot = (_guarded(self._slot, t) or SILENT) if asked else SILENT
        self._position += round(self._rate * SLOT_SECONDS)
        for outgoing in self._egress.packets(packet, slot):
            wire = bytes(outgoing)
            await self._send_rtp(wire)
            self._note_sent(RtpPacket.parse(wire), len(wire), self._clock())
        self._lateness.add(packet.timestamp, self._clock())

    def _note_sent(self, packet: RtpPacket, size: int, t: float) -> None:
        if packet.payload_type == self._media.event_payload_type:
            assert self._media.event_clock is not None
            self.sent.events += 1
            self._record("sent", packet, size, t, event=True)
            self._observe("sent", packet, self._media.event_clock, t)
        else:
            self.sent.audio += 1
            self._record("sent", packet, size, t, event=False)
            self._events["sent"].media_packet(ssrc=packet.ssrc)
            _guarded(self._observer.audio_sent, self._position, self._rate, t)

    async def _receive(self, data: bytes, arrival_time_ms: int) -> None:
        """Stand in for the coroutine that takes decrypted RTP."""
        packet = _parse(data)
        if packet is None:
            return
        t = self._clock()
        clock = self._event_clocks.get(packet.payload_type)
        self._record("received", packet, len(data), t, event=clock is not None)
        handed_on = self._ingress.feed(packet, t)
        if clock is not None:
            self.received.events += 1
            self._observe("received", packet, clock, t)
        elif self._ingress.is_audio(packet):
            self.received.audio += 1
            self._events["received"].media_packet(ssrc=packet.ssrc)
        for each in handed_on:
            await self._handle_rtp_data(bytes(each), arrival_time_ms=arrival_time_ms)

    def _record(self, direction: Direction, packet: RtpPacket, size: int, t: float, *, event: bool) -> None:
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

    def _observe(self, direction: Direction, packet: RtpPacket, clock_rate: int, t: float) -> None:
        reports = self._events[direction].packet(
            ssrc=packet.ssrc,
            sequence=packet.sequence,
            timestamp=packet.timestamp,
            marker=packet.marker,
            payload=packet.payload,
            payload_type=packet.payload_type,
            clock_rate=clock_rate,
            t=t,
        )
        self._report(direction, reports)
        self._arm()

    def _arm(self) -> None:
        """Look again when the next event may be over: nothing else tells when its packets just stay away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadlines = [events.deadline for events in self._events.values() if events.deadline is not None]
        if deadlines:
            delay = max(0.0, min(deadlines) - self._clock()) + TIMER_SECONDS
            self._timer = asyncio.get_running_loop().call_later(delay, self._expire)

    def _expire(self) -> None:
        for direction, events in self._events.items():
            self._report(direction, events.tick(self._clock()))
        self._arm()

    def _report(self, direction: Direction, reports: list[Report]) -> None:
        for report in reports:
            match report:
                case EventStarted():
                    _guarded(self._observer.event_started, direction, report)
                case EventEnded():
                    _guarded(self._observer.event_ended, direction, report)
                case EventProblem():
                    _guarded(self._observer.event_problem, direction, report)


def check_aiortc(transport: object) -> None:
    """Raise UnsupportedAiortc unless the transport has both seams as we know them."""
    for name, parameters in SEAMS.items():
        seam = getattr(transport, name, None)
        if (
            not isinstance(transport, RTCDtlsTransport)
            or not inspect.iscoroutinefunction(seam)
            or list(inspect.signature(seam).parameters) != parameters
        ):
            raise UnsupportedAiortc(
                f"aiortc {aiortc.__version__} is not supported: its transport has no coroutine "
                f"{name}({', '.join(parameters)}). Install a version that dtmfphone was tested with (1.14 to 1.16)."
            )


def _guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Let a fault of whoever listens reach the loop's exception handler instead of ending aiortc's tasks."""
    try:
        return call(*args, **kwargs)
    except Exception as error:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "A listener of the RTP tap failed.", "exception": error}
        )
        return None


def _parse(data: bytes) -> RtpPacket | None:
    try:
        return RtpPacket.parse(data)
    except RtpPacketError:
        return None
