"""First stages of detection at 8 kHz: a gate on block phasors, then tapered 28 ms frames every 5 ms."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.keys import HIGH_HZ, LOW_HZ
from dtmfphone.dtmf.levels import Samples, amplitude_of

RATE: Final = 8000
BLOCK: Final = 40
"""5 ms."""
FRAME: Final = 224
"""28 ms; a frame ends with a block."""
KAISER_BETA: Final = 2.5
CONTEXT: Final = FRAME - BLOCK
"""Samples that the first frame reaches back before its block."""
MAX_DEVIATION_HZ: Final = 60.0
"""Farther from the nearest nominal frequency a frame holds no tone."""

GATE_SHARE: Final = 0.5
"""Least share of the strongest low and high tone in the power of 10 ms, their mean left out ..."""
GATE_SHAPE: Final = 0.7
"""... or among the eight tones alone, for keys over noise, dial tone and hum."""
GATE_BLOCKS: Final = 2
"""A good frame has at least as many open ones among its whole blocks; so has a quarter of the frames of speech."""
GATE_AMPLITUDE: Final = amplitude_of(-50.0)

_HZ: Final = np.array(LOW_HZ + HIGH_HZ)
_IN_BAND: Final = (570.0, 1800.0)
"""Where other signals count against a digit."""


def _phasor_matrix(window: NDArray[np.float64], total: float) -> NDArray[np.float32]:
    """Return (len(window), 16): columns that give each tone's amplitude as cosine and minus sine under a window."""
    angle = 2 * np.pi * np.outer(np.arange(len(window)), _HZ) / RATE
    scale = (2 / total) * window[:, None]
    return np.concatenate([scale * np.cos(angle), -scale * np.sin(angle)], axis=1).astype(np.float32)


_BLOCK_MATRIX: Final = np.concatenate(
    [_phasor_matrix(np.ones(BLOCK), BLOCK), np.full((BLOCK, 1), 1 / BLOCK, dtype=np.float32)], axis=1
)
"""Eight phasors and the mean of a block."""
_TURN: Final = np.exp(-2j * np.pi * _HZ * BLOCK / RATE).astype(np.complex64)
"""From one block's phasors to the next one's."""
_OF_ONES: Final = _BLOCK_MATRIX.sum(axis=0)
_OFFSET: Final = (_OF_ONES[:8] + 1j * _OF_ONES[8:16]) * (1 + _TURN)
"""What a constant adds to the phasors of two blocks."""

_WINDOW64: Final = np.kaiser(FRAME, KAISER_BETA)
_WINDOW: Final = _WINDOW64.astype(np.float32)
# The ratio of the phasors under a Hann window's slope and under the window is the distance from the nominal frequency.
_HANN_ANGLE: Final = 2 * np.pi * (np.arange(FRAME) + 0.5) / FRAME
_FRAME_MATRIX: Final = np.concatenate(
    [
        _phasor_matrix(_WINDOW64, _WINDOW64.sum()),
        _phasor_matrix(0.5 - 0.5 * np.cos(_HANN_ANGLE), FRAME),
        _phasor_matrix(RATE / (2 * FRAME) * np.sin(_HANN_ANGLE), FRAME),
    ],
    axis=1,
)
_BINS: Final = np.fft.rfftfreq(FRAME, 1 / RATE)
_IN_BAND_BINS: Final = (_IN_BAND[0] <= _BINS) & (_IN_BAND[1] >= _BINS)
# Parseval: twice the sum of squared bins over FRAME * sum(window**2) is the mean square of the unwindowed signal.
_POWER_SCALE: Final = 2 / (FRAME * float(np.square(_WINDOW64).sum()))
_GAIN_HZ: Final = np.linspace(0, MAX_DEVIATION_HZ, 61)
_GAIN: Final = np.abs(
    np.exp(-2j * np.pi * np.outer(_GAIN_HZ, np.arange(FRAME) - (FRAME - 1) / 2) / RATE) @ _WINDOW64 / _WINDOW64.sum()
)
"""What a frame keeps of a tone's amplitude at a distance from the nominal frequency."""


class Frames(NamedTuple):
    """Features of frames, each of shape (frames,)."""

    block: NDArray[np.int64]
    """Number of the block that the frame ends with, among those passed."""
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


def gate(blocks: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say for blocks of shape (n, BLOCK) which may end 10 ms of a tone pair; `before` is the block before the first."""
    phasors = np.concatenate([before[None, :], blocks]) @ _BLOCK_MATRIX
    z = phasors[:, :8] + 1j * phasors[:, 8:16]
    mean = (phasors[:-1, 16] + phasors[1:, 16]) / 2
    amplitudes = (z[:-1] + z[1:] * _TURN - mean[:, None] * _OFFSET) / 2
    pair = (np.square(amplitudes.real) + np.square(amplitudes.imag)) / 2
    energy = np.einsum("ij,ij->i", blocks, blocks) / BLOCK
    first = np.dot(before, before) / BLOCK
    power = (np.concatenate([[first], energy[:-1]]) + energy) / 2 - np.square(mean)
    best = pair[:, :4].max(axis=1) + pair[:, 4:].max(axis=1)
    loud = best > GATE_AMPLITUDE**2 / 2
    return np.asarray(loud & ((best > GATE_SHARE * power) | (best > GATE_SHAPE * pair.sum(axis=1))))


def analyse(x: Samples, blocks: NDArray[np.int64]) -> Frames:
    """Return the features of the frames that end with these blocks; `x` begins CONTEXT samples before block 0."""
    frames = np.lib.stride_tricks.sliding_window_view(x, FRAME)[blocks * BLOCK]
    frames = frames - frames.mean(axis=1, keepdims=True)
    columns = frames @ _FRAME_MATRIX
    magnitude = np.hypot(columns[:, :8], columns[:, 8:16])
    hann, slope = (columns[:, i : i + 8] + 1j * columns[:, i + 8 : i + 16] for i in (16, 32))
    spectrum = np.fft.rfft(frames * _WINDOW)[:, _IN_BAND_BINS]
    in_band = (np.square(spectrum.real) + np.square(spectrum.imag)).sum(axis=1) * _POWER_SCALE
    low = np.argmax(magnitude[:, :4], axis=1)
    high = np.argmax(magnitude[:, 4:], axis=1)
    rows = np.arange(len(blocks))
    found: list[Samples] = []
    for tone in (low, high + 4):
        deviation = -np.imag(slope[rows, tone] / (hann[rows, tone] + 1e-20))
        deviation = np.clip(deviation, -MAX_DEVIATION_HZ, MAX_DEVIATION_HZ)
        gain = np.interp(np.abs(deviation), _GAIN_HZ, _GAIN)
        found += [(magnitude[rows, tone] / gain).astype(np.float32), deviation.astype(np.float32)]
    share = (np.square(found[0]) + np.square(found[2])) / 2 / (in_band + 1e-20)
    return Frames(blocks, low, high, found[0], found[2], found[1], found[3], share.astype(np.float32))
