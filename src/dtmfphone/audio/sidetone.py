"""The sidetone of pressed keys, as long as the keys were held although sound is rendered in blocks."""

from collections import deque

import numpy as np

from dtmfphone.dtmf.levels import Samples
from dtmfphone.dtmf.tones import ToneGenerator

_FORGET_SECONDS = 1.0


class Sidetone:
    """Renders tones whose starts and ends keep the distances in time that the presses and releases had.

    The first key sounds from the next block on. A change that comes after its place was rendered happens at once and
    moves all later ones by as much. Not thread-safe: the owner holds a lock.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._tones = ToneGenerator(rate)
        self._changes: deque[tuple[float, str]] = deque()
        self._position = 0
        """Samples rendered so far."""
        self._origin: float | None = None
        """Sample number at t = 0."""
        self._quiet = 0

    def key_down(self, char: str, t: float) -> None:
        """A key goes down at time `t`, seconds."""
        self._changes.append((t, char))

    def key_up(self, t: float) -> None:
        """The key goes up."""
        self._changes.append((t, ""))

    @property
    def active(self) -> bool:
        """Whether anything sounds or will."""
        return bool(self._changes) or self._tones.active

    def render(self, n: int) -> Samples:
        """Return the next n samples, float32 (n,)."""
        parts: list[Samples] = []
        left = n
        while self._changes:
            t, char = self._changes[0]
            if self._origin is None:
                self._origin = self._position - t * self._rate
            ahead = round(self._origin + t * self._rate) - self._position
            if ahead >= left:
                break
            if ahead > 0:
                parts.append(self._advance(ahead))
                left -= ahead
            else:
                self._origin -= ahead
            self._changes.popleft()
            if char:
                self._tones.key_down(char)
            else:
                self._tones.key_up()
        parts.append(self._advance(left))
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def _advance(self, n: int) -> Samples:
        self._position += n
        self._quiet = 0 if self.active else self._quiet + n
        if self._quiet > _FORGET_SECONDS * self._rate:
            self._origin = None
        return self._tones.render(n)
