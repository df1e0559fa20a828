"""Short-time spectrum for the display: levels in dBm0 against time and frequency."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.levels import FULL_SCALE_DBM0, to_float

RATE: Final = 8000
WINDOW: Final = 512
"""64 ms: long enough to part the low tones, short enough for a 100 ms digit."""
FFT_SIZE: Final = 2048
FLOOR_DBM0: Final = -120.0
"""Level of digital silence."""
_BATCH: Final = 512

Rows = NDArray[np.float32]
"""Levels in dBm0, shape (rows, bins)."""


class SpectrumAnalyzer:
    """Turns 8 kHz audio into rows of `FFT_SIZE // 2 + 1` levels, one row per `row_seconds`, whatever the chunk sizes.

    Hann window of 512 samples, zero-padded to 2048; a sine of 0 dBm0 reads 0 dBm0 at its frequency.
    """

    def __init__(self, row_seconds: float = 0.0125) -> None:
        self._hop = round(row_seconds * RATE)
        if not 1 <= self._hop <= WINDOW:
            raise ValueError(f"a row of {row_seconds} s is not possible: use 0.001 to {WINDOW / RATE} s")
        self.row_seconds = self._hop / RATE
        """Time from one row to the next."""
        self.frequencies = np.fft.rfftfreq(FFT_SIZE, 1 / RATE)
        """Frequency in Hz of each bin."""
        hann = np.hanning(WINDOW + 1)[:-1]
        self._window = (hann * 2 / hann.sum()).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget the samples before: the next row begins with silence and ends one hop later."""
        self._pending = np.zeros(WINDOW - self._hop, dtype=np.float32)

    def feed(self, pcm: NDArray[np.generic]) -> Rows:
        """Take int16 or ±1.0 samples of shape (n,) and return the rows that became complete, oldest first."""
        x = np.concatenate([self._pending, to_float(pcm)])
        count = max(0, (len(x) - WINDOW) // self._hop + 1)
        rows = np.empty((count, FFT_SIZE // 2 + 1), dtype=np.float32)
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(x, WINDOW)[:: self._hop]
            for start in range(0, count, _BATCH):
                spectrum = np.fft.rfft(frames[start : start + _BATCH] * self._window, FFT_SIZE)
                power = np.square(spectrum.real) + np.square(spectrum.imag)
                rows[start : start + _BATCH] = FULL_SCALE_DBM0 + 10 * np.log10(power + 1e-20)
            np.maximum(rows, FLOOR_DBM0, out=rows)
        self._pending = x[count * self._hop :].copy()
        return rows


class PeakHold:
    """The highest level seen per bin, falling by `fall_db_per_second` once it is passed."""

    def __init__(self, row_seconds: float, fall_db_per_second: float = 12.0) -> None:
        self._fall = fall_db_per_second * row_seconds
        self.levels: NDArray[np.float32] = np.full(FFT_SIZE // 2 + 1, FLOOR_DBM0, dtype=np.float32)
        """Levels in dBm0, shape (bins,)."""

    def feed(self, rows: Rows) -> NDArray[np.float32]:
        """Take rows, oldest first, and return the held levels after the last."""
        if len(rows):
            age = np.arange(len(rows) - 1, -1, -1, dtype=np.float32)[:, None]
            held = np.maximum(self.levels - self._fall * len(rows), (rows - self._fall * age).max(axis=0))
            self.levels = np.maximum(held, FLOOR_DBM0).astype(np.float32)
        return self.levels

    def reset(self) -> None:
        """Drop every level to the floor."""
        self.levels = np.full_like(self.levels, FLOOR_DBM0)
