"""Digits in trouble that no standard asks a receiver to bear: noise, dial tone, hum, clipping, lost packets, echo."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from detection.recording import Group, Recording
from detection.tape import Tape, digit, keys, noise, recordings, spread, tapes
from detection.tone_pair import RATE, TonePair, Wave, peak_of

Make = Callable[[np.random.Generator, float], Iterator[Recording]]
PACKET = 160
DIAL_TONE = (350.0, 440.0)


class Impairment(Protocol):
    """Spoils what a tape has rendered; `level` is that of each tone in dBm0."""

    def __call__(self, rng: np.random.Generator, wave: Wave, level: float) -> Wave: ...


def _impaired(
    impair: Impairment,
    *,
    levels: tuple[float, float] = (-20.0, -8.0),
    duration: tuple[float, float] = (0.05, 0.1),
    pause: tuple[float, float] = (0.05, 0.1),
    snr_db: float | None = None,
) -> Make:
    """Return a group of recordings that pass through `impair`, each with tones of one level."""

    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        chosen = keys(rng, round(size))
        for first in range(0, len(chosen), 48):
            level = rng.uniform(*levels)
            part = chosen[first : first + 48]
            tape = Tape()
            tape.pause(0.25)
            for k in part:
                tape.burst(k, digit(rng, k, level=level, duration=rng.uniform(*duration)), snr_db)
                tape.pause(rng.uniform(*pause))
            yield tape.recording(impair(rng, tape.render(), level))

    return make


def in_noise(snr_db: float) -> Make:
    """50 ms digits in white noise; the ratio is that of both tones' power to noise in 0 to 4 kHz."""

    def impair(rng: np.random.Generator, wave: Wave, level: float) -> Wave:
        return wave + noise(rng, len(wave), peak_of(level) ** 2 / 10 ** (snr_db / 10))

    return _impaired(impair, levels=(-20.0, -13.0), duration=(0.05, 0.05), snr_db=snr_db)


def with_tones(hz: tuple[float, ...], louder_db: float) -> Make:
    """With lasting tones, each louder than each of the digit's by this much."""

    def impair(rng: np.random.Generator, wave: Wave, level: float) -> Wave:
        t = np.arange(len(wave)) / RATE
        for f in hz:
            wave += peak_of(level + louder_db) * np.sin(2 * np.pi * f * t + rng.uniform(0, 2 * np.pi))
        return wave

    return _impaired(impair, levels=(-20.0, -16.0), duration=(0.05, 0.1))


def hum(rng: np.random.Generator, wave: Wave, level: float) -> Wave:
    """50 or 60 Hz 8 dB louder than each tone, the harmonics 6 dB weaker per octave."""
    mains = float(rng.choice((50.0, 60.0)))
    t = np.arange(len(wave)) / RATE
    for n in range(1, 11):
        wave += peak_of(level + 8) / n * np.sin(2 * np.pi * n * mains * t + rng.uniform(0, 2 * np.pi))
    return wave


def offset(rng: np.random.Generator, wave: Wave, level: float) -> Wave:
    return wave + float(rng.choice((-8000.0, 8000.0)))


def overloaded(above_db: float) -> Make:
    """The pair's peak reaches this much above full scale, and is clipped there."""

    def impair(rng: np.random.Generator, wave: Wave, level: float) -> Wave:
        return wave * 10 ** (above_db / 20) * 32768 / (2 * peak_of(level))

    return _impaired(impair)


def lossy(share: float, *, fill: str) -> Make:
    """100 ms digits; lost 20 ms packets are replaced by silence, or by the last packet, halved each time."""

    def impair(rng: np.random.Generator, wave: Wave, level: float) -> Wave:
        packets = wave[: len(wave) // PACKET * PACKET].reshape(-1, PACKET)
        for i in np.flatnonzero(rng.random(len(packets)) < share):
            packets[i] = packets[i - 1] / 2 if fill == "repeat" and i else 0.0
        return wave

    return _impaired(impair, duration=(0.1, 0.1), pause=(0.08, 0.12))


def echoing(late: float, weaker_db: float) -> Make:
    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        digits = []
        for k in keys(rng, round(size)):
            pair = digit(rng, k, level=rng.uniform(-15, -5), duration=rng.uniform(0.05, 0.1))
            digits.append((k, replace(pair, echo=(late, weaker_db))))
        yield from recordings(rng, tapes(rng, digits))

    return make


def interrupted(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """50 to 100 ms with a gap of exactly 10 ms, 20 ms or more from both ends."""
    digits: list[tuple[str, TonePair]] = []
    for k in keys(rng, round(size)):
        pair = digit(rng, k, level=rng.uniform(-15, -8), duration=rng.uniform(0.05, 0.1))
        digits.append((k, replace(pair, gap=(rng.uniform(0.02, pair.duration - 0.03), 0.01))))
    yield from recordings(rng, tapes(rng, digits))


def close(rng: np.random.Generator, size: float) -> Iterator[Recording]:
    """Pauses of 30 ms, mostly before the same key."""
    chosen = keys(rng, round(size), repeats=0.8)
    digits = [(k, digit(rng, k, level=rng.uniform(-15, -8), duration=rng.uniform(0.05, 0.1))) for k in chosen]
    yield from recordings(rng, tapes(rng, digits, pause=(0.03, 0.03)))


def faint(loudest: float, faintest: float) -> Make:
    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        chosen = keys(rng, round(size))
        levels = spread(rng, np.arange(faintest, loudest + 0.5), len(chosen))
        digits = [
            (k, digit(rng, k, level=x, duration=rng.uniform(0.05, 0.1))) for k, x in zip(chosen, levels, strict=True)
        ]
        for tape in tapes(rng, digits):
            yield tape.recording(tape.render())

    return make


GROUPS = (
    *(
        Group(f"noise, SNR {snr_db} dB", "beyond", 400, in_noise(snr_db), target)
        for snr_db, target in ((10, 100.0), (8, 100.0), (6, 100.0), (3, 99.5), (0, 95.0), (-2, None))
    ),
    *(Group(f"dial tone {db:+} dB", "beyond", 288, with_tones(DIAL_TONE, db), 100.0) for db in (-8, -1, 8)),
    *(Group(f"425 Hz {db:+} dB", "beyond", 288, with_tones((425.0,), db), 100.0) for db in (2, 8)),
    Group("hum +8 dB", "beyond", 288, _impaired(hum, levels=(-22.0, -16.0)), 100.0),
    Group("DC 8000", "beyond", 288, _impaired(offset, levels=(-20.0, -10.0)), 100.0),
    Group("overload +12 dB", "beyond", 288, overloaded(12), 100.0),
    Group("overload +20 dB", "beyond", 288, overloaded(20), 95.0),
    Group("loss 2 %, silence", "beyond", 576, lossy(0.02, fill="silence"), 99.0),
    Group("loss 10 %, silence", "beyond", 576, lossy(0.1, fill="silence"), 99.0),
    Group("loss 10 %, faded repeat", "beyond", 576, lossy(0.1, fill="repeat"), 99.0),
    Group("echo 15 ms -6 dB", "beyond", 288, echoing(0.015, 6.0)),
    Group("echo 30 ms -15 dB", "beyond", 288, echoing(0.03, 15.0)),
    Group("gap 10 ms", "beyond", 480, interrupted, 100.0),
    Group("pause 30 ms", "beyond", 480, close, 100.0),
    *(
        Group(f"level {loudest} to {faintest} dBm0", "beyond", 160, faint(loudest, faintest))
        for loudest, faintest in ((-26, -30), (-31, -35), (-36, -40), (-41, -45))
    ),
)
