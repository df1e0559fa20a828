"""CSeq: the number and the method of a request (RFC 3261 section 20.16)."""

import re
from typing import Final, NamedTuple

from dtmfphone.sip.message import Message

_LIMIT: Final = 2**31
_CSEQ: Final = re.compile(r"(?P<number>\d{1,10})[ \t]+(?P<method>[\w.!%*+`'~-]+)", re.ASCII)


class CSeq(NamedTuple):
    """The place of a request among those of its dialog."""

    number: int
    method: str

    @classmethod
    def of(cls, message: Message) -> "CSeq":
        """Read the CSeq of a message; raise ValueError when it has none or one out of range."""
        read = _CSEQ.fullmatch(message.headers.get("CSeq").strip())
        if read is None:
            raise ValueError("CSeq cannot be read.")
        number = int(read["number"])
        if number >= _LIMIT:
            raise ValueError("The number in CSeq is 2^31 or more.")
        return cls(number, read["method"])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
