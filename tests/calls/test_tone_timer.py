import pytest

from dtmfphone.calls.tone_timer import SILENT, Slot, ToneTimer, gap_slots, slots, tone_slots


@pytest.mark.parametrize(
    ("milliseconds", "expected"), [(-5, 2), (10, 2), (40, 2), (41, 3), (60, 3), (100, 5), (6000, 300), (8000, 300)]
)
def test_tones_are_clamped_and_only_grow(milliseconds: float, expected: int) -> None:
    assert tone_slots(milliseconds) == expected


@pytest.mark.parametrize(("milliseconds", "expected"), [(0, 2), (30, 2), (41, 3), (70, 4), (80, 4), (9999, 300)])
def test_gaps_are_clamped_and_only_grow(milliseconds: float, expected: int) -> None:
    assert gap_slots(milliseconds) == expected


def test_slots_of_whole_packets_are_exact() -> None:
    assert [slots(n * 0.02) for n in range(1000)] == list(range(1000))


def run(timer: ToneTimer, count: int) -> list[Slot]:
    return [timer.slot() for _ in range(count)]


def test_play() -> None:
    assert not ToneTimer().busy
    timer = ToneTimer()
    timer.play("5", 3, 2)
    assert run(timer, 3) == [Slot("5", last=False), Slot("5", last=False), Slot("5", last=True)]
    assert timer.char is None
    busy = []
    for _ in range(3):
        busy.append(timer.busy)
        assert timer.slot() == SILENT
    assert busy == [True, True, False]


def test_a_release_before_the_least_length_is_known_in_advance() -> None:
    timer = ToneTimer()
    timer.hold("5", 4, 500, 2)
    run(timer, 1)
    timer.release()
    assert [slot.last for slot in run(timer, 3)] == [False, False, True]
    assert run(timer, 1) == [SILENT]


def test_a_release_after_the_least_length_ends_at_once_without_a_last_slot() -> None:
    timer = ToneTimer()
    timer.hold("5", 4, 500, 2)
    assert not any(slot.last for slot in run(timer, 9))
    timer.release()
    assert timer.char is None
    assert run(timer, 2) == [SILENT, SILENT]
    assert not timer.busy


def test_the_most_length() -> None:
    timer = ToneTimer()
    timer.hold("5", 4, 10, 2)
    assert run(timer, 11)[9:] == [Slot("5", last=True), SILENT]


def test_a_release_without_a_tone_changes_nothing() -> None:
    timer = ToneTimer()
    timer.release()
    timer.pause(3)
    timer.release()
    assert run(timer, 2) == [SILENT] * 2
    assert timer.busy
