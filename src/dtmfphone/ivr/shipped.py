"""Prompts rendered beforehand (Ogg Opus, named by text and voice): the built-in scripts speak without espeak-ng."""

import hashlib
import io
import itertools
import math
from typing import Any, Final

import numpy as np

from dtmfphone.assets import assets
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.espeak import RATE, VOICE, WORDS_PER_MINUTE

FOLDER: Final = "prompts"
BIT_RATE: Final = 32000


def file_name(text: str, voice: str = "", words_per_minute: int = WORDS_PER_MINUTE) -> str:
    """Return the name of the file that holds a text."""
    usual = (voice or VOICE) == VOICE and words_per_minute == WORDS_PER_MINUTE
    what = text if usual else f"{voice or VOICE} {words_per_minute} {text}"
    digest = hashlib.sha256(what.encode(errors="replace")).hexdigest()
    return f"{digest[:16]}.ogg"


def read(text: str, voice: str = "", words_per_minute: int = WORDS_PER_MINUTE) -> Pcm | None:
    """Return the shipped prompt of a text at `RATE`, or None when there is none."""
    file = assets() / FOLDER / file_name(text, voice, words_per_minute)
    return decode(file.read_bytes()) if file.is_file() else None


def encode(pcm: Pcm) -> bytes:
    """Return samples at `RATE` as a mono Ogg Opus file."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream("libopus", rate=RATE, layout="mono", options={"application": "voip"})
        stream.bit_rate = BIT_RATE
        frame = av.AudioFrame.from_ndarray(pcm[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


def decode(data: bytes, longest: float = math.inf) -> Pcm:
    """Return the samples of a sound file at `RATE`; raise ValueError when it is none, or longer than that, seconds."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    parts: list[Pcm] = []
    samples = 0
    try:
        with av.open(io.BytesIO(data), "r") as container:
            if not container.streams.audio:
                raise ValueError("there is no sound in it")
            for frame in itertools.chain(container.decode(audio=0), (None,)):
                for part in resampler.resample(frame):
                    parts.append(part.to_ndarray()[0])
                    samples += len(parts[-1])
                if samples > longest * RATE:
                    raise ValueError(f"it is longer than {longest:g} s")
    except av.FFmpegError as error:
        raise ValueError(f"it cannot be decoded ({error})") from None
    if not parts:
        raise ValueError("there is no sound in it")
    return np.concatenate(parts)
