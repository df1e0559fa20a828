"""DTMF tones: pairs of sines at the frequencies of ITU-T Q.23, with raised-cosine edges.

Rounded once to 16 bits, a pair at -10 dBm0 per tone has everything else 88 dB below it, which is the noise of 16 bits,
and no single line within 100 dB; dither would cost 5 dB of that and remove no line that matters.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.keys import Key, key_of
from dtmfphone.dtmf.levels import Samples, amplitude_of

DEFAULT_LEVEL_DBM0: Final = -10.0
"""Level of each tone."""
DEFAULT_EDGE_MS: Final = 5.0
EXACT: Final = (0.0, 0.0)
"""No deviation from the nominal frequencies."""


class TimedKey(NamedTuple):
    """A key held from `down` until `up`, both in seconds."""

    char: str
    down: float
    up: float


class _Voice:
    """One key's pair of sines under an envelope that rises while held and falls after release."""

    def __init__(self, key: Key, cycles: tuple[float, float], amplitudes: tuple[float, float], edge: int) -> None:
        self.key = key
        self.held = True
        self._cycles_per_sample = cycles
        self._amplitudes = amplitudes
        self._edge = edge
        self._position = 0
        """Sample number since the tone began."""
        self._height = 0
        """Where the envelope is, 0 to `edge` samples."""

    @property
    def sounds(self) -> bool:
        return self.held or self._height > 0

    def render(self, n: int) -> NDArray[np.float64]:
        k = self._position + np.arange(n, dtype=np.float64)
        wave = np.zeros(n)
        for step, amplitude in zip(self._cycles_per_sample, self._amplitudes, strict=True):
            wave += amplitude * np.sin(2 * np.pi * ((k * step) % 1.0))
        self._position += n
        if self._edge and not (self.held and self._height == self._edge):
            direction = 1 if self.held else -1
            heights = np.clip(self._height + direction * np.arange(n + 1), 0, self._edge)
            self._height = int(heights[-1])
            wave *= 0.5 - 0.5 * np.cos(np.pi * heights[:-1] / self._edge)
        return wave if self.held or self._edge else np.zeros(n)


class ToneGenerator:
    """Renders the tones of keys, in chunks of any size, with continuous phase and edges exact to one sample.

    `level_dbm0` is the level of the low tone and `twist_db` what the high tone has more; `deviation` moves the low and
    the high frequency by a fraction each. A tone takes from the sample
    after `key_down` until `key_up`, plus one edge of `edge_ms` while it fades; a new key fades in while the last one
    fades out.
    Up to -2.88 dBm0 per tone the sum stays within ±1.0; louder pairs go beyond it.
    """

    def __init__(
        self,
        rate: int,
        *,
        level_dbm0: float = DEFAULT_LEVEL_DBM0,
        twist_db: float = 0.0,
        edge_ms: float = DEFAULT_EDGE_MS,
        deviation: tuple[float, float] = EXACT,
    ) -> None:
        if rate < 8000:
            raise ValueError(f"a sample rate of {rate} Hz cannot carry DTMF: use 8000 Hz or more")
        if edge_ms < 0:
            raise ValueError(f"an edge of {edge_ms} ms is not possible: use 0 or more")
        self._rate = rate
        self._deviation = deviation
        self._amplitudes = (amplitude_of(level_dbm0), amplitude_of(level_dbm0 + twist_db))
        self._edge = round(edge_ms * rate / 1000)
        self._voices: list[_Voice] = []

    @property
    def active(self) -> bool:
        """Whether anything sounds, the fade after `key_up` included."""
        return any(voice.sounds for voice in self._voices)

    def key_down(self, char: str) -> None:
        """Begin the tone of a key at the next sample; a key already held goes on.

        Raises ValueError for an unknown key.
        """
        key = key_of(char)
        if any(voice.held and voice.key is key for voice in self._voices):
            return
        self.key_up()
        low, high = self._deviation
        cycles = (key.low_hz * (1 + low) / self._rate, key.high_hz * (1 + high) / self._rate)
        self._voices.append(_Voice(key, cycles, self._amplitudes, self._edge))

    def key_up(self) -> None:
        """Let the tone fade from the next sample on."""
        for voice in self._voices:
            voice.held = False

    def render(self, n: int) -> Samples:
        """Return the next `n` samples; exact zeros while nothing sounds."""
        wave = np.zeros(n)
        for voice in self._voices:
            wave += voice.render(n)
        self._voices = [voice for voice in self._voices if voice.sounds]
        return wave.astype(np.float32)

    def play(self, keys: Iterable[TimedKey], seconds: float) -> Iterator[Samples]:
        """Render keys in the order of their times, up to `seconds`: in turn a pause, with the fade in it, and a tone.

        Each begins and ends at the sample nearest to its time, so that no rounding adds up. There may be no pause, but
        the first piece and the last one are always there.
        """
        done = 0
        for char, down, up in keys:
            start, stop = round(down * self._rate), round(up * self._rate)
            yield self.render(start - done)
            self.key_down(char)
            yield self.render(stop - start)
            self.key_up()
            done = stop
        yield self.render(round(seconds * self._rate) - done)


def tone(
    char: str,
    seconds: float,
    rate: int = 8000,
    *,
    level_dbm0: float = DEFAULT_LEVEL_DBM0,
    twist_db: float = 0.0,
    edge_ms: float = DEFAULT_EDGE_MS,
    deviation: tuple[float, float] = EXACT,
) -> Samples:
    """Return a tone held for `seconds`, followed by its fade: round(seconds * rate) samples plus one edge.

    It has half of its amplitude or more for exactly the samples that it is held.
    """
    generator = ToneGenerator(rate, level_dbm0=level_dbm0, twist_db=twist_db, edge_ms=edge_ms, deviation=deviation)
    generator.key_down(char)
    held = generator.render(round(seconds * rate))
    generator.key_up()
    return np.concatenate([held, generator.render(round(edge_ms * rate / 1000))])


def sequence(
    digits: Iterable[str],
    on_ms: float,
    off_ms: float,
    rate: int = 8000,
    *,
    level_dbm0: float = DEFAULT_LEVEL_DBM0,
    twist_db: float = 0.0,
    edge_ms: float = DEFAULT_EDGE_MS,
    deviation: tuple[float, float] = EXACT,
) -> Samples:
    """Return tones held for `on_ms`, with `off_ms` between them (the fade is part of it), before and after."""
    generator = ToneGenerator(rate, level_dbm0=level_dbm0, twist_db=twist_db, edge_ms=edge_ms, deviation=deviation)
    chars = list(digits)
    cycle = on_ms + off_ms
    keys = [TimedKey(char, (off_ms + n * cycle) / 1000, (n + 1) * cycle / 1000) for n, char in enumerate(chars)]
    return np.concatenate(list(generator.play(keys, (off_ms + len(chars) * cycle) / 1000)))
