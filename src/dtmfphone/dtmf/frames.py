"""First stages of detection at 8 kHz: a gate on 10 ms blocks, then tapered 28 ms frames every 5 ms."""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.keys import HIGH_HZ, LOW_HZ
from dtmfphone.dtmf.levels import Samples, amplitude_of

RATE: Final = 8000
HOP: Final = 40
"""5 ms: a frame ends at each multiple."""
BLOCK: Final = 2 * HOP
"""10 ms."""
FRAME: Final = 224
"""28 ms."""
KAISER_BETA: Final = 2.5
CONTEXT: Final = FRAME - HOP
"""Samples that the frame which ends with the first hop reaches back before it."""
MAX_DEVIATION_HZ: Final = 60.0
"""Farther from the nearest nominal frequency a frame holds no tone."""


class Gate(NamedTuple):
    """What two blocks of 10 ms must hold to be looked at closer."""

    share: float
    """Least part of the strongest low and high tone in the in-band power ..."""
    inner_share: float
    """... or in what is left of it where the leakage of strong sounds below, such as dial tone, is not counted ..."""
    steady: float
    """... if both blocks have the same tones, their powers within this factor."""
    twist: tuple[float, float]
    """Limits of the high tone's power by that of the low one."""
    power: float
    """Least squared amplitude of either tone, both blocks added."""


DIGITS: Final = Gate(0.6, 0.8, 3.0, (1 / 25, 12.0), 2 * amplitude_of(-47.0) ** 2)
"""All digits in noise as strong as they are, over dial tone or overdriven pass, and 3 % of speech. The limits of twist
are far apart, as 20 ms tell little."""
NEAR_DIGITS: Final = Gate(0.5, 0.8, 3.0, (1 / 250, 250.0), 2 * amplitude_of(-62.0) ** 2)
"""So does what is almost a digit."""

_HZ: Final = np.array(LOW_HZ + HIGH_HZ)
_LOW_BAND: Final = (100.0, 545.0)
_IN_BAND: Final = (570.0, 1800.0)
"""Where other signals count against a digit."""
_HIGH_BAND: Final = (2050.0, 3400.0)


