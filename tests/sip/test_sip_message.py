"""Requests and responses as values, and as bytes."""

import pytest

from dtmfphone.sip.message import Headers, Request, Response


def test_content_length_is_always_true() -> None:
    headers = Headers([("l", "99"), ("Subject", "x")])
    data = bytes(Request(headers, b"body", "MESSAGE", "sip:a@b"))
    assert data == b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 4\r\nSubject: x\r\n\r\nbody"
    assert bytes(Response(Headers(), b"", 200, "OK")) == b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "bad",
    [
        Request(Headers([("Subject", "x\r\nVia: evil")]), b"", "INVITE", "sip:a@b"),
        Request(Headers([("Subject", "x\nVia: evil")]), b"", "INVITE", "sip:a@b"),
        Request(Headers([("Sub ject", "x")]), b"", "INVITE", "sip:a@b"),
        Request(Headers([("Subject:", "x")]), b"", "INVITE", "sip:a@b"),
        Request(Headers(), b"", "INVITE", "sip:a@b SIP/2.0\r\nVia: evil"),
        Request(Headers(), b"", "INVITE", "sip:a b@c"),
        Request(Headers(), b"", "INVITE", ""),
        Request(Headers(), b"", "IN VITE", "sip:a@b"),
        Request(Headers(), b"", "", "sip:a@b"),
        Response(Headers(), b"", 200, "OK\r\nVia: evil"),
        Response(Headers(), b"", 99, "OK"),
        Response(Headers(), b"", 700, "OK"),
    ],
)
def test_nothing_breaks_out_of_its_line(bad: Request | Response) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        bytes(bad)


def test_headers_compare_names_without_case_and_write_compact_ones_out() -> None:
    headers = Headers([("v", "1"), ("VIA", "2"), ("To", "t")])
    assert headers.get_all("Via") == ("1", "2")
    assert headers.get("via") == "1"
    assert headers.get("From", "none") == "none"
    assert "TO" in headers
    assert "From" not in headers


def test_headers_change_in_place() -> None:
    headers = Headers([("One", "1"), ("Two", "2"), ("ONE", "3"), ("Three", "4")])
    assert list(headers.replaced("one", "x", "y")) == [("one", "x"), ("one", "y"), ("Two", "2"), ("Three", "4")]
    assert list(headers.replaced("Four", "5"))[-1] == ("Four", "5")
    assert list(headers.without("ONE", "three")) == [("Two", "2")]
    assert next(iter(headers.prepended("Zero", "0"))) == ("Zero", "0")
