"""A first look at frames: which of them are worth following, all at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.discriminant import Discriminant
from dtmfphone.dtmf.fit import Signal
from dtmfphone.dtmf.frame_weights import BIAS, MEANS, SCALES, WEIGHTS
from dtmfphone.dtmf.frames import Frames
from dtmfphone.dtmf.keys import HIGH_HZ, LOW_HZ

SCORE: Final = -6.0
"""Least score of a frame that is followed: of the frames of speech that hold two tones 6 % have it, of those of digits
over speech 99.5 %."""


def features(frames: Frames) -> Signal:
    """Return what the score is made of, shape (frames, 5)."""
    share = np.minimum(frames.share, 0.9999)
    low_off = frames.low_deviation / np.array(LOW_HZ, np.float32)[frames.low]
    high_off = frames.high_deviation / np.array(HIGH_HZ, np.float32)[frames.high]
    return np.stack(
        [
            np.log(share / (1.001 - share)),
            np.log(frames.low_rest + 0.003),
            np.log(frames.high_rest + 0.003),
            np.abs(20 * np.log10(frames.high_amplitude / frames.low_amplitude) + 1),
            100 * np.maximum(np.abs(low_off), np.abs(high_off)),
        ],
        axis=1,
    )


_LEARNT: Final = Discriminant(MEANS, SCALES, WEIGHTS, BIAS)


def plausible(frames: Frames) -> NDArray[np.bool_]:
    """Say which frames may belong to a key: the logarithm of their odds, as learnt from the corpus, is not too low."""
    return np.asarray(_LEARNT.scores(features(frames)) > SCORE)
