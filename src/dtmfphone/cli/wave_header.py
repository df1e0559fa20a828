"""The header of a WAV file (RIFF WAVE): what the samples are, where they begin, how many are promised."""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

PCM: Final = 1
EXTENSIBLE: Final = 0xFFFE
OPEN_ENDED: Final = 0x7FFF_0000
"""A writer that does not know the length yet promises this many bytes or more."""


@dataclass(frozen=True)
class WaveHeader:
    """What the `fmt` and `data` chunks say."""

    tag: int
    """Format: 1 for integer samples, 3 for floating point, 7 for mu-law; resolved where it is extensible."""
    channels: int
    rate: int
    bits: int
    frame_bytes: int
    """Bytes of one sample of all channels."""
    start: int
    """Offset of the samples."""
    promised: int | None
    """Bytes of samples; None: the header leaves it open."""

    @property
    def is_int16(self) -> bool:
        """Whether the samples are plain 16-bit integers."""
        return (self.tag, self.bits) == (PCM, 16) and self.frame_bytes == 2 * self.channels > 0


def read_wave_header(file: BinaryIO) -> WaveHeader | None:
    """Return the header at the beginning of a seekable file, or None if it is no WAV file or its header is broken."""
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    fmt = b""
    while len(chunk := file.read(8)) == 8:
        size = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            return _header(fmt, file.tell(), size)
        start = file.tell()
        if chunk[:4] == b"fmt ":
            fmt = file.read(min(size, 40))
        file.seek(start + size + size % 2)
    return None


def _header(fmt: bytes, start: int, size: int) -> WaveHeader | None:
    if len(fmt) < 16:
        return None
    tag, channels, rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == EXTENSIBLE and len(fmt) >= 26:
        (tag,) = struct.unpack_from("<H", fmt, 24)
    return WaveHeader(tag, channels, rate, bits, frame_bytes, start, size if size < OPEN_ENDED else None)
