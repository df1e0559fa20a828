"""RTP packets: byte-exact, and nothing from outside breaks the parser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.rtp.packet import RtpPacket, RtpPacketError, is_rtcp

PLAIN = bytes.fromhex("80e003e8000f4240deadbeef") + b"audio"
EXTENDED = bytes.fromhex("90ee 03e9 000f4240 deadbeef bede0001 10300000".replace(" ", "")) + b"\x05\x0a\x03\xc0"
PADDED = bytes.fromhex("a26003e8000f4240deadbeef 00000001 00000002".replace(" ", "")) + b"xy" + b"\0\0\3"


@pytest.mark.parametrize("data", [PLAIN, EXTENDED, PADDED])
def test_a_packet_is_serialised_as_it_came(data: bytes) -> None:
    assert bytes(RtpPacket.parse(data)) == data


def test_fields() -> None:
    packet = RtpPacket.parse(EXTENDED)
    assert (packet.payload_type, packet.marker, packet.sequence) == (110, True, 1001)
    assert (packet.timestamp, packet.ssrc) == (1_000_000, 0xDEADBEEF)
    assert packet.payload == b"\x05\x0a\x03\xc0"
    padded = RtpPacket.parse(PADDED)
    assert (padded.payload, padded.padding, len(padded.opaque)) == (b"xy", b"\0\0\3", 8)


def test_without_payload_is_a_bare_header() -> None:
    empty = bytes(RtpPacket.parse(PADDED).without_payload())
    assert empty == bytes.fromhex("806003e8000f4240deadbeef")


@pytest.mark.parametrize(
    "data",
    [b"", PLAIN[:11], b"\x40" + PLAIN[1:], EXTENDED[:14], EXTENDED[:18], PADDED[:-1] + b"\xff", PADDED[:-1] + b"\0"],
)
def test_what_is_no_packet_is_refused(data: bytes) -> None:
    with pytest.raises(RtpPacketError):
        RtpPacket.parse(data)


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_are_refused_or_kept(data: bytes) -> None:
    try:
        packet = RtpPacket.parse(data)
    except RtpPacketError:
        return
    assert bytes(packet) == data


def test_rtcp_is_told_apart() -> None:
    assert is_rtcp(b"\x81\xc8")
    assert not is_rtcp(b"\x81\xe0")
    assert not is_rtcp(b"\x80")
