"""Levels in dBm0 and sample formats: a sine at digital full scale is +3.14 dBm0 (ITU-T G.711, mu-law)."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono audio, shape (n,), full scale is ±1.0."""
Pcm = NDArray[np.int16]
"""Mono audio, shape (n,), full scale is ±32768."""

FULL_SCALE_DBM0: Final = 3.14
"""Level of a sine whose peaks just reach full scale."""


def amplitude_of(dbm0: float) -> float:
    """Return the peak amplitude, as a fraction of full scale, of a sine at a level in dBm0."""
    return float(10 ** ((dbm0 - FULL_SCALE_DBM0) / 20))


def dbm0_of(amplitude: float) -> float:
    """Return the level in dBm0 of a sine of this peak amplitude, a fraction of full scale; minus infinity for 0."""
    return FULL_SCALE_DBM0 + 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def power_dbm0(mean_square: float) -> float:
    """Return the level in dBm0 of any signal with this mean square (full scale ±1.0); minus infinity for 0."""
    return FULL_SCALE_DBM0 + 10 * math.log10(2 * mean_square) if mean_square > 0 else -math.inf


def to_float(pcm: NDArray[np.generic], out: Samples | None = None) -> Samples:
    """Return int16 or floating samples of shape (n,) as float32 in ±1.0, in `out` if that is given.

    What is not finite counts as silence, what is beyond full scale is clipped. Raises TypeError for other sample types
    and ValueError for other shapes.
    """
    if pcm.ndim != 1:
        raise ValueError(f"samples have shape {pcm.shape}: pass one channel of shape (n,)")
    if pcm.dtype == np.int16:
        return np.asarray(np.multiply(pcm, np.float32(1 / 32768), dtype=np.float32, out=out))
    if not np.issubdtype(pcm.dtype, np.floating):
        raise TypeError(f"samples are {pcm.dtype}: pass int16, or floating point in ±1.0")
    samples = np.nan_to_num(pcm, nan=0.0, posinf=0.0, neginf=0.0)
    clipped: Samples = np.clip(samples, -1.0, 1.0).astype(np.float32)
    if out is None:
        return clipped
    out[:] = clipped
    return out


def to_int16(samples: NDArray[np.floating]) -> Pcm:
    """Return samples in ±1.0 as int16, rounded once; what is beyond full scale is clipped."""
    return np.asarray(np.clip(np.rint(samples * 32768.0), -32768, 32767), dtype=np.int16)
