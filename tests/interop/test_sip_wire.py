"""What `dtmfphone call sip:...` puts on the wire, read by tshark."""

import itertools
from pathlib import Path

import pytest
from packets import Packet
from recording_far_end import recording_far_end
from terminal import completed
from tshark import Tshark

pytestmark = [pytest.mark.interop]

DIGITS = "12#"
FRAME = 0.02


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (bytes.fromhex("8065000100000002000000030105"), "rtp"),
        (bytes.fromhex("80c800400000000000000000"), "rtcp"),
        (b"SIP/2.0 200 OK\r\nVia SIP/2.0/UDP a\r\n\r\n", "sip"),
        (b"BYE sip:a@b SIP/2.0\r\nContent-Length: ten\r\n\r\n", "sip"),
    ],
)
def test_tshark_finds_fault_with_damaged_packets(tmp_path: Path, data: bytes, protocol: str) -> None:
    packet = Packet(1.0, ("127.0.0.1", 20000), ("127.0.0.1", 20001), data)
    assert "alformed" in Tshark(tmp_path, [packet], {20000: protocol}).complaints()


@pytest.mark.parametrize(("codec", "clock"), [("pcmu", 8000), ("g722", 8000), ("opus", 48000)])
async def test_keys_are_telephone_events_by_the_rules(tmp_path: Path, codec: str, clock: int) -> None:
    async with recording_far_end(codec) as far_end:
        code, terminal = await completed(
            "call", far_end.address, "--digits", DIGITS, "--duration", "100", "--gap", "80", "--stay", "0.2"
        )
        assert code == 0, terminal.report()
        await far_end.ended()
    tshark = Tshark(tmp_path, far_end.packets, {far_end.port: "sip"})
    assert tshark.complaints() == ""

    ours = f"rtp && udp.dstport == {far_end.media_port}"
    fields = ("frame.time_epoch", "rtp.ssrc", "rtp.seq", "rtp.timestamp", "rtp.marker", "rtp.p_type")
    packets = tshark.read(ours, *fields)
    assert len({each["rtp.ssrc"] for each in packets}) == 1
    numbers = [int(each["rtp.seq"]) for each in packets]
    assert [(b - a) % 65536 for a, b in itertools.pairwise(numbers)] == [1] * (len(numbers) - 1)

    details = ("rtpevent.event_id", "rtpevent.end_of_event", "rtpevent.duration", "rtpevent.volume")
    events = tshark.read(f"rtpevent && {ours}", *fields, *details)
    by_timestamp = [list(group) for _, group in itertools.groupby(events, key=lambda each: each["rtp.timestamp"])]
    assert len(by_timestamp) == len(DIGITS), "one timestamp for each key"
    frame = round(FRAME * clock)
    for group, event in zip(by_timestamp, ("1", "2", "11"), strict=True):
        assert {each["rtpevent.event_id"] for each in group} == {event}
        assert [each["rtp.marker"] for each in group] == ["1"] + ["0"] * 6
        assert [each["rtpevent.end_of_event"] for each in group] == ["0"] * 4 + ["1"] * 3
        assert [int(each["rtpevent.duration"]) for each in group] == [frame * n for n in (1, 2, 3, 4, 5, 5, 5)]
        assert {each["rtpevent.volume"] for each in group} == {"10"}
        times = [float(each["frame.time_epoch"]) for each in group[:5]]
        assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([FRAME] * 4, abs=0.015)
    # 100 ms of key, then at least 80 ms of audio; its timestamps go on behind the key.
    starts = [int(group[0]["rtp.timestamp"]) for group in by_timestamp]
    assert [(b - a) % 2**32 for a, b in itertools.pairwise(starts)] == [round(0.18 * clock)] * 2
    kinds = [each["rtp.p_type"] == "101" for each in packets]
    runs = [(event, len(list(run))) for event, run in itertools.groupby(kinds)]
    assert [event for event, _ in runs] == [False, True, False, True, False, True, False]
    assert [length for event, length in runs if event] == [7, 7, 7], "no audio inside of a key"
    assert all(length >= 2 for _, length in runs)
    first = packets[runs[0][1] + runs[1][1]]
    assert (int(first["rtp.timestamp"]) - starts[0]) % 2**32 >= round(0.1 * clock)


async def test_reports_and_signalling_have_no_faults(tmp_path: Path) -> None:
    async with recording_far_end() as far_end:
        code, terminal = await completed(
            "call", far_end.address, "--digits", "1", "--method", "info", "--hold", "0.3", "--stay", "5.5"
        )
        assert code == 0, terminal.report()
        await far_end.ended()
    tshark = Tshark(tmp_path, far_end.packets, {far_end.port: "sip", far_end.media_port + 1: "rtcp"})
    assert tshark.complaints() == ""
    methods = [each["sip.Method"] for each in tshark.read("sip.Request-Line", "sip.Method")]
    assert methods == ["INVITE", "ACK", "INFO", "INVITE", "ACK", "INVITE", "ACK", "BYE"]
    reports = [each["rtcp.pt"] for each in tshark.read("rtcp", "rtcp.pt")]
    assert "200" in reports, "sender reports"
    names = tshark.read("rtcp.pt == 202", "rtcp.sdes.type")
    assert names, "who sends is named"
