"""Whether the far end talks: energy over an adaptive noise floor."""

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.levels import FULL_SCALE_DBM0, to_float

RATE: Final = 8000
BLOCK_SECONDS: Final = 0.01
QUIETEST_DBM0: Final = -55.0
"""The noise floor is never taken to be lower."""
LOUDEST_DBM0: Final = -25.0
"""The noise floor is never taken to be higher."""
BEGIN_DB: Final = 10.0
"""Over the floor, to begin."""
END_DB: Final = 6.0
"""Over the floor, to go on."""
HANG_SECONDS: Final = 0.2
"""Bridges the closures inside words."""
FLOOR_BLOCKS: Final = 250
"""The floor is the lowest level within 2.5 s: a steady tone or noise counts as quiet after that time."""
SMOOTHING: Final = 0.3


class Activity:
    """Follows audio from the far end and says whether it talks; all times are the caller's seconds.

    `hang_seconds` are those by which the end of talk is reported late, so that pauses within it do not count;
    `smoothing` is the weight of each 10 ms in the level, 1 for no smoothing. Where it `begins_quiet`, sound at once is
    talk, be it a prompt or noise; else the floor is learned from the first audio on, so that noise is none.
    """

    def __init__(
        self,
        rate: int = RATE,
        hang_seconds: float = HANG_SECONDS,
        smoothing: float = SMOOTHING,
        *,
        begins_quiet: bool = True,
    ) -> None:
        self._rate = rate
        self._samples = round(rate * BLOCK_SECONDS)
        """Of one block."""
        self._hang = hang_seconds
        self._smoothing = smoothing
        self._begins_quiet = begins_quiet
        self.active = False
        """Whether the far end talks."""
        self.heard = False
        """Whether it has talked since the last `mark`."""
        self._pending = np.zeros(0, dtype=np.float32)
        self._power = 0.0
        self._lowest: deque[tuple[int, float]] = deque()
        """Block number and level, rising: a sliding minimum."""
        self._block = 0
        self._loud_until: float | None = None
        self._began: float | None = None

    def mark(self) -> None:
        """Begin to listen anew: `heard` becomes true with the next talk, or now if it talks."""
        self.heard = self.active

    def quiet_for(self, t: float) -> float:
        """Return the seconds of quiet up to `t`: 0 while it talks, infinity before any audio."""
        if self.active:
            return 0.0
        since = self._loud_until if self._loud_until is not None else self._began
        return math.inf if since is None else max(0.0, t - since)

    def feed(self, pcm: NDArray[np.generic], t: float) -> None:
        """Take int16 or ±1.0 samples of shape (n,) at `rate` Hz; `t` is the time when the last of them ends."""
        x = np.concatenate([self._pending, to_float(pcm)])
        begin = t - len(x) / self._rate
        if self._began is None:
            self._began = begin
        samples = self._samples
        count = len(x) // samples
        blocks = x[: count * samples].reshape(count, samples)
        mean = blocks.sum(axis=1) / samples
        powers = np.maximum(np.einsum("ij,ij->i", blocks, blocks) / samples - mean * mean, 0.0)
        self._pending = x[count * samples :].copy()
        for number, power in enumerate(powers.tolist()):
            self._step(power, begin + (number + 1) * samples / self._rate)

    def _step(self, power: float, end: float) -> None:
        """Take one block's power without its mean; the block ends at `end`."""
        self._power += self._smoothing * (power - self._power)
        level = FULL_SCALE_DBM0 + 10 * math.log10(2 * self._power + 1e-12)
        while self._lowest and self._lowest[-1][1] >= level:
            self._lowest.pop()
        self._lowest.append((self._block, level))
        while self._lowest[0][0] <= self._block - FLOOR_BLOCKS:
            self._lowest.popleft()
        self._block += 1
        known = self._block >= FLOOR_BLOCKS or not self._begins_quiet
        floor = self._lowest[0][1] if known else QUIETEST_DBM0
        floor = min(max(floor, QUIETEST_DBM0), LOUDEST_DBM0)
        if level > floor + (END_DB if self.active else BEGIN_DB):
            self.active = self.heard = True
            self._loud_until = end
        elif self.active and self._loud_until is not None and end - self._loud_until > self._hang:
            self.active = False
