"""Talk-off: telling a key from speech and music that sound like one, by what is there besides the two tones."""

import math
from typing import Final, NamedTuple

import numpy as np

from dtmfphone.dtmf.discriminant import Discriminant
from dtmfphone.dtmf.fit import RATE, Signal, TwoTones
from dtmfphone.dtmf.keys import Key
from dtmfphone.dtmf.talk_off_weights import BIAS, MEANS, SCALES, WEIGHTS

LOW_BAND: Final = (70.0, 545.0)
IN_BAND: Final = (570.0, 1800.0)
HIGH_BAND: Final = (2050.0, 3400.0)
SIZE: Final = 512
"""Bins of a spectrum are RATE / SIZE apart."""
LONGEST: Final = SIZE

BEFORE: Final = 160
"""Samples before the tones that are looked at, in pieces of ..."""
_PIECE: Final = 80
_PEAK: Final = 7
"""Bins that a tone of 35 ms takes."""

CLEAN_REST: Final = 0.015
"""Power of all else in either band beside, by that of the tones, below which a sound is plainly two tones: a sender
keeps 20 dB (Q.23, ETSI ES 201 235-2) ..."""
CLEAN_SHARE: Final = 0.95
"""... with at least this share in-band: 13 dB for noise, echo and codec ..."""
CLEAN_BEFORE: Final = 0.45
"""... if they began with an edge: the amplitude before, by that of the tones."""
SCORE: Final = 4.0
"""Least score of a key: e to this power to one ..."""
EARLY_SCORE: Final = 6.0
"""... and before it had four good frames."""
HOPELESS: Final = -10.0
"""What has less once it had four good frames is given up: no key of the corpus comes close."""

LEAST_SHARE: Final = 0.55
"""Tones with less of the in-band power are no key whatever is beside: at -2 dB SNR they have 0.67 ..."""
GLIDES_HZ: Final = 8.0
"""... nor are those of which both glide more than this."""
LOUDEST_BED: Final = 10.0
"""Dial tone of two frequencies, each 8 dB louder than each tone, has 6.3 times the power of both."""
BED_SHARE: Final = 0.98
"""Least share in-band over a lasting sound below it, dial tone or hum, however loud ..."""
BED_BEFORE: Final = 0.6
"""... if the tones began, as far as 10 ms beside such a sound can tell: amplitudes before by theirs ..."""
BED_DEVIATION: Final = 0.016
"""... and are where they must be (1.5 %) ..."""
STEADY_REST: Final = 2.0
"""... and it had its power within this factor before."""
LOUDEST_REST: Final = 1.5
"""Under anything else that is louder, by this factor, tones are not told from a voice's harmonics."""
VOICE_REST: Final = 0.1
"""Power below the band, by that of the tones, that may be a voice's first harmonics."""
HARMONICS: Final = (2, 3, 4, 5)
"""Which harmonic of a voice the low tone may be: above all 697 and 1633 Hz are the third and seventh of 233 Hz."""
HARMONIC_OFF: Final = 0.04
"""How far from a whole number the ratio of high tone and pitch may be ..."""
PEAK_OFF: Final = 0.08
"""... and that of the strongest sound below the tones and pitch, measured less exactly."""

CLIPPED_PART: Final = 0.15
"""Least part of the samples at the ceiling where a signal is overdriven."""
CLIPPED_REST: Final = 0.08
"""Largest part of the power that differs from overdriven tones."""


def _bins(band: tuple[float, float]) -> slice:
    return slice(math.ceil(band[0] * SIZE / RATE), math.floor(band[1] * SIZE / RATE) + 1)


_LOW, _IN, _HIGH = (_bins(band) for band in (LOW_BAND, IN_BAND, HIGH_BAND))
_WIDE: Final = slice(_LOW.start, _HIGH.stop)


