"""How late packets leave against the ideal grid of their RTP timestamps."""

from collections import deque

import numpy as np

WINDOW = 500
"""Packets looked back on: ten seconds of audio."""


class Lateness:
    """Send times against media times; the earliest packet so far defines the grid."""

    def __init__(self) -> None:
        self._earliest: float | None = None
        self._offsets: deque[float] = deque(maxlen=WINDOW)

    def sent(self, t: float, media_time: float) -> None:
        """A packet whose media time is `media_time` seconds left at time `t`."""
        offset = t - media_time
        self._earliest = offset if self._earliest is None else min(self._earliest, offset)
        self._offsets.append(offset)

    @property
    def p99_ms(self) -> float:
        """99th percentile of the lateness over the window."""
        return self._quantile(0.99)

    @property
    def max_ms(self) -> float:
        """Greatest lateness in the window."""
        return self._quantile(1.0)

    def _quantile(self, share: float) -> float:
        if self._earliest is None:
            return 0.0
        return float(np.quantile(np.array(self._offsets) - self._earliest, share) * 1000)
