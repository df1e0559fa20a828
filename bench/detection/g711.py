"""G.711 mu-law and back, by table."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

BIAS = 132
"""Added before the logarithm, on the scale of 16 bits (ITU-T G.711 table 2a)."""


@cache
def _table() -> NDArray[np.int16]:
    """Return what each 16-bit sample becomes; index is the sample's bits as uint16."""
    sample = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    magnitude = np.minimum(np.abs(sample), 32635) + BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int64) - 7
    step = 2 ** (exponent + 3)
    decoded: NDArray[np.int64] = (magnitude // step) * step + step // 2 - BIAS
    signed: NDArray[np.int64] = np.sign(sample) * decoded
    return signed.astype(np.int16)


def mulaw(pcm: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return samples as they are after mu-law coding."""
    coded: NDArray[np.int16] = _table()[pcm.view(np.uint16)]
    return coded
