"""Digits within what every receiver has to take (ITU-T Q.24, AT&T column; Bellcore LSSGR: 1.5 % + 2 Hz, 15 dB SNR)."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from detection.recording import Group, Recording
from detection.tape import digit, keys, noise, recordings, spread, tapes
from detection.tone_pair import TonePair, frequencies, peak_of

Digits = list[tuple[str, TonePair]]
TWISTS = tuple(np.arange(-8.0, 4.01, 0.5))
DEVIATIONS = tuple(np.arange(-1.5, 1.501, 0.25) / 100)


def clean(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """50 to 150 ms, -20 to -5 dBm0."""
    chosen = keys(rng, round(size))
    digits = [(k, digit(rng, k, level=rng.uniform(-20, -5), duration=rng.uniform(0.05, 0.15))) for k in chosen]
    yield from recordings(rng, tapes(rng, digits))


def level(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Both tones 0 to -25 dBm0; the loudest are clipped, as on any telephone line."""
    chosen = keys(rng, round(size))
    levels = spread(rng, np.arange(-25.0, 0.1), len(chosen))
    digits = [(k, digit(rng, k, level=x, duration=rng.uniform(0.05, 0.1))) for k, x in zip(chosen, levels, strict=True)]
    yield from recordings(rng, tapes(rng, digits))


