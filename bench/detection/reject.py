"""What no receiver may take for a digit (ITU-T Q.24, AT&T column): too weak, too far off, too short, something else."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from detection import other_signals
from detection.recording import Group, Recording
from detection.tape import Tape, digit, keys, recordings, spread, tapes, to_pcm
from detection.tone_pair import RATE, TonePair, Wave

PAUSE = (0.1, 0.2)


def weak(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Each tone below -55 dBm0: -56 to -70."""
    chosen = keys(rng, round(size))
    digits = [(k, digit(rng, k, level=rng.uniform(-70, -56), duration=rng.uniform(0.05, 0.15))) for k in chosen]
    for tape in tapes(rng, digits, PAUSE):
        yield tape.recording(tape.render())


def off(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Low, high or both tones off by 3.5 to 5 %; with only one, the other is within 1.5 %."""
    chosen = keys(rng, round(size))
    far = [sign * step / 1000 for step in (35, 36, 38, 40, 45, 50) for sign in (-1, 1)]
    which = spread(rng, range(3), len(chosen))
    low, high = spread(rng, far, len(chosen)), spread(rng, far, len(chosen))
    digits: list[tuple[str, TonePair]] = []
    for i, k in enumerate(chosen):
        near = float(rng.choice((0.0, rng.uniform(-0.015, 0.015))))
        pair = digit(
            rng,
            k,
            level=rng.uniform(-20, -5),
            low_off=near if which[i] == 1 else low[i],
            high_off=near if which[i] == 0 else high[i],
            duration=rng.uniform(0.05, 0.15),
        )
        digits.append((k, pair))
    yield from recordings(rng, tapes(rng, digits, PAUSE))


def _short(first: int, last: int) -> Callable[[np.random.Generator, float], Iterator[Recording]]:
    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        chosen = keys(rng, round(size))
        lengths = spread(rng, np.arange(first, last + 1) / 1000, len(chosen))
        digits = [
            (k, digit(rng, k, level=rng.uniform(-20, -3), duration=x)) for k, x in zip(chosen, lengths, strict=True)
        ]
        yield from recordings(rng, tapes(rng, digits, PAUSE))

    return make


def others(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Every signal of a telephone line that is no digit, in turn."""
    count = round(size)
    kinds = itertools.cycle(other_signals.ALL)
    signals = [(kind.__name__.replace("_", " "), kind(rng)) for kind in itertools.islice(kinds, count)]
    for first in range(0, count, 60):
        tape, parts = Tape(), [np.zeros(round(0.2 * RATE))]
        tape.pause(0.2)
        for name, wave in signals[first : first + 60]:
            seconds = len(wave) / RATE
            silent = TonePair(low_hz=0, high_hz=0, low_dbm0=-np.inf, high_dbm0=-np.inf, duration=seconds)
            tape.burst(name, silent)
            space = round(rng.uniform(0.15, 0.25) * RATE)
            tape.pause(space / RATE)
            parts += [wave, np.zeros(space)]
        together: Wave = np.concatenate(parts)
        yield Recording(to_pcm(together, companded=first // 60 % 2 == 1), tuple(tape.labels))


GROUPS = (
    Group("each tone below -55 dBm0", "reject", 144, weak),
    Group("3.5 to 5 % off", "reject", 1824, off),
    Group("10 to 20 ms", "reject", 864, _short(10, 20)),
    Group("21 to 23 ms", "reject", 480, _short(21, 23)),
    Group("other signals", "reject", 954, others),
)
