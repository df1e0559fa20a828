"""The audio that aiortc sends and receives, as 20 ms slots on a steady clock."""

import asyncio
import fractions
from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from dtmfphone.calls.media import SLOT_SECONDS, AudioSink, AudioSource, Pcm

LONGEST_STALL = 0.2
"""Seconds; after a longer one the slots that were missed are skipped instead of sent in a burst."""
RATES: Final = {"opus": 48000, "g722": 16000, "pcmu": 8000, "pcma": 8000}
"""Audio rate of a codec, Hz."""
AHEAD = 64
"""Frames that may be on the way through the encoder."""


class OutgoingTrack(MediaStreamTrack):
    """Pulls 20 ms from a source at each tick of the monotonic clock, against absolute deadlines."""

    kind = "audio"

    def __init__(self, source: AudioSource, codec: str, clock: Callable[[], float]) -> None:
        super().__init__()
        self.rate = RATES[codec]
        self._source = source
        self._clock = clock
        self._samples = round(self.rate * SLOT_SECONDS)
        self._begin: float | None = None
        self._slot = 0
        self._pulled = 0
        self._on_the_way: deque[tuple[float, int]] = deque(maxlen=AHEAD)
        """Media time of each frame and the position of its end among the samples pulled."""

    async def recv(self) -> AudioFrame:
        """Return the next frame when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        if self._begin is None:
            self._begin = loop.time()
        late = loop.time() - self._due()
        if late > LONGEST_STALL:
            self._slot += round(late / SLOT_SECONDS)
        elif late < 0:
            await asyncio.sleep(-late)
        pcm = self._source.pull(self._samples, self.rate, self._clock())
        self._pulled += len(pcm)
        self._on_the_way.append((self._slot * SLOT_SECONDS, self._pulled))
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(pcm[np.newaxis]), format="s16", layout="mono")
        frame.sample_rate = self.rate
        frame.pts = self._slot * self._samples
        frame.time_base = fractions.Fraction(1, self.rate)
        self._slot += 1
        return frame

    def position_at(self, media_time: float) -> int | None:
        """Return the end of the frame with this media time (seconds since the first), forgetting those before."""
        while self._on_the_way and self._on_the_way[0][0] <= media_time + SLOT_SECONDS / 2:
            begin, end = self._on_the_way.popleft()
            if abs(begin - media_time) < SLOT_SECONDS / 2:
                return end
        return None

    def _due(self) -> float:
        assert self._begin is not None
        return self._begin + self._slot * SLOT_SECONDS


async def read_track(track: MediaStreamTrack, sink: AudioSink, clock: Callable[[], float]) -> None:
    """Push everything that arrives on a track into the sink, until the track ends."""
    expected: fractions.Fraction | None = None
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        assert isinstance(frame, AudioFrame)
        assert frame.pts is not None
        assert frame.time_base is not None
        if frame.samples == 0:
            continue
        begin = frame.pts * frame.time_base
        jump = expected is not None and abs(begin - expected) > fractions.Fraction(1, 1000)
        expected = begin + fractions.Fraction(frame.samples, frame.sample_rate)
        sink.push(mono(frame), frame.sample_rate, clock(), jump=jump)


def mono(frame: AudioFrame) -> Pcm:
    """Return the mean of the channels, int16 of shape (samples,)."""
    pcm = frame.to_ndarray().reshape(-1)
    channels = len(frame.layout.channels)
    if channels == 1:
        return np.asarray(pcm, np.int16)
    return np.asarray(pcm.reshape(-1, channels).astype(np.int32).sum(axis=1) // channels, np.int16)
