"""What the speaker plays: the far end's audio, the sidetone of pressed keys, and the ring of a call."""

import threading
import time

from dtmfphone.audio.elastic_buffer import ElasticBuffer
from dtmfphone.audio.ring_tone import Ring, RingTone
from dtmfphone.audio.sidetone import Sidetone
from dtmfphone.dtmf.keys import key_of
from dtmfphone.dtmf.levels import Pcm, to_float, to_int16
from dtmfphone.dtmf.resample import Resampler


class Speaker:
    """Mixes far-end audio and sidetone at the card's rate.

    `play` and the keys are called from the engine's loop, `fill` from the sound system's thread.
    """

    def __init__(self, rate: int, *, sidetone: float = 0.3) -> None:
        self.rate = rate
        self.sidetone = sidetone
        """Loudness of pressed keys: 0 is off, 1 is the level at which they are sent."""
        self.blocks = 0
        """Times that the sound system asked for audio."""
        self._buffer = ElasticBuffer(rate)
        self._tones = Sidetone(rate)
        self._ring: RingTone | None = None
        self._resampler = Resampler(rate, rate)
        self._rate_in = rate
        self._lock = threading.Lock()

    @property
    def underruns(self) -> int:
        """Times that the far end's audio came too late."""
        return self._buffer.underruns

    def play(self, pcm: Pcm, rate: int) -> None:
        """Take far-end audio, int16 (n,) at `rate` Hz."""
        if rate != self._rate_in:
            self._rate_in = rate
            self._resampler = Resampler(rate, self.rate)
        pcm = self._resampler.process(pcm)
        with self._lock:
            self._buffer.write(pcm)

    def key_down(self, char: str) -> None:
        """Begin the sidetone of a key. Raises ValueError for an unknown key."""
        key_of(char)
        with self._lock:
            self._tones.key_down(char, time.monotonic())

    def key_up(self) -> None:
        """End the sidetone."""
        with self._lock:
            self._tones.key_up(time.monotonic())

    def ring(self, ring: Ring | None) -> None:
        """Begin to ring, or stop."""
        with self._lock:
            self._ring = RingTone(ring, self.rate) if ring is not None else None

    def fill(self, n: int) -> Pcm:
        """Return the next n samples to play, int16 (n,)."""
        self.blocks += 1
        with self._lock:
            pcm = self._buffer.read(n)
            sounds = self._tones.active
            tone = self._tones.render(n)
            ring = self._ring.render(n) if self._ring is not None else None
        if not sounds and ring is None:
            return pcm
        mixed = to_float(pcm) + self.sidetone * tone
        return to_int16(mixed if ring is None else mixed + ring)