class Evidence(NamedTuple):
    """What speaks for and against a key."""

    share: float
    """Part of the two tones in the in-band power."""
    low_rest: float
    """Power below the band by that of the tones."""
    high_rest: float
    """Power above the band by that of the tones."""
    flatness: float
    """Geometric by arithmetic mean of the rest's spectrum: 0.56 for white noise, far less for a voice's harmonics."""
    low_before: float
    """Amplitude at the low tone's frequency in the quieter of two moments just before, by that of the tone."""
    high_before: float
    harmonic: float
    """Part of the rest that lies on the harmonics of a pitch whose harmonics the tones are too, beyond chance."""
    deviation: float
    """Larger one of both tones, a fraction."""
    twist_db: float
    third: float
    """Power of the strongest other tone in-band by that of the tones."""
    low_spread: float
    """Standard deviation of the frames' low frequency, Hz."""
    high_spread: float
    length: int
    low_peak_hz: float
    """Frequency of the strongest sound below the band."""
    low_was: float
    """Power below the band before the tones, by that while they sound."""


def gather(x: Signal, tones: TwoTones, key: Key, before: Signal, spread_hz: tuple[float, float]) -> Evidence:
    """Measure `x`, the samples that `tones` were fitted to; `before` is as much ahead of them, or BEFORE."""
    residual = tones.residual(x)[:LONGEST]
    spectrum = _spectrum(residual)
    low, in_band, high = (float(spectrum[part].sum()) for part in (_LOW, _IN, _HIGH))
    wide = spectrum[_WIDE] + 1e-20
    low_before, high_before = _amplitudes_before(before, tones)
    return Evidence(
        share=tones.power / (tones.power + in_band),
        low_rest=low / tones.power,
        high_rest=high / tones.power,
        flatness=math.exp(float(np.log(wide).mean())) / float(wide.mean()),
        low_before=low_before / tones.low_amplitude,
        high_before=high_before / tones.high_amplitude,
        harmonic=_harmonic(spectrum, tones, RATE / len(residual)),
        deviation=max(abs(tones.low_hz / key.low_hz - 1), abs(tones.high_hz / key.high_hz - 1)),
        twist_db=20 * math.log10(tones.high_amplitude / tones.low_amplitude),
        third=float(np.convolve(spectrum[_IN], np.ones(_PEAK), mode="valid").max()) / tones.power,
        low_spread=spread_hz[0],
        high_spread=spread_hz[1],
        length=len(x),
        low_peak_hz=_peak(spectrum),
        low_was=float(_spectrum(before[-len(residual) :])[_LOW].sum()) / (low + 1e-20),
    )


def _spectrum(x: Signal) -> Signal:
    """Return the power spectrum of SIZE samples or less: its parts add up to mean squares."""
    window = np.hanning(len(x) + 2)[1:-1]
    return np.asarray(np.square(np.abs(np.fft.rfft(x * window, SIZE))) * 2 / (SIZE * float(np.square(window).sum())))


def _peak(spectrum: Signal) -> float:
    """Return the frequency of the strongest sound below the band, between the bins."""
    peak = _LOW.start + int(np.argmax(spectrum[_LOW]))
    a, b, c = np.sqrt(spectrum[peak - 1 : peak + 2])
    between = (c - a) / (2 * (2 * b - a - c) + 1e-20) if b >= max(a, c) else 0.0
    return float((peak + between) * RATE / SIZE)


def _amplitudes_before(before: Signal, tones: TwoTones) -> tuple[float, float]:
    """Return the amplitudes at both frequencies, each at the quietest moment."""
    t = np.arange(_PIECE) / RATE
    angles = 2 * np.pi * np.outer((tones.low_hz, tones.high_hz), t)
    design = np.concatenate([np.cos(angles), np.sin(angles), np.ones((1, _PIECE))])
    pieces = before[-BEFORE:].reshape(-1, _PIECE)
    weights = np.linalg.solve(design @ design.T, design @ pieces.T)
    amplitudes = np.hypot(weights[:2], weights[2:4])
    best = int(np.argmin(amplitudes.sum(axis=0)))
    return float(amplitudes[0, best]), float(amplitudes[1, best])


