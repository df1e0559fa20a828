"""The audio that goes into aiortc and comes out of it."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from dtmfphone.calls.audio_frame import AUDIO_RATES, frame_for, mono
from dtmfphone.calls.media import SLOT_SECONDS, AudioSink, AudioSource
from dtmfphone.calls.send_schedule import SendSchedule
from dtmfphone.calls.webrtc import audio_level

audio_level.install()


class OutgoingTrack(MediaStreamTrack):
    """Pulls a frame of 20 ms from the source whenever one is due, on absolute deadlines: no drift, no bursts."""

    kind = "audio"

    def __init__(self, source: AudioSource, clock: Callable[[], float]) -> None:
        super().__init__()
        self._source = source
        self._clock = clock
        self._codec = "pcmu"
        self._schedule: SendSchedule | None = None

    def use(self, codec: str) -> None:
        """Choose the audio rate; before the first frame."""
        self._codec = codec

    async def recv(self) -> AudioFrame:
        """Return the next frame when it is due; its presentation time counts from the first frame."""
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._schedule is None:
            self._schedule = SendSchedule(now)
        if (delay := self._schedule.due(now) - now) > 0:
            await asyncio.sleep(delay)
        rate = AUDIO_RATES[self._codec]
        samples = round(rate * SLOT_SECONDS)
        pcm = self._source.pull(samples, rate, self._clock())
        if pcm.shape != (samples,) or pcm.dtype != np.int16:
            raise ValueError(f"The audio source gave {pcm.dtype} of shape {pcm.shape}, not int16 of ({samples},).")
        frame = frame_for(self._codec, pcm, self._schedule.slot * samples)
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
