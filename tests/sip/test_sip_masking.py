"""No secret stays in a trace."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_samples import INVITE

from dtmfphone.sip.digest import Challenge, credentials
from dtmfphone.sip.ingress import parse
from dtmfphone.sip.masking import DIGIT, masked
from dtmfphone.sip.message import Request


def test_a_message_without_secrets_stays_as_it_is() -> None:
    assert masked(INVITE) == INVITE.decode().replace("\r\n", "\n")


def test_our_own_credentials() -> None:
    request = parse(INVITE)
    assert isinstance(request, Request)
    value = credentials(Challenge("r", "n", qop="auth"), "alice", "pw", request, count=1, client_nonce="hidden1")
    text = masked(bytes(request.with_headers(request.headers.appended("Proxy-Authorization", value))))
    assert 'username="alice", realm="r", nonce="n"' in text
    assert 'response="***"' in text
    assert 'cnonce="***"' in text
    assert "hidden1" not in text
    assert value.split('response="')[1][:32] not in text


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        (
            b'Authorization: Digest a=b,\r\n response = "x",\r\n\tcnonce=s',
            'Authorization: Digest a=b,\n response = "***",\n\tcnonce="***"',
        ),
        (b"authorization:Bearer eyJ.abc-_", "authorization:Bearer ***"),
        (b"Authorization: Basic QWxhZGRpbg==", "Authorization: Basic ***"),
        (b'Authentication-Info: rspauth="s", nextnonce="s"', 'Authentication-Info: rspauth="***", nextnonce="***"'),
        (b"Contact: <sip:alice:s3cret@h:5060>", "Contact: <sip:alice:***@h:5060>"),
        (b"Contact: <sips:[::1]:5060>, <sip:b@c>", "Contact: <sips:[::1]:5060>, <sip:b@c>"),
        (
            b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:S3cr+/=|2^31|1:1",
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^31|1:1",
        ),
        (b"a=ice-pwd:secret", "a=ice-pwd:***"),
        (b"k=clear:secret", "k=clear:***"),
        (b"X-Token: bearer abc/def=", "X-Token: bearer ***"),
        (b"Subject: \xff\x07", "Subject: \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_secrets(wire: bytes, shown: str) -> None:
    assert masked(b"INFO sip:a@b SIP/2.0\r\n" + wire + b"\r\n\r\n") == f"INFO sip:a@b SIP/2.0\n{shown}\n\n"


def test_digits_are_masked_where_asked() -> None:
    relay = b"INFO sip:a@b SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal= 5\r\nDuration= 160\r\n"
    assert "Signal= 5" in masked(relay)
    assert f"Signal= {DIGIT}\nDuration= 160" in masked(relay, digits=True)
    plain = b"INFO sip:a@b SIP/2.0\r\nc: application/dtmf\r\n\r\n5"
    assert masked(plain, digits=True).endswith(f"\n\n{DIGIT}")


def test_long_rows_take_no_time() -> None:
    for unit in ("sip:a:", "Authorization: ", 'response="\\', "inline:", "Bearer "):
        masked((unit * 10000).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_anything_becomes_text_that_can_be_encoded(data: bytes) -> None:
    masked(data, digits=True).encode()
