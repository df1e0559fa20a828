"""RTP audio in both directions over a pair of UDP sockets, whatever the signalling.

source -> Sender -> [log, events sent] -> SRTP -> UDP -> wherever Remote says
sink <- Receiver <- [log, events received] <- SRTP <- UDP
"""

import asyncio
import ipaddress
import math
import random
from collections.abc import Callable
from typing import Final, Literal, Self

from dtmfphone.calls.call import CallError, CallObserver, CallStatistics, Media
from dtmfphone.calls.event_watch import EventWatch
from dtmfphone.calls.guarded import guarded
from dtmfphone.calls.lateness import Lateness
from dtmfphone.calls.media import AudioSink, AudioSource
from dtmfphone.calls.packet_log import PacketLog, PacketRecord
from dtmfphone.calls.rtp.codecs import require
from dtmfphone.calls.rtp.control import RECENT_SECONDS, Control
from dtmfphone.calls.rtp.pacemaker import EARLY_SECONDS, pacemaker
from dtmfphone.calls.rtp.ports import bind_pair
from dtmfphone.calls.rtp.receiver import Receiver
from dtmfphone.calls.rtp.remote import Remote
from dtmfphone.calls.rtp.sender import Outgoing, Sender
from dtmfphone.calls.rtp.srtp import Srtp
from dtmfphone.calls.rtp.udp_port import Address, UdpPort, address_text
from dtmfphone.calls.rtp.wire import OwnPorts, Wire
from dtmfphone.calls.send_schedule import SendSchedule
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.rtp.packet import RtpPacket, RtpPacketError, is_rtcp
from dtmfphone.rtp.reports import INTERVAL_SECONDS
from dtmfphone.rtp.rtcp import RtcpError
from dtmfphone.rtp.stream import StreamParameters

SILENCE_SECONDS: Final = 30.0
MAX_NOTICES: Final = 20


