"""First stages of detection at 8 kHz: a gate on 10 ms blocks, then tapered 28 ms frames every 5 ms."""

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
    """Least part of the strongest low and high tone in the in-band power."""
    twist: tuple[float, float]
    """Limits of the high tone's power by that of the low one."""
    power: float
    """Least squared amplitude of either tone, both blocks added."""


DIGITS: Final = Gate(0.6, (1 / 25, 12.0), 2 * amplitude_of(-47.0) ** 2)
"""All digits in noise as strong as they are, over dial tone or overdriven pass, and 2 % of speech. The limits of twist
are far apart, as 20 ms tell little."""
NEAR_DIGITS: Final = Gate(0.5, (1 / 250, 250.0), 2 * amplitude_of(-62.0) ** 2)
"""So does what is almost a digit."""

_HZ: Final = np.array(LOW_HZ + HIGH_HZ)
_IN_BAND: Final = (570.0, 1800.0)
"""Where other signals count against a digit."""


def _phasor_matrix(window: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Return (len(window), 16): columns that give each tone's amplitude as cosine and minus sine under a window."""
    angle = 2 * np.pi * np.outer(np.arange(len(window)), _HZ) / RATE
    scale = (2 / total) * window[:, None]
    return np.concatenate([scale * np.cos(angle), -scale * np.sin(angle)], axis=1)


def _in_band_basis() -> NDArray[np.float64]:
    """Return (BLOCK, n): the orthonormal waves of a block that lie in the band (Slepian sequences)."""
    distance = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK))
    low, high = (2 * hz / RATE * np.sinc(2 * hz / RATE * distance) for hz in _IN_BAND)
    concentration, waves = np.linalg.eigh(high - low)
    return np.asarray(waves[:, concentration > 0.3])


_BASIS: Final = _in_band_basis()
_GATE: Final = np.concatenate(
    [
        (m := _phasor_matrix(np.ones(BLOCK), BLOCK)) - m.mean(axis=0),
        np.sqrt(2 / BLOCK) * (_BASIS - _BASIS.mean(axis=0)),
    ],
    axis=1,
).astype(np.float32)
"""(BLOCK, 16 + n): phasors of eight tones and the in-band waves, blind to a constant."""
_POWERS: Final = np.zeros((_GATE.shape[1], 9), dtype=np.float32)
"""From squares of those to squared amplitudes of the eight tones, and of all that is in-band."""
_POWERS[range(8), range(8)] = _POWERS[range(8, 16), range(8)] = _POWERS[16:, 8] = 1

_WINDOW: Final = np.kaiser(FRAME, KAISER_BETA)
# The ratio of the phasors under a Hann window's slope and under the window is the distance from the nominal frequency.
_HANN_ANGLE: Final = 2 * np.pi * (np.arange(FRAME) + 0.5) / FRAME
_BINS: Final = np.arange(np.ceil(_IN_BAND[0] * FRAME / RATE), np.floor(_IN_BAND[1] * FRAME / RATE) + 1)
_BIN_ANGLE: Final = 2 * np.pi * np.outer(np.arange(FRAME), _BINS) / FRAME
# Parseval: twice the sum of squared bins over FRAME * sum(window**2) is the mean square of the unwindowed signal.
_BIN_SCALE: Final = np.sqrt(2 / (FRAME * np.square(_WINDOW).sum()))
_FRAME_MATRIX: Final = np.concatenate(
    [
        _phasor_matrix(_WINDOW, _WINDOW.sum()),
        _phasor_matrix(0.5 - 0.5 * np.cos(_HANN_ANGLE), FRAME),
        _phasor_matrix(RATE / (2 * FRAME) * np.sin(_HANN_ANGLE), FRAME),
        _BIN_SCALE * _WINDOW[:, None] * np.concatenate([np.cos(_BIN_ANGLE), np.sin(_BIN_ANGLE)], axis=1),
    ],
    axis=1,
)
_FRAME: Final = (_FRAME_MATRIX - _FRAME_MATRIX.mean(axis=0)).astype(np.float32)
"""(FRAME, 48 + bins): blind to a constant."""
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


def powers_of(x: Samples) -> Samples:
    """Return the squared amplitudes of the eight tones and of all that is in-band in n blocks of `x`; shape (9, n)."""
    columns = x.reshape(-1, BLOCK) @ _GATE
    np.multiply(columns, columns, out=columns)
    return np.ascontiguousarray((columns @ _POWERS).T)


def gate(powers: Samples, limits: Gate = DIGITS) -> NDArray[np.bool_]:
    """Say of each two neighbouring blocks whether a tone pair may be in them: n - 1 answers."""
    two = powers[:, 1:] + powers[:, :-1]
    low = np.maximum(np.maximum(two[0], two[1]), np.maximum(two[2], two[3]))
    high = np.maximum(np.maximum(two[4], two[5]), np.maximum(two[6], two[7]))
    opened = low + high > limits.share * two[8]
    opened &= np.minimum(low, high) > limits.power
    opened &= high > limits.twist[0] * low
    opened &= high < limits.twist[1] * low
    return np.asarray(opened)


def analyse(x: Samples, hops: NDArray[np.int64]) -> Frames:
    """Return the features of the frames that end with these hops; `x` begins CONTEXT samples before hop 0."""
    columns = np.lib.stride_tricks.sliding_window_view(x, FRAME)[hops * HOP] @ _FRAME
    magnitude = np.hypot(columns[:, :8], columns[:, 8:16])
    in_band = np.einsum("ij,ij->i", columns[:, 48:], columns[:, 48:])
    low = np.argmax(magnitude[:, :4], axis=1)
    high = np.argmax(magnitude[:, 4:], axis=1) + 4
    rows = np.arange(len(hops))
    found: list[Samples] = []
    for tone in (low, high):
        hann, slope = (columns[rows, i + tone] + 1j * columns[rows, i + 8 + tone] for i in (16, 32))
        deviation = np.clip(-np.imag(slope / (hann + 1e-20)), -MAX_DEVIATION_HZ, MAX_DEVIATION_HZ)
        gain = np.interp(np.abs(deviation), _GAIN_HZ, _GAIN)
        found += [(magnitude[rows, tone] / gain).astype(np.float32), deviation.astype(np.float32)]
    share = (np.square(found[0]) + np.square(found[2])) / 2 / (in_band + 1e-20)
    return Frames(hops, low, high - 4, found[0], found[2], found[1], found[3], share.astype(np.float32))
