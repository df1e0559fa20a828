"""What sounds like somebody who talks, as far as levels go."""

import numpy as np

from dtmfphone.dtmf.levels import Pcm, to_int16

RATE = 8000


def voice(seconds: float) -> Pcm:
    """A buzz of 140 Hz in syllables, at `RATE`."""
    t = np.arange(round(seconds * RATE)) / RATE
    return to_int16(0.3 * np.sign(np.sin(2 * np.pi * 140 * t)) * (np.sin(2 * np.pi * 4 * t) > -0.7))
