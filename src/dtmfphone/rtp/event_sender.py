"""Telephone-events in the outgoing packet stream (RFC 4733 section 2.5.1).

In each slot the caller says which event sounds, and sends what comes back in place of the slot's audio packet
(a: audio, M: first packet with the marker bit, E: end packet, -: nothing):

    tone             | 1 | 2 | 3 |
    style "cover"  a | M | . |EEE| a   a     packet k reports k slots and leaves with slot k, as in the RFC's examples
    style "elapsed"a | - | M | . |EEE| a     packet k reports the k slots before it, as browsers do

The end packet of style "cover" leaves with the last slot, so the caller marks that slot as `last`. Where the end is
not known in advance (a key that is held), no slot is marked: the end packets then take the place of the next slot's
audio and repeat the duration reported last.

A tone that comes too soon after the one before waits until the gap is kept; what follows it waits too, and the
delay goes with the next surplus of silence. No tone is shortened or lost.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from dtmfphone.rtp.telephone_event import MAX_DURATION, TelephoneEvent

EndSpacing = Literal["burst", "paced"]
"""All end packets in one slot, or one per slot."""
Style = Literal["cover", "elapsed"]


class EventPacket(NamedTuple):
    """An RTP packet to send; it takes the next sequence number."""

    payload: TelephoneEvent
    timestamp: int
    marker: bool


@dataclass(frozen=True)
class SlotOutput:
    """What leaves in one slot."""

    packets: tuple[EventPacket, ...] = ()
    """In place of the slot's audio packet; the first takes its sequence number, the others are extra."""
    audio: bool = False
    """Whether the slot's audio packet is sent; without packets and without audio nothing leaves."""


class _Wish(NamedTuple):
    code: int | None
    last: bool
    volume: int


@dataclass
class _Tone:
    """The event on the wire."""

    code: int
    volume: int
    segment: int
    """Timestamp of the current segment."""
    units: int = 0
    """Duration of the current segment so far."""
    reported: bool = False
    over: bool = False
    """The last slot of the tone was asked for."""


class EventSender:
    """Turns the event that sounds in each slot into telephone-event packets; one per outgoing stream."""

    def __init__(
        self,
        clock_rate: int,
        *,
        slot_seconds: float = 0.02,
        end_packets: int = 3,
        end_spacing: EndSpacing = "burst",
        style: Style = "cover",
        min_gap_slots: int = 2,
    ) -> None:
        if end_packets < 1:
            raise ValueError(f"An event needs at least one end packet, not {end_packets}.")
        if min_gap_slots < 1:
            raise ValueError(f"Two events need at least one slot between them, not {min_gap_slots}.")
        self._slot_units: Final = round(clock_rate * slot_seconds)
        self._end_packets: Final = end_packets
        self._burst: Final = end_spacing == "burst"
        self._cover: Final = style == "cover"
        self._min_gap: Final = min_gap_slots
        self._wishes: deque[_Wish] = deque()
        """This slot's wish, after those that had to wait."""
        self._tone: _Tone | None = None
        self._gap = min_gap_slots
        """Slots since the last tone, up to the least gap."""
        self._ends: list[EventPacket] = []
        """End packets still to be sent."""

    def slot(self, code: int | None, timestamp: int, *, last: bool = False, volume: int = 10) -> SlotOutput:
        """Return what to send in a slot in which the event `code` sounds (None: no event).

        `timestamp` is the RTP timestamp of the slot's audio packet. `last`: the event ends with this slot; the same
        code in the next slot is a new event. The volume of an event is that of its first slot.
        """
        self._wishes.append(_Wish(code, last, volume))
        self._drop_surplus_silence()
        wish = self._wishes[0]
        tone = self._tone
        if tone is not None and (tone.over or wish.code != tone.code):
            self._end(tone)
            tone = self._tone = None
        if wish.code is None or (tone is None and self._gap < self._min_gap):
            if wish.code is None:
                self._wishes.popleft()
            self._gap = min(self._gap + 1, self._min_gap)
            return self._silent_slot()
        self._wishes.popleft()
        packets = []
        if tone is None:
            packets, self._ends = self._ends, []
            tone = self._tone = _Tone(wish.code, wish.volume, timestamp)
            self._gap = 0
        if self._cover:
            tone.units += self._slot_units
            if wish.last:
                self._end(tone)
                self._tone = None
                packets += self._due_ends()
            else:
                packets += self._report(tone)
        else:
            if tone.units:
                packets += self._report(tone)
            tone.units += self._slot_units
            tone.over = wish.last
        return SlotOutput(tuple(packets))

    def _drop_surplus_silence(self) -> None:
        while self._tone is None and len(self._wishes) > 1 and self._wishes[0].code is None:
            self._wishes.popleft()

    def _silent_slot(self) -> SlotOutput:
        packets = tuple(self._due_ends())
        return SlotOutput(packets, audio=not packets)

    def _due_ends(self) -> list[EventPacket]:
        count = len(self._ends) if self._burst else 1
        due, self._ends = self._ends[:count], self._ends[count:]
        return due

    def _report(self, tone: _Tone) -> list[EventPacket]:
        """Report the duration so far; a full segment is reported as full, and the next report begins a new one."""
        return self._full_segments(tone) or [self._packet(tone, tone.units, end=False)]

    def _full_segments(self, tone: _Tone) -> list[EventPacket]:
        packets = []
        while tone.units > MAX_DURATION:
            packets.append(self._packet(tone, MAX_DURATION, end=False))
            tone.segment = (tone.segment + MAX_DURATION) & 0xFFFFFFFF
            tone.units -= MAX_DURATION
        return packets

    def _end(self, tone: _Tone) -> None:
        """Prepare the end packets of an event."""
        self._ends = self._full_segments(tone)
        for _ in range(self._end_packets):
            self._ends.append(self._packet(tone, tone.units, end=True))

    def _packet(self, tone: _Tone, duration: int, *, end: bool) -> EventPacket:
        marker = not tone.reported
        tone.reported = True
        return EventPacket(TelephoneEvent(tone.code, end, tone.volume, duration), tone.segment, marker)
