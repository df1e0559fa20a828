"""Pairs of sines as a sender makes them, in float64 and on its own: no code shared with what is being judged."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
"""Samples per second of the whole corpus."""
LOW_HZ: Final = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYPAD: Final = ("123A", "456B", "789C", "*0#D")
"""Row r sounds LOW_HZ[r], column c sounds HIGH_HZ[c] (ITU-T Q.23)."""
KEYS: Final = "".join(KEYPAD)

Wave = NDArray[np.float64]
"""Samples on the scale of int16, not yet rounded or clipped, shape (n,)."""


def peak_of(dbm0: float) -> float:
    """Return the peak of a sine of this level, on the scale of int16; full scale is +3.14 dBm0 (ITU-T G.711)."""
    return float(32768 * 10 ** ((dbm0 - 3.14) / 20))


def frequencies(key: str) -> tuple[float, float]:
    """Return the nominal low and high frequency of a key, in Hz."""
    row, column = divmod(KEYS.index(key), 4)
    return LOW_HZ[row], HIGH_HZ[column]


@dataclass(frozen=True, slots=True, kw_only=True)
class TonePair:
    """Two tones switched together. Times are seconds; lengths run from half amplitude to half amplitude."""

    low_hz: float
    high_hz: float
    low_dbm0: float
    high_dbm0: float
    duration: float
    rise: float = 0.0
    fall: float = 0.0
    """Raised-cosine edges, centred on the beginning and the end."""
    phases: tuple[float, float] = (0.0, 0.0)
    gap: tuple[float, float] | None = None
    """An interruption: when it begins after the onset, and its length."""
    echo: tuple[float, float] | None = None
    """A second copy: how much later, and how many dB weaker."""

    @property
    def power(self) -> float:
        """Mean square of both tones while they sound, on the scale of int16."""
        return (peak_of(self.low_dbm0) ** 2 + peak_of(self.high_dbm0) ** 2) / 2

    @property
    def tail(self) -> float:
        """Seconds that something sounds after the end."""
        return self.fall / 2 + (self.echo[0] if self.echo else 0.0)

    def mix_into(self, wave: Wave, onset: float) -> None:
        """Add the pair to `wave`, with half amplitude at `onset` seconds."""
        self._add(wave, onset, 1.0)
        if self.echo is not None:
            later, weaker = self.echo
            self._add(wave, onset + later, 10 ** (-weaker / 20))

    def _add(self, wave: Wave, onset: float, gain: float) -> None:
        first = max(0, math.floor((onset - self.rise / 2) * RATE))
        stop = min(len(wave), math.ceil((onset + self.duration + self.fall / 2) * RATE) + 1)
        t = np.arange(first, stop) / RATE - onset
        tones = peak_of(self.low_dbm0) * np.sin(2 * np.pi * self.low_hz * t + self.phases[0])
        tones += peak_of(self.high_dbm0) * np.sin(2 * np.pi * self.high_hz * t + self.phases[1])
        wave[first:stop] += gain * tones * self.envelope(t)

    def envelope(self, t: Wave) -> Wave:
        """Return the amplitude, 0 to 1, at times in seconds after the onset."""
        envelope = _edge(t, self.rise) * _edge(self.duration - t, self.fall)
        if self.gap is not None:
            begin, length = self.gap
            envelope *= 1 - _edge(t - begin, 0.0) * (1 - _edge(t - begin - length, 0.0))
        return envelope


def _edge(t: Wave, length: float) -> Wave:
    """Return a step from 0 to 1 around t = 0, a raised cosine of this length."""
    if length <= 0:
        return (t >= 0).astype(np.float64)
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(t / length + 0.5, 0, 1))