def _phasor_matrix(window: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Return (len(window), 16): columns that give each tone's amplitude as cosine and minus sine under a window."""
    angle = 2 * np.pi * np.outer(np.arange(len(window)), _HZ) / RATE
    scale = (2 / total) * window[:, None]
    return np.concatenate([scale * np.cos(angle), -scale * np.sin(angle)], axis=1)


def _in_band_basis() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return (BLOCK, n), the orthonormal waves of a block that lie in the band (Slepian), and which do so well."""
    distance = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK))
    low, high = (2 * hz / RATE * np.sinc(2 * hz / RATE * distance) for hz in _IN_BAND)
    concentration, waves = np.linalg.eigh(high - low)
    chosen = concentration > 0.3
    return waves[:, chosen], concentration[chosen] > 0.6


_BASIS, _INNER = _in_band_basis()
_GATE: Final = np.concatenate(
    [
        (m := _phasor_matrix(np.ones(BLOCK), BLOCK)) - m.mean(axis=0),
        np.sqrt(2 / BLOCK) * (_BASIS - _BASIS.mean(axis=0)),
    ],
    axis=1,
).astype(np.float32)
"""(BLOCK, 16 + n): phasors of eight tones and the in-band waves, blind to a constant."""
POWERS: Final = 10
"""What `powers_of` tells of a block: squared amplitudes of the eight tones, of all in-band, and without leakage."""
_POWERS: Final = np.zeros((_GATE.shape[1], POWERS), dtype=np.float32)
_POWERS[range(8), range(8)] = _POWERS[range(8, 16), range(8)] = _POWERS[16:, 8] = 1
_POWERS[16:, 9] = _INNER

_PIECE: Final = 819
"""Blocks at once: their 64 k samples stay in the cache."""

_WINDOW: Final = np.kaiser(FRAME, KAISER_BETA)
# The ratio of the phasors under a Hann window's slope and under the window is the distance from the nominal frequency.
_HANN_ANGLE: Final = 2 * np.pi * (np.arange(FRAME) + 0.5) / FRAME


def _band_matrix(band: tuple[float, float]) -> NDArray[np.float64]:
    """Return (FRAME, n): columns whose squares add up to the mean square of the signal in a band (Parseval)."""
    bins = np.arange(np.ceil(band[0] * FRAME / RATE), np.floor(band[1] * FRAME / RATE) + 1)
    angle = 2 * np.pi * np.outer(np.arange(FRAME), bins) / FRAME
    scale = np.sqrt(2 / (FRAME * np.square(_WINDOW).sum())) * _WINDOW[:, None]
    return np.concatenate([scale * np.cos(angle), scale * np.sin(angle)], axis=1)


_BANDS: Final = [_band_matrix(band) for band in (_IN_BAND, _LOW_BAND, _HIGH_BAND)]
_FRAME_MATRIX: Final = np.concatenate(
    [
        _phasor_matrix(_WINDOW, _WINDOW.sum()),
        _phasor_matrix(0.5 - 0.5 * np.cos(_HANN_ANGLE), FRAME),
        _phasor_matrix(RATE / (2 * FRAME) * np.sin(_HANN_ANGLE), FRAME),
        *_BANDS,
    ],
    axis=1,
)
_FRAME: Final = (_FRAME_MATRIX - _FRAME_MATRIX.mean(axis=0)).astype(np.float32)
"""(FRAME, 48 + n): blind to a constant."""
_BAND_ENDS: Final = 48 + np.cumsum([0, *(band.shape[1] for band in _BANDS)])
_BAND_COLUMNS: Final = [slice(first, last) for first, last in pairwise(_BAND_ENDS.tolist())]
_GAIN_HZ: Final = np.linspace(0, MAX_DEVIATION_HZ, 61)
_GAIN: Final = np.abs(
    np.exp(-2j * np.pi * np.outer(_GAIN_HZ, np.arange(FRAME) - (FRAME - 1) / 2) / RATE) @ _WINDOW / _WINDOW.sum()
)
"""What a frame keeps of a tone's amplitude at a distance from the nominal frequency."""


class Frames(NamedTuple):
    """Features of frames, each of shape (frames,)."""

    hop: NDArray[np.int64]
    """Number of the hop that the frame ends with, among those passed."""
    low: NDArray[np.int64]
    """Row of the strongest low tone, 0 to 3."""
    high: NDArray[np.int64]
    """Column of the strongest high tone, 0 to 3."""
    low_amplitude: Samples
    high_amplitude: Samples
    low_deviation: Samples
    """Hz from the nominal frequency; clipped to ±MAX_DEVIATION_HZ."""
    high_deviation: Samples
    share: Samples
    """Part of the in-band energy that the two tones hold: a tone that fills half of the frame has about half."""
    low_rest: Samples
    """Power below the band by that of the tones."""
    high_rest: Samples
    """Power above the band by that of the tones."""


def some(frames: Frames, which: NDArray[np.bool_] | NDArray[np.int64]) -> Frames:
    """Return some of the frames."""
    hop, low, high = (values[which] for values in frames[:3])
    return Frames(hop, low, high, *(values[which] for values in frames[3:]))


def powers_of(x: Samples) -> Samples:
    """Return POWERS rows for the n blocks of `x`; shape (POWERS, n)."""
    blocks = x.reshape(-1, BLOCK)
    powers = np.empty((POWERS, len(blocks)), dtype=np.float32)
    for start in range(0, len(blocks), _PIECE):
        columns = blocks[start : start + _PIECE] @ _GATE
        np.multiply(columns, columns, out=columns)
        powers[:, start : start + _PIECE] = (columns @ _POWERS).T
    return powers


def gate(powers: Samples, limits: Gate = DIGITS) -> NDArray[np.bool_]:
    """Say of each two neighbouring blocks whether a tone pair may be in them: n - 1 answers."""
    two = powers[:, 1:] + powers[:, :-1]
    low = np.maximum(np.maximum(two[0], two[1]), np.maximum(two[2], two[3]))
    high = np.maximum(np.maximum(two[4], two[5]), np.maximum(two[6], two[7]))
    both = low + high
    worth = both > limits.inner_share * two[9]
    opened = both > limits.share * two[8]
    worth |= opened
    worth &= np.minimum(low, high) > limits.power
    worth &= high > limits.twist[0] * low
    worth &= high < limits.twist[1] * low
    opened &= worth
    doubtful = np.flatnonzero(worth & ~opened)
    if len(doubtful):
        opened[doubtful] = _steady(powers[:, doubtful], powers[:, doubtful + 1], limits.steady)
    return np.asarray(opened)


def _steady(first: Samples, second: Samples, factor: float) -> NDArray[np.bool_]:
    """Say whether blocks of shape (POWERS, n) have the same tones as their neighbours, about as strong."""
    same = np.ones(first.shape[1], dtype=bool)
    columns = np.arange(first.shape[1])
    for tones in (slice(0, 4), slice(4, 8)):
        row = np.argmax(first[tones], axis=0)
        a, b = first[tones][row, columns], second[tones][row, columns]
        same &= (row == np.argmax(second[tones], axis=0)) & (a < factor * b) & (b < factor * a)
    return same


def analyse(x: Samples, hops: NDArray[np.int64]) -> Frames:
    """Return the features of the frames that end with these hops; `x` begins CONTEXT samples before hop 0."""
    columns = np.lib.stride_tricks.sliding_window_view(x, FRAME)[hops * HOP] @ _FRAME
    in_band, low_band, high_band = (np.einsum("ij,ij->i", columns[:, band], columns[:, band]) for band in _BAND_COLUMNS)
    phasors = np.ascontiguousarray(columns[:, :48].T)
    powers = np.square(phasors[:8]) + np.square(phasors[8:16])
    low = np.argmax(powers[:4], axis=0)
    high = np.argmax(powers[4:], axis=0) + 4
    every = np.arange(len(hops))
    found: list[Samples] = []
    for tone in (low, high):
        hann_re, hann_im, slope_re, slope_im = (phasors[i + tone, every] for i in (16, 24, 32, 40))
        # The imaginary part of slope / hann.
        ratio = (slope_im * hann_re - slope_re * hann_im) / (
            np.square(hann_re) + np.square(hann_im) + np.float32(1e-20)
        )
        deviation = np.clip(-ratio, -MAX_DEVIATION_HZ, MAX_DEVIATION_HZ)
        gain = np.interp(np.abs(deviation), _GAIN_HZ, _GAIN)
        found += [(np.sqrt(powers[tone, every]) / gain).astype(np.float32), deviation]
    power = (np.square(found[0]) + np.square(found[2])) / 2 + np.float32(1e-20)
    share, rests = power / (in_band + np.float32(1e-20)), (low_band / power, high_band / power)
    return Frames(hops, low, high - 4, found[0], found[2], found[1], found[3], share, *rests)
