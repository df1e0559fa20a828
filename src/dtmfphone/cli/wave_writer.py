"""Writes 16-bit mono audio to a WAV or FLAC file, or as WAV to standard output."""

import contextlib
import os
import shutil
import sys
import wave
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from dtmfphone.dtmf.levels import Pcm

STANDARD_OUTPUT: Final = "-"
SUFFIXES: Final = (".wav", ".flac")
MOST_SAMPLES: Final = (2**32 - 1 - 36) // 2
"""A WAV file counts its bytes in 32 bits."""


def write_audio(name: str, pieces: Iterable[Pcm], samples: int, rate: int) -> None:
    """Write `samples` samples that come in pieces to a file, which takes its name only when it is whole.

    Raises OSError where that is not possible; a file that was there before is then as it was.
    """
    with _opened(name) as file:
        if name.lower().endswith(".flac"):
            _write_flac(file, pieces, rate)
        else:
            _write_wav(file, pieces, samples, rate)


@contextlib.contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD_OUTPUT:
        # A buffer of its own, so that what a reader did not take is not tried again at the end of the process.
        with open(sys.stdout.fileno(), "wb", closefd=False) as file:
            yield file
        return
    target = Path(os.path.realpath(name))
    if target.exists() and not target.is_file():
        with target.open("wb") as file:  # a device or a pipe cannot be replaced; a folder says so
            yield file
        return
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(13, "it is write-protected", name)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write_wav(file: BinaryIO, pieces: Iterable[Pcm], samples: int, rate: int) -> None:
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.setnframes(samples)  # said beforehand, as a pipe cannot be rewound
        for piece in pieces:
            out.writeframesraw(piece.astype("<i2").tobytes())


def _write_flac(file: BinaryIO, pieces: Iterable[Pcm], rate: int) -> None:
    import av

    with av.open(file, "w", format="flac") as out:
        stream = out.add_stream("flac", rate=rate, layout="mono")
        stream.format = "s16"
        for piece in pieces:
            if len(piece):
                frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
                frame.sample_rate = rate
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
