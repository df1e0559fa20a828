"""Frames from and to mono samples."""

import numpy as np
import pytest
from av import AudioFrame

from dtmfphone.calls.audio_frame import mono


@pytest.mark.parametrize(
    ("format_", "layout"), [("s16", "mono"), ("s16p", "mono"), ("s16", "stereo"), ("s16p", "stereo")]
)
def test_the_mean_of_the_channels(format_: str, layout: str) -> None:
    left, right = np.array([100, -100, 32767], np.int16), np.array([300, -300, 32767], np.int16)
    pcm = np.array([left, right] if layout == "stereo" else [left])
    frame = AudioFrame.from_ndarray(
        pcm if format_ == "s16p" else np.ascontiguousarray(pcm.T.reshape(1, -1)), format=format_, layout=layout
    )
    assert mono(frame).tolist() == ([200, -200, 32767] if layout == "stereo" else [100, -100, 32767])
