from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.rtp.event_sender import EndSpacing, EventSender, SlotOutput, Style

BASE = 1_000_000
Asked = tuple[int | None, bool]
"""Code and `last` of one slot."""


def tone(code: int, slots: int, *, held: bool = False) -> list[Asked]:
    return [(code, not held and slot == slots - 1) for slot in range(slots)]


def gap(slots: int) -> list[Asked]:
    return [(None, False)] * slots


def run(sender: EventSender, asked: Iterable[Asked], units: int = 160) -> list[SlotOutput]:
    return [sender.slot(code, BASE + n * units, last=last) for n, (code, last) in enumerate(asked)]


def show(output: SlotOutput) -> str:
    """`a` for audio, `-` for nothing, else each packet as code/M/duration/E."""
    if not output.packets:
        return "a" if output.audio else "-"
    assert not output.audio
    return " ".join(
        f"{p.payload.code}{'M' if p.marker else ''}{p.payload.duration}{'E' if p.payload.end else ''}"
        for p in output.packets
    )


def shown(sender: EventSender, asked: Iterable[Asked], units: int = 160) -> list[str]:
    return [show(output) for output in run(sender, asked, units)]


def test_cover_ends_with_the_last_slot() -> None:
    assert shown(EventSender(8000), gap(1) + tone(5, 5) + gap(2)) == [
        "a", "5M160", "5320", "5480", "5640", "5800E 5800E 5800E", "a", "a",
    ]  # fmt: skip


def test_cover_of_a_held_key_repeats_the_last_duration_in_the_next_slot() -> None:
    assert shown(EventSender(8000), tone(5, 3, held=True) + gap(2)) == [
        "5M160", "5320", "5480", "5480E 5480E 5480E", "a",
    ]  # fmt: skip


def test_elapsed_ends_in_the_slot_after() -> None:
    for held in (False, True):
        assert shown(EventSender(8000, style="elapsed"), tone(5, 3, held=held) + gap(2)) == [
            "-", "5M160", "5320", "5480E 5480E 5480E", "a",
        ]  # fmt: skip


def test_paced_end_packets_take_a_slot_each() -> None:
    assert shown(EventSender(8000, end_spacing="paced"), tone(5, 2) + gap(4)) == [
        "5M160", "5320E", "5320E", "5320E", "a", "a",
    ]  # fmt: skip


def test_paced_end_packets_go_before_a_tone_that_comes_early() -> None:
    sender = EventSender(8000, end_spacing="paced")
    assert shown(sender, tone(5, 2, held=True) + gap(2) + tone(6, 2) + gap(3)) == [
        "5M160", "5320", "5320E", "5320E", "5320E 6M160", "6320E", "6320E", "6320E", "a",
    ]  # fmt: skip


def test_a_tone_of_one_slot_has_one_marker() -> None:
    assert shown(EventSender(8000), tone(0, 1) + gap(1)) == ["0M160E 0160E 0160E", "a"]
    assert shown(EventSender(8000, style="elapsed"), tone(0, 1) + gap(2)) == ["-", "0M160E 0160E 0160E", "a"]


@pytest.mark.parametrize("style", ["cover", "elapsed"])
def test_the_timestamp_is_that_of_the_first_slot_and_stays(style: Style) -> None:
    outputs = run(EventSender(48000, style=style), gap(3) + tone(1, 5) + gap(2), units=960)
    assert {packet.timestamp for output in outputs for packet in output.packets} == {BASE + 3 * 960}


def test_volume_and_number_of_end_packets() -> None:
    sender = EventSender(8000, end_packets=1)
    sender.slot(1, BASE, volume=7)
    (packet,) = sender.slot(1, BASE + 160, last=True, volume=20).packets
    assert packet.payload.volume == 7
    assert packet.payload.end


@pytest.mark.parametrize("style", ["cover", "elapsed"])
@pytest.mark.parametrize(("first", "second"), [(5, 5), (5, 6)])
def test_two_tones_without_gap_get_one_and_keep_their_length(style: Style, first: int, second: int) -> None:
    sender = EventSender(8000, style=style, min_gap_slots=3)
    outputs = run(sender, tone(first, 3) + tone(second, 4) + gap(6))
    packets = [packet for output in outputs for packet in output.packets]
    ends = [(p.payload.code, p.payload.duration) for p in packets if p.payload.end]
    assert ends == [(first, 480)] * 3 + [(second, 640)] * 3
    starts = [p.timestamp for p in packets if p.marker]
    assert starts == [BASE, BASE + (3 + 3) * 160]


