"""Sequence numbers of received audio as if no telephone-event had been in between.

aiortc's jitter buffer stalls on every hole. So events are taken out of the numbering, and a packet that is missing for
good, or an event that comes late, is replaced by an empty packet that melts into the audio before it.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

PATIENCE = 3
"""Newer packets after which a missing one is filled."""
RESYNC = 500
"""A jump of the numbering beyond this is a new beginning."""
REMEMBERED = 64
"""Filled numbers that are recognised when their packet comes after all."""


class Filler(NamedTuple):
    """An empty packet to hand on."""

    sequence: int
    timestamp: int


class _Hole(NamedTuple):
    taken_out: int
    """Events before it."""
    timestamp: int
    """Of the audio before it."""


@dataclass(frozen=True)
class Renumbered:
    """What to hand on for a packet that came."""

    sequence: int | None
    """The packet's new number; None: it is not handed on."""
    fillers: tuple[Filler, ...] = ()


class Renumbering:
    """State of one received stream."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._highest = 0
        """Numbers are unwrapped: they grow beyond 16 bits."""
        self._taken_out = 0
        self._timestamp = 0
        self._holes: dict[int, _Hole] = {}
        self._filled: deque[int] = deque(maxlen=REMEMBERED)
        self._skipped = 0
        """Numbers jumped over at new beginnings."""
        self.received = 0
        self.duplicates = 0

    @property
    def lost(self) -> int:
        """Packets that have not come (RFC 3550 section 6.4.1: expected minus received)."""
        if self._first is None:
            return 0
        return max(0, self._highest - self._first + 1 - self._skipped - self.received)

    def packet(self, sequence: int, timestamp: int, *, event: bool) -> Renumbered:
        """Take a packet that came: an event, which is taken out, or audio."""
        if self._first is None:
            self._first = sequence
            self._highest = sequence - 1
        ahead = (sequence - self._highest + 0x8000) % 0x10000 - 0x8000
        if ahead > RESYNC:
            self._skipped += ahead - 1
            self._holes.clear()
            self._highest += ahead - 1
            ahead = 1
        return self._newer(ahead, timestamp, event) if ahead > 0 else self._older(self._highest + ahead, event)

    def _newer(self, ahead: int, timestamp: int, event: bool) -> Renumbered:
        for missing in range(self._highest + 1, self._highest + ahead):
            self._holes[missing] = _Hole(self._taken_out, self._timestamp)
        self._highest += ahead
        self.received += 1
        number = None
        if event:
            self._taken_out += 1
        else:
            number = _wire(self._highest - self._taken_out)
            self._timestamp = timestamp
        due = [missing for missing in self._holes if self._highest - missing >= PATIENCE]
        self._filled.extend(due)
        return Renumbered(number, tuple(self._fill(missing) for missing in due))

    def _older(self, number: int, event: bool) -> Renumbered:
        hole = self._holes.get(number)
        if hole is None:
            if number in self._filled:
                self._filled.remove(number)
                self.received += 1
            else:
                self.duplicates += 1
            return Renumbered(None)
        self.received += 1
        if event:
            return Renumbered(None, (self._fill(number),))
        del self._holes[number]
        return Renumbered(_wire(number - hole.taken_out))

    def _fill(self, number: int) -> Filler:
        hole = self._holes.pop(number)
        return Filler(_wire(number - hole.taken_out), hole.timestamp)


def _wire(number: int) -> int:
    return number % 0x10000
