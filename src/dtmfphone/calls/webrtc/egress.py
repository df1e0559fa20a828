"""Outgoing packets: telephone-events in the place of audio, one continuous sequence of numbers."""

from dataclasses import replace

from dtmfphone.calls.tone_timer import Slot
from dtmfphone.dtmf.keys import key_of
from dtmfphone.rtp.event_sender import EventSender
from dtmfphone.rtp.packet import RtpPacket


class Egress:
    """Turns each outgoing audio packet and the key that sounds in it into what leaves.

    An event packet keeps the header extensions of the audio packet that it replaces. Timestamps are never shifted;
    sequence numbers are, by the end packets that were extra.
    """

    def __init__(self, event_payload_type: int | None, clock: int) -> None:
        self._payload_type = event_payload_type
        self._sender = EventSender(clock)
        self._extra = 0

    def packets(self, audio: RtpPacket, slot: Slot) -> list[RtpPacket]:
        """Return the packets that leave for this one; exactly once per audio packet, in order."""
        sequence = audio.sequence + self._extra
        if self._payload_type is None:
            return [replace(audio, sequence=sequence & 0xFFFF)]
        code = key_of(slot.char).code if slot.char is not None else None
        output = self._sender.slot(code, audio.timestamp, last=slot.last)
        packets = [
            replace(
                audio,
                payload_type=self._payload_type,
                marker=event.marker,
                sequence=(sequence + i) & 0xFFFF,
                timestamp=event.timestamp,
                payload=event.payload.serialize(),
                flags=audio.flags & ~0x20,
                padding=b"",
            )
            for i, event in enumerate(output.packets)
        ]
        if output.audio:
            packets.append(replace(audio, sequence=(sequence + len(packets)) & 0xFFFF))
        self._extra += len(packets) - 1
        return packets
