"""The incoming stream: events to their watch, audio through the jitter buffer and a decoder to the sink."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from dtmfphone.calls.event_watch import EventWatch
from dtmfphone.calls.guarded import guarded
from dtmfphone.calls.media import AudioSink
from dtmfphone.calls.packet_log import PacketLog
from dtmfphone.calls.rtp.codecs import CLOCKS, Decoder, UndecodableError, open_decoder
from dtmfphone.rtp.jitter_buffer import Frame, JitterBuffer
from dtmfphone.rtp.packet import RtpPacket
from dtmfphone.rtp.payload import units
from dtmfphone.rtp.reception import Reception
from dtmfphone.rtp.stream import StreamParameters

COMFORT_NOISE: Final = 13
"""Payload type of RFC 3389; it is not played."""
CLOCK: Final = 8000
"""RTP clock of a source before its first audio, Hz."""
MAX_SOURCES: Final = 8
SILENT_SECONDS: Final = 0.2
"""A source that is silent for so long gives way to an earlier one that goes on."""


class _Source:
    """One SSRC of the far end."""

    def __init__(self, ssrc: int, began: int) -> None:
        self.reception = Reception(ssrc, CLOCK)
        self.buffer = JitterBuffer(CLOCK)
        self.began = began
        """Sources in the order in which they came up."""
        self.heard = 0.0

    def change_clock(self, clock_rate: int, t: float) -> list[Frame]:
        """Go on with audio on another RTP clock; return the frames on the old one."""
        frames = self.buffer.flush(t)
        self.reception.change_clock(clock_rate)
        self.buffer = JitterBuffer(clock_rate)
        return frames


class Receiver:
    """Takes the packets that come from the far end; counters are sums over its sources."""

    def __init__(self, sink: AudioSink, events: EventWatch, log: PacketLog) -> None:
        self.undecodable = 0
        self._sink = sink
        self._events = events
        self._log = log
        self._decoders: dict[int, tuple[str, int, Decoder]] = {}
        """Codec, RTP clock and decoder by payload type."""
        self._event_clocks: Mapping[int, int] = {}
        self._sources: OrderedDict[int, _Source] = OrderedDict()
        self._current: _Source | None = None
        """The one that is played."""
        self._count = 0
        self._lost_before = 0
        """By sources that are forgotten."""
        self._leftover: list[Frame] = []
        """Frames of a source that gave way to another."""

    def use(self, parameters: StreamParameters) -> None:
        """Take these payload types from now on; raise CallError where there is no such codec, and change nothing."""
        known = {codec: decoder for codec, _, decoder in self._decoders.values()}
        opened = {codec: known.get(codec) or open_decoder(codec) for codec in set(parameters.receive.values())}
        clocks = CLOCKS | {parameters.codec: parameters.clock}
        self._decoders = {number: (codec, clocks[codec], opened[codec]) for number, codec in parameters.receive.items()}
        self._event_clocks = parameters.receive_events

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._lost_before + sum(source.reception.lost for source in self._sources.values())

    @property
    def jitter(self) -> float:
        """Interarrival jitter of the source that is played, seconds."""
        return self._current.reception.jitter.seconds if self._current is not None else 0.0

    def receptions(self, since: float) -> list[Reception]:
        """Return what is known of the sources heard since a time."""
        return [source.reception for source in self._sources.values() if source.heard >= since]

    def knows(self, ssrc: int) -> bool:
        """Whether packets of this source came."""
        return ssrc in self._sources

    @property
    def empty(self) -> bool:
        """Whether nothing has come at all."""
        return not self._sources

    def expects(self, packet: RtpPacket) -> bool:
        """Whether a packet's payload type was agreed on."""
        kind = packet.payload_type
        return kind in self._decoders or kind in self._event_clocks or kind == COMFORT_NOISE

    def packet(self, packet: RtpPacket, size: int, t: float) -> None:
        """Take a packet of `size` bytes whose payload type was agreed on; it arrived at `t`."""
        clock = self._event_clocks.get(packet.payload_type)
        self._log.note("received", packet, size, t, event=clock is not None)
        source = self._source(packet.ssrc)
        number = source.reception.packet(packet.sequence)
        source.heard = t
        if clock is not None:
            self._log.received.events += 1
            self._events.event_packet("received", packet, clock, t)
            return
        self._log.received.audio += 1
        self._events.media_packet("received", packet.ssrc)
        if number is None or packet.payload_type == COMFORT_NOISE:
            return
        codec, clock_rate, _ = self._decoders[packet.payload_type]
        length = units(codec, packet.payload)
        if not length:
            self.undecodable += 1
            return
        if clock_rate != source.reception.clock_rate:
            self._leftover += source.change_clock(clock_rate, t)
        source.reception.jitter.add(packet.timestamp, t)
        source.buffer.put(number, packet.timestamp, packet.payload_type, packet.payload, length, t)
        if source is not self._current:
            self._consider(source, t)

    def play(self, t: float, *, heard: bool) -> None:
        """Push into the sink what is due by `t`; drop it where nobody is to hear it."""
        frames, self._leftover = self._leftover, []
        if self._current is not None:
            frames += self._current.buffer.take(t)
        for frame in frames:
            if frame.payload_type not in self._decoders or not heard:
                continue
            decoder = self._decoders[frame.payload_type][2]
            try:
                pcm = decoder.decode(frame.payload)
            except UndecodableError:
                self.undecodable += 1
                continue
            guarded(self._sink.push, pcm, decoder.rate, frame.due, jump=frame.gap != 0.0)

    def _source(self, ssrc: int) -> _Source:
        source = self._sources.get(ssrc)
        if source is None:
            self._count += 1
            source = self._sources[ssrc] = _Source(ssrc, self._count)
            if len(self._sources) > MAX_SOURCES:
                oldest = next(each for each in self._sources.values() if each is not self._current)
                self._lost_before += oldest.reception.lost
                del self._sources[oldest.reception.ssrc]
        return source

    def _consider(self, source: _Source, t: float) -> None:
        """Play another source than before: the first, one that came up later, or one that goes on alone."""
        current = self._current
        if current is not None:
            newer = source.began > current.began and source.reception.received > 1
            if not newer and t - current.heard < SILENT_SECONDS:
                return
            self._leftover += current.buffer.flush(t)
        self._current = source
