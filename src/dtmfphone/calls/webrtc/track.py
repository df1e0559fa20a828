"""The audio that goes into aiortc and comes out of it."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Final

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from dtmfphone.calls.media import SLOT_SECONDS, AudioSink, AudioSource, Pcm
from dtmfphone.calls.send_schedule import SendSchedule
from dtmfphone.calls.webrtc import audio_level

AUDIO_RATES: Final = {"opus": 48000, "g722": 16000, "pcmu": 8000, "pcma": 8000}
"""Samples per second of a codec's audio."""

audio_level.install()


class OutgoingTrack(MediaStreamTrack):
    """Pulls a frame of 20 ms from the source whenever one is due, on absolute deadlines: no drift, no bursts."""

    kind = "audio"

    def __init__(self, source: AudioSource, clock: Callable[[], float]) -> None:
        super().__init__()
        self._source = source
        self._clock = clock
        self._rate = 8000
        self._stereo = False
        self._schedule: SendSchedule | None = None

    def use(self, codec: str) -> None:
        """Choose the audio rate; before the first frame."""
        self._rate = AUDIO_RATES[codec]
        self._stereo = codec == "opus"

    async def recv(self) -> AudioFrame:
        """Return the next frame when it is due; its presentation time counts from the first frame."""
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._schedule is None:
            self._schedule = SendSchedule(now)
        if (delay := self._schedule.due(now) - now) > 0:
            await asyncio.sleep(delay)
        samples = round(self._rate * SLOT_SECONDS)
        pcm = self._source.pull(samples, self._rate, self._clock())
        if pcm.shape != (samples,) or pcm.dtype != np.int16:
            raise ValueError(f"The audio source gave {pcm.dtype} of shape {pcm.shape}, not int16 of ({samples},).")
        # For Opus the resampler would make mono quieter by 3 dB on its way to the two channels of the codec.
        layout, pcm = ("stereo", np.repeat(pcm, 2)) if self._stereo else ("mono", pcm)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(pcm[np.newaxis]), format="s16", layout=layout)
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self._schedule.slot * samples
        self._schedule.sent(time.monotonic())
        return frame


class TrackReader:
    """Pushes what arrives on a track into the sink until the track ends."""

    def __init__(self, track: MediaStreamTrack, sink: AudioSink, clock: Callable[[], float]) -> None:
        self.frames = 0
        self._track = track
        self._sink = sink
        self._clock = clock
        self._next: Fraction | None = None

    async def run(self) -> None:
        """Read until the track ends; what the sink raises ends it too."""
        while True:
            try:
                frame = await self._track.recv()
            except MediaStreamError:
                return
            if isinstance(frame, AudioFrame) and frame.samples:
                self._push(frame)

    def _push(self, frame: AudioFrame) -> None:
        self.frames += 1
        jump = False
        if frame.pts is not None and frame.time_base is not None:
            begin = Fraction(frame.pts * frame.time_base.numerator, frame.time_base.denominator)
            jump = self._next is not None and abs(begin - self._next) > Fraction(1, 1000)
            self._next = begin + Fraction(frame.samples, frame.sample_rate)
        self._sink.push(mono(frame), frame.sample_rate, self._clock(), jump=jump)


def mono(frame: AudioFrame) -> Pcm:
    """Return the mean of the channels of a 16-bit frame, shape (samples,)."""
    pcm = frame.to_ndarray()
    pcm = pcm.T if frame.format.is_planar else pcm.reshape(frame.samples, -1)
    if pcm.shape[1] == 1:
        return np.ascontiguousarray(pcm[:, 0], np.int16)
    total = pcm[:, 0].astype(np.int32)
    for channel in range(1, pcm.shape[1]):
        total += pcm[:, channel].astype(np.int32)
    return np.asarray(np.rint(total / pcm.shape[1]), np.int16)
