"""Talk-off: telling a key from speech and music that sound like one, by what is there besides the two tones."""

import math
from typing import Final, NamedTuple

import numpy as np

from dtmfphone.dtmf.fit import RATE, Signal, TwoTones

LOW_BAND: Final = (70.0, 545.0)
IN_BAND: Final = (570.0, 1800.0)
HIGH_BAND: Final = (2050.0, 3400.0)

QUIET: Final = 0.04
"""A band with less than this part of the tones' power counts as quiet."""
SHARE_QUIET: Final = 0.90
"""Least part of the tones in the in-band power where the other bands are quiet ..."""
SHARE_LONG: Final = 0.74
"""... where they are, and the tones last, as codecs bend them ..."""
SHARE_NOISE: Final = 0.74
"""... where noise is everywhere alike ..."""
SHARE_OTHER: Final = 0.93
"""... and over any other sound below them, which must be as it was at some moment before: dial tone and hum beat."""
BEFORE: Final = 960
"""Samples before the tones within which it must have been so ..."""
STEP: Final = 40
"""... looked at in these steps."""
LONG_FRAMES: Final = 10
STEADY_NOISE_HZ: Final = (2.6, 2.8)
"""Largest standard deviation of low and high frequency over noise."""
STEADY_OTHER_HZ: Final = (2.0, 3.0)
"""And over other sounds."""
NOISE_RATIO: Final = 4.0
"""Power densities of the bands of noise differ by less, at 25 ms."""
NOISE_FLATNESS: Final = 0.3
"""Least geometric by arithmetic mean of a noise spectrum; white noise has 0.56, harmonics of a voice far less."""
NEW: Final = 0.1
"""The band was quieter than this part of the tones then: else they may be a voice's harmonics, growing."""
SAME_LEVEL: Final = 1.3
"""The sound below them had its power within this factor ..."""
SAME_SHAPE: Final = 0.97
"""... and its spectrum: the cosine between the magnitudes, then and now."""
HARMONICS: Final = (2, 3, 4, 5)
"""Which harmonic of a voice the low tone may be."""
HARMONIC_OFF: Final = 0.04
"""How far from a whole number the ratio of high tone and pitch may be ..."""
PEAK_OFF: Final = 0.08
"""... and that of the strongest sound below the tones and pitch, measured less exactly."""
CLIPPED_PART: Final = 0.15
"""Least part of the samples at the ceiling where a signal is overdriven."""
CLIPPED_REST: Final = 0.08
"""Largest part of the power that differs from overdriven tones."""


class Rest(NamedTuple):
    """What else is in a piece of audio: mean squares in the three bands."""

    low: float
    in_band: float
    high: float
    flatness: float
    """Of the spectrum between 70 and 3400 Hz, 0 to 1."""
    low_shape: Signal
    """Spectrum magnitudes of the low band."""
    low_peak_hz: float
    """Frequency of the strongest sound in the low band."""


def rest_of(x: Signal) -> Rest:
    """Measure 10 ms or more of 8 kHz audio."""
    window = np.hanning(len(x) + 2)[1:-1]
    spectrum = np.abs(np.fft.rfft((x - x.mean()) * window)) ** 2
    spectrum *= 2 / (len(x) * float(np.square(window).sum()))
    bins = np.fft.rfftfreq(len(x), 1 / RATE)

    def within(low_hz: float, high_hz: float) -> Signal:
        return np.asarray(spectrum[(bins >= low_hz) & (bins <= high_hz)])

    low, in_band, high = (within(*band) for band in (LOW_BAND, IN_BAND, HIGH_BAND))
    wide = within(LOW_BAND[0], HIGH_BAND[1]) + 1e-20
    flatness = float(np.exp(np.log(wide).mean()) / wide.mean())
    peak = int(np.argmax(np.where(bins <= LOW_BAND[1], spectrum, 0)[1:-1])) + 1
    a, b, c = np.sqrt(spectrum[peak - 1 : peak + 2])
    peak_hz = (peak + (c - a) / (2 * (2 * b - a - c) + 1e-20) * bool(b > max(a, c))) * RATE / len(x)
    return Rest(float(low.sum()), float(in_band.sum()), float(high.sum()), flatness, np.sqrt(low), float(peak_hz))