def _harmonic(spectrum: Signal, tones: TwoTones, width_hz: float) -> float:
    total = np.concatenate([[0.0], np.cumsum(spectrum[: _WIDE.stop])])
    whole = float(total[-1] - total[_WIDE.start]) + 1e-20
    best = 0.0
    for order in range(max(1, math.ceil(tones.low_hz / 620)), 13):
        pitch = tones.low_hz / order
        if pitch < 70:
            break
        other = round(tones.high_hz / pitch)
        pitch = (tones.low_hz * order + tones.high_hz * other) / (order**2 + other**2)
        if max(abs(tones.low_hz - order * pitch), abs(tones.high_hz - other * pitch)) > 12:
            continue
        numbers = np.arange(1, int(HIGH_BAND[1] / pitch) + 1)
        hz = pitch * numbers[(numbers != order) & (numbers != other)]
        first = np.clip(np.rint((hz - width_hz / 2) * SIZE / RATE).astype(int), _WIDE.start, _WIDE.stop)
        last = np.clip(np.rint((hz + width_hz / 2) * SIZE / RATE).astype(int), _WIDE.start, _WIDE.stop)
        part = float((total[last] - total[first]).sum()) / whole
        chance = float((last - first).sum()) / (_WIDE.stop - _WIDE.start)
        if chance < 0.9:
            best = max(best, (part - chance) / (1 - chance))
    return best


def features(e: Evidence) -> list[float]:
    """Return what the score is made of."""
    return [
        math.log(e.share / (1.0001 - e.share)),
        math.log(e.low_before + 0.02),
        math.log(e.high_before + 0.02),
        math.log(e.low_rest + 0.01),
        math.log(e.high_rest + 0.01),
        math.log(e.flatness + 1e-4),
        e.harmonic,
        100 * e.deviation,
        abs(e.twist_db + 1),
        math.log(e.third + 0.01),
        math.log(min(e.low_spread, 20.0) + 0.2),
        math.log(min(e.high_spread, 20.0) + 0.2),
        math.log(e.length / 200),
    ]


_LEARNT: Final = Discriminant(MEANS, SCALES, WEIGHTS, BIAS)


def score(e: Evidence) -> float:
    """Return the logarithm of the odds that the sound is a key, as learnt from the corpus: a quadratic discriminant."""
    return float(_LEARNT.scores(np.array([features(e)]))[0])


def is_key(e: Evidence, x: Signal, tones: TwoTones, *, early: bool) -> bool:
    """Say whether two tones with this evidence, fitted to `x`, are a key; `early`: before they sounded for long."""
    before = max(e.low_before, e.high_before)
    if max(e.low_rest, e.high_rest) < CLEAN_REST and e.share >= CLEAN_SHARE and before < CLEAN_BEFORE:
        return True
    if e.share < LEAST_SHARE or min(e.low_spread, e.high_spread) > GLIDES_HZ or e.low_rest > LOUDEST_BED:
        return False
    over_a_bed = e.high_rest < CLEAN_REST and 1 / STEADY_REST < e.low_was < STEADY_REST
    if over_a_bed and e.share >= BED_SHARE and before < BED_BEFORE and e.deviation < BED_DEVIATION:
        return True
    if e.low_rest > VOICE_REST and _is_voice(tones, e.low_peak_hz):
        return False
    if e.low_rest + e.high_rest > LOUDEST_REST and not over_a_bed:
        return False
    return score(e) > (EARLY_SCORE if early else SCORE) or (not early and _is_clipped(x, tones))


def _is_voice(tones: TwoTones, peak_hz: float) -> bool:
    """Say whether both tones and the strongest sound below them are low harmonics of one pitch."""
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
