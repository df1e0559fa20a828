"""Damage to bytes: from single bits to whole lines of other messages."""

import random
import re
from collections.abc import Sequence
from typing import Final

INTERESTING: Final = (
    b"",
    b"\0",
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b'"',
    b"\\",
    b"<",
    b">",
    b"%",
    b"%0d%0a",
    b",",
    b";",
    b"=",
    b":",
    b"@",
    b"*",
    b"[",
    b"]",
    b"[::1]",
    b"0",
    b"-1",
    b"1e9",
    b"2147483648",
    b"4294967296",
    b"99999999999999999999",
    b"\xff",
    b"\xc3\xa9",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\xd9\xa3",
    b"A" * 300,
    b"((((((((",
)
"""What parsers stumble over; the last but two are a line separator and a digit of another script."""
_WORD: Final = re.compile(rb"[0-9A-Za-z.+-]+")


class Mutator:
    """Changes samples in ways that the seed decides."""

    def __init__(self, seed: int | str, samples: Sequence[bytes]) -> None:
        """`samples`: where lines are taken from that belong elsewhere."""
        self.random: Final = random.Random(seed)
        self._samples: Final = samples

    def mutate(self, data: bytes) -> bytes:
        """Return the bytes with one to six changes, and now and then as they are."""
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 3, 6))):
            data = self.random.choice((self._bytes, self._bytes, self._word, self._line, self._bit, self._cut))(data)
        return data

    def _place(self, data: bytes) -> int:
        return self.random.randint(0, len(data))

    def _bit(self, data: bytes) -> bytes:
        if not data:
            return data
        place = self.random.randrange(len(data))
        return data[:place] + bytes([data[place] ^ 1 << self.random.randrange(8)]) + data[place + 1 :]

    def _bytes(self, data: bytes) -> bytes:
        place = self._place(data)
        rest = place + self.random.choice((0, 0, 1, 4, 20))
        return data[:place] + self.random.choice(INTERESTING) + data[rest:]

    def _word(self, data: bytes) -> bytes:
        words = list(_WORD.finditer(data))
        if not words:
            return data
        word = self.random.choice(words)
        other = self.random.choice((self.random.choice(words)[0], self.random.choice(INTERESTING)))
        return data[: word.start()] + other + data[word.end() :]

    def _line(self, data: bytes) -> bytes:
        lines = data.split(b"\r\n")
        place = self.random.randrange(len(lines))
        match self.random.randrange(4):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, self.random.choice(lines))
            case 2:
                lines.insert(place, self.random.choice(self.random.choice(self._samples).split(b"\r\n")))
            case _:
                lines[place:] = [lines[place] + b" ", *lines[place + 1 :]]
        return b"\r\n".join(lines)

    def _cut(self, data: bytes) -> bytes:
        return data[: self._place(data)] if self.random.random() < 0.5 else data[self._place(data) :]