def is_key(x: Signal, tones: TwoTones, before: Signal, frames: int, spread_hz: tuple[float, float]) -> bool:
    """Say whether the tones fitted to `x` are a key.

    `before` is what was heard before them, BEFORE samples or less, `frames` how many good frames there are, and
    `spread_hz` the standard deviations of the frames' low and high frequency.
    """
    residual = tones.residual(x)
    rest = rest_of(residual)
    share = tones.power / (tones.power + rest.in_band)
    quiet = QUIET * tones.power
    if rest.low < quiet and rest.high < quiet:
        return share >= SHARE_QUIET or (share >= SHARE_LONG and frames >= LONG_FRAMES)
    n = min(len(x), len(before))
    rest, was = rest_of(residual[:n]), rest_of(before[-n:])
    if _is_noise(rest, was):
        return share >= SHARE_NOISE and _within(spread_hz, STEADY_NOISE_HZ)
    if rest.high < quiet and share >= SHARE_OTHER and _within(spread_hz, STEADY_OTHER_HZ):
        if _is_voice(tones, rest.low_peak_hz):
            return False
        moments = (rest_of(before[i : i + n]) for i in range(len(before) - n, -1, -STEP))
        return any(was.in_band < NEW * tones.power and _goes_on(rest, was) for was in moments)
    return _is_clipped(x, tones)


def _within(spread_hz: tuple[float, float], limit: tuple[float, float]) -> bool:
    return spread_hz[0] < limit[0] and spread_hz[1] < limit[1]


def _alike(a: float, b: float, factor: float) -> bool:
    return a <= factor * b and b <= factor * a


def _is_noise(rest: Rest, was: Rest) -> bool:
    """Say whether the rest is noise that was there before."""
    widths = [band[1] - band[0] for band in (LOW_BAND, IN_BAND, HIGH_BAND)]
    densities = [power / width for power, width in zip(rest[:3], widths, strict=True)]
    steady = _alike(sum(rest[:3]), sum(was[:3]), NOISE_RATIO)
    flat = min(rest.flatness, was.flatness) > NOISE_FLATNESS
    return steady and flat and _alike(max(densities), min(densities), NOISE_RATIO)


def _goes_on(rest: Rest, was: Rest) -> bool:
    """Say whether the sound below the tones is that of a moment before them."""
    cosine = float(rest.low_shape @ was.low_shape) / (math.sqrt(rest.low * was.low) + 1e-20)
    return _alike(rest.low, was.low, SAME_LEVEL) and cosine > SAME_SHAPE


def _is_voice(tones: TwoTones, peak_hz: float) -> bool:
    """Say whether both tones and the strongest sound below them are harmonics of one pitch."""
    for order in HARMONICS:
        pitch = tones.low_hz / order
        if _off_whole(tones.high_hz / pitch) < HARMONIC_OFF and _off_whole(peak_hz / pitch) < PEAK_OFF:
            return True
    return False


def _off_whole(ratio: float) -> float:
    return abs(ratio - round(ratio))


def _is_clipped(x: Signal, tones: TwoTones) -> bool:
    """Say whether `x` is two tones driven into a ceiling."""
    ceiling = float(np.abs(x).max())
    if float(np.mean(np.abs(x) > 0.95 * ceiling)) < CLIPPED_PART:
        return False
    driven = np.geomspace(1, 10, 16)[:, None] * tones.at(0, len(x))
    differs = np.square(x - np.clip(driven, -ceiling, ceiling)).mean(axis=1)
    return float(differs.min()) < CLIPPED_REST * float(np.square(x).mean())