class RtpSession:
    """Sends and receives the audio and telephone-events of one call.

    `on_bye` is called when the far end ended the stream (RTCP BYE), with its reason or an empty text; `on_silence` when
    nothing came for `silence_seconds` while `receiving`, with the seconds, once per silence.
    """

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        *,
        source: AudioSource,
        sink: AudioSink,
        observer: CallObserver,
        slot: Callable[[float], Slot],
        clock: Callable[[], float],
        report_interval: float = INTERVAL_SECONDS,
    ) -> Self:
        """Bind a pair of ports, RTP on the even one; port 0: any pair. Raises CallError. Nothing is sent yet."""
        rtp, rtcp_port = (UdpPort(sock) for sock in await bind_pair(host, port))
        wire = OwnPorts(rtp, rtcp_port)
        session = cls(
            wire,
            source=source,
            sink=sink,
            observer=observer,
            slot=slot,
            clock=clock,
            report_interval=report_interval,
        )
        rtp.listen(session.datagram, session.refused)
        rtcp_port.listen(session.rtcp_datagram, lambda _address: None)
        return session

    def __init__(
        self,
        wire: Wire,
        *,
        source: AudioSource,
        sink: AudioSink,
        observer: CallObserver,
        slot: Callable[[float], Slot],
        clock: Callable[[], float],
        report_interval: float = INTERVAL_SECONDS,
    ) -> None:
        """`slot`: asked once per slot of 20 ms, with its time, while events can and may be sent."""
        self.host, self.port, self.rtcp_port = wire.host, wire.port, wire.rtcp_port
        self.media: Media | None = None
        """None until `start`."""
        self.last_received: float | None = None
        """When a packet of the far end came last."""
        self.on_bye: Callable[[str], None] | None = None
        self.on_silence: Callable[[float], None] | None = None
        self.on_refused: Callable[[str], None] | None = None
        """Called with the address where nobody listens, as long as nothing came; None: that is told by a notice."""
        self.silence_seconds = SILENCE_SECONDS
        self.junk = 0
        """Received datagrams that were none of this stream's."""
        self._wire = wire
        self._observer = observer
        self._clock = clock
        self._log = PacketLog()
        self._events = EventWatch(observer, clock)
        self._sender = Sender(source, slot, random.getrandbits)
        self._receiver = Receiver(sink, self._events, self._log)
        self._remote = Remote()
        self._control = Control(wire, self._remote, self._sender, self._receiver, report_interval)
        self._parameters: StreamParameters | None = None
        self._srtp: Srtp | None = None
        self._schedule: SendSchedule | None = None
        self._lateness = Lateness(8000)
        self._last_sent: float | None = None
        self._quiet_since = 0.0
        """When the far end was heard last, or could have been for the first time; infinite: told."""
        self._told: set[object] = set()
        """What needs no second notice."""
        self._closed = False

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events; False: `slot` is not asked."""
        return self._sender.events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._sender.events_enabled = enabled

    def start(self, parameters: StreamParameters) -> None:
        """Begin, or go on with what was negotiated anew; SSRC, sequence numbers and timestamps run on.

        Another RTP clock makes a new stream with another SSRC. Raises CallError where a codec is not available, or
        keys or address cannot be used; then all stays as it was. Does nothing after `close`.
        """
        if self._closed:
            return
        for codec in {parameters.codec, *parameters.receive.values()}:
            require(codec)
        address = _address(parameters)
        srtp = Srtp(parameters.srtp, self._srtp) if parameters.srtp is not None else None
        t = self._clock()
        if self._sending and not parameters.sending:
            self._pause()
        self._srtp = srtp
        self._parameters = parameters
        if self._sender.use(parameters):
            self._lateness = Lateness(parameters.clock)
        self._receiver.use(parameters)
        if address is not None or not parameters.remote_host:
            self._remote.agree(address, t)
        self._control.start(parameters.remote_rtcp_port, srtp, t)
        self._quiet_since = t
        self.media = self._describe(parameters)
        if self._schedule is None:
            self._schedule = SendSchedule(pacemaker().join(self._send_slot, self._play))

    def statistics(self) -> CallStatistics:
        """Return what this side counted; packets include those of events."""
        sent, received = self._log.sent, self._log.received
        p99, most = self._lateness.p99_and_max()
        reports = self._control.reports
        return CallStatistics(
            packets_sent=sent.audio + sent.events,
            packets_received=received.audio + received.events,
            packets_lost=self._receiver.lost,
            event_packets_sent=sent.events,
            event_packets_received=received.events,
            jitter_ms=self._receiver.jitter * 1000,
            lateness_p99_ms=p99 * 1000,
            lateness_max_ms=most * 1000,
            round_trip_ms=_milliseconds(reports.round_trip if reports is not None else None),
            remote_lost=reports.remote_lost if reports is not None else None,
            remote_jitter_ms=_milliseconds(reports.remote_jitter if reports is not None else None),
            junk_packets=self.junk + self._receiver.undecodable,
        )

    def packets(self) -> tuple[PacketRecord, ...]:
        """Return the RTP packets that passed last, oldest first."""
        return tuple(self._log.records)

    async def close(self, reason: str = "") -> None:
        """Send an RTCP BYE and free the ports; harmless when repeated."""
        if self._closed:
            return
        self._closed = True
        pacemaker().leave(self._send_slot)
        if self._sending:
            self._pause()
        t = self._clock()
        self._control.bye(t, self._timestamp(t), reason)
        self._events.close()
        self._wire.close()

    def datagram(self, data: bytes, source: Address) -> None:
        """Take what came on the RTP port."""
        if self._parameters is None or self._closed:
            return
        if is_rtcp(data):
            self.rtcp_datagram(data, source)
            return
        plain = data if self._srtp is None else self._srtp.unprotect(data)
        packet = None if plain is None else _parse(plain)
        t = self._clock()
        if plain is None or packet is None or not self._accepts(packet, source, t):
            self.junk += 1
            return
        self.last_received = self._quiet_since = t
        self._receiver.packet(packet, len(plain), t)

    def rtcp_datagram(self, data: bytes, source: Address) -> None:
        """Take what came on the RTCP port."""
        if self._parameters is None or self._closed:
            return
        t = self._clock()
        try:
            bye = self._control.take(data, source, self._parameters.clock, t)
        except RtcpError:
            self.junk += 1
            return
        if bye is not None and self.on_bye is not None:
            guarded(self.on_bye, bye)

    def knows(self, ssrc: int) -> bool:
        """Whether the far end sends with this SSRC."""
        return self._receiver.knows(ssrc)

    def refused(self, destination: Address) -> None:
        """The system of the far end says that nobody listens at one of its ports."""
        if destination != self._remote.address:
            return
        if self.on_refused is not None and self.last_received is None:
            guarded(self.on_refused, address_text(destination))
        else:
            self._tell(
                destination,
                "warning",
                f"Nobody listens at {address_text(destination)}, where the audio goes.",
                "Check address and port of the far end, and whether it runs.",
            )

    @property
    def _sending(self) -> bool:
        return self._parameters is not None and self._parameters.sending and self._remote.address is not None

    def _send_slot(self, now: float) -> float:
        """Send a slot if one is due; return when the next one is."""
        assert self._schedule is not None
        if (due := self._schedule.due(now)) > now + EARLY_SECONDS:
            return due
        slot = self._schedule.slot
        if self._sending:
            for outgoing in self._sender.next(slot, self._clock()):
                self._send(outgoing)
            self._lateness.add(self._sender.timestamp(slot), self._clock())
        self._schedule.sent(now)
        return self._schedule.due(now)

    def _play(self) -> None:
        """Play what is due, and do what is to be done now and then."""
        assert self._parameters is not None
        t = self._clock()
        self._receiver.play(t, heard=self._parameters.receiving)
        self._control.report(t, self._timestamp(t))
        if self._parameters.receiving and t - self._quiet_since >= self.silence_seconds:
            silence, self._quiet_since = t - self._quiet_since, math.inf
            if self.on_silence is not None:
                guarded(self.on_silence, silence)

    def _pause(self) -> None:
        assert self._schedule is not None
        for outgoing in self._sender.pause(self._schedule.slot):
            self._send(outgoing)

    def _send(self, outgoing: Outgoing) -> None:
        """Send a packet and note what the bytes that left say."""
        assert self._parameters is not None
        assert self._remote.address is not None
        data = bytes(outgoing.packet)
        failure = self._wire.send(data if self._srtp is None else self._srtp.protect(data), self._remote.address)
        if failure:
            text = f"Audio cannot be sent to {address_text(self._remote.address)}: {failure}."
            self._tell((failure, self._remote.address), "warning", text, "Check the network connection.")
            return
        t = self._last_sent = self._clock()
        packet = RtpPacket.parse(data)
        event = not outgoing.ends
        self._log.note("sent", packet, len(data), t, event=event)
        if event:
            self._log.sent.events += 1
            self._events.event_packet("sent", packet, self._parameters.event_clock or self._parameters.clock, t)
            return
        self._log.sent.audio += 1
        self._events.media_packet("sent", packet.ssrc)
        rate = outgoing.rate
        for end in outgoing.ends:
            guarded(self._observer.audio_sent, end, rate, t - (outgoing.ends[-1] - end) / rate)

    def _accepts(self, packet: RtpPacket, source: Address, t: float) -> bool:
        """Whether a packet belongs to the stream, as far as its payload type and where it comes from tell."""
        before = self._remote.address
        if not self._receiver.expects(packet):
            if source == before:
                text = f"The far end sends payload type {packet.payload_type}, which was not agreed on."
                self._tell(packet.payload_type, "warning", text, "Check its codecs: such packets are not played.")
            return False
        if not self._remote.accepts(packet, source, t):
            return False
        if self._remote.address != before:
            assert self._parameters is not None
            self._control.moved()
            self.media = self._describe(self._parameters)
            if before is not None:
                text = f"The far end sends from {address_text(source)}, not {address_text(before)}: audio goes there."
                self._tell((before, source), "info", text)
        return True

    def _timestamp(self, t: float) -> int | None:
        """Return the RTP timestamp of now; None where nothing was sent lately."""
        if self._schedule is None or self._last_sent is None or t - self._last_sent > RECENT_SECONDS:
            return None
        return self._sender.timestamp(self._schedule.position(asyncio.get_running_loop().time()))

    def _describe(self, parameters: StreamParameters) -> Media:
        return Media(
            codec=parameters.codec,
            clock=parameters.clock,
            payload_type=parameters.payload_type,
            event_payload_type=parameters.event_payload_type,
            event_clock=parameters.event_clock,
            event_codes=parameters.event_codes,
            secure=parameters.srtp is not None,
            remote=address_text(self._remote.address) if self._remote.address is not None else "",
        )

    def _tell(self, once: object, level: Literal["info", "warning"], text: str, remedy: str = "") -> None:
        """Give a notice, once."""
        if once not in self._told and len(self._told) < MAX_NOTICES:
            self._told.add(once)
            guarded(self._observer.notice, level, text, remedy)


def _address(parameters: StreamParameters) -> Address | None:
    """Return where the far end takes RTP; None where that is not known, or nowhere, as on hold (RFC 3264)."""
    host, port = parameters.remote_host, parameters.remote_port
    if not host or not port:
        return None
    try:
        unspecified = ipaddress.ip_address(host).is_unspecified
    except ValueError as error:
        raise CallError(
            f"{host!r} is not a network address to send audio to.", "Give an IPv4 or IPv6 address."
        ) from error
    return None if unspecified else (host, port)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _parse(data: bytes) -> RtpPacket | None:
    try:
        return RtpPacket.parse(data)
    except RtpPacketError:
        return None
