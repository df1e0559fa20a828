"""SIP messages cut out of a stream of bytes (RFC 3261 section 18.3), and keep-alives on it (RFC 5626 section 4.4.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dtmfphone.sip.ingress import MAX_LINE, MAX_MESSAGE

_PING: Final = b"\r\n\r\n"
_PONG: Final = b"\r\n"
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_START: Final = re.compile(rb"SIP/2\.0 [^\n]*|[!-~]+ [^\n]* SIP/[0-9.]+[ \t]*\r?", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t\r\n]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class FramingError(ValueError):
    """Bytes on a stream that cannot be cut into messages: it must be closed."""


@dataclass(frozen=True)
class KeepAlive:
    """The far end wants to be answered with a line end."""


class StreamFraming:
    """The receiving end of one TCP or TLS connection."""

    def __init__(self, *, accepted: bool = False) -> None:
        self._accepted = accepted
        """Whether the far end opened the connection: a lone line end is then half a keep-alive, else an answer."""
        self._buffer = bytearray()
        self._searched = 0
        """How far there is no end of a header."""

    def feed(self, data: bytes) -> Iterator[bytes | KeepAlive]:
        """Take bytes and yield whole messages and keep-alives in their order.

        Raise FramingError with a sentence, after what came whole before, when the rest is no SIP or too long.
        """
        self._buffer += data
        while item := self._keep_alive() or self._message():
            yield item

    def _keep_alive(self) -> KeepAlive | None:
        if self._buffer.startswith(_PING):
            del self._buffer[: len(_PING)]
            return KeepAlive()
        if not self._accepted and self._buffer == _PONG:
            self._buffer.clear()
        return None

    def _message(self) -> bytes | None:
        buffer = self._buffer
        stray = len(buffer) - len(buffer.lstrip(b"\r\n"))
        if stray == len(buffer):
            del buffer[: -len(_PING)]
            return None
        del buffer[:stray]
        self._searched = max(0, self._searched - stray)
        self._check_start()
        end = _HEAD_END.search(buffer, max(0, self._searched - 3))
        if end is None:
            self._searched = len(buffer)
            if len(buffer) > MAX_MESSAGE:
                raise FramingError(f"A header is longer than {MAX_MESSAGE} bytes.")
            return None
        whole = end.end() + _content_length(bytes(buffer[: end.start()]))
        if whole > MAX_MESSAGE:
            raise FramingError(f"A message is longer than {MAX_MESSAGE} bytes.")
        if len(buffer) < whole:
            return None
        message = bytes(buffer[:whole])
        del buffer[:whole]
        self._searched = 0
        return message

    def _check_start(self) -> None:
        """Raise FramingError when what comes is no SIP; do not wait for the end of what cannot become any."""
        line_end = self._buffer.find(b"\n", 0, MAX_LINE)
        if line_end < 0:
            if len(self._buffer) >= MAX_LINE:
                raise FramingError(f"A first line is longer than {MAX_LINE} bytes.")
        elif not _START.fullmatch(self._buffer, 0, line_end):
            raise FramingError("What came is no SIP message.")


def _content_length(head: bytes) -> int:
    """Return the length of the body; a message without that header has none."""
    values = set(_LENGTH.findall(head))
    if not values:
        return 0
    value = values.pop().strip()
    if values or not re.fullmatch(rb"[0-9]{1,9}", value):
        raise FramingError("Content-Length is no number.")
    return int(value)
