"""What the microphone hears, cut into the slots of a call."""

import threading
from collections import deque

import numpy as np

from dtmfphone.audio.elastic_buffer import ElasticBuffer
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler

_HELD_SECONDS = 0.25
"""What is kept for a loop that comes late; when even that overflows, nobody listened, and only the newest matters."""
_NEWEST_SECONDS = 0.06


class Microphone:
    """Turns the card's blocks into slots at the call's rate.

    `take` is called from the sound system's thread, `capture` from the engine's loop.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.muted = False
        self.blocks = 0
        """Times that the sound system brought audio."""
        self._heard: deque[Pcm] = deque()
        self._held = 0
        self._overflowed = False
        self._lock = threading.Lock()
        self._buffer = ElasticBuffer(rate)
        self._resampler = Resampler(rate, rate)

    def take(self, pcm: Pcm) -> None:
        """Take a block from the card, int16 (n,)."""
        self.blocks += 1
        with self._lock:
            self._heard.append(pcm)
            self._held += len(pcm)
            if self._held > _HELD_SECONDS * self.rate:
                self._overflowed = True
                self._shorten(_HELD_SECONDS)

    def capture(self, samples: int, rate: int) -> Pcm:
        """Return exactly `samples` samples at `rate` Hz, int16; silence when muted or when nothing was heard."""
        with self._lock:
            if self._overflowed:
                self._shorten(_NEWEST_SECONDS)
            heard, self._heard, self._held, self._overflowed = self._heard, deque(), 0, False
        if rate != self._buffer.rate:
            self._buffer = ElasticBuffer(rate)
            self._resampler = Resampler(self.rate, rate)
        for pcm in heard:
            self._buffer.write(self._resampler.process(pcm))
        slot = self._buffer.read(samples)
        return np.zeros(samples, np.int16) if self.muted else slot

    def _shorten(self, seconds: float) -> None:
        while self._held > seconds * self.rate:
            self._held -= len(self._heard.popleft())
