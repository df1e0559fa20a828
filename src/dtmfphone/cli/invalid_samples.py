"""Samples that are no numbers: taken as silence, and counted."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ISLAND_SECONDS: Final = 0.02
"""What lies between two invalid samples that are closer is as invalid: a dense pattern of holes would make tones."""


class InvalidSamples:
    """Replaces what is not finite in audio that comes in parts."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._island = round(ISLAND_SECONDS * rate)
        self._position = 0
        self._since = np.full(channels, self._island + 1, dtype=np.int64)
        """Samples since the last invalid one of each channel, up to an island's length."""
        self.count = 0
        self.first = 0.0
        """Seconds of the first one."""

    def mend(self, samples: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Return samples of shape (n, channels) with silence where they are invalid."""
        invalid = ~np.isfinite(samples)
        places = np.arange(len(samples), dtype=np.int64)[:, None]
        if not invalid.any():
            self._since = np.minimum(self._since + len(samples), self._island + 1)
            self._position += len(samples)
            return samples
        if not self.count:
            self.first = (self._position + int(invalid.any(axis=1).argmax())) / self._rate
        self.count += int(invalid.sum())
        before = np.maximum.accumulate(np.where(invalid, places, -self._since), axis=0)
        far = len(samples) + self._island
        after = np.minimum.accumulate(np.where(invalid, places, far)[::-1], axis=0)[::-1]
        self._since = np.minimum(len(samples) - before[-1], self._island + 1)
        self._position += len(samples)
        return np.where(after - before < self._island, 0, samples)

    @property
    def problem(self) -> str | None:
        """What a person should know, or None."""
        if not self.count:
            return None
        samples = f"{self.count} samples that are" if self.count > 1 else "a sample that is"
        return (
            f"holds {samples} no number (NaN or infinite), from {self.first:.3f} s on: that counts as silence. "
            "Mend what wrote the file."
        )
