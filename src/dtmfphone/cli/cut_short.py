"""What MP3 and Ogg files say of their own end, which decoders pass over."""

import re
from typing import BinaryIO, Final

HEAD: Final = 1 << 16
"""Bytes looked at, at the beginning and at the end."""
XING: Final = re.compile(rb"\xff[\xe2-\xff][\x00-\xff]{2}(?:\x00{9}|\x00{17}|\x00{32})(?:Xing|Info)")
"""The first frame of an MP3 file whose writer noted how many follow (no standard; LAME and others write it)."""
PAGE_HEADER: Final = 27
"""Bytes of an Ogg page (RFC 3533 section 6) before its segment table."""


def promises_length(file: BinaryIO) -> bool:
    """Say whether an MP3 file notes its length."""
    file.seek(0)
    return XING.search(file.read(HEAD)) is not None


def is_cut_ogg(file: BinaryIO, size: int) -> bool:
    """Say whether a file is Ogg without a whole last page, or whose last page does not end its stream."""
    file.seek(0)
    if file.read(4) != b"OggS":
        return False
    start = max(0, size - HEAD)
    file.seek(start)
    tail = file.read(HEAD)
    place = tail.rfind(b"OggS")
    page = tail[place:]
    if place < 0 or len(page) < PAGE_HEADER or len(page) < PAGE_HEADER + page[26]:
        return True
    whole = PAGE_HEADER + page[26] + sum(page[PAGE_HEADER : PAGE_HEADER + page[26]])
    return len(page) < whole or not page[5] & 4
