"""How much audio a detector takes per second of processor time, beside spandsp's C in the same run."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from detection import accept, talk_off
from detection.heard import FRAME, Ours
from detection.peers import Spandsp
from detection.recording import Group, Samples
from detection.tone_pair import RATE

RUNS: Final = 5
STREAMED: Final = 60
"""Seconds that are fed in 20 ms frames."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Audio seconds per second of processor time, best of RUNS; None for what is not there."""

    material: str
    ours: float
    ours_streaming: float
    spandsp: float | None

    @property
    def ratio(self) -> float | None:
        return None if self.spandsp is None else self.ours / self.spandsp


def speeds(seed: int, seconds: float, scratch: Path, *, with_spandsp: bool) -> list[Speed]:
    """Measure talk-off material as a whole, recorded speech alone, and with 1 s of digits in 20."""
    spandsp = Spandsp(scratch) if with_spandsp else None
    shares = dict(zip(talk_off.GROUPS, (0.45, 0.15, 0.2, 0.1, 0.1), strict=True))
    mix = np.concatenate([_audio(group, seconds * share, seed) for group, share in shares.items()])
    speech = _audio(talk_off.GROUPS[0], seconds, seed)
    digits = np.resize(_audio(accept.GROUPS[0], 200, seed), len(speech))
    at_times = np.where(np.arange(len(speech)) // RATE % 20 == 0, digits, speech).astype(np.int16)
    named = {"talk-off mix": mix, "recorded speech": speech, "speech, 1 s of digits in 20": at_times}
    return [_speed(name, samples, spandsp) for name, samples in named.items()]


def _audio(group: Group, size: float, seed: int) -> Samples:
    made = group.make(np.random.default_rng([seed, 0]), size)
    return np.concatenate([recording.samples for recording in made])


def _speed(name: str, samples: Samples, spandsp: Spandsp | None) -> Speed:
    # In turns, so that a busy machine slows down both.
    whole, theirs = [], []
    for _ in range(RUNS):
        whole.append(_cpu_seconds(lambda: Ours()(samples)))
        if spandsp is not None:
            theirs.append(spandsp.cpu_seconds(samples, runs=1))
    part = _spread_out(samples, STREAMED)
    frames = min(_cpu_seconds(lambda: Ours(FRAME)(part)) for _ in range(RUNS))
    seconds = len(samples) / RATE
    return Speed(name, seconds / min(whole), len(part) / RATE / frames, seconds / min(theirs) if theirs else None)


def _spread_out(samples: Samples, seconds: int) -> Samples:
    """Return ten pieces from all over the samples, this long together."""
    piece = min(seconds * RATE, len(samples)) // 10
    starts = np.linspace(0, len(samples) - piece, 10).astype(int)
    return np.concatenate([samples[start : start + piece] for start in starts])


def _cpu_seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began
