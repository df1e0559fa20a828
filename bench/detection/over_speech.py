"""Digits while somebody talks, softer than they."""

from collections.abc import Callable, Iterator

import numpy as np

from detection import speech
from detection.recording import Group, Recording
from detection.tape import Tape, digit, keys


def over(below_db: float) -> Callable[[np.random.Generator, float], Iterator[Recording]]:
    """50 to 100 ms digits, with lasting recorded speech this much below the power of both tones."""

    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        paths = speech.prompts()
        chosen = keys(rng, round(size))
        for first in range(0, len(chosen), 24):
            level = rng.uniform(-15, -8)
            tape = Tape()
            tape.pause(0.3)
            for k in chosen[first : first + 24]:
                tape.burst(k, digit(rng, k, level=level, duration=rng.uniform(0.05, 0.1)))
                tape.pause(rng.uniform(0.1, 0.3))
            wave = tape.render()
            bed = np.zeros(0)
            while len(bed) < len(wave):
                said = speech.prompt(paths[int(rng.integers(len(paths)))])
                # Both tones have twice the power of one, and speech that of a sine of its level.
                bed = np.concatenate([bed, speech.at_level(said, level + 10 * np.log10(2) - below_db)])
            yield tape.recording(wave + bed[: len(wave)])

    return make


GROUPS = (
    Group("over speech 10 dB below", "beyond", 384, over(10.0), 97.0),
    Group("over speech 6 dB below", "beyond", 384, over(6.0), 97.0),
)
