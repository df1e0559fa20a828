"""PyAV's audio frames from and to mono samples."""

from fractions import Fraction
from typing import Final

import numpy as np
from av import AudioFrame

from dtmfphone.calls.media import Pcm

AUDIO_RATES: Final = {"opus": 48000, "g722": 16000, "pcmu": 8000, "pcma": 8000}
"""Samples per second of a codec's audio."""


def frame_for(codec: str, pcm: Pcm, position: int) -> AudioFrame:
    """Return a frame as the codec takes it; its presentation time is `position` samples.

    Opus gets two equal channels: a resampler would make mono quieter by 3 dB on its way to the two of the codec.
    """
    layout, pcm = ("stereo", np.repeat(pcm, 2)) if codec == "opus" else ("mono", pcm)
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(pcm[np.newaxis]), format="s16", layout=layout)
    frame.sample_rate = AUDIO_RATES[codec]
    frame.time_base = Fraction(1, frame.sample_rate)
    frame.pts = position
    return frame


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
