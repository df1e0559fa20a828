"""A DTMF decoder for tests, independent of the product's: windowed correlation with the eight frequencies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
LAYOUT = ("123A", "456B", "789C", "*0#D")
WINDOW_SECONDS = 0.0256
HOP_SECONDS = 0.005
QUIETEST = 0.003
"""Amplitude of each tone, of full scale."""
CONTRAST = 2.0
"""A tone's amplitude over that of the next in its group."""
PURITY = 0.6
"""Share of the two tones in the power of a window."""
SHORTEST, LONGEST_HOLE = 3, 7
"""In hops: how long a key must sound, and how long it may drop out, as it does when a loaded machine plays late."""


@dataclass(frozen=True)
class Heard:
    """A key that sounded; times in seconds."""

    key: str
    start: float
    duration: float


def listen(pcm: NDArray[np.int16], rate: int) -> list[Heard]:
    """Return the keys in a recording, in order."""
    size, hop = round(WINDOW_SECONDS * rate), round(HOP_SECONDS * rate)
    frames = np.lib.stride_tricks.sliding_window_view(pcm.astype(np.float32) / 32768, size)[::hop]
    window = np.hanning(size).astype(np.float32)
    carriers = np.exp(-2j * np.pi * np.outer(np.arange(size) / rate, LOW_HZ + HIGH_HZ)) * window[:, None]
    amplitudes = 2 * np.abs(frames @ carriers.astype(np.complex64)) / window.sum()
    powers = (np.square(frames * window)).sum(axis=1) / np.square(window).sum()
    keys = [_key(row[:4], row[4:], power) for row, power in zip(amplitudes, powers, strict=True)]
    return _runs(keys)


def _key(low: NDArray[np.float32], high: NDArray[np.float32], power: float) -> str:
    second_low, best_low = np.sort(low)[-2:]
    second_high, best_high = np.sort(high)[-2:]
    clear = best_low > CONTRAST * second_low and best_high > CONTRAST * second_high
    pure = (best_low**2 + best_high**2) / 2 > PURITY * power
    loud = min(best_low, best_high) > QUIETEST
    return LAYOUT[int(low.argmax())][int(high.argmax())] if clear and pure and loud else ""


def _runs(keys: list[str]) -> list[Heard]:
    heard: list[Heard] = []
    start, last = 0, -1
    for position, key in enumerate([*keys, *[""] * (LONGEST_HOLE + 1)]):
        current = keys[last] if last >= 0 else ""
        if current and (key not in ("", current) or (not key and position - last > LONGEST_HOLE)):
            if last + 1 - start >= SHORTEST:
                heard.append(Heard(current, start * HOP_SECONDS, (last + 1 - start) * HOP_SECONDS))
            last = -1
        if key:
            start = position if last < 0 else start
            last = position
    return heard
