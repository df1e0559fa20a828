"""Received audio in order, each frame when it is due.

    arrives   10   11e 12e  14   13        16  17        e: telephone-event, never put in
    put in    10            14   13        16  17        numbers tell the order, timestamps tell the time
    comes out    10              13   14        16  17   15 is given up when 16 is due, and 16 tells of the gap

A frame is due when its timestamp says, on a clock set by the packet that had the quickest way within the last
seconds, plus a delay that covers the slowest. So nothing waits for a number: events that took some leave no hole.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

MIN_DELAY_SECONDS: Final = 0.04
MAX_DELAY_SECONDS: Final = 0.2
MARGIN_SECONDS: Final = 0.02
"""Delay beyond the largest difference seen."""
WINDOW_SECONDS: Final = 8
"""So long are quick and slow packets remembered: as long it takes for the delay to shrink."""
RESYNC_SECONDS: Final = 0.5
"""A packet that is so far off its time sets the clock anew."""
MAX_FRAMES: Final = 64
"""Frames that wait; when there are more the first one is due at once."""
TOLERANCE_SECONDS: Final = 0.001
"""Frames that are so close are continuous."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The audio of one packet."""

    payload: bytes
    payload_type: int
    timestamp: int
    due: float
    """When it is to be played, seconds."""
    gap: float
    """Seconds of audio missing before it, by the timestamps; negative: they went back; 0: it is continuous."""


@dataclass(slots=True)
class _Waiting:
    payload: bytes
    payload_type: int
    timestamp: int
    """Unwrapped."""
    units: int
    clock: int
    """Which setting of the clock it belongs to."""


class JitterBuffer:
    """The frames of one source; times are the caller's monotonic seconds. Memory is bounded, whatever arrives."""

    def __init__(self, clock_rate: int) -> None:
        self.delay = MIN_DELAY_SECONDS
        """Seconds from the quickest packet's arrival until it is played."""
        self._clock_rate: Final = clock_rate
        self._waiting: dict[int, _Waiting] = {}
        """By number."""
        self._first: int | None = None
        """The lowest number that waits."""
        self._newest: tuple[int, int] | None = None
        """Highest number and its timestamp, unwrapped."""
        self._played: int | None = None
        self._played_due = -math.inf
        self._given_up: deque[int] = deque(maxlen=MAX_FRAMES)
        """Numbers before the one played last that had not come."""
        self._next = 0
        """Timestamp with which audio goes on, unwrapped."""
        self._clock = 0
        """Times that the clock was set."""
        self._base = 0.0
        """Arrival minus timestamp of the quickest packet, seconds."""
        self._transits: deque[tuple[int, float, float]] = deque()
        """Least and most of arrival minus timestamp, by second."""

    def put(self, number: int, timestamp: int, payload_type: int, payload: bytes, units: int, t: float) -> None:
        """Take audio of so many timestamp units that arrived at `t`; `number`: its sequence number, unwrapped.

        Repeats are dropped, and what comes when later audio has been played; the delay learns from the latter.
        """
        if number in self._waiting:
            return
        unwrapped = timestamp
        if self._newest is not None:
            newest = self._newest[1]
            unwrapped = newest + ((timestamp - newest + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        transit = t - unwrapped / self._clock_rate
        if self._played is not None and number <= self._played:
            if number in self._given_up and abs(transit - self._base) <= RESYNC_SECONDS:
                self._given_up.remove(number)
                self._measure(transit, t)
            return
        newer = self._newest is None or number > self._newest[0]
        went_back = newer and self._newest is not None and unwrapped <= self._newest[1]
        if went_back or (self._transits and abs(transit - self._base) > RESYNC_SECONDS):
            self._clock += 1
            self._transits.clear()
        self._measure(transit, t)
        if newer:
            self._newest = number, unwrapped
        self._waiting[number] = _Waiting(payload, payload_type, unwrapped, units, self._clock)
        if self._first is None or number < self._first:
            self._first = number

    def take(self, t: float) -> list[Frame]:
        """Return the frames that are due by `t`, in order."""
        frames: list[Frame] = []
        while self._first is not None:
            waiting = self._waiting[self._first]
            due = waiting.timestamp / self._clock_rate + self._base + self.delay
            if waiting.clock != self._clock or len(self._waiting) > MAX_FRAMES:
                due = min(due, t)
            if due > t:
                break
            frames.append(self._play(self._first, waiting, due))
        return frames

    def flush(self, t: float) -> list[Frame]:
        """Return all frames that wait, in order, at the end of the source."""
        frames = []
        while self._first is not None:
            frames.append(self._play(self._first, self._waiting[self._first], t))
        return frames

    def _play(self, number: int, waiting: _Waiting, due: float) -> Frame:
        gap = 0.0
        if self._played is not None:
            gap = (waiting.timestamp - self._next) / self._clock_rate
            if abs(gap) <= TOLERANCE_SECONDS:
                gap = 0.0
            self._given_up.extend(range(max(self._played + 1, number - MAX_FRAMES), number))
        self._played = number
        self._played_due = due = max(due, self._played_due)
        self._next = waiting.timestamp + waiting.units
        del self._waiting[number]
        following = number + 1
        self._first = following if following in self._waiting else min(self._waiting, default=None)
        return Frame(waiting.payload, waiting.payload_type, waiting.timestamp & 0xFFFFFFFF, due, gap)

    def _measure(self, transit: float, t: float) -> None:
        """Set clock and delay by the quickest and the slowest packet of the last seconds."""
        second, least, most = self._transits[-1] if self._transits else (None, transit, transit)
        if second == int(t):
            if least <= transit <= most:
                return
            self._transits[-1] = int(t), min(least, transit), max(most, transit)
        else:
            self._transits.append((int(t), transit, transit))
            while self._transits[0][0] < int(t) - WINDOW_SECONDS:
                self._transits.popleft()
        self._base = min(least for _, least, _ in self._transits)
        spread = max(most for _, _, most in self._transits) - self._base
        self.delay = min(max(spread + MARGIN_SECONDS, MIN_DELAY_SECONDS), MAX_DELAY_SECONDS)
