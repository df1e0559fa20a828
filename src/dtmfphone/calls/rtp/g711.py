"""G.711 by table: a byte per sample of 8000 Hz (ITU-T G.711)."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.calls.media import Pcm

LAWS: Final = ("pcmu", "pcma")
_BIAS: Final = 132
"""Added to the magnitude by mu-law, on the scale of 16 bits."""
_CLIP: Final = 32635


@cache
def encoding(law: str) -> NDArray[np.uint8]:
    """Return the code of each 16-bit sample; index is the sample's bits as uint16."""
    sample = np.arange(0x10000).astype(np.uint16).view(np.int16).astype(np.int64)
    if law == "pcmu":
        magnitude = np.minimum(np.abs(sample), _CLIP) + _BIAS
        sign = np.where(sample < 0, 0x80, 0)
    else:
        magnitude = np.where(sample < 0, -sample - 1, sample)
        sign = np.where(sample < 0, 0, 0x80)
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int64) - 7, 0)
    step = exponent + 3 if law == "pcmu" else np.maximum(exponent, 1) + 3
    code = sign | exponent << 4 | magnitude >> step & 0x0F
    code = ~code & 0xFF if law == "pcmu" else code ^ 0x55
    codes: NDArray[np.uint8] = code.astype(np.uint8)
    return codes


@cache
def decoding(law: str) -> Pcm:
    """Return the sample of each code."""
    code = np.arange(256)
    if law == "pcmu":
        code = ~code & 0xFF
        magnitude = ((code & 0x0F) << 3) + _BIAS << (code >> 4 & 7)
        return np.where(code & 0x80, _BIAS - magnitude, magnitude - _BIAS).astype(np.int16)
    code ^= 0x55
    exponent = code >> 4 & 7
    low = (code & 0x0F) << 4
    magnitude = np.where(exponent == 0, low + 8, low + 0x108 << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)
