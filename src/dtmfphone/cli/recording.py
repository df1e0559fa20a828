"""Recordings as blocks of 16-bit samples, with what is wrong with them in words."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import BufferedReader
from math import gcd
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.int16]
"""Samples of all channels, shape (n, channels)."""

BLOCK_SAMPLES: Final = 1 << 19
"""A block of a file has about as many, all channels together."""
SILENCE: Final = 16
"""Samples that differ by no more are silence: A-law has no zero, only ±8."""
LOWEST_RATE: Final = 4000
"""Below, 1633 Hz cannot be told from its alias."""
MOST_CHANNELS: Final = 64
MOST_STEPS: Final = 1_000_000_000
"""Limit of the rate in which a resampler's filter is laid out: some 300 MB of memory."""
CONVERT: Final = "Convert it, for example with: ffmpeg -i FILE -ar 8000 NEW.wav"

NO_SAMPLES: Final = "holds no audio: no samples follow its header. Record it again."


class RecordingError(Exception):
    """A recording cannot be used: the cause, and a remedy where there is one, as sentences about "it"."""


def check_form(rate: int, channels: int) -> None:
    """Raise RecordingError for rates and channels that cannot be."""
    if not 0 < channels <= MOST_CHANNELS:
        raise RecordingError(f"claims {channels} channels: it is damaged, or no recording.")
    if rate <= 0:
        raise RecordingError(f"claims {rate} samples per second: it is damaged, or no recording.")
    if rate < LOWEST_RATE:
        raise RecordingError(
            f"has {rate} samples per second, too few for DTMF tones of up to 1633 Hz. Record it with 8000 or more."
        )
    if rate * 8000 // gcd(rate, 8000) > MOST_STEPS:
        raise RecordingError(f"claims {rate} samples per second, which no recorder makes. {CONVERT}")


class Recording(ABC):
    """Audio of one file, read once from its beginning to its end; a context manager that closes the file."""

    def __init__(self, rate: int, channels: int, seconds: float | None, *, tolerance: float | None) -> None:
        """`seconds` is the promised length; if more than `tolerance` of it is missing, that is a fault.

        Raises RecordingError for rates and channels that cannot be.
        """
        check_form(rate, channels)
        self.rate = rate
        self.channels = channels
        self.seconds = seconds
        self.heard = 0.0
        """Seconds read."""
        self.remarks: list[str] = []
        """What a person should know of it before it is read."""
        self.problems: list[str] = []
        """What is wrong with it; complete when all is read."""
        self._tolerance = tolerance
        if rate > 48_000:
            self.remarks.append(f"has {rate} samples per second; it is resampled to 8000, only 0 to 3.4 kHz count.")
        if channels > 2:
            self.remarks.append(f"has {channels} channels; each is examined on its own.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    @abstractmethod
    def _read(self) -> Iterator[Block]:
        """Yield what is there and append to `problems`; what fails ends the audio."""

    def blocks(self) -> Iterator[Block]:
        """Yield the audio."""
        frames, low, high = 0, 0, 0
        for block in self._read():
            if not frames:
                low = high = int(block[0, 0])
            if high - low <= SILENCE:
                low, high = min(low, int(block.min())), max(high, int(block.max()))
            frames += len(block)
            self.heard = frames / self.rate
            yield block
        if not frames:
            self.problems = self.problems or [NO_SAMPLES]
            return
        if self.problems or self.seconds is None or self._tolerance is None:
            pass
        elif self.heard < self.seconds - self._tolerance - 0.5 / self.rate:
            self.problems.append(
                f"is cut short: its header promises {self.seconds:.3f} s, and {self.heard:.3f} s are there, which were "
                "examined. Copy or record it again for the rest."
            )
        if high - low <= SILENCE:
            self.problems.append("is silent from beginning to end. Check the microphone or tap that it was made with.")


class PcmRecording(Recording):
    """Plain 16-bit little-endian samples, from a file or a pipe."""

    def __init__(
        self, file: BufferedReader, rate: int, channels: int, size: int | None, *, exact: bool = False
    ) -> None:
        """Read from where the file stands; `size` is the promised number of bytes."""
        self._file = file
        self._left = size
        self._frame_bytes = 2 * channels
        seconds = None if size is None or channels == 0 or rate == 0 else size / self._frame_bytes / rate
        super().__init__(rate, channels, seconds, tolerance=0.0 if exact else None)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _read(self) -> Iterator[Block]:
        rest = b""
        while True:
            wanted = 2 * BLOCK_SAMPLES if self._left is None else min(2 * BLOCK_SAMPLES, self._left)
            try:
                data = self._file.read1(wanted) if wanted else b""
            except OSError as error:
                self.problems.append(f"cannot be read after {self.heard:.3f} s: {error.strerror}.")
                return
            if not data:
                if rest and self._tolerance is None:
                    self.problems.append(
                        "ends in the middle of a sample: it is cut short, or its samples are not 16-bit."
                    )
                return
            if self._left is not None:
                self._left -= len(data)
            data = rest + data if rest else data
            whole = len(data) // self._frame_bytes * self._frame_bytes
            rest = data[whole:]
            if whole:
                yield np.frombuffer(data, "<i2", whole // 2).reshape(-1, self.channels)
