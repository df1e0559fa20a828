"""Frames in and out of aiortc: counts, times, jumps."""

import asyncio
import time
from fractions import Fraction

import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.codecs import get_encoder
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import AudioFrame, AudioResampler

from dtmfphone.calls.audio_frame import AUDIO_RATES, mono
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.webrtc.track import OutgoingTrack, TrackReader


class Source:
    def __init__(self) -> None:
        self.pulls: list[tuple[int, int, float]] = []
        self.block = 0.0

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        self.pulls.append((samples, rate, t))
        time.sleep(self.block)
        self.block = 0.0
        return np.full(samples, 1000 * len(self.pulls), np.int16)


class Sink:
    def __init__(self) -> None:
        self.frames: list[tuple[Pcm, int, bool]] = []

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.frames.append((pcm, rate, jump))


@pytest.mark.parametrize(("codec", "rate"), AUDIO_RATES.items())
async def test_frames_are_20_ms_and_due_every_20_ms(codec: str, rate: int) -> None:
    source = Source()
    track = OutgoingTrack(source, lambda: 7.0)
    track.use(codec)
    begin = time.monotonic()
    frames = [await track.recv() for _ in range(6)]
    assert time.monotonic() - begin > 0.0999
    assert [frame.pts for frame in frames] == [n * rate // 50 for n in range(6)]
    assert {(frame.sample_rate, frame.samples, frame.time_base) for frame in frames} == {
        (rate, rate // 50, Fraction(1, rate))
    }
    assert source.pulls == [(rate // 50, rate, 7.0)] * 6
    assert mono(frames[2]).tolist() == [3000] * (rate // 50)


@pytest.mark.parametrize(("stall", "skipped"), [(0.1, 0), (0.5, 24)])
async def test_a_long_stall_is_skipped_and_a_short_one_caught_up(stall: float, skipped: int) -> None:
    source = Source()
    track = OutgoingTrack(source, time.monotonic)
    await track.recv()
    source.block = stall
    await track.recv()
    frames = [await track.recv() for _ in range(3)]
    slots = [(frame.pts or 0) // 160 for frame in frames]
    assert slots[0] - 2 == 0 if skipped == 0 else slots[0] - 2 >= skipped
    assert [slot - slots[0] for slot in slots] == [0, 1, 2]
    assert len(source.pulls) == 5


async def test_a_stopped_track_ends() -> None:
    track = OutgoingTrack(Source(), time.monotonic)
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()


async def test_a_source_that_gives_something_else_is_named() -> None:
    class Wrong(Source):
        def pull(self, samples: int, rate: int, t: float) -> Pcm:
            return np.zeros(samples - 1, np.int16)

    with pytest.raises(ValueError, match=r"int16 of shape \(159,\), not int16 of \(160,\)"):
        await OutgoingTrack(Wrong(), time.monotonic).recv()


@pytest.mark.parametrize(
    ("codec", "mime", "channels", "clock"),
    [("opus", "opus", 2, 48000), ("g722", "G722", 1, 8000), ("pcmu", "PCMU", 1, 8000), ("pcma", "PCMA", 1, 8000)],
)
async def test_aiortc_makes_one_packet_of_one_frame_and_keeps_jumps(
    codec: str, mime: str, channels: int, clock: int
) -> None:
    """The tap counts packets to know what was pulled; a skipped stall must show in the timestamps."""
    encoder = get_encoder(
        RTCRtpCodecParameters(mimeType=f"audio/{mime}", clockRate=clock, channels=channels, payloadType=96)
    )
    track = OutgoingTrack(Source(), time.monotonic)
    track.use(codec)
    timestamps = []
    for n in range(6):
        frame = await track.recv()
        if n >= 3:
            assert frame.pts is not None
            frame.pts += 25 * frame.samples
        packets, timestamp = encoder.encode(frame)
        assert len(packets) == 1
        timestamps.append(timestamp)
    slots = [timestamp * 50 // clock for timestamp in timestamps]
    assert slots in ([0, 1, 2, 28, 29, 30], [0, 1, 2, 3, 29, 30]), "Opus looks ahead by less than a frame"


@pytest.mark.parametrize("codec", AUDIO_RATES)
async def test_the_level_is_kept_on_the_way_to_the_encoder(codec: str) -> None:
    """Mono made stereo by a resampler would be 3 dB quieter."""
    track = OutgoingTrack(Source(), time.monotonic)
    track.use(codec)
    frame = await track.recv()
    out = AudioResampler(format="s16", layout="stereo" if codec == "opus" else "mono", rate=frame.sample_rate)
    assert mono(out.resample(frame)[0]).tolist() == [1000] * frame.samples


class Script(MediaStreamTrack):
    """Plays frames that begin at the given times, in milliseconds."""

    kind = "audio"

    def __init__(self, *begins: int) -> None:
        super().__init__()
        self._begins = list(begins)

    async def recv(self) -> AudioFrame:
        if not self._begins:
            raise MediaStreamError
        frame = AudioFrame.from_ndarray(np.array([[1, 3] * 960], np.int16), format="s16", layout="stereo")
        frame.sample_rate = 48000
        frame.pts = self._begins.pop(0) * 48
        frame.time_base = Fraction(1, 48000)
        return frame


async def test_jumps_are_marked() -> None:
    sink = Sink()
    reader = TrackReader(Script(0, 20, 40, 180, 200, 100), sink, time.monotonic)
    await asyncio.wait_for(reader.run(), 1)
    assert [jump for _, _, jump in sink.frames] == [False, False, False, True, False, True]
    assert reader.frames == 6
    pcm, rate, _ = sink.frames[0]
    assert (rate, pcm.dtype, pcm.shape) == (48000, np.dtype(np.int16), (960,))
    assert set(pcm.tolist()) == {2}
