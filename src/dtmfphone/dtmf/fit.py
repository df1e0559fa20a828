"""Two sines fitted to audio by least squares: what a tone pair's frequencies, levels, edges and noise are."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]
"""8 kHz audio, shape (n,)."""
RATE: Final = 8000
SEARCH: Final = 0.06
"""The first guess is the spectrum's peak within this part of the nominal frequency."""
SILENT: Final = 0.08
"""Part of the mean power that counts as silence."""
PAUSED: Final = 0.1
"""Tones that sound have more than this part of their power."""
_ITERATIONS: Final = 6
_PIECE: Final = 40
_STEP: Final = 10
_GAP: Final = 16


class TwoTones(NamedTuple):
    """Two sines plus a constant, fitted to `length` samples; sample 0 is the first of them."""

    low_hz: float
    high_hz: float
    weights: Signal
    """Cosine and sine of the low tone, of the high tone, constant; shape (5,)."""
    length: int

    @property
    def low_amplitude(self) -> float:
        """Peak of the low sine."""
        return float(np.hypot(self.weights[0], self.weights[1]))

    @property
    def high_amplitude(self) -> float:
        """Peak of the high sine."""
        return float(np.hypot(self.weights[2], self.weights[3]))

    @property
    def power(self) -> float:
        """Mean square of both sines."""
        return (self.low_amplitude**2 + self.high_amplitude**2) / 2

    def at(self, start: int, stop: int) -> Signal:
        """Return both sines, without the constant, for samples `start` to `stop`, outside the fitted ones too."""
        t = (np.arange(start, stop) - (self.length - 1) / 2) / RATE
        return np.asarray(_sines(t, self.low_hz, self.high_hz) @ self.weights[:4])

    def residual(self, x: Signal) -> Signal:
        """Return what the fit leaves of the fitted samples."""
        return np.asarray(x - self.at(0, self.length) - self.weights[4])


def _sines(t: Signal, low_hz: float, high_hz: float) -> Signal:
    low, high = 2 * np.pi * low_hz * t, 2 * np.pi * high_hz * t
    return np.stack([np.cos(low), np.sin(low), np.cos(high), np.sin(high)], axis=1)


def _peak(spectrum: Signal, step: float, near: float) -> float:
    first, last = int(near * (1 - SEARCH) / step), int(near * (1 + SEARCH) / step) + 1
    return (first + int(np.argmax(spectrum[first : last + 1]))) * step


def fit_two_tones(
    x: Signal, low_hz: float, high_hz: float, start: tuple[float, float] | None = None, tolerance: float = 1e-3
) -> TwoTones:
    """Fit two sines near these frequencies to 15 ms or more of 8 kHz audio by Gauss-Newton.

    It starts from the spectrum's peaks, or from `start` if that is known within a few Hz, and ends when a step is below
    `tolerance` Hz. Far from a tone pair the result is still finite; judge it by its residual.
    """
    n = len(x)
    nominal = np.array([low_hz, high_hz])
    f = np.array(_peaks(x, low_hz, high_hz) if start is None else start)
    t = (np.arange(n) - (n - 1) / 2) / RATE
    span = n / RATE
    design = np.ones((n, 7))
    design[:, :4] = _sines(t, f[0], f[1])
    weights = _solve(design[:, :5], x)
    for _ in range(_ITERATIONS):
        # Derivatives by frequency, in units of 1 / span so that the system is well scaled.
        slope = weights[1:4:2] * design[:, 0:4:2] - weights[0:4:2] * design[:, 1:4:2]
        design[:, 5:] = (2 * np.pi / span) * t[:, None] * slope
        weights = _solve(design, x)
        step = np.clip(weights[5:] / span, -20.0, 20.0)
        f = np.clip(f + step, nominal * (1 - SEARCH), nominal * (1 + SEARCH))
        design[:, :4] = _sines(t, f[0], f[1])
        if np.abs(step).max() < tolerance:
            break
    weights = _solve(design[:, :5], x)
    return TwoTones(float(f[0]), float(f[1]), weights, n)


def tones_at(x: Signal, low_hz: float, high_hz: float) -> TwoTones:
    """Return the two sines of exactly these frequencies that fit best."""
    t = (np.arange(len(x)) - (len(x) - 1) / 2) / RATE
    design = np.concatenate([_sines(t, low_hz, high_hz), np.ones((len(x), 1))], axis=1)
    return TwoTones(low_hz, high_hz, _solve(design, x), len(x))


def _peaks(x: Signal, low_hz: float, high_hz: float) -> tuple[float, float]:
    """Return where the spectrum peaks near two frequencies."""
    size = max(4096, 1 << (2 * len(x) - 1).bit_length())
    spectrum = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x) + 2)[1:-1], size))
    return _peak(spectrum, RATE / size, low_hz), _peak(spectrum, RATE / size, high_hz)


def _solve(design: Signal, x: Signal) -> Signal:
    """Return the least-squares weights; the tiny ridge keeps silence solvable."""
    gram = design.T @ design
    gram.flat[:: len(gram) + 1] += 1e-12 * np.trace(gram)
    return np.asarray(np.linalg.solve(gram, design.T @ x), dtype=np.float64)


def longest_sound(x: Signal) -> tuple[int, int]:
    """Return start and stop of the longest part of `x`, 2 ms or more, without a silent gap of 2 ms."""
    power = np.square(np.diff(x, prepend=x[:1]))  # hum and dial tone below the tones count for less
    mean = np.convolve(power, np.ones(_GAP) / _GAP, mode="valid")
    silent = np.convolve(mean < SILENT * power.mean(), np.ones(_GAP)) > 0
    bounds = np.flatnonzero(np.diff(silent, prepend=True, append=True))
    if not len(bounds):
        return 0, 0
    starts, stops = bounds[::2], bounds[1::2]
    best = int(np.argmax(stops - starts))
    return int(starts[best]), int(stops[best])


def longest_pause(x: Signal, tones: TwoTones) -> int:
    """Return how many samples the longest part of `x` has in which the tones do not sound, 5 ms or more; else 0."""
    if len(x) < _PIECE:
        return 0
    pieces = np.lib.stride_tricks.sliding_window_view(x, _PIECE)[::_STEP]
    angles = 2 * np.pi * np.outer((tones.low_hz, tones.high_hz), np.arange(_PIECE) / RATE)
    design = np.concatenate([np.cos(angles), np.sin(angles)])
    weights = np.linalg.solve(design @ design.T, design @ pieces.T)
    silent = np.square(weights).sum(axis=0) / 2 < PAUSED * tones.power
    bounds = np.flatnonzero(np.diff(silent, prepend=False, append=False))
    return (int((bounds[1::2] - bounds[::2]).max()) - 1) * _STEP + _PIECE if len(bounds) else 0


def resumption(x: Signal, model: Signal) -> tuple[int, int] | None:
    """Return start and stop of the part of `x` in which `model` sounds most likely; None if 3 ms or less.

    Both have the same shape.
    """
    total = np.concatenate([[0.0], np.cumsum(model * (2 * x - model))])
    gains = total - np.minimum.accumulate(total)
    stop = int(np.argmax(gains))
    start = int(np.argmin(total[: stop + 1]))
    return (start, stop) if stop - start > 24 and gains[stop] > 0.5 * np.square(model[start:stop]).sum() else None


def edge(x: Signal, model: Signal, *, rising: bool) -> int:
    """Return how many samples precede the most likely place where `model` begins (or ends) within `x`, same shape."""
    gain = model * (2 * x - model)
    total = np.concatenate([[0.0], np.cumsum(gain)])
    return int(np.argmin(total)) if rising else int(np.argmax(total))
