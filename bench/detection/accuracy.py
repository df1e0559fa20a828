"""How exact the measurements of a digit are, beside what noise allows at best (Cramér-Rao bound)."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from detection.heard import Heard
from detection.recording import Group, Label, Recording
from detection.tape import Tape, digit, keys, noise
from detection.tone_pair import RATE, TonePair, peak_of


def measured(snr_db: float) -> Callable[[np.random.Generator, float], Iterator[Recording]]:
    """45 to 145 ms digits of random level, twist and deviation in white noise."""

    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        chosen = keys(rng, round(size))
        for first in range(0, len(chosen), 4):
            level, twist = rng.uniform(-12, -5), rng.uniform(-6, 4)
            tape = Tape()
            tape.pause(0.1)
            for k in chosen[first : first + 4]:
                low, high = rng.uniform(-0.015, 0.015, 2)
                length = rng.uniform(0.045, 0.145)
                pair = digit(rng, k, level=level, twist=twist, low_off=low, high_off=high, duration=length)
                tape.burst(k, pair, snr_db)
                tape.pause(rng.uniform(0.08, 0.15))
            wave = tape.render()
            wave += noise(rng, len(wave), tape.labels[0].pair.power / 10 ** (snr_db / 10))
            yield tape.recording(wave)

    return make


GROUPS = tuple(Group(f"measured at {snr_db} dB SNR", "measure", 240, measured(snr_db)) for snr_db in (60, 30, 20))


@dataclass(frozen=True, slots=True)
class Errors:
    """Absolute errors, shape (n,): two for each digit, but one for each of snr_db, onset and duration."""

    hz: np.ndarray
    level_db: np.ndarray
    twist_db: np.ndarray
    snr_db: np.ndarray
    onset: np.ndarray
    duration: np.ndarray
    hz_to_bound: float
    """Root of the mean square of error over bound."""
    level_to_bound: float


def errors(hits: Sequence[tuple[Label, Heard]]) -> Errors | None:
    """Return the errors of what was measured; None if nothing was."""
    known = [(label, heard.ended) for label, heard in hits if heard.ended is not None]
    if not known:
        return None
    hz, level, hz_bound, level_bound = [], [], [], []
    for label, ended in known:
        pair = label.pair
        for f, dbm0, f_true, true in (
            (ended.low_hz, ended.low_dbm0, pair.low_hz, pair.low_dbm0),
            (ended.high_hz, ended.high_dbm0, pair.high_hz, pair.high_dbm0),
        ):
            hz.append(f - f_true)
            level.append(dbm0 - true)
            if label.snr_db is not None:
                # Rounding to 16 bits is noise too, of 1/12.
                power = pair.power / 10 ** (label.snr_db / 10) + 1 / 12
                per_sample = peak_of(true) ** 2 / 2 / power
                weight, spread = _extent(pair)
                hz_bound.append(1 / (2 * math.pi * math.sqrt(per_sample * spread)))
                level_bound.append(20 / math.log(10) / math.sqrt(per_sample * weight))
    return Errors(
        hz=np.abs(hz),
        level_db=np.abs(level),
        twist_db=np.abs([e.twist_db - (x.pair.high_dbm0 - x.pair.low_dbm0) for x, e in known]),
        snr_db=np.abs([e.snr_db - x.snr_db for x, e in known if x.snr_db is not None]),
        onset=np.abs([e.onset - x.onset for x, e in known]),
        duration=np.abs([e.duration - x.pair.duration for x, e in known]),
        hz_to_bound=_rms_ratio(hz, hz_bound),
        level_to_bound=_rms_ratio(level, level_bound),
    )


def _extent(pair: TonePair) -> tuple[float, float]:
    """Return the sum of the squared envelope over the samples, and its second moment about the middle in s²."""
    t = np.arange(round(-pair.rise / 2 * RATE), round((pair.duration + pair.fall / 2) * RATE) + 1) / RATE
    weights = np.square(pair.envelope(t))
    total = weights.sum()
    return float(total), float(weights @ np.square(t - weights @ t / total))


def _rms_ratio(error: list[float], bound: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(np.array(error) / np.array(bound))))) if bound else math.nan
