"""A small buffer between two clocks that are nearly the same."""

from collections import deque

import numpy as np

from dtmfphone.dtmf.levels import Pcm

_DEAD_BAND = 0.25
"""Share of the target by which the mean fill may differ before samples are stretched."""
_STRETCH = 0.005
"""Largest change of speed: half a percent, under a tenth of a semitone."""
_MEAN_SECONDS = 1.0


class ElasticBuffer:
    """Mono samples written in bursts by one clock and read evenly by another.

    Nothing is read until `target` seconds lie ready, so that bursts are absorbed. When the clocks drift apart, reads
    take up to half a percent more or fewer samples than asked for and stretch them to fit. More than `limit` seconds
    is cut back to the target. Not thread-safe: the owner holds a lock.
    """

    def __init__(self, rate: int, *, target: float = 0.06, limit: float = 0.25) -> None:
        self.rate = rate
        self.underruns = 0
        """Times that the buffer ran empty."""
        self.dropped = 0
        """Samples thrown away because too many lay ready."""
        self._target = round(target * rate)
        self._limit = round(limit * rate)
        self._blocks: deque[Pcm] = deque()
        self._fill = 0
        self._mean = float(self._target)
        self._primed = False

    @property
    def fill(self) -> int:
        """Samples that lie ready."""
        return self._fill

    def write(self, pcm: Pcm) -> None:
        """Append samples, int16 (n,)."""
        if len(pcm):
            self._blocks.append(pcm)
            self._fill += len(pcm)
        if self._fill > self._limit:
            excess = self._fill - self._target
            self._take(excess)
            self.dropped += excess
            self._mean = float(self._target)

    def read(self, n: int) -> Pcm:
        """Return exactly n samples; silence where there are none."""
        if not self._primed:
            if self._fill < max(self._target, n):
                return np.zeros(n, np.int16)
            self._primed = True
            self._mean = float(self._target)
        self._mean += (self._fill - self._mean) * min(1.0, n / (self.rate * _MEAN_SECONDS))
        for wanted in (n + self._correction(n), n):
            if self._fill >= wanted:
                break
        else:
            return self._run_dry(n)
        taken = self._take(wanted)
        if wanted == n:
            return taken
        at = np.linspace(0, wanted - 1, n)
        return np.round(np.interp(at, np.arange(wanted), taken)).astype(np.int16)

    def _run_dry(self, n: int) -> Pcm:
        self._primed = False
        self.underruns += 1
        rest = np.zeros(n, np.int16)
        last = self._take(self._fill)
        rest[: len(last)] = last
        return rest

    def _correction(self, n: int) -> int:
        off = self._mean - self._target
        if abs(off) <= self._target * _DEAD_BAND:
            return 0
        step = max(1, round(n * _STRETCH))
        return step if off > 0 else -step

    def _take(self, n: int) -> Pcm:
        self._fill -= n
        parts: list[Pcm] = []
        while n:
            block = self._blocks.popleft()
            if len(block) > n:
                self._blocks.appendleft(block[n:])
                block = block[:n]
            parts.append(block)
            n -= len(block)
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)
