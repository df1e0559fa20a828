"""Deadlines of outgoing packets, with a clock that stalls."""

from itertools import pairwise

import pytest

from dtmfphone.calls.send_schedule import SendSchedule


def run(schedule: SendSchedule, now: float, count: int) -> list[tuple[int, float]]:
    """Send `count` slots, each as soon as it is due; return their numbers and times."""
    sent = []
    for _ in range(count):
        now = max(now, schedule.due(now))
        sent.append((schedule.slot, now))
        schedule.sent(now)
    return sent


def test_deadlines_do_not_drift_when_each_packet_is_a_little_late() -> None:
    schedule, now = SendSchedule(10.0), 10.0
    for n in range(100):
        assert schedule.due(now) == pytest.approx(10.0 + n * 0.02)
        now = schedule.due(now) + 0.003
        schedule.sent(now)


def test_a_short_stall_is_caught_up_without_a_burst() -> None:
    schedule = SendSchedule(0.0)
    sent = run(schedule, 0.0, 1) + run(schedule, 0.12, 12)
    assert [slot for slot, _ in sent] == list(range(13))
    times = [t for _, t in sent]
    assert min(after - before for before, after in pairwise(times)) == pytest.approx(0.005)
    assert times[-1] == pytest.approx(0.24)


def test_a_long_stall_is_skipped() -> None:
    schedule = SendSchedule(0.0)
    sent = run(schedule, 0.0, 1) + run(schedule, 0.531, 3)
    assert [slot for slot, _ in sent] == [0, 26, 27, 28]
    assert [t for _, t in sent[1:]] == pytest.approx([0.531, 0.54, 0.56])
