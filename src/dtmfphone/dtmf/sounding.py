"""A key that sounds: followed to its end, and measured."""

from dataclasses import dataclass
from math import log10
from typing import Any, Final

import numpy as np

from dtmfphone.dtmf.fit import TwoTones, edge, fit_two_tones, longest_pause, longest_sound
from dtmfphone.dtmf.frames import HOP
from dtmfphone.dtmf.keys import KEYS
from dtmfphone.dtmf.levels import dbm0_of
from dtmfphone.dtmf.timing import EMPTY, MS, SHORTEST_FIT, TRIM, Part

MEASURED: Final = 250 * MS
"""The measurement takes no more than this: it is accurate enough and bounds the memory."""
LAST_FIT: Final = 50 * MS
BRIDGED_HOPS: Final = 8
"""Hops without a good frame that may be within one key: a lost packet of 20 ms makes four to six ..."""
SURE_HOPS: Final = 5
"""... a gap of 10 ms four at most; a pause of 30 ms makes six to eight."""
PAUSE: Final = 25 * MS
"""A longer silence between two sounds of the same key parts two presses."""
EDGES_SHOW: Final = 1000.0
"""Tones by noise at which what is left of soft edges would be the larger error ..."""
EDGE: Final = 2 * MS
"""... so this much more is left out."""


@dataclass(slots=True)
class Sounding:
    """A confirmed key that sounds or has just ended."""

    key: str
    onset: int
    """Sample."""
    last: int
    """Hop that the last good frame ends with."""
    amplitude: float
    tones: TwoTones
    noise: float
    """Mean square of the rest."""
    measured: bool = False
    """Whether `tones` and `noise` are final."""

    def go_on(self, hop: int, amplitude: float, part: Part) -> None:
        """Take another good frame."""
        self.last = hop
        self.amplitude = max(self.amplitude, amplitude)
        if not self.measured and (hop + 1) * HOP - EMPTY >= self.onset + MEASURED:
            self._measure(part, self.onset + MEASURED)

    def paused(self, hop: int, part: Part) -> bool:
        """Say whether tones that are heard again were silent for too long to be the same press."""
        if hop - self.last <= SURE_HOPS:
            return False
        return longest_pause(part((self.last + 1) * HOP - EMPTY - HOP, (hop + 1) * HOP), self.tones) > PAUSE

    def end(self, part: Part) -> tuple[int, dict[str, Any]]:
        """Return the sample at which the key ended, and its measurements by the names of `Burst`."""
        last = (self.last + 1) * HOP
        end = last - EMPTY
        fitted = self._fit(part, max(end - LAST_FIT, self.onset), end)
        if fitted is not None:
            tones, _, first = fitted
            search = last - 14 * MS
            heard = part(search, last + 16 * MS)
            end = search + edge(heard, tones.at(search - first, search - first + len(heard)), rising=False)
        if not self.measured:
            self._measure(part, end - TRIM)
        return end, {
            "low_hz": self.tones.low_hz,
            "high_hz": self.tones.high_hz,
            "low_dbm0": dbm0_of(self.tones.low_amplitude),
            "high_dbm0": dbm0_of(self.tones.high_amplitude),
            "snr_db": 10 * log10(self.tones.power / max(self.noise, 1e-12)),
        }

    def _measure(self, part: Part, stop: int) -> None:
        """Fit the sound from its onset up to a sample."""
        fitted = self._fit(part, self.onset + TRIM, stop)
        if fitted is None:
            return
        if fitted[0].power > EDGES_SHOW * fitted[1]:
            fitted = self._fit(part, self.onset + TRIM + EDGE, stop - EDGE) or fitted
        self.tones, self.noise, _ = fitted
        self.measured = True

    def _fit(self, part: Part, start: int, stop: int) -> tuple[TwoTones, float, int] | None:
        """Fit the longest sound between two samples: tones, mean square of the rest, first sample; None if none."""
        x = part(start, stop)
        first, last = longest_sound(x)
        if last - first < SHORTEST_FIT:
            return None
        x = x[first:last]
        tones = fit_two_tones(x, KEYS[self.key].low_hz, KEYS[self.key].high_hz)
        return tones, float(np.square(tones.residual(x)).sum()) / (len(x) - 7), start + first