def test_a_delay_goes_with_the_next_surplus_of_silence() -> None:
    sender = EventSender(8000)
    asked = tone(1, 2) + tone(2, 2) + gap(6) + tone(3, 2) + gap(3)
    starts = [p.timestamp for output in run(sender, asked) for p in output.packets if p.marker]
    assert starts == [BASE, BASE + 4 * 160, BASE + 10 * 160]


def test_a_held_key_that_changes_is_two_events() -> None:
    assert shown(EventSender(8000), [(1, False), (1, False), (2, False), (2, True), *gap(3)]) == [
        "1M160", "1320", "1320E 1320E 1320E", "a", "2M160", "2320E 2320E 2320E", "a",
    ]  # fmt: skip


def test_long_events_go_on_in_segments() -> None:
    """2 s at 48 kHz: 65535 without E in slot 69, then a segment whose timestamp is 65535 later, without marker."""
    outputs = run(EventSender(48000), tone(5, 100) + gap(1), units=960)
    assert show(outputs[67]) == "565280"
    assert show(outputs[68]) == "565535"
    assert show(outputs[69]) == f"5{70 * 960 - 65535}"
    assert show(outputs[99]) == " ".join([f"5{96000 - 65535}E"] * 3)
    assert outputs[68].packets[0].timestamp == BASE
    assert {packet.timestamp for output in outputs[69:] for packet in output.packets} == {BASE + 65535}


@pytest.mark.parametrize("held", [False, True])
def test_an_event_that_ends_right_at_a_segment(held: bool) -> None:
    outputs = run(EventSender(48000), tone(5, 69, held=held) + gap(2), units=960)
    packets = [packet for output in outputs[68:] for packet in output.packets]
    assert [(p.payload.duration, p.payload.end, p.timestamp - BASE, p.marker) for p in packets] == [
        (65535, False, 0, False),
        *[(705, True, 65535, False)] * 3,
    ]


def test_timestamps_wrap() -> None:
    sender = EventSender(48000)
    stamps = [
        packet.timestamp
        for slot in range(70)
        for packet in sender.slot(1, (0xFFFFFF00 + slot * 960) & 0xFFFFFFFF).packets
    ]
    assert stamps[0] == 0xFFFFFF00
    assert stamps[-1] == 0xFFFFFF00 + 65535 - 2**32


@pytest.mark.parametrize("arguments", [{"end_packets": 0}, {"min_gap_slots": 0}])
def test_impossible_settings_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        EventSender(8000, **arguments)  # type: ignore[arg-type]  # mypy cannot tell which keys are there


TONES = st.lists(st.tuples(st.integers(0, 15), st.integers(1, 12), st.integers(0, 6), st.booleans()), max_size=8)


@given(TONES, st.sampled_from(["cover", "elapsed"]), st.sampled_from(["burst", "paced"]), st.integers(1, 4))
def test_every_tone_becomes_one_event_of_its_length(
    tones: list[tuple[int, int, int, bool]], style: Style, spacing: EndSpacing, min_gap: int
) -> None:
    asked: list[Asked] = []
    for code, length, pause, held in tones:
        asked += tone(code, length, held=held and pause > 0) + gap(pause)
    asked += gap(len(tones) * 5 + 10)
    outputs = run(EventSender(8000, style=style, end_spacing=spacing, min_gap_slots=min_gap), asked)
    packets = [packet for output in outputs for packet in output.packets]
    stamps = list(dict.fromkeys(packet.timestamp for packet in packets))
    assert len(stamps) == len(tones)
    for stamp, (code, length, _, _) in zip(stamps, tones, strict=True):
        own = [packet for packet in packets if packet.timestamp == stamp]
        durations = [packet.payload.duration for packet in own]
        assert {packet.payload.code for packet in own} == {code}
        assert [packet.marker for packet in own] == [True] + [False] * (len(own) - 1)
        assert [packet.payload.end for packet in own] == [False] * (len(own) - 3) + [True] * 3
        assert durations == sorted(durations)
        assert durations[-1] == length * 160
    for (first, second), (_, length, _, _) in zip(pairwise(stamps), tones, strict=False):
        assert second - first >= (length + min_gap) * 160
    sounding = [n for n, output in enumerate(outputs) if not output.audio]
    assert not sounding or outputs[sounding[-1]].packets[-1].payload.end
