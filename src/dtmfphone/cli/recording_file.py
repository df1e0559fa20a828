"""Which reader a recording needs: plain 16-bit samples go the fast way, everything else through FFmpeg's libraries."""

import os
import stat
import sys
from io import BufferedReader
from pathlib import Path

from dtmfphone.cli.cut_short import is_cut_ogg, promises_length
from dtmfphone.cli.recording import PcmRecording, Recording, RecordingError, check_form
from dtmfphone.cli.wave_header import WaveHeader, read_wave_header

STANDARD_INPUT = "-"
UNIFORM = (1, 3, 6, 7)
"""Formats of WAV files with so many bytes per sample: integers, floating point, A-law, mu-law."""


def open_recording(name: str, raw_rate: int | None = None) -> Recording:
    """Open a file, or standard input for `-`; `raw_rate` says that it is plain 16-bit mono at this rate.

    Raises RecordingError.
    """
    try:
        file, size = _open(name)
    except (OSError, ValueError) as error:
        raise RecordingError(_cause(error)) from error
    try:
        if size == 0:
            raise RecordingError("is empty: nothing was recorded.")
        if raw_rate is not None:
            return PcmRecording(file, raw_rate, 1, size)
        if size is None:
            return _decoded(file)
        header = read_wave_header(file)
        if header is None:
            cut, exact = is_cut_ogg(file, size), promises_length(file)
            file.close()
            return _decoded(name, exact=exact, cut=cut)
        check_form(header.rate, header.channels)
        if header.is_int16 and header.promised != 0:
            file.seek(header.start)
            return PcmRecording(file, header.rate, header.channels, header.promised or size - header.start, exact=True)
        file.close()
        return _decoded(name, _seconds(header))
    except OSError as error:
        file.close()
        raise RecordingError(_cause(error)) from error
    except BaseException:
        file.close()
        raise


def _open(name: str) -> tuple[BufferedReader, int | None]:
    """Return the file and its size, None for a pipe or a device."""
    if name == STANDARD_INPUT:
        return open(os.dup(sys.stdin.fileno()), "rb"), None  # noqa: PTH123
    file = Path(name).open("rb")  # noqa: SIM115
    status = os.fstat(file.fileno())
    return file, status.st_size if stat.S_ISREG(status.st_mode) else None


def _decoded(
    source: str | BufferedReader, seconds: float | None = None, *, exact: bool = False, cut: bool = False
) -> Recording:
    from dtmfphone.cli.decoded_recording import open_decoded  # here, for most recordings need no decoder

    recording = open_decoded(source, seconds, exact=exact)
    if cut:
        recording.problems.append("is cut short. What is there was examined; copy or record it again for the rest.")
    return recording


def _seconds(header: WaveHeader) -> float | None:
    """Return the promised length of a WAV file whose samples all have the same size."""
    if header.tag not in UNIFORM or not header.promised or not header.frame_bytes or not header.rate:
        return None
    return header.promised / header.frame_bytes / header.rate


def _cause(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "does not exist. Check the name."
        case IsADirectoryError():
            return "is a directory. Name the recordings in it, such as DIRECTORY/*.wav."
        case PermissionError():
            return "may not be read by you. Ask its owner, or change its permissions."
        case OSError():
            return f"cannot be read: {error.strerror}."
        case _:
            return f"cannot be read: {error}."
