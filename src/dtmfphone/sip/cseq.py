"""CSeq: the number and the method of a request (RFC 3261 section 20.16)."""

from typing import Final, NamedTuple

import sipmessage

from dtmfphone.sip.message import Message

_LIMIT: Final = 2**31


class CSeq(NamedTuple):
    """The place of a request among those of its dialog."""

    number: int
    method: str

    @classmethod
    def of(cls, message: Message) -> "CSeq":
        """Read the CSeq of a message; raise ValueError when it has none or one out of range."""
        try:
            read = sipmessage.CSeq.parse(message.headers.get("CSeq"))
        except ValueError as error:
            raise ValueError("CSeq cannot be read.") from error
        if read.sequence >= _LIMIT:
            raise ValueError("The number in CSeq is 2^31 or more.")
        return cls(read.sequence, read.method)

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
