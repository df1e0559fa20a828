"""Two seams in aiortc's DTLS transport through which all RTP passes unencrypted:

    OutgoingTrack -> aiortc encoder -> [ egress: events replace audio ] -> SRTP -> wire
    TrackReader <- aiortc decoder, jitter buffer <- [ ingress: events taken out ] <- SRTP <- wire

The only module that knows aiortc's private names for this. aiortc itself never hears of telephone-events: its codec
table, decoder and jitter buffer cannot carry them. The RTCP reports that it sends count what it was handed.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Final

import aiortc
from aiortc import RTCDtlsTransport

from dtmfphone.calls.call import CallObserver, Media
from dtmfphone.calls.event_watch import EventWatch
from dtmfphone.calls.guarded import guarded
from dtmfphone.calls.lateness import Lateness
from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.calls.packet_log import PacketLog
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.calls.webrtc.egress import Egress
from dtmfphone.calls.webrtc.ingress import Ingress
from dtmfphone.rtp.packet import RtpPacket, RtpPacketError, is_rtcp

SEAMS: Final = {"_send_rtp": ["data"], "_handle_rtp_data": ["data", "arrival_time_ms"]}
"""Coroutines of the transport and their parameters."""


class UnsupportedAiortc(RuntimeError):
    """This version of aiortc has no seams where we know them."""


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
        self.packets = PacketLog()
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
        self._events = EventWatch(observer, clock)
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
        self._events.close()

    async def _send(self, data: bytes) -> None:
        """Stand in for the coroutine that encrypts and sends RTP and RTCP."""
        packet = None if is_rtcp(data) else _parse(data)
        if packet is None or packet.ssrc != self._ssrc:
            await self._send_rtp(data)
            return
        t = self._clock()
        asked = self.events_enabled and self._media.event_payload_type is not None
        slot = (guarded(self._slot, t) or SILENT) if asked else SILENT
        self._position += round(self._rate * SLOT_SECONDS)
        for outgoing in self._egress.packets(packet, slot):
            wire = bytes(outgoing)
            await self._send_rtp(wire)
            self._note_sent(RtpPacket.parse(wire), len(wire), self._clock())
        self._lateness.add(packet.timestamp, self._clock())

    def _note_sent(self, packet: RtpPacket, size: int, t: float) -> None:
        if packet.payload_type == self._media.event_payload_type:
            assert self._media.event_clock is not None
            self.packets.sent.events += 1
            self.packets.note("sent", packet, size, t, event=True)
            self._events.event_packet("sent", packet, self._media.event_clock, t)
        else:
            self.packets.sent.audio += 1
            self.packets.note("sent", packet, size, t, event=False)
            self._events.media_packet("sent", packet.ssrc)
            guarded(self._observer.audio_sent, self._position, self._rate, t)

    async def _receive(self, data: bytes, arrival_time_ms: int) -> None:
        """Stand in for the coroutine that takes decrypted RTP."""
        packet = _parse(data)
        if packet is None:
            return
        t = self._clock()
        clock = self._event_clocks.get(packet.payload_type)
        self.packets.note("received", packet, len(data), t, event=clock is not None)
        handed_on = self._ingress.feed(packet, t)
        if clock is not None:
            self.packets.received.events += 1
            self._events.event_packet("received", packet, clock, t)
        elif self._ingress.is_audio(packet):
            self.packets.received.audio += 1
            self._events.media_packet("received", packet.ssrc)
        for each in handed_on:
            await self._handle_rtp_data(bytes(each), arrival_time_ms=arrival_time_ms)


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


def _parse(data: bytes) -> RtpPacket | None:
    try:
        return RtpPacket.parse(data)
    except RtpPacketError:
        return None
