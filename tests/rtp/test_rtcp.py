"""RTCP packets, byte by byte, and beside another implementation."""

import pytest
from aiortc import rtp as aiortc_rtp
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.rtp.rtcp import (
    Bye,
    ReceiverReport,
    ReportBlock,
    RtcpError,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    compound,
    parse,
)

BLOCK = ReportBlock(
    ssrc=0x01020304, fraction_lost=64, lost=-2, highest=0x0001FFFF, jitter=33, last_report=0xAABBCCDD, delay=65536
)
BLOCK_HEX = "01020304 40fffffe 0001ffff 00000021 aabbccdd 00010000"
SENDER = SenderReport(ssrc=0xCAFEBABE, ntp=0x0123456789ABCDEF, timestamp=160, packets=3, octets=480, reports=(BLOCK,))
EXAMPLES: list[tuple[RtcpPacket, str]] = [
    (SENDER, "81c8000c cafebabe 01234567 89abcdef 000000a0 00000003 000001e0" + BLOCK_HEX),
    (ReceiverReport(ssrc=0xCAFEBABE, reports=(BLOCK,)), "81c90007 cafebabe" + BLOCK_HEX),
    (ReceiverReport(ssrc=1), "80c90001 00000001"),
    (SourceDescription(((1, "a@b"),)), "81ca0003 00000001 01036140 62000000"),
    (SourceDescription(((1, "ab"), (2, "é"))), "82ca0006 00000001 01026162 00000000 00000002 0102c3a9 00000000"),
    (Bye((1, 2)), "82cb0002 00000001 00000002"),
    (Bye((1,), "gone"), "81cb0003 00000001 04676f6e 65000000"),
    (Bye(()), "80cb0000"),
]


@pytest.mark.parametrize(("packet", "text"), EXAMPLES)
def test_bytes_and_back(packet: RtcpPacket, text: str) -> None:
    data = bytes.fromhex(text)
    assert bytes(packet) == data
    assert parse(data) == (packet,)


def test_aiortc_reads_what_we_write_and_writes_the_same() -> None:
    packets = [packet for packet, _ in EXAMPLES[:4]] + [Bye((1, 2))]
    data = compound(packets)
    theirs = aiortc_rtp.RtcpPacket.parse(data)
    assert [type(packet).__name__ for packet in theirs] == [
        "RtcpSrPacket",
        "RtcpRrPacket",
        "RtcpRrPacket",
        "RtcpSdesPacket",
        "RtcpByePacket",
    ]
    assert b"".join(bytes(packet) for packet in theirs) == data
    report = theirs[0]
    assert isinstance(report, aiortc_rtp.RtcpSrPacket)
    assert (report.sender_info.packet_count, report.reports[0].packets_lost) == (3, -2)


def test_compound_packets_with_unknown_ones_between() -> None:
    application = bytes.fromhex("80cc0002 00000001 6e616d65")
    feedback = bytes.fromhex("81cd0003 00000001 00000002 00010000")
    data = bytes(SENDER) + application + feedback + bytes(Bye((7,)))
    assert parse(data) == (SENDER, Bye((7,)))


def test_profile_specific_extensions_and_padding_are_skipped() -> None:
    extended = bytes.fromhex("80c90002 00000001 deadbeef")
    padded = bytes.fromhex("a0c90002 00000001 00000004")
    assert parse(extended) == parse(padded) == (ReceiverReport(ssrc=1),)


def test_other_items_of_a_source_are_skipped() -> None:
    data = bytes.fromhex("81ca0004 00000001 02024142 0103612e 62000000")
    assert parse(data) == (SourceDescription(((1, "a.b"),)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "80c9",
        "40c90001 00000001",
        "80c90002 00000001",
        "81c90001 00000001",
        "82c80006" + "00" * 24,
        "81ca0002 00000001 01ff6162",
        "81cb0001 00000001 80",
        "82cb0001 00000001",
        "81cb0002 00000001 ff000000",
        "a0c90001 00000000",
        "a0c90001 000000ff",
        "80c90001 00000001 80c9ffff",
    ],
)
def test_wrong_lengths_are_refused(text: str) -> None:
    with pytest.raises(RtcpError):
        parse(bytes.fromhex(text))


def test_long_texts_are_cut_and_counters_wrap() -> None:
    assert parse(bytes(Bye((1,), "x" * 300))) == (Bye((1,), "x" * 255),)
    assert parse(bytes(SourceDescription(((1, "y" * 300),)))) == (SourceDescription(((1, "y" * 255),)),)
    many = ReportBlock(ssrc=1, fraction_lost=0, lost=1 << 30, highest=0, jitter=0)
    assert ReportBlock.unpack(bytes(many), 0).lost == 0x7FFFFF
    long = SenderReport(ssrc=1, ntp=0, timestamp=0, packets=1 << 32, octets=(1 << 32) + 5)
    [read] = parse(bytes(long))
    assert isinstance(read, SenderReport)
    assert (read.packets, read.octets) == (0, 5)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        parse(data)
    except RtcpError:
        return


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(200, 207), st.binary(max_size=120)), min_size=1, max_size=3))
def test_whatever_comes_in_rtcp_headers_is_read_or_refused(parts: list[tuple[int, int, bytes]]) -> None:
    data = b""
    for count, kind, body in parts:
        padded = body + bytes(-len(body) % 4)
        data += bytes((0x80 | count, kind)) + (len(padded) // 4).to_bytes(2, "big") + padded
    try:
        packets = parse(data)
    except RtcpError:
        return
    assert len(packets) <= len(parts)
    parse(compound(packets) or b"\x80\xc9\0\1\0\0\0\1")
