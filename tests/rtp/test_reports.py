"""When reports leave, what they say, and what is learned from the far end's."""

import pytest

from dtmfphone.rtp.reception import Reception
from dtmfphone.rtp.reports import Reports, SentSoFar
from dtmfphone.rtp.rtcp import Bye, ReceiverReport, ReportBlock, SenderReport, SourceDescription, parse

WALL = 1_700_000_000.0


def reports(ssrc: int = 1, dice: float = 0.5, begin: float = 100.0) -> Reports:
    return Reports(ssrc, "me@here", begin, random=lambda: dice, wall_clock=WALL)


def test_the_first_report_comes_soon_and_the_others_at_intervals_drawn_around_five_seconds() -> None:
    ours = reports()
    assert ours.deadline == 102.5
    ours.make(102.5, None, [])
    assert ours.deadline == 107.5
    for dice, wait in ((0.0, 2.5), (0.999, 7.495)):
        ours = reports(dice=dice)
        ours.make(0.0, None, [])
        assert ours.deadline == pytest.approx(wait)


def test_a_sender_report_ties_the_timestamp_to_the_time() -> None:
    source = Reception(2, 8000)
    source.packet(5)
    report, description = parse(reports().make(102.5, SentSoFar(4711, 10, 1600), [source]))
    assert isinstance(report, SenderReport)
    assert report.ntp >> 32 == int(WALL + 102.5) + 2208988800
    assert report.ntp & 0xFFFFFFFF == 1 << 31
    assert (report.ssrc, report.timestamp, report.packets, report.octets) == (1, 4711, 10, 1600)
    assert [block.ssrc for block in report.reports] == [2]
    assert description == SourceDescription(((1, "me@here"),))


def test_who_sends_nothing_sends_a_receiver_report() -> None:
    report, _ = parse(reports().make(0.0, None, []))
    assert report == ReceiverReport(ssrc=1)


def test_the_end_is_told_with_a_reason() -> None:
    *_, bye = parse(reports().bye(0.0, None, [], "bored"))
    assert bye == Bye((1,), "bored")


def test_round_trip_loss_and_jitter_come_from_the_far_end() -> None:
    """Two parties whose clocks differ by an hour; 30 ms one way, 50 ms back, 1.5 s in between."""
    here, there = reports(1), Reports(2, "you", 100.0, random=lambda: 0.5, wall_clock=WALL - 3600)
    mine = Reception(1, 8000)
    for n in (1, 2, 3, 5):
        mine.packet(n)
    there.take(parse(here.make(102.5, SentSoFar(0, 0, 0), [])), [mine], 8000, 102.53)
    back = parse(there.make(104.03, None, [mine]))
    here.take(back, [], 8000, 104.08)
    assert here.round_trip == pytest.approx(0.08, abs=1e-4)
    assert (here.remote_lost, here.remote_jitter) == (1, 0.0)
    assert there.round_trip is None


@pytest.mark.parametrize(
    ("block", "round_trip"),
    [
        (ReportBlock(ssrc=1, fraction_lost=0, lost=0, highest=0, jitter=80), None),
        (ReportBlock(ssrc=1, fraction_lost=0, lost=0, highest=0, jitter=80, last_report=1, delay=1), None),
        (ReportBlock(ssrc=9, fraction_lost=0, lost=0, highest=0, jitter=80), None),
    ],
)
def test_reports_that_make_no_sense_give_no_round_trip(block: ReportBlock, round_trip: float | None) -> None:
    ours = reports()
    ours.take([ReceiverReport(ssrc=2, reports=(block,))], [], 8000, 5.0)
    assert ours.round_trip == round_trip
    assert ours.remote_jitter == (0.01 if block.ssrc == 1 else None)


def test_an_echo_of_our_own_reports_teaches_nothing() -> None:
    ours, source = reports(), Reception(1, 8000)
    source.packet(1)
    ours.take(parse(ours.make(0.0, SentSoFar(0, 0, 0), [source])), [source], 8000, 0.1)
    assert ours.remote_lost is None
    assert source.report(1.0).last_report == 0