def twist(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """High minus low -8 to +4 dB."""
    chosen = keys(rng, round(size))
    twists = spread(rng, TWISTS, len(chosen))
    digits = [
        (k, digit(rng, k, level=rng.uniform(-15, -5), twist=x, duration=rng.uniform(0.05, 0.1)))
        for k, x in zip(chosen, twists, strict=True)
    ]
    yield from recordings(rng, tapes(rng, digits))


def deviation(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Low, high or both tones off by up to 1.5 %."""
    chosen = keys(rng, round(size))
    steps = [step for step in DEVIATIONS if step]
    both = list(itertools.product(DEVIATIONS, DEVIATIONS))
    moves = [(step, 0.0) for step in steps] + [(0.0, step) for step in steps] + both
    # The corners, both tones at the limit, are as frequent as all else on one tone.
    moves += list(itertools.product((-0.015, 0.015), repeat=2)) * 6
    picks = spread(rng, range(len(moves)), len(chosen))
    digits = []
    for k, pick in zip(chosen, picks, strict=True):
        low, high = moves[int(pick)]
        pair = digit(rng, k, level=rng.uniform(-20, -5), low_off=low, high_off=high, duration=rng.uniform(0.05, 0.1))
        digits.append((k, pair))
    yield from recordings(rng, tapes(rng, digits))


def deviation_and_2_hz(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Low, high or both tones off by 1.5 % and 2 Hz."""
    chosen = keys(rng, round(size))
    sides = [side for side in itertools.product((-1, 0, 1), repeat=2) if any(side)]
    picks = spread(rng, range(len(sides)), len(chosen))
    digits = []
    for k, pick in zip(chosen, picks, strict=True):
        off = [side * (0.015 + 2 / hz) for side, hz in zip(sides[int(pick)], frequencies(k), strict=True)]
        pair = digit(
            rng, k, level=rng.uniform(-20, -5), low_off=off[0], high_off=off[1], duration=rng.uniform(0.05, 0.1)
        )
        digits.append((k, pair))
    yield from recordings(rng, tapes(rng, digits))


def duration(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Tones of 40 to 60 ms."""
    chosen = keys(rng, round(size))
    lengths = spread(rng, np.arange(40, 61) / 1000, len(chosen))
    digits = [(k, digit(rng, k, level=rng.uniform(-20, -5), duration=x)) for k, x in zip(chosen, lengths, strict=True)]
    yield from recordings(rng, tapes(rng, digits))


def pause(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Pauses of 40 to 60 ms, every second one before the same key."""
    chosen = keys(rng, round(size), repeats=0.5)
    digits = [(k, digit(rng, k, level=rng.uniform(-15, -8), duration=rng.uniform(0.05, 0.1))) for k in chosen]
    yield from recordings(rng, tapes(rng, digits, pause=(0.04, 0.06)))


def fastest(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Digits every 93 ms: tones of 40 to 53 ms and the rest pause."""
    chosen = keys(rng, round(size), repeats=0.3)
    digits = [(k, digit(rng, k, level=rng.uniform(-15, -8), duration=rng.uniform(0.04, 0.053))) for k in chosen]
    yield from recordings(rng, tapes(rng, digits, cycle=0.093))


def interrupted(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """80 to 150 ms with a gap of 1 to 10 ms, anywhere but in the first and last 10 ms."""
    chosen = keys(rng, round(size))
    gaps = spread(rng, np.arange(1, 11) / 1000, len(chosen))
    digits = []
    for k, gap in zip(chosen, gaps, strict=True):
        pair = digit(rng, k, level=rng.uniform(-15, -8), duration=rng.uniform(0.08, 0.15))
        digits.append((k, replace(pair, gap=(rng.uniform(0.01, pair.duration - 0.01 - gap), gap))))
    yield from recordings(rng, tapes(rng, digits))


def echo(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """An echo 1 to 20 ms late, 10 dB down; both tones are sent equally loud."""
    chosen = keys(rng, round(size))
    delays = spread(rng, np.arange(1, 21) / 1000, len(chosen))
    digits = []
    for k, delay in zip(chosen, delays, strict=True):
        pair = digit(rng, k, level=rng.uniform(-15, -5), duration=rng.uniform(0.05, 0.1))
        digits.append((k, replace(pair, echo=(delay, 10.0))))
    yield from recordings(rng, tapes(rng, digits))


def noisy(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """White noise 15 to 30 dB below the digits, which are all as loud on one recording."""
    chosen = keys(rng, round(size))
    levels = iter(spread(rng, np.arange(-20.0, -4.0), len(chosen)))
    ratios = iter(spread(rng, (15, 18, 21, 24, 27, 30), len(chosen)))
    for first in range(0, len(chosen), 24):
        loud, snr_db = next(levels), next(ratios)
        digits = [(k, digit(rng, k, level=loud, duration=rng.uniform(0.05, 0.1))) for k in chosen[first : first + 24]]
        for tape in tapes(rng, digits):
            wave = tape.render()
            wave += noise(rng, len(wave), peak_of(loud) ** 2 / 10 ** (snr_db / 10))
            yield tape.recording(wave, companded=bool(rng.integers(2)))


def senders(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """As senders are to be: high tone 1 to 4 dB louder, 65/65 ms (ETSI ES 201 235-2) or 50/50 ms (TIA-464)."""
    chosen = keys(rng, round(size))
    for length, part in ((0.065, chosen[::2]), (0.05, chosen[1::2])):
        digits = [
            (k, digit(rng, k, level=rng.uniform(-12, -6), twist=rng.uniform(1, 4), duration=length)) for k in part
        ]
        yield from recordings(rng, tapes(rng, digits, pause=(length, length)))


def long(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """0.2 to 2 s, heard once."""
    chosen = keys(rng, round(size))
    digits = [(k, digit(rng, k, level=rng.uniform(-20, -5), duration=rng.uniform(0.2, 2))) for k in chosen]
    yield from recordings(rng, tapes(rng, digits))


def legal(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Everything at once: level, twist, deviation, length, pause and, where twist stays legal with it, an echo."""
    chosen = keys(rng, round(size), repeats=0.2)
    digits = []
    for k in chosen:
        twist_db = rng.uniform(-8, 4)
        pair = digit(
            rng,
            k,
            level=rng.uniform(-25 + abs(twist_db), -3),
            twist=twist_db,
            low_off=rng.uniform(-0.015, 0.015),
            high_off=rng.uniform(-0.015, 0.015),
            duration=rng.uniform(0.04, 0.12),
        )
        late, weaker = rng.uniform(0.001, 0.02), rng.uniform(10, 20)
        if rng.random() < 0.5 and -8 <= _twist_with_echo(pair, late, weaker) <= 4:
            pair = replace(pair, echo=(late, weaker))
        digits.append((k, pair))
    yield from recordings(rng, tapes(rng, digits, pause=(0.04, 0.15)))


def _twist_with_echo(pair: TonePair, late: float, weaker: float) -> float:
    """Return high minus low, in dB, where the tones and their echo sound together."""
    low, high = (
        20 * np.log10(abs(1 + 10 ** (-weaker / 20) * np.exp(-2j * np.pi * hz * late)))
        for hz in (pair.low_hz, pair.high_hz)
    )
    return float(pair.high_dbm0 + high - pair.low_dbm0 - low)


GROUPS = (
    Group("clean", "accept", 2880, clean),
    Group("level 0 to -25 dBm0", "accept", 1248, level),
    Group("twist -8 to +4 dB", "accept", 1248, twist),
    Group("deviation to 1.5 %", "accept", 1344, deviation),
    Group("deviation 1.5 % + 2 Hz", "accept", 768, deviation_and_2_hz),
    Group("tone 40 to 60 ms", "accept", 1584, duration),
    Group("tone 0.2 to 2 s", "accept", 240, long),
    Group("pause 40 to 60 ms", "accept", 576, pause),
    Group("every 93 ms", "accept", 576, fastest),
    Group("gap 1 to 10 ms", "accept", 480, interrupted),
    Group("echo to 20 ms, -10 dB", "accept", 720, echo),
    Group("SNR 15 to 30 dB", "accept", 1056, noisy),
    Group("sender profiles", "accept", 768, senders),
    Group("all legal at once", "accept", 576, legal),
)
