"""Audio that flows through a call, whatever the way to call."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
"""Mono samples, shape (n,)."""

SLOT_SECONDS = 0.02
"""Length of one outgoing audio packet."""


class AudioSource(Protocol):
    """Where a call's outgoing audio comes from."""

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return exactly `samples` mono samples at `rate` Hz for the slot sent at time `t` (seconds)."""
        ...


class AudioSink(Protocol):
    """Where a call's received audio goes."""

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        """Take received samples at `rate` Hz, decoded at time `t`; `jump`: the RTP timestamps are not continuous."""
        ...
