"""Recordings in any form that FFmpeg's libraries read (through PyAV), decoded."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from dtmfphone.cli.invalid_samples import InvalidSamples
from dtmfphone.cli.recording import BLOCK_SAMPLES, CONVERT, NO_SAMPLES, Block, Recording, RecordingError
from dtmfphone.dtmf.levels import to_int16

OPTIONS: Final = {"max_size": str(2 * BLOCK_SAMPLES), "protocol_whitelist": "file"}
"""Large packets of plain samples; a playlist cannot make us fetch what it names."""
LENIENT: Final[dict[str, Any]] = {"metadata_errors": "ignore"} if int(av.__version__.split(".")[0]) < 19 else {}
"""Titles and the like that are not UTF-8 are no fault; from version 19 on PyAV thinks so itself."""
EXACT: Final = {"flac": 0.0, "aiff": 0.0, "au": 0.0, "caf": 0.0, "w64": 0.0, "mov,mp4,m4a,3gp,3g2,mj2": 0.1}
"""Forms whose header promises a length, and how many seconds less are no fault."""
MP3_TOLERANCE: Final = 0.1
HOLE_SECONDS: Final = 0.02
"""Time stamps that jump by more leave out audio, which counts as silence."""
LATEST: Final = 86_400.0
"""Seconds; where the length is not known, later time stamps are taken for damaged."""
PAUSING: Final = ("matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2")
"""Forms in which a recorder may leave out audio without a fault."""
UNSAFE_PLANES: Final = 8
"""With so many planes PyAV looks for more of them beyond the end of FFmpeg's table, and crashes."""
TEXT_ART: Final = ("tty", "bin", "xbin", "adf", "idf")
"""What FFmpeg takes plain text and odd bytes for."""
DAMAGED: Final = "cannot be decoded: it is damaged. Copy or record it again."
NO_AUDIO: Final = "Name a recording; one without a header needs --raw RATE."


def open_decoded(source: str | BinaryIO, seconds: float | None = None, *, exact: bool = False) -> "DecodedRecording":
    """Open a path or a file and decode its beginning.

    `seconds` is its promised length where that is known; `exact` says that the one in an MP3 header is no estimate.

    Raises RecordingError.
    """
    path = f"file:{source}" if isinstance(source, str) else source
    try:
        container = av.open(path, "r", options=OPTIONS, **LENIENT)
    except av.error.EOFError as error:
        raise RecordingError("ends before its audio begins: it is cut short. Copy or record it again.") from error
    except av.error.InvalidDataError as error:
        raise RecordingError(f"is not audio in any form that is known here. {NO_AUDIO}") from error
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise RecordingError(f"cannot be read: {_cause(error)}. {CONVERT}") from error
    try:
        return DecodedRecording(container, seconds, exact=exact, piped=not isinstance(source, str))
    except BaseException:
        container.close()
        raise


