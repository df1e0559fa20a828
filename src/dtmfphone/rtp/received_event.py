"""One telephone-event as its packets arrive: what they claim, how many came, and what is odd about them."""

from typing import Final

from dtmfphone.rtp.telephone_event import TelephoneEvent

WINDOW: Final = 64
"""A packet that comes so many sequence numbers late counts as a duplicate."""
CLOCKS: Final = (8000, 16000, 24000, 32000, 48000)
"""Clock rates in use for audio."""
MAX_FIRST_SECONDS: Final = 0.1
"""The first packet of an event cannot claim more: updates come every 20 to 50 ms."""
TOO_FAST_SECONDS: Final = 0.1
"""Claimed growth may run ahead of arrival by this much (packets held up on the way come in a bunch)."""
TOO_SLOW_SECONDS: Final = 0.06
"""Claimed growth may stay behind by this much."""


class ReceivedEvent:
    """Counts the packets of one event; segments of a long event count together."""

    def __init__(
        self,
        number: int,
        block: TelephoneEvent,
        *,
        ssrc: int,
        timestamp: int,
        sequence: int,
        payload_type: int,
        clock_rate: int,
        t: float,
    ) -> None:
        self.id: Final = number
        self.code: Final = block.code
        self.volume: Final = block.volume
        self.ssrc: Final = ssrc
        self.timestamp: Final = timestamp
        self.payload_type: Final = payload_type
        self.clock_rate: Final = clock_rate
        self.start: Final = t
        self.end = t
        """Arrival of the first end packet, or before it of the last packet that let the event grow."""
        self.last = t
        """Arrival of the last packet."""
        self.first_end: float | None = None
        self.units = block.duration
        """Duration over all segments."""
        self.segment = timestamp
        """Timestamp of the newest segment."""
        self.segments = 1
        self.packets = 0
        self.end_packets = 0
        self.retransmits = 0
        self.duplicates = 0
        self.marker = False
        self.over = False
        """Its end was reported."""
        self.went_on = False
        """Packets that would let it grow came after that."""
        self._first_units: Final = block.duration
        self._grown_at = t
        self._markers = 0
        self._marker_sequence = 0
        self._reserved = False
        self._lowest = self._highest = sequence
        self._seen = 0
        """Bit k: sequence number `highest - k` has come."""
        self._others = self._others_since = 0
        self._notes: list[str] = []

    def add(self, block: TelephoneEvent, timestamp: int, sequence: int, *, marker: bool, t: float) -> bool:
        """Take a packet; returns whether the event grew or got its first end packet."""
        if not self._note_sequence(sequence):
            self.duplicates += 1
            return False
        self.packets += 1
        self.retransmits += self.first_end is not None
        self.last = t
        self._reserved |= block.reserved
        if marker:
            number = self._extended(sequence)
            self._marker_sequence = min(self._marker_sequence, number) if self.marker else number
            self.marker = True
            self._markers += 1
        units = self.units_claimed(block, timestamp)
        news = False
        if units > self.units:
            self.units = units
            self.end = self._grown_at = t
            news = True
        if block.end:
            self.end_packets += 1
            if self.first_end is None:
                self.first_end = self.end = t
                news = True
        return news

    def units_claimed(self, block: TelephoneEvent, timestamp: int) -> int:
        """Return the duration of the whole event according to a packet of one of its segments."""
        return ((timestamp - self.timestamp) & 0xFFFFFFFF) + block.duration

    def begin_segment(self, timestamp: int) -> None:
        """The event goes on in a new segment."""
        self.segment = timestamp
        self.segments += 1

    def note_other(self) -> None:
        """A packet that is none of this event took a sequence number."""
        self._others_since += 1

    def note(self, text: str) -> None:
        """Add an oddity."""
        self._notes.append(text)

    @property
    def segment_units(self) -> int:
        """Duration of the newest segment; negative before its first packet is counted."""
        return self.units - ((self.segment - self.timestamp) & 0xFFFFFFFF)

    @property
    def duration(self) -> float:
        """Claimed seconds."""
        return self.units / self.clock_rate

    @property
    def lost(self) -> int:
        """Sequence numbers between the first and the last that have not come."""
        return max(0, self._highest - self._lowest + 1 - self.packets - self._others)

    def notes(self) -> tuple[str, ...]:
        """Return what is odd about the event, in short phrases."""
        notes = list(self._notes)
        if not self.marker:
            notes.append("no marker bit")
        elif self._markers > 1:
            notes.append(f"marker bit on {self._markers} packets")
        elif not self._marker_first:
            notes.append("marker bit on a later packet than the first")
        if self.first_end is None:
            notes.append("no end packet")
        if self._reserved:
            notes.append("reserved bit is set")
        if clock_note := self._clock_note():
            notes.append(clock_note)
        return tuple(notes)

    @property
    def _marker_first(self) -> bool:
        return self.marker and self._marker_sequence == self._lowest

    def _clock_note(self) -> str:
        """Compare how the duration grew with the time that it took; empty where both agree."""
        grown = (self.units - self._first_units) / self.clock_rate
        took = self._grown_at - self.start
        if grown - took > TOO_FAST_SECONDS or (took - grown > TOO_SLOW_SECONDS and grown < took / 2):
            note = f"grew by {grown * 1000:.0f} ms within {took * 1000:.0f} ms: wrong clock, or held up on the way"
            if took > 0:
                rate = (self.units - self._first_units) / took
                note += "".join(f" ({clock} Hz would fit)" for clock in CLOCKS if abs(rate / clock - 1) < 0.1)
            return note
        first = self._first_units / self.clock_rate
        if first > MAX_FIRST_SECONDS and self._marker_first:
            return f"the first packet already claims {first * 1000:.0f} ms: wrong clock"
        return ""

    def _extended(self, sequence: int) -> int:
        """Return the sequence number without wrap, next to the highest."""
        return self._highest + ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000

    def _note_sequence(self, sequence: int) -> bool:
        """Return whether this sequence number is new."""
        number = self._extended(sequence)
        ahead = number - self._highest
        if ahead > 0:
            self._seen = self._seen << ahead if ahead < WINDOW else 0
            self._highest = number
            self._others += self._others_since
            self._others_since = 0
        bit = 1 << self._highest - number
        if bit >> WINDOW or self._seen & bit:
            return False
        self._seen = (self._seen | bit) & (1 << WINDOW) - 1
        self._lowest = min(self._lowest, number)
        return True
