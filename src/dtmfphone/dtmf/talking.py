"""When somebody in a call begins and ceases to talk, by ear; the tones of keys are no talk."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.activity import Activity

CLOSURE_SECONDS: Final = 0.05
"""Longer quiet begins anew to wait for talk."""
BEGIN_SECONDS: Final = 0.12
"""Of sound, and of the closure behind it, that are talk: longer than it takes to tell a key's tone."""
TONE_TAIL_SECONDS: Final = CLOSURE_SECONDS + 0.02
"""So long after a tone nothing is talk: its beginning, which was not known as one, still counts as sound."""


class Talking:
    """Follows one direction of a call; who talks is quiet again after `hang` seconds of quiet."""

    def __init__(self, hang: float, changed: Callable[[bool, float], None]) -> None:
        """`changed` is told whether there is talk, and when that was known; seconds of the caller's clock."""
        self.active = False
        self._hang = hang
        self._changed = changed
        self._activity = Activity(hang_seconds=CLOSURE_SECONDS, smoothing=1.0, begins_quiet=False)
        self._deaf_until = -math.inf
        self._since: float | None = None
        """Since when there is sound that could be talk."""
        self._last = -math.inf
        """When there was sound last."""

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        return self._last + self._hang if self.active else None

    def feed(self, pcm: NDArray[np.generic], t: float, *, tone: bool) -> None:
        """Take 8 kHz samples of shape (n,) that end at time `t`; `tone`: the tone of a key sounds in them."""
        if tone:
            self._deaf_until = t + TONE_TAIL_SECONDS
        else:  # silence in place of the tone would be a noise floor, and noise over it talk
            self._activity.feed(pcm, t)
        if self._activity.active and t >= self._deaf_until:
            self._last = t
            self._since = t if self._since is None else self._since
            if not self.active and t - self._since >= BEGIN_SECONDS:
                self._turn(True, t)
            return
        self._since = None
        if t >= self._deaf_until:
            self._last = min(self._last, t - self._activity.quiet_for(t))
        self.tick(t)

    def tick(self, t: float) -> None:
        """Let time pass, also where no audio comes."""
        if self.active and t >= self._last + self._hang:
            self._turn(False, t)

    def _turn(self, active: bool, t: float) -> None:
        self.active = active
        self._since = None
        self._changed(active, t)