class DecodedRecording(Recording):
    """The first audio stream of a container."""

    def __init__(self, container: InputContainer, seconds: float | None, *, exact: bool, piped: bool) -> None:
        """Take an open container, which `close` closes; audio from a pipe is passed on as it comes."""
        streams = container.streams.audio
        if not streams:
            if container.format.name in TEXT_ART:
                raise RecordingError(f"is not audio in any form that is known here. {NO_AUDIO}")
            kinds = " and ".join(sorted({stream.type for stream in container.streams}))
            raise RecordingError(f"holds no audio{f', only {kinds}' if kinds else ''}. {NO_AUDIO}")
        if streams[0].codec_context is None:
            raise RecordingError(f"holds audio that cannot be decoded here. {CONVERT}")
        self._container = container
        self._frames = _Frames(container, streams[0])
        frames = iter(self._frames)
        first = next(frames, None)
        if first is None:
            raise RecordingError(DAMAGED if self._frames.problem else NO_SAMPLES)
        self._ahead = chain([first], frames)
        self._block = 1 if piped else BLOCK_SAMPLES
        stream, form = streams[0], container.format.name
        if seconds is None:
            tolerance = MP3_TOLERANCE if exact and form == "mp3" else EXACT.get(form)
            if stream.duration is not None and stream.time_base is not None:
                seconds = float(stream.duration * stream.time_base)
            elif container.duration is not None:
                seconds, tolerance = container.duration / av.time_base, None
        else:
            tolerance = 0.0
        super().__init__(first.sample_rate, first.layout.nb_channels, seconds, tolerance=tolerance)
        if first.format.bytes == 1:
            self.remarks.append("has 8-bit samples: their noise lies about 50 dB down, so weak tones drown in it.")
        if len(streams) > 1:
            self.remarks.append(f"has {len(streams)} audio streams; the first one is examined.")
        self._invalid = InvalidSamples(self.rate, self.channels)
        self._to_packed: AudioResampler | None = None
        self._may_pause = form in PAUSING
        self._lacking = 0.0
        """Seconds that time stamps leave out."""
        self._first_lack = 0.0

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _read(self) -> Iterator[Block]:
        parts: list[Block] = []
        waiting = 0
        for part in self._parts():
            parts.append(part)
            waiting += part.size
            if waiting >= self._block:
                yield np.concatenate(parts)
                parts, waiting = [], 0
        if waiting:
            yield np.concatenate(parts)
        if self._lacking and not self._may_pause and not self._frames.problem:
            self.problems.append(
                f"lacks {self._lacking:.3f} s, from {self._first_lack:.3f} s on: that counts as silence. Copy or "
                "record it again."
            )
        self.problems += [problem for problem in (self._frames.problem, self._invalid.problem) if problem]

    def _parts(self) -> Iterator[Block]:
        """Yield each frame's samples, and silence where time stamps leave audio out."""
        position = 0
        origin: float | None = None
        for frame in self._ahead:
            if (frame.sample_rate, frame.layout.nb_channels) != (self.rate, self.channels):
                self.problems.append(
                    f"changes its rate or channels after {position / self.rate:.3f} s; what follows was not examined. "
                    f"{CONVERT}"
                )
                return
            if frame.time is not None:
                origin = frame.time if origin is None else origin
                hole = frame.time - origin - position / self.rate
                if hole > HOLE_SECONDS and frame.time - origin < (self.seconds or LATEST):
                    missing = round(hole * self.rate)
                    self._first_lack = self._first_lack if self._lacking else position / self.rate
                    self._lacking += hole
                    position += missing
                    for start in range(0, missing, self.rate):
                        yield np.zeros((min(self.rate, missing - start), self.channels), np.int16)
            position += frame.samples
            if not frame.samples:
                continue
            try:
                samples = self._samples(frame)
            except (av.error.FFmpegError, ValueError) as error:
                self.problems.append(f"cannot be read after {position / self.rate:.3f} s: {_cause(error)}. {CONVERT}")
                return
            yield samples

    def _samples(self, frame: AudioFrame) -> Block:
        """Return a frame's samples, shape (n, channels)."""
        form = frame.format
        if form.name.startswith("s64") or (form.is_planar and self.channels >= UNSAFE_PLANES):
            if self._to_packed is None:
                name = "dbl" if form.name.startswith("s64") else form.packed.name
                self._to_packed = AudioResampler(name, frame.layout, frame.sample_rate)
            (frame,) = self._to_packed.resample(frame)
        raw: NDArray[Any] = frame.to_ndarray()
        samples = raw.T if frame.format.is_planar else raw.reshape(-1, self.channels)
        match samples.dtype.kind, samples.dtype.itemsize:
            case "i", 2:
                return samples
            case "i", 4:
                return np.asarray(np.minimum(((samples >> 15) + 1) >> 1, 32767), np.int16)
            case "u", 1:
                return (samples.astype(np.int16) - 128) * np.int16(256)
            case _:
                return to_int16(np.clip(self._invalid.mend(samples), -1, 1))


class _Frames:
    """The decoded frames of a stream, without what is damaged."""

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self._container = container
        self._stream = stream
        self._seconds = 0.0
        """Decoded so far."""
        self._damaged = 0
        """Packets."""
        self._first_damage = 0.0
        self._broken = ""

    def __iter__(self) -> Iterator[AudioFrame]:
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.EOFError:
                    return
                except (av.error.FFmpegError, ValueError):
                    if not self._damaged:
                        self._first_damage = self._seconds
                    self._damaged += 1
                    if self._stream.codec_context is not None:
                        self._stream.codec_context.flush_buffers()  # it would mix what was before into what follows
                    continue
                for frame in frames:
                    yield frame
                    self._seconds += frame.samples / max(frame.sample_rate, 1)
        except (av.error.FFmpegError, ValueError, OSError) as error:
            self._broken = f"cannot be read after {self._seconds:.3f} s: {_cause(error)}."

    @property
    def problem(self) -> str | None:
        """What is wrong, or None."""
        if self._broken:
            return self._broken
        if not self._damaged:
            return None
        packets = f"{self._damaged} damaged packets" if self._damaged > 1 else "a damaged packet"
        return (
            f"holds {packets}, from {self._first_damage:.3f} s on: what they held counts as silence. Copy or record it "
            "again."
        )


def _cause(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
