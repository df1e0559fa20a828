"""The door for SIP messages: odd ones are taken, bad ones refused with a sentence, nothing else is raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_samples import INVITE, OK, message

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.ingress import MAX_FIELDS, MAX_LINE, MAX_MESSAGE, SipSyntaxError, parse, top_via
from dtmfphone.sip.message import Message, Request, Response
from dtmfphone.sip.via import Via

ODD = b"".join(
    [
        b"\r\n\r\nINVITE  sip:1234#;x=y@gate_way:5070;transport=udp   SIP/2.0\n",
        b"v: SIP / 2.0\n / UDP  192.0.2.2 : 5080 ;branch = z9hG4bKodd ;weird;received=2001:db8::9, ",
        b"SIP/2.0/TCP spindle.example.com\r\n",
        b'f  : "J\xfcrgen, <the> \\"first\\"" <sip:j%40x@example.com>;+x="a;b,c" ; TAG = q1\n',
        b"t: sip:vivekg@chair-dnrc.example.com ; tag    = 1918181833n\r\n",
        b"I:\r\n call@odd\r\n",
        b"cSeQ: 0009\r\n\tINVITE\r\n",
        b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n",
        b"UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n",
        b"this line is no field\r\nnor (this): one\r\n",
        b"Subject :\r\n",
        b"Contact: *\r\n",
        b"l: 0004\r\n\r\n\x00\xffab\r\n\r\n",
    ]
)
"""After RFC 4475 section 3.1.1.1, and worse."""


def parsed_request(data: bytes) -> Request:
    request = parse(data)
    assert isinstance(request, Request)
    return request


def with_true_length(read: Message) -> Message:
    return read.with_headers(read.headers.replaced("Content-Length", str(len(read.body))))


def test_a_request_is_read_and_written_back_byte_for_byte() -> None:
    request = parsed_request(INVITE)
    assert (request.method, request.uri, request.body) == ("INVITE", "sip:bob@example.com", b"")
    assert request.headers.get("call-id") == "call-1@192.0.2.9"
    assert CSeq.of(request) == (7, "INVITE")
    assert bytes(request) == INVITE


def test_a_response_is_read_and_written_back_byte_for_byte() -> None:
    response = parse(OK)
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (200, "OK")
    assert bytes(response) == OK


def test_odd_but_legal_and_odd_but_clear_is_taken() -> None:
    request = parsed_request(ODD)
    assert request.uri == "sip:1234#;x=y@gate_way:5070;transport=udp"
    via = Via.parse(top_via(request))
    assert (via.transport, via.sent_by, via.branch) == ("UDP", "192.0.2.2:5080", "z9hG4bKodd")
    assert via.parameters.get("received") == "2001:db8::9"
    caller = NameAddress.parse(request.headers.get("From"))
    assert (caller.display, caller.uri, caller.tag) == (
        'Jürgen, <the> "first"',
        "sip:j%40x@example.com",
        "q1",
    )
    assert NameAddress.parse(request.headers.get("To")).tag == "1918181833n"
    assert request.headers.get("Call-ID") == "call@odd"
    assert CSeq.of(request) == (9, "INVITE")
    assert request.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert "Subject" in request.headers
    assert "this line is no field" not in bytes(request).decode("latin-1")
    assert request.body == b"\x00\xffab"
    assert "Jürgen".encode() in bytes(request)
    assert parse(bytes(request)) == with_true_length(request)


@pytest.mark.parametrize(
    ("first", "status", "reason"),
    [
        (b"SIP/2.0 200", 200, ""),
        (b"SIP/2.0 200 ", 200, ""),
        (b"sip/2.0  486   Busy  here", 486, "Busy here"),
        ("SIP/2.0 180 Es läutet".encode(), 180, "Es läutet"),
        (b"SIP/2.0 180 L\xe4utet", 180, "Läutet"),
    ],
)
def test_reason_phrases(first: bytes, status: int, reason: str) -> None:
    response = parse(OK.replace(b"SIP/2.0 200 OK", first))
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (status, reason)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Via: SIP/2.0/UDP 192.0.2.9:5070;branch", b"Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\nVia: SIP/2.0/UDP x;branch"),
        (b"SIP/2.0/UDP", b"SIP/2.0/UNKNOWN"),
        (b"INVITE", b"!interesting-Method0123456789_*+`.%indeed'~"),
        (b"INVITE", b"RE%47IST%45R"),
        (b"sip:bob@example.com SIP", b"sip:bob@example.com   SIP"),
        (b"sip:bob@example.com SIP", b"nobodyKnowsThisScheme:totallyopaquecontent SIP"),
        (b"sip:bob@example.com SIP", b"sip:null-%00-null@example.com SIP"),
        (b"sip:bob@example.com SIP", b"sip:u@h;p=%2f;lr?Route=%3Csip:x%3E SIP"),
        (b"SIP/2.0\r\n", b"SIP/2.0  \t \r\n"),
        (b"To: <sip:bob@example.com>", b'To: "Mr. J. User <sip:j.user@example.com>'),
        (b"To: <sip:bob@example.com>", b"To: sip:bob@example.com;user=phone"),
        (b"To: <sip:bob@example.com>", b"To: isbn:2983792873"),
        (b"Max-Forwards: 70", b"Max-Forwards: 300"),
        (b"Max-Forwards: 70", b"Date: Fri, 01 Jan 2010 16:00:00 EST"),
        (b"Max-Forwards: 70", b"Accept:\r\nContact: <sip:a@b?Route=%3Csip:c@d%3E>"),
        (b"Max-Forwards: 70", b"X: " + b"long " * 1500),
        (b"Content-Length: 0", b"Content-Length:\r\n 0\r\nl: 0"),
    ],
)
def test_torture_that_must_not_hurt(old: bytes, new: bytes) -> None:
    request = parsed_request(INVITE.replace(old, new))
    assert parse(bytes(request)) == with_true_length(request)
    assert request.headers.get("From") == '"Alice" <sip:alice@example.com>;tag=a1'


def test_a_method_keeps_its_case() -> None:
    assert parsed_request(INVITE.replace(b"INVITE", b"Invite")).method == "Invite"


def test_without_content_length_the_body_goes_to_the_end() -> None:
    assert parsed_request(INVITE.replace(b"Content-Length: 0\r\n", b"") + b"v=0\r\n").body == b"v=0\r\n"


def test_what_follows_the_body_is_dropped() -> None:
    assert parsed_request(INVITE.replace(b"Length: 0", b"Length: 3") + b"v=0\r\nmore").body == b"v=0"


def test_a_message_may_end_with_its_header() -> None:
    assert parse(INVITE.rstrip()) == parse(INVITE)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"CSeq: 7 INVITE", b"CSeq: 7 BYE", "another method"),
        (b"CSeq: 7 INVITE", b"CSeq: INVITE", "CSeq"),
        (b"CSeq: 7", b"CSeq: 4294967296", "2^31"),
        (b"CSeq: 7", b"CSeq: -7", "CSeq"),
        (b"CSeq: 7", b"CSeq: " + b"7" * 5000, "CSeq"),
        (b"Call-ID: call-1@192.0.2.9\r\n", b"", "exactly one Call-ID"),
        (b"To: ", b"To: <sip:x@y>\r\nTo: ", "exactly one To"),
        (b"From: ", b"Frm: ", "exactly one From"),
        (b"<sip:bob@example.com>\r\n", b"<sip:bob@example.com\r\n", "closing bracket"),
        (b"Content-Length: 0", b"Content-Length: 5", "Content-Length says 5 bytes, but 0 came"),
        (b"Content-Length: 0", b"Content-Length: -999", "no number"),
        (b"Content-Length: 0", b"Content-Length: 0\r\nl: 1", "no number"),
        (b"INVITE sip:bob@example.com", b"INVITE <sip:bob@example.com>", "Request-URI"),
        (b"INVITE sip:bob@example.com", b"INVITE sip:bob@ example.com", "Request-URI"),
        (b"INVITE", b"INV{TE", "token"),
    ],
)
def test_a_bad_request_can_be_answered(old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(SipSyntaxError, match=reason.replace("^", r"\^")) as error:
        parse(INVITE.replace(old, new))
    assert error.value.status == 400
    assert error.value.request is not None
    assert error.value.request.headers.get("Via").startswith("SIP/2.0/UDP 192.0.2.9")


def test_another_version_can_be_answered() -> None:
    with pytest.raises(SipSyntaxError, match=r"SIP 7\.0") as error:
        parse(INVITE.replace(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia"))
    assert error.value.status == 505
    assert error.value.request is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"hello",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        INVITE.replace(b"Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport\r\n", b""),
        INVITE.replace(b"192.0.2.9:5070;", b"192.0.2.9:99999;"),
        INVITE.replace(b"SIP/2.0/UDP", b"SIP/2.0"),
        INVITE.replace(b"Alice", b"Al\0ce"),
        OK.replace(b" 200 ", b" 4294967301 "),
        OK.replace(b" 200 ", b" 99 "),
        OK.replace(b"CSeq: 7 INVITE\r\n", b""),
        OK.replace(b"Length: 0", b"Length: 9"),
        INVITE + b"x" * MAX_MESSAGE,
        INVITE.replace(b"Alice", b"A" * MAX_LINE),
        INVITE.replace(b"Alice", b"A\r\n " * MAX_LINE),
        INVITE.replace(b"Max-", b"X: y\r\n" * MAX_FIELDS + b"Max-"),
    ],
)
def test_what_is_no_message_cannot_be_answered(data: bytes) -> None:
    with pytest.raises(SipSyntaxError) as error:
        parse(data)
    assert error.value.request is None
    assert error.value.reason.endswith(".")


BITS = st.sampled_from(
    [b"\r\n", b"\n", b" ", b"\t", b":", b";", b",", b'"', b"<", b">", b"\\", b"\0", b"\xff", b"@", b"=", b"SIP/2.0 "]
)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from([INVITE, OK, ODD]))
def test_no_other_error_leaves_the_door(data: st.DataObject, sample: bytes) -> None:
    mutant = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(mutant)))
        cut = data.draw(st.integers(0, 12))
        mutant[place : place + cut] = data.draw(st.one_of(BITS, st.binary(max_size=8)))
    try:
        read = parse(bytes(mutant))
    except SipSyntaxError:
        return
    assert parse(bytes(read)) == with_true_length(read)
    "".join(value for _, value in read.headers).encode()
    Via.parse(top_via(read))
    NameAddress.parse(read.headers.get("From"))
    NameAddress.parse(read.headers.get("To"))
    CSeq.of(read)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(SipSyntaxError):
        parse(data)


def test_samples_are_what_they_seem() -> None:
    assert message("A\nB: c", "body") == b"A\r\nB: c\r\n\r\nbody"
