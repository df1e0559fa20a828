import pytest

from dtmfphone.sip.body import content_type, sdp_of, understood
from dtmfphone.sip.message import Headers, Request

SDP = b"v=0\r\ns=-\r\n"


def message(body: bytes, kind: str = "", coding: str = "") -> Request:
    fields = [("Content-Type", kind)] if kind else []
    return Request(Headers([*fields, *([("Content-Encoding", coding)] if coding else [])]), body, "INVITE", "sip:a@b")


def mixed(*parts: bytes, end: bytes = b"\r\n") -> bytes:
    return b"".join(b"--frontier" + end + part + end for part in parts) + b"--frontier--" + end


@pytest.mark.parametrize(
    ("body", "kind", "sdp"),
    [
        (SDP, "application/sdp", SDP),
        (SDP, "Application/SDP ;charset=utf-8", SDP),
        (SDP, "", SDP),
        (SDP, "text/plain", None),
        (b"", "application/sdp", None),
        (mixed(b"Content-Type: text/plain\r\n\r\nhi", b"Content-Type: application/sdp\r\n\r\n" + SDP), None, SDP),
        (mixed(b"content-type:application/sdp;x=y\n\n" + SDP, end=b"\n"), None, SDP),
        (mixed(b"Content-Type: text/plain\r\n\r\nhi"), None, None),
        (mixed(b"no header"), None, None),
        (b"--other\r\n", None, None),
    ],
)
def test_where_the_description_is(body: bytes, kind: str | None, sdp: bytes | None) -> None:
    assert sdp_of(message(body, 'multipart/mixed; boundary="frontier"' if kind is None else kind)) == sdp


def test_several_parts_without_a_boundary() -> None:
    assert sdp_of(message(SDP, "multipart/mixed")) is None


@pytest.mark.parametrize(
    ("body", "kind", "coding", "known"),
    [
        (b"", "", "", True),
        (SDP, "application/sdp", "", True),
        (SDP, "application/sdp", "identity", True),
        (SDP, "application/sdp", "gzip", False),
        (SDP, "application/xml", "", False),
    ],
)
def test_what_is_understood(body: bytes, kind: str, coding: str, known: bool) -> None:
    assert understood(message(body, kind, coding)) is known


def test_the_content_type_is_told_without_parameters() -> None:
    assert content_type(message(SDP, "Application/DTMF-Relay ; a=b")) == "application/dtmf-relay"
    assert content_type(message(SDP)) == ""
