"""What a line does to tones: noise, other tones beneath them, interruption, echo, overload.

All take and return float samples of shape (n,), full scale ±1.0; what is added in chunks of any sizes is the same as at
once.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.levels import amplitude_of

Signal = NDArray[np.float64]

DIAL_TONE_HZ: Final = (350.0, 440.0)
"""Of North America; most of Europe has 425 Hz alone (ITU-T E.180)."""
BAND_HZ: Final = 4000
"""Noise is measured from 0 to here, as an 8 kHz receiver hears it."""


def noise_level(low_dbm0: float, high_dbm0: float, snr_db: float) -> float:
    """Return the level in dBm0 of noise that lies `snr_db` below two tones together."""
    return 10 * math.log10(10 ** (low_dbm0 / 10) + 10 ** (high_dbm0 / 10)) - snr_db


def white_noise(n: int, rate: int, dbm0: float, source: np.random.Generator) -> Signal:
    """Return white Gaussian noise that has this level from 0 to 4 kHz, whatever the rate."""
    return amplitude_of(dbm0) * math.sqrt(rate / 2 / BAND_HZ / 2) * source.standard_normal(n)


def steady_tones(n: int, rate: int, hz: tuple[float, ...], dbm0: float, start: int = 0) -> Signal:
    """Return samples `start` to `start + n` of sines with this level each: a dial tone, or hum."""
    k = start + np.arange(n, dtype=np.float64)
    wave = np.zeros(n)
    for f in hz:
        wave += np.sin(2 * np.pi * ((k * (f / rate)) % 1.0))
    return amplitude_of(dbm0) * wave


def interrupt(x: NDArray[np.floating], start: int, n: int) -> Signal:
    """Return `x` with silence for `n` samples from `start`; the tone goes on beneath it."""
    y = x.astype(np.float64)
    y[start : start + n] = 0.0
    return y


class Echo:
    """Adds what went through it `delay` samples ago, changed by `db`; once, not again and again."""

    def __init__(self, delay: int, db: float) -> None:
        self._gain = 10 ** (db / 20)
        self._past: Signal = np.zeros(delay)

    def render(self, x: NDArray[np.floating]) -> Signal:
        """Return the next samples with the echo of those before."""
        line = np.concatenate([self._past, x])
        self._past = line[len(x) :]
        return x + self._gain * line[: len(x)]


def overload(x: NDArray[np.floating], db: float) -> Signal:
    """Return `x` made louder by `db` and clipped at full scale."""
    return np.asarray(np.clip(10 ** (db / 20) * x, -1.0, 1.0), dtype=np.float64)
