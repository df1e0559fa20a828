"""Builds a recording: bursts one after the other with pauses, on a bed of noise, in linear or mu-law samples."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from detection.g711 import mulaw
from detection.recording import Label, Recording, Samples
from detection.tone_pair import KEYS, RATE, TonePair, Wave, frequencies, peak_of

CHUNK = 120
"""Bursts in one recording, at most."""
VARIANTS = 4
"""Recordings that a group is cut into, at least: linear and mu-law, on silence and on faint noise."""


@dataclass(slots=True)
class Tape:
    """Bursts in the order in which they sound."""

    labels: list[Label] = field(default_factory=list)
    now: float = 0.0
    """Seconds so far, to the half amplitude of the last burst's end."""

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def burst(self, key: str, pair: TonePair, snr_db: float | None = None) -> None:
        self.labels.append(Label(key, self.now, pair, snr_db))
        self.now += pair.duration

    def render(self) -> Wave:
        """Return all that sounds, with 0.2 s after it."""
        last = self.labels[-1].pair.tail if self.labels else 0.0
        wave = np.zeros(math.ceil((self.now + last + 0.2) * RATE))
        for label in self.labels:
            label.pair.mix_into(wave, label.onset)
        return wave

    def recording(self, wave: Wave, *, companded: bool = False) -> Recording:
        """Return `wave`, made from this tape, as a recording with the tape's labels."""
        return Recording(to_pcm(wave, companded=companded), tuple(self.labels))


def to_pcm(wave: Wave, *, companded: bool = False) -> Samples:
    """Return samples rounded once and clipped at full scale, after G.711 mu-law and back if `companded`."""
    pcm = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return mulaw(pcm) if companded else pcm


def noise(rng: np.random.Generator, n: int, power: float) -> Wave:
    """Return white noise of this mean square, on the scale of int16."""
    return math.sqrt(power) * rng.standard_normal(n)


def spread(rng: np.random.Generator, values: Iterable[float], n: int) -> list[float]:
    """Return n of these values in random order, each as often as the others."""
    pool = np.asarray(list(values), dtype=np.float64)
    rounds = [rng.permutation(pool) for _ in range(math.ceil(n / len(pool)))]
    return [float(value) for value in rng.permutation(np.concatenate(rounds)[:n])]


def keys(rng: np.random.Generator, n: int, *, repeats: float = 0.0) -> list[str]:
    """Return n keys, all sixteen equally often; a share of them `repeats` the key before."""
    chosen = [KEYS[int(index)] for index in spread(rng, range(16), n)]
    for i in range(1, n):
        if rng.random() < repeats:
            chosen[i] = chosen[i - 1]
    return chosen


def digit(
    rng: np.random.Generator,
    key: str,
    *,
    level: float = -10.0,
    twist: float = 0.0,
    low_off: float = 0.0,
    high_off: float = 0.0,
    duration: float = 0.1,
) -> TonePair:
    """Return a digit with edges of 0 to 7 ms and random phases.

    `level` is that of the stronger tone in dBm0, `twist` what the high tone has more, deviations are fractions.
    """
    low_hz, high_hz = frequencies(key)
    rise, fall = rng.uniform(0, 0.007, 2)
    first, second = rng.uniform(0, 2 * np.pi, 2)
    return TonePair(
        low_hz=low_hz * (1 + low_off),
        high_hz=high_hz * (1 + high_off),
        low_dbm0=level - max(twist, 0.0),
        high_dbm0=level + min(twist, 0.0),
        duration=duration,
        rise=float(rise),
        fall=float(fall),
        phases=(float(first), float(second)),
    )


def tapes(
    rng: np.random.Generator,
    bursts: list[tuple[str, TonePair]],
    pause: tuple[float, float] = (0.05, 0.15),
    *,
    cycle: float | None = None,
) -> Iterator[Tape]:
    """Put bursts on tapes, with pauses of random length in these limits (seconds), counted from the last echo's end.

    With `cycle` a burst begins every so many seconds instead.
    """
    chunk = min(CHUNK, math.ceil(len(bursts) / VARIANTS))
    for first in range(0, len(bursts), chunk):
        tape = Tape()
        tape.pause(rng.uniform(0.1, 0.3))
        for key, pair in bursts[first : first + chunk]:
            tape.burst(key, pair)
            late = pair.echo[0] if pair.echo else 0.0
            tape.pause(rng.uniform(*pause) + late if cycle is None else cycle - pair.duration)
        yield tape


def recordings(rng: np.random.Generator, made: Iterable[Tape]) -> Iterator[Recording]:
    """Render tapes in turn linear and mu-law, in turn on digital silence and on faint noise (-80 to -60 dBm0)."""
    for i, tape in enumerate(made):
        wave = tape.render()
        if i // 2 % 2:
            wave += noise(rng, len(wave), peak_of(rng.uniform(-80, -60)) ** 2 / 2)
        yield tape.recording(wave, companded=i % 2 == 1)
