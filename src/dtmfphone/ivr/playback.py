"""The audio that a run of a script sends: queued prompts, else silence, at whatever rate the call has."""

from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.ivr.espeak import RATE

BEEP_HZ: Final = 440.0
"""Below all DTMF frequencies."""


def beep() -> Pcm:
    """Return what sounds in place of a text without a voice: 0.3 s at about -20 dBFS, at `RATE`."""
    t = np.arange(round(0.3 * RATE)) / RATE
    edge = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.01)
    return np.rint(0.15 * 32767 * edge * np.sin(2 * np.pi * BEEP_HZ * t)).astype(np.int16)


def pause(seconds: float) -> Pcm:
    """Return silence at `RATE`."""
    return np.zeros(round(seconds * RATE), dtype=np.int16)


class Playback:
    """A queue of prompts at `RATE`, drawn in slots at the call's rate."""

    def __init__(self) -> None:
        self._queue: deque[Pcm] = deque()
        self._rate = RATE
        self._resampler = Resampler(RATE, RATE)
        self._ready = pause(0)
        """Samples at the call's rate that are due next."""

    @property
    def speaking(self) -> bool:
        """Whether queued samples remain."""
        return bool(self._queue)

    def play(self, pieces: Iterable[Pcm]) -> None:
        """Queue audio."""
        self._queue.extend(piece for piece in pieces if len(piece))

    def stop(self) -> None:
        """Drop all that is queued: the next slot is silent."""
        self._queue.clear()
        self._ready = pause(0)
        self._resampler = Resampler(RATE, self._rate)

    def pull(self, samples: int, rate: int) -> Pcm:
        """Return exactly `samples` samples at `rate` Hz."""
        if rate != self._rate:
            self._rate = rate
            self._resampler = Resampler(RATE, rate)
            self._ready = pause(0)
        parts = [self._ready]
        missing = samples - len(self._ready)
        while missing > 0:
            part = self._resampler.process(self._take(-(-missing * RATE // rate)))
            parts.append(part)
            missing -= len(part)
        pcm = np.concatenate(parts)
        self._ready = pcm[samples:]
        return pcm[:samples]

    def _take(self, count: int) -> Pcm:
        out = pause(0)
        parts = [out]
        while count and self._queue:
            piece = self._queue[0]
            parts.append(piece[:count])
            if len(piece) > count:
                self._queue[0] = piece[count:]
                count = 0
            else:
                self._queue.popleft()
                count -= len(piece)
        parts.append(np.zeros(count, dtype=np.int16))
        return np.concatenate(parts)
