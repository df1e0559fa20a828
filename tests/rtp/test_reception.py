"""What is counted of one source, with losses, wraps and restarts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.rtp.reception import WINDOW, Reception
from dtmfphone.rtp.rtcp import SenderReport


def feed(reception: Reception, *sequences: int) -> list[int | None]:
    return [reception.packet(sequence & 0xFFFF) for sequence in sequences]


def test_numbers_grow_over_the_wrap() -> None:
    reception = Reception(1, 8000)
    numbers = feed(reception, 65534, 65535, 0, 1)
    assert [number - 65536 for number in numbers if number is not None] == [65534, 65535, 65536, 65537]
    assert (reception.expected, reception.received, reception.lost) == (4, 4, 0)


def test_losses_reordering_and_repeats() -> None:
    reception = Reception(1, 8000)
    feed(reception, 10, 11, 14, 12, 12, 14, 10)
    assert (reception.expected, reception.received, reception.lost, reception.duplicates) == (5, 4, 1, 3)
    feed(reception, 13)
    assert reception.lost == 0


def test_a_packet_before_the_first_counts() -> None:
    reception = Reception(1, 8000)
    assert feed(reception, 10, 9) == [65546, 65545]
    assert (reception.expected, reception.lost) == (2, 0)


def test_stray_numbers_are_none_and_two_in_a_row_begin_anew() -> None:
    reception = Reception(1, 8000)
    feed(reception, *range(100, 110))
    assert feed(reception, 40000, 110, 20000) == [None, 65646, None]
    assert reception.restarts == 0
    first, again, *more = feed(reception, 50000, 50001, 50002, 50004)
    assert first is None
    assert again is not None
    assert again > 65646
    assert more == [again + 1, again + 3]
    assert (reception.restarts, reception.lost, reception.received) == (1, 1, 14)


def test_the_report_tells_the_share_lost_since_the_one_before() -> None:
    reception = Reception(0x99, 8000)
    feed(reception, *(n for n in range(65500, 65600) if n % 4))
    block = reception.report(10.0)
    assert (block.ssrc, block.fraction_lost, block.lost) == (0x99, 62, 24)
    assert block.highest == 65599
    assert (block.last_report, block.delay) == (0, 0)
    feed(reception, *range(65600, 65700))
    block = reception.report(15.0)
    assert (block.fraction_lost, block.lost) == (0, 24)
    assert reception.report(20.0).fraction_lost == 0


def test_the_report_tells_when_the_last_sender_report_came() -> None:
    reception = Reception(0x99, 8000)
    feed(reception, 1)
    report = SenderReport(ssrc=0x99, ntp=0x1122334455667788, timestamp=0, packets=0, octets=0)
    reception.sender_report(report, 10.0)
    block = reception.report(12.5)
    assert (block.last_report, block.delay) == (0x33445566, round(2.5 * 65536))


def test_jitter_is_told_in_units_of_the_clock() -> None:
    reception = Reception(1, 8000)
    for n in range(200):
        reception.packet(n)
        reception.jitter.add(n * 160, n * 0.02 + (n % 2) * 0.004)
    assert reception.report(5.0).jitter == pytest.approx(32, abs=1)
    reception.change_clock(48000)
    assert reception.report(5.0).jitter == 0


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_counters_hold_together_whatever_comes(sequences: list[int]) -> None:
    reception = Reception(1, 8000)
    numbers = feed(reception, *sequences)
    kept = [number for number in numbers if number is not None]
    assert reception.received + reception.duplicates == len(kept)
    assert 0 <= reception.lost <= reception.expected
    block = reception.report(1.0)
    assert 0 <= block.fraction_lost <= 255
    assert len(bytes(block)) == 24
    assert reception._seen < 1 << WINDOW
