"""Recordings in many forms, written by PyAV."""

from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.tones import sequence

RATE = 8000


def digits(keys: str, rate: int = RATE, tone_ms: int = 80, pause_ms: int = 80) -> NDArray[np.int16]:
    """Return keys as 16-bit samples, a pause before each and one at the end."""
    return to_int16(np.asarray(sequence(keys, tone_ms, pause_ms, rate)))


def write(path: Path, *channels: NDArray[Any], codec: str = "pcm_s16le", rate: int = RATE) -> Path:
    """Write samples of equal length, one array per channel: int16, or floating point in ±1.0."""
    samples = np.stack(channels)
    layouts = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
    floating = samples.dtype.kind == "f"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layouts[len(channels)])
        assert isinstance(stream, av.AudioStream)
        packed = samples.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(packed.astype(np.float32) if floating else packed),
            format="flt" if floating else "s16",
            layout=layouts[len(channels)],
        )
        frame.sample_rate = rate
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, context.layout, rate, context.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path
