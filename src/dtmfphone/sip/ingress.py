"""The door for SIP messages: bytes become requests and responses, or one sentence why not (RFC 3261 section 7).

What is odd but understandable is taken: folded lines, bare line feeds, a missing reason phrase, Latin-1 in place of
UTF-8, blanks before a colon, lines that are no header field. What the layers above rely on is checked here, once.
"""

import re
from dataclasses import replace
from typing import Final, TypeVar

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.grammar import TOKEN, decoded
from dtmfphone.sip.message import Headers, Message, Request, Response
from dtmfphone.sip.via import Via

MAX_MESSAGE: Final = 65536
"""Bytes."""
MAX_LINE: Final = 8192
"""Bytes, of a header field with all its folds."""
MAX_FIELDS: Final = 256

_END_OF_HEADERS: Final = re.compile(rb"\r?\n\r?\n")
_LINE_END: Final = re.compile(rb"\r?\n")
_VERSION: Final = re.compile(r"SIP/(?P<number>[0-9.]{1,8})", re.IGNORECASE)
_STATUS: Final = re.compile(r"[1-6][0-9]{2}")
_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_M = TypeVar("_M", bound=Message)


class SipSyntaxError(ValueError):
    """Bytes that are no SIP message that we can work with; one sentence why."""

    def __init__(self, reason: str, *, status: int = 400, request: Request | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        """With what a request like this is refused."""
        self.request = request
        """The request as far as it could be read, if its sender can be answered."""


def parse(data: bytes) -> Request | Response:
    """Read one message, a whole datagram or cut out of a stream; raise SipSyntaxError.

    Via, From, To, Call-ID and CSeq of what is returned can be read without an error. Bytes behind Content-Length are
    dropped; without Content-Length the body goes to the end.
    """
    if len(data) > MAX_MESSAGE:
        raise SipSyntaxError(f"The message is longer than {MAX_MESSAGE} bytes.", status=513)
    data = data.lstrip(b"\r\n")
    if not data:
        raise SipSyntaxError("The message is empty.")
    end = _END_OF_HEADERS.search(data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    if b"\0" in head:
        raise SipSyntaxError("The header contains a zero byte.")
    first, *lines = _unfolded(_LINE_END.split(head))
    headers = _headers(lines)
    words = decoded(first).split()
    if len(words) > 1 and words[0].upper() == "SIP/2.0" and _STATUS.fullmatch(words[1]):
        return _checked_response(Response(headers, body, int(words[1]), " ".join(words[2:])))
    if len(words) > 2 and (version := _VERSION.fullmatch(words[-1])):
        return _checked_request(Request(headers, body, words[0], " ".join(words[1:-1])), version["number"])
    raise SipSyntaxError("The first line is neither that of a request nor that of a response.")


def _unfolded(lines: list[bytes]) -> list[bytes]:
    """Join lines that begin with white space to the one before (RFC 3261 section 7.3.1)."""
    joined: list[list[bytes]] = []
    for line in lines:
        if joined and line[:1] in (b" ", b"\t"):
            joined[-1].append(line.strip())
        else:
            joined.append([line.rstrip()])
    whole = [b" ".join(parts) for parts in joined]
    if any(len(line) > MAX_LINE for line in whole):
        raise SipSyntaxError(f"A line is longer than {MAX_LINE} bytes.", status=513)
    return whole


def _headers(lines: list[bytes]) -> Headers:
    if len(lines) > MAX_FIELDS:
        raise SipSyntaxError(f"The message has more than {MAX_FIELDS} header fields.", status=513)
    fields = []
    for line in lines:
        name, colon, value = decoded(line).replace("\r", " ").partition(":")
        if colon and TOKEN.fullmatch(name.rstrip(" \t")):
            fields.append((name.rstrip(" \t"), value.strip(" \t")))
    return Headers(fields)


def _checked_response(response: Response) -> Response:
    try:
        Via.parse(top_via(response))
        _check(response)
        return _with_body(response)
    except ValueError as error:
        raise SipSyntaxError(str(error)) from error


def _checked_request(request: Request, version: str) -> Request:
    try:
        Via.parse(top_via(request))
    except ValueError as error:
        raise SipSyntaxError(str(error)) from error
    if version != "2.0":
        raise SipSyntaxError(f"The message is of SIP {version[:8]}, not 2.0.", status=505, request=request)
    try:
        if not TOKEN.fullmatch(request.method):
            raise ValueError("The method is no token.")
        if any(char.isspace() or char in '<>"' for char in request.uri):
            raise ValueError("The Request-URI contains blanks, quotes or brackets.")
        _check(request)
        if CSeq.of(request).method != request.method:
            raise ValueError("CSeq names another method than the first line.")
        return _with_body(request)
    except ValueError as error:
        raise SipSyntaxError(str(error), request=request) from error


def top_via(message: Message) -> str:
    """Return the topmost Via; empty: none."""
    return next(iter(Via.split_list(message.headers.get_all("Via")[:1])), "")


def _check(message: Message) -> None:
    """Raise ValueError where a header that everything needs is missing, doubled or unreadable."""
    for name in ("From", "To", "Call-ID", "CSeq"):
        values = message.headers.get_all(name)
        if len(values) != 1 or not values[0]:
            raise ValueError(f"The message needs exactly one {name}.")
    NameAddress.parse(message.headers.get("From"))
    NameAddress.parse(message.headers.get("To"))
    CSeq.of(message)


def _with_body(message: _M) -> _M:
    lengths = set(message.headers.get_all("Content-Length"))
    if not lengths:
        return message
    if len(lengths) > 1 or not _DIGITS.fullmatch(length := lengths.pop()):
        raise ValueError("Content-Length is no number.")
    if int(length) > len(message.body):
        raise ValueError(f"Content-Length says {int(length)} bytes, but {len(message.body)} came.")
    return replace(message, body=message.body[: int(length)])
