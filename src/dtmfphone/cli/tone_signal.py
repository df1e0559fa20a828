"""What `dtmfphone tone` writes: keys as tones, and what a line does to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.digits import Burst
from dtmfphone.dtmf.impairments import Echo, interrupt, noise_level, overload, steady_tones, white_noise
from dtmfphone.dtmf.keys import key_of
from dtmfphone.dtmf.tones import TimedKey, ToneGenerator


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSignal:
    """Keys with what a line does to them."""

    keys: tuple[TimedKey, ...]
    seconds: float
    rate: int
    low_dbm0: float
    high_dbm0: float
    edge_ms: float
    deviation: tuple[float, float]
    gap_ms: tuple[float, float] | None
    """Length, and where it begins within each tone."""
    echo: tuple[float, float] | None
    """Delay in ms, and level against the tones in dB."""
    dial_tone: tuple[tuple[float, ...], float] | None
    """Frequencies, and the level of each in dBm0."""
    hum: tuple[tuple[float, ...], float] | None
    dc: float
    """Part of full scale."""
    snr_db: float | None
    seed: int
    overload_db: float | None

    @property
    def digit(self) -> Burst:
        """The first digit as a receiver without faults measures it, with the shortest of the pauses."""
        char, down, up = self.keys[0]
        key = key_of(char)
        return Burst(
            key=key.char,
            onset=down,
            duration=up - down,
            reported=up,
            low_hz=key.low_hz * (1 + self.deviation[0]),
            high_hz=key.high_hz * (1 + self.deviation[1]),
            low_dbm0=self.low_dbm0,
            high_dbm0=self.high_dbm0,
            snr_db=inf if self.snr_db is None else self.snr_db,
            pause=min((after.down - before.up for before, after in pairwise(self.keys)), default=None),
        )

    def render(self) -> Iterator[NDArray[np.float64]]:
        """Yield the samples in pieces; the same each time."""
        generator = ToneGenerator(
            self.rate,
            level_dbm0=self.low_dbm0,
            twist_db=self.high_dbm0 - self.low_dbm0,
            edge_ms=self.edge_ms,
            deviation=self.deviation,
        )
        source = np.random.default_rng(self.seed)
        echo = Echo(self._samples(self.echo[0]), self.echo[1]) if self.echo else None
        at = 0
        for number, piece in enumerate(generator.play(self.keys, self.seconds)):
            n = len(piece)
            x = piece.astype(np.float64)
            if self.gap_ms and number % 2:  # every other piece is a tone
                start = self._samples(self.gap_ms[1])
                x = interrupt(x, start, self._samples(sum(self.gap_ms)) - start)
            if echo:
                x = echo.render(x)
            for tones in (self.dial_tone, self.hum):
                if tones:
                    x += steady_tones(n, self.rate, *tones, at)
            x += self.dc
            if self.snr_db is not None:
                level = noise_level(self.low_dbm0, self.high_dbm0, self.snr_db)
                x += white_noise(n, self.rate, level, source)
            yield x if self.overload_db is None else overload(x, self.overload_db)
            at += n

    def _samples(self, ms: float) -> int:
        return round(ms * self.rate / 1000)
