"""The outgoing stream: audio and telephone-events by slots of 20 ms, as RTP packets with continuous numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from dtmfphone.calls.guarded import guarded
from dtmfphone.calls.media import SLOT_SECONDS, AudioSource, Pcm
from dtmfphone.calls.rtp.codecs import JOINABLE, Encoder, open_encoder
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.dtmf.keys import key_of
from dtmfphone.rtp.event_sender import EventSender
from dtmfphone.rtp.packet import RtpPacket
from dtmfphone.rtp.stream import StreamParameters

MAX_PACKET_MS: Final = 60


@dataclass
class Outgoing:
    """A packet to be sent."""

    packet: RtpPacket
    ends: tuple[int, ...] = ()
    """Where its frames of audio end, in samples pulled; empty for an event."""
    rate: int = 0
    """Of these samples, Hz."""


class Sender:
    """Makes the packets of one stream. Timestamps follow the slots; sequence numbers follow the packets."""

    def __init__(self, source: AudioSource, slot: Callable[[float], Slot], random: Callable[[int], int]) -> None:
        """`slot`: asked once per slot while `events_enabled` and events were negotiated. `random`: of so many bits."""
        self.events_enabled = True
        self.ssrc = random(32)
        self.packets = 0
        self.octets = 0
        self.parameters: StreamParameters | None = None
        self._source = source
        self._slot = slot
        self._random = random
        self._sequence = random(16)
        self._origin = random(32)
        """Timestamp of slot 0."""
        self._position = 0
        self._encoder: Encoder | None = None
        self._rate = 0
        self._events: EventSender | None = None
        self._joined: list[tuple[bytes, int]] = []
        """Payloads that wait for others to share their packet, each with its position."""
        self._joined_timestamp = 0
        self._last_slot: int | None = None
        self._sounding = self._ended_early = False
        self._talking = False
        """Whether the slot before was sent; the marker tells where it was not."""

    def use(self, parameters: StreamParameters) -> bool:
        """Send with these from the next slot on; returns whether the stream is a new one, with another SSRC.

        Raises CallError where there is no such codec; then nothing has changed.
        """
        before = self.parameters
        if before is None or before.codec != parameters.codec:
            self._encoder = open_encoder(parameters.codec)
            self._rate = self._encoder.rate
        clock = parameters.event_clock or parameters.clock
        if before is None or (before.event_clock or before.clock) != clock:
            self._events = EventSender(clock)
        self.parameters = parameters
        if before is None or before.clock == parameters.clock:
            return before is None
        self.ssrc, self._sequence, self._origin = self._random(32), self._random(16), self._random(32)
        self.packets = self.octets = 0
        self._joined.clear()
        self._talking = False
        return True

    def timestamp(self, slot: float) -> int:
        """Return the timestamp of a slot, or of a moment within one."""
        assert self.parameters is not None
        return (self._origin + round(slot * self.parameters.clock * SLOT_SECONDS)) & 0xFFFFFFFF

    def pause(self, slot: int) -> list[Outgoing]:
        """Return what is to be sent before nothing is: audio that waits, and the end of an event."""
        out = self._flush()
        out += self._event_packets(SILENT, slot)[0]
        self._talking = False
        self._ended_early = self._sounding
        return out

    def next(self, slot: int, t: float) -> list[Outgoing]:
        """Return the packets of a slot that leaves at `t`."""
        assert self.parameters is not None
        assert self._encoder is not None
        pcm = guarded(self._pull, t)
        if pcm is None:
            pcm = np.zeros(round(self._rate * SLOT_SECONDS), np.int16)
        self._position += len(pcm)
        if self._last_slot != slot - 1:
            self._talking = False
        self._last_slot = slot
        payload = self._encoder.encode(pcm)
        events, audio = self._event_packets(self._key(t), slot)
        if not audio:
            return events
        if not self._joined:
            self._joined_timestamp = self.timestamp(slot)
        self._joined.append((payload, self._position))
        limit = min(self.parameters.packet_ms, MAX_PACKET_MS) // 20 if self.parameters.codec in JOINABLE else 1
        return events + (self._flush() if len(self._joined) >= limit else [])

    def _key(self, t: float) -> Slot:
        """Return the key that sounds in a slot, without what is left of one that a pause ended."""
        assert self.parameters is not None
        if not self.events_enabled or self.parameters.event_payload_type is None:
            return SILENT
        key = guarded(self._slot, t) or SILENT
        self._sounding = key.char is not None and not key.last
        if self._ended_early:
            self._ended_early = self._sounding
            return SILENT
        return key

    def _pull(self, t: float) -> Pcm:
        samples = round(self._rate * SLOT_SECONDS)
        pcm = self._source.pull(samples, self._rate, t)
        if pcm.shape != (samples,) or pcm.dtype != np.int16:
            raise ValueError(f"The audio source gave {pcm.dtype} of shape {pcm.shape}, not int16 of ({samples},).")
        return np.ascontiguousarray(pcm)

    def _event_packets(self, key: Slot, slot: int) -> tuple[list[Outgoing], bool]:
        """Return the event packets of a slot, and whether its audio leaves too."""
        assert self.parameters is not None
        assert self._events is not None
        code = key_of(key.char).code if key.char is not None else None
        if code not in self.parameters.event_codes:
            code = None
        output = self._events.slot(code, self.timestamp(slot), last=key.last)
        payload_type = self.parameters.event_payload_type
        if payload_type is None:
            return [], True
        out = self._flush() if output.packets else []
        for event in output.packets:
            out.append(self._packet(payload_type, event.timestamp, event.payload.serialize(), marker=event.marker))
        return out, output.audio

    def _flush(self) -> list[Outgoing]:
        if not self._joined:
            return []
        assert self.parameters is not None
        payload = b"".join(payload for payload, _ in self._joined)
        ends = tuple(end for _, end in self._joined)
        self._joined.clear()
        out = self._packet(self.parameters.payload_type, self._joined_timestamp, payload, marker=not self._talking)
        out.ends, out.rate = ends, self._rate
        self._talking = True
        return [out]

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool) -> Outgoing:
        packet = RtpPacket(
            payload_type=payload_type,
            marker=marker,
            sequence=self._sequence,
            timestamp=timestamp,
            ssrc=self.ssrc,
            payload=payload,
        )
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        return Outgoing(packet)
