"""Keys in the bodies of INFO requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.calls.sip.info_body import PLAIN, RELAY, InfoDigit, build, parse


@pytest.mark.parametrize(
    ("char", "duration", "content_type", "body"),
    [
        ("5", 0.16, RELAY, b"Signal=5\r\nDuration=160\r\n"),
        ("#", 0.1004, RELAY, b"Signal=#\r\nDuration=100\r\n"),
        ("D", 0.16, PLAIN, b"D"),
    ],
)
def test_what_is_sent(char: str, duration: float, content_type: str, body: bytes) -> None:
    assert build(char, duration, content_type) == body


@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", InfoDigit("5", 0.16)),
        (RELAY, b"Signal= 5\r\nDuration= 160\r\n", InfoDigit("5", 0.16)),
        (RELAY, b"Signal=5", InfoDigit("5", None)),
        (RELAY, b"signal=a\nduration=90", InfoDigit("A", 0.09)),
        (RELAY, b"Duration=90\r\nSignal=*\r\n", InfoDigit("*", 0.09)),
        (RELAY, b"Signal=10\r\nDuration=250\r\n", InfoDigit("*", 0.25)),
        (RELAY, b"Signal=11\r\n", InfoDigit("#", None)),
        (RELAY, b"Signal=15\r\n", InfoDigit("D", None)),
        (RELAY, b"Signal=16\r\n", None),
        (RELAY, b"Signal=flash\r\n", None),
        (RELAY, b"5", None),
        (RELAY, b"", None),
        ("Application/DTMF-Relay; charset=utf-8", b"Signal=5\r\n", InfoDigit("5", None)),
        (PLAIN, b"5", InfoDigit("5", None)),
        (PLAIN, b" 5\r\n", InfoDigit("5", None)),
        (PLAIN, b"11", InfoDigit("#", None)),
        (PLAIN, b"Signal=5\r\nDuration=100\r\n", InfoDigit("5", 0.1)),
        (PLAIN, b"", None),
        (PLAIN, b"55", None),
        (PLAIN, "²".encode(), None),
    ],
)
def test_what_is_understood(content_type: str, body: bytes, digit: InfoDigit | None) -> None:
    assert parse(content_type, body) == digit


@given(st.sampled_from([RELAY, PLAIN, "text/plain"]), st.binary(max_size=300))
def test_any_body_is_a_key_or_none(content_type: str, body: bytes) -> None:
    digit = parse(content_type, body)
    assert digit is None or digit.char in "0123456789*#ABCD"


@given(st.sampled_from("0123456789*#ABCD"), st.integers(1, 6000), st.sampled_from([RELAY, PLAIN]))
def test_what_is_sent_is_understood(char: str, milliseconds: int, content_type: str) -> None:
    digit = parse(content_type, build(char, milliseconds / 1000, content_type))
    assert digit == InfoDigit(char, milliseconds / 1000 if content_type == RELAY else None)
