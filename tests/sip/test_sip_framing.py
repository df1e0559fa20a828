"""A stream of bytes becomes messages, however it is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_samples import INVITE, OK

from dtmfphone.sip.framing import FramingError, KeepAlive, StreamFraming
from dtmfphone.sip.ingress import MAX_MESSAGE

INFO = INVITE.replace(b"INVITE", b"INFO").replace(b"Content-Length: 0", b"l :\r\n 23") + b"Signal=5\r\n\r\nDuration=99"
"""A body with an empty line in it, and a folded compact length."""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 400), max_size=30), st.booleans())
def test_any_cuts(cuts: list[int], accepted: bool) -> None:
    stream = INVITE + INFO + b"\r\n" + OK.replace(b"\r\n", b"\n")
    framing = StreamFraming(accepted=accepted)
    items: list[bytes | KeepAlive] = []
    for cut in [*cuts, len(stream)]:
        items += framing.feed(stream[:cut])
        stream = stream[cut:]
    assert items == [INVITE, INFO, OK.replace(b"\r\n", b"\n")]


def test_keep_alives_are_told_of_between_messages() -> None:
    framing = StreamFraming(accepted=True)
    assert list(framing.feed(b"\r\n\r\n" + INVITE + b"\r\n\r\n")) == [KeepAlive(), INVITE, KeepAlive()]
    assert list(framing.feed(b"\r\n")) == []
    assert list(framing.feed(b"\r\n")) == [KeepAlive()]
    assert list(framing.feed(b"\r\n" + OK)) == [OK]


def test_a_lone_line_end_answers_our_own_keep_alive() -> None:
    framing = StreamFraming()
    assert list(framing.feed(b"\r\n")) == []
    assert list(framing.feed(b"\r\n")) == []
    assert list(framing.feed(OK)) == [OK]


def test_a_message_without_length_has_no_body() -> None:
    bare = OK.replace(b"Content-Length: 0\r\n", b"")
    assert list(StreamFraming().feed(bare + INVITE)) == [bare, INVITE]


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\n",
        b"x" * 9000,
        b"\r\n\r\n hello\n",
        INVITE.replace(b"Length: 0", b"Length: x"),
        INVITE.replace(b"Length: 0", b"Length: 1\r\nl: 2"),
        INVITE.replace(b"Length: 0", b"Length: 70000"),
        INVITE.replace(b"Content", b"X: " + b"y" * MAX_MESSAGE),
        INVITE.removesuffix(b"\r\n") + b"X: y\r\n" * 12000,
    ],
)
def test_garbage_ends_the_stream_after_what_was_whole(garbage: bytes) -> None:
    items = StreamFraming().feed(OK + garbage)
    assert next(items) == OK
    with pytest.raises(FramingError, match=r"\.$"):
        list(items)


def test_blank_noise_is_not_kept() -> None:
    framing = StreamFraming(accepted=True)
    for _ in range(100):
        assert list(framing.feed(b"\r\r\r\n\r" * 1000)) == []
    assert list(framing.feed(OK)) == [OK]
