"""Interarrival jitter (RFC 3550 section 6.4.1)."""


class Jitter:
    """A running estimate over the packets of one source, in the order in which they arrive."""

    def __init__(self, clock_rate: int) -> None:
        self.seconds = 0.0
        self._clock_rate = clock_rate
        self._last: tuple[int, float] | None = None

    def add(self, timestamp: int, t: float) -> None:
        """Take a packet that arrived at `t` (seconds)."""
        if self._last is not None:
            step = ((timestamp - self._last[0] + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            self.seconds += (abs(t - self._last[1] - step / self._clock_rate) - self.seconds) / 16
        self._last = timestamp, t
