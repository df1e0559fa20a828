"""How late packets leave, against the grid of their own RTP timestamps."""

from collections import deque
from typing import Final

WINDOW_SECONDS: Final = 10.0


class Lateness:
    """Keeps the send times of the last ten seconds; the earliest of them, by its timestamp, defines the grid."""

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._timestamp: int | None = None
        self._media_time = 0.0
        self._offsets: deque[tuple[float, float]] = deque()

    def add(self, timestamp: int, t: float) -> None:
        """Note that the slot with this RTP timestamp left at `t` (seconds)."""
        if self._timestamp is not None:
            step = ((timestamp - self._timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            self._media_time += step / self._clock_rate
        self._timestamp = timestamp
        self._offsets.append((t, t - self._media_time))
        while self._offsets[0][0] < t - WINDOW_SECONDS:
            self._offsets.popleft()

    def p99_and_max(self) -> tuple[float, float]:
        """Return the 99th percentile and the maximum in seconds; zeros while nothing left."""
        if not self._offsets:
            return 0.0, 0.0
        offsets = sorted(offset for _, offset in self._offsets)
        return offsets[(len(offsets) * 99 - 1) // 100] - offsets[0], offsets[-1] - offsets[0]
