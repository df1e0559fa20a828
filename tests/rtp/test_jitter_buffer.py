"""The jitter buffer on a fake clock: 20 ms of audio at 8000 Hz a packet unless a test says otherwise."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.rtp.jitter_buffer import MAX_DELAY_SECONDS, MAX_FRAMES, MIN_DELAY_SECONDS, Frame, JitterBuffer

UNITS = 160


def put(buffer: JitterBuffer, number: int, t: float, timestamp: int | None = None, units: int = UNITS) -> None:
    """Put a packet whose payload is its number; its timestamp follows from the number unless it is told."""
    at = number * UNITS if timestamp is None else timestamp
    buffer.put(number, at & 0xFFFFFFFF, 0, str(number).encode(), units, t)


def run(buffer: JitterBuffer, arrivals: list[tuple[float, int]], step: float = 0.005) -> list[tuple[int, float, Frame]]:
    """Let packets arrive, `(t, number)`, and look every 5 ms; return number, time and frame of what came out."""
    out = []
    waiting = sorted(arrivals)
    t = waiting[0][0]
    end = waiting[-1][0] + 1.0
    while t < end:
        while waiting and waiting[0][0] <= t:
            at, number = waiting.pop(0)
            put(buffer, number, at)
        out += [(int(frame.payload), t, frame) for frame in buffer.take(t)]
        t += step
    return out


def numbers(out: list[tuple[int, float, Frame]]) -> list[int]:
    return [number for number, _, _ in out]


def test_frames_leave_in_order_and_a_little_later_than_they_come() -> None:
    buffer = JitterBuffer(8000)
    out = run(buffer, [(n * 0.02, n) for n in range(100)])
    assert numbers(out) == list(range(100))
    assert all(frame.due == pytest.approx(number * 0.02 + MIN_DELAY_SECONDS) for number, _, frame in out)
    assert all(frame.due <= t < frame.due + 0.006 for _, t, frame in out)
    assert {frame.gap for *_, frame in out} == {0.0}


@pytest.mark.parametrize("milliseconds", [10, 20, 30, 40, 60])
def test_packets_of_any_length(milliseconds: int) -> None:
    buffer = JitterBuffer(8000)
    frames = []
    for n in range(50):
        t = n * milliseconds / 1000
        put(buffer, n, t, timestamp=n * milliseconds * 8, units=milliseconds * 8)
        frames += buffer.take(t)
    frames += buffer.take(10.0)
    assert [int(frame.payload) for frame in frames] == list(range(50))
    assert {frame.gap for frame in frames} == {0.0}


def test_reordered_packets_are_put_in_order() -> None:
    arrivals = [(n * 0.02 + (0.03 if n % 5 == 2 else 0), n) for n in range(50)]
    out = run(JitterBuffer(8000), arrivals)
    assert numbers(out) == list(range(50))
    assert {frame.gap for *_, frame in out} == {0.0}


def test_repeats_come_out_once() -> None:
    arrivals = [(n * 0.02 + again, n) for n in range(30) for again in (0.0, 0.001, 0.03, 0.2)]
    assert numbers(run(JitterBuffer(8000), arrivals)) == list(range(30))


def test_a_lost_packet_is_a_gap_and_holds_nothing_up() -> None:
    lost = {7, 20, 21, 22}
    out = run(JitterBuffer(8000), [(n * 0.02, n) for n in range(50) if n not in lost])
    assert numbers(out) == [n for n in range(50) if n not in lost]
    assert {number: round(frame.gap, 6) for number, _, frame in out if frame.gap} == {8: 0.02, 23: 0.06}
    assert all(frame.due == pytest.approx(number * 0.02 + MIN_DELAY_SECONDS) for number, _, frame in out)


def test_a_packet_that_comes_after_its_time_is_dropped_and_makes_the_delay_grow() -> None:
    buffer = JitterBuffer(8000)
    out = run(buffer, [(n * 0.02 + (0.09 if n == 10 else 0), n) for n in range(40)])
    assert numbers(out) == [n for n in range(40) if n != 10]
    assert buffer.delay == pytest.approx(0.11)
    out = run(buffer, [(n * 0.02 + (0.09 if n == 60 else 0), n) for n in range(50, 90)])
    assert numbers(out) == list(range(50, 90)), "the delay that was learned covers the next one"


def test_the_delay_shrinks_when_the_network_is_calm() -> None:
    buffer = JitterBuffer(8000)
    out = run(buffer, [(n * 0.02 + (0.09 if n == 10 else 0), n) for n in range(600)])
    assert buffer.delay == MIN_DELAY_SECONDS
    assert numbers(out)[-300:] == list(range(300, 600))
    assert {frame.gap for *_, frame in out[-300:]} == {0.0}


def test_the_delay_has_a_limit() -> None:
    dice = random.Random(1)
    buffer = JitterBuffer(8000)
    run(buffer, [(n * 0.02 + dice.random() * 0.4, n) for n in range(200)])
    assert buffer.delay == MAX_DELAY_SECONDS


def test_an_event_leaves_no_hole() -> None:
    """Seven event packets take numbers 10 to 16; audio goes on behind them without a pause or delay of its own."""
    buffer = JitterBuffer(8000)
    arrivals = [(n * 0.02, n) for n in range(30) if not 10 <= n < 17]
    out = run(buffer, arrivals)
    assert numbers(out) == [number for _, number in arrivals]
    assert [(number, round(frame.gap, 6)) for number, _, frame in out if frame.gap] == [(17, 0.14)]
    assert out[-1][2].due == pytest.approx(29 * 0.02 + MIN_DELAY_SECONDS)


def test_events_beside_audio_that_goes_on_leave_no_gap() -> None:
    """A sender that puts events between its audio packets: numbers jump, timestamps do not."""
    buffer = JitterBuffer(8000)
    frames = []
    for n in range(40):
        put(buffer, n * 2, n * 0.02, timestamp=n * UNITS)
        frames += buffer.take(n * 0.02)
    frames += buffer.take(5.0)
    assert [int(frame.payload) for frame in frames] == list(range(0, 80, 2))
    assert {frame.gap for frame in frames} == {0.0}


def test_silence_that_is_not_sent_is_a_gap() -> None:
    buffer = JitterBuffer(8000)
    out = run(buffer, [(n * 0.02, n) for n in range(100) if not 20 <= n < 70])
    assert [(number, round(frame.gap, 6)) for number, _, frame in out if frame.gap] == [(70, 1.0)]
    assert all(frame.due == pytest.approx(number * 0.02 + MIN_DELAY_SECONDS) for number, _, frame in out)


@pytest.mark.parametrize("jump", [800_000, -800_000, 3_000_000_000, -80])
def test_a_jump_of_the_timestamps_loses_no_audio(jump: int) -> None:
    buffer = JitterBuffer(8000)
    frames: list[Frame] = []
    for n in range(60):
        t = n * 0.02
        put(buffer, n, t, timestamp=n * UNITS + (jump if n >= 30 else 0))
        frames += buffer.take(t)
    frames += buffer.take(5.0)
    assert [int(frame.payload) for frame in frames] == list(range(60))
    assert [n for n, frame in enumerate(frames) if frame.gap] == [30]
    dues = [frame.due for frame in frames]
    assert dues == sorted(dues)
    assert dues[-1] == pytest.approx(59 * 0.02 + MIN_DELAY_SECONDS, abs=0.02)


def test_timestamps_wrap() -> None:
    buffer = JitterBuffer(8000)
    start = 2**32 - 10 * UNITS
    frames = []
    for n in range(30):
        put(buffer, n, n * 0.02, timestamp=start + n * UNITS)
        frames += buffer.take(n * 0.02)
    frames += buffer.take(5.0)
    assert {frame.gap for frame in frames} == {0.0}
    assert frames[12].timestamp == 2 * UNITS
    assert frames[-1].due == pytest.approx(29 * 0.02 + MIN_DELAY_SECONDS)


@pytest.mark.parametrize("drift", [1.0005, 0.9995])
def test_a_far_clock_that_runs_fast_or_slow_neither_starves_nor_piles_up(drift: float) -> None:
    buffer = JitterBuffer(8000)
    out = run(buffer, [(n * 0.02 * drift, n) for n in range(3000)], step=0.01)
    assert numbers(out) == list(range(3000))
    assert buffer.delay == MIN_DELAY_SECONDS
    held = [t - number * 0.02 * drift for number, t, _ in out]
    assert max(held) < MIN_DELAY_SECONDS + 0.015
    assert min(held) > 0.02


def test_a_stall_of_the_network_is_caught_up() -> None:
    arrivals = [(max(n * 0.02, 2.0 if 50 <= n < 100 else 0.0), n) for n in range(200)]
    out = run(JitterBuffer(8000), arrivals)
    assert numbers(out) == list(range(200))
    assert {frame.gap for *_, frame in out} == {0.0}
    assert out[-1][1] - 199 * 0.02 < 0.25


def test_more_than_it_holds_comes_out_early() -> None:
    buffer = JitterBuffer(8000)
    for n in range(MAX_FRAMES + 20):
        put(buffer, n, 1.0)
    assert [int(frame.payload) for frame in buffer.take(1.0)][:20] == list(range(20))
    assert len(buffer._waiting) <= MAX_FRAMES


def test_the_end_brings_out_what_waits() -> None:
    buffer = JitterBuffer(8000)
    for n in (5, 3, 4):
        put(buffer, n, 1.0)
    assert [int(frame.payload) for frame in buffer.flush(1.0)] == [3, 4, 5]
    assert buffer.take(9.0) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 2**32 - 1), st.integers(1, 5760), st.integers(0, 200)),
        max_size=200,
    )
)
def test_whatever_comes_leaves_in_order_and_memory_is_bounded(packets: list[tuple[int, int, int, int]]) -> None:
    buffer = JitterBuffer(48000)
    t = 0.0
    out: list[Frame] = []
    for number, timestamp, units, wait in packets:
        t += wait / 1000
        buffer.put(number, timestamp, 0, str(number).encode(), units, t)
        out += buffer.take(t)
        assert len(buffer._waiting) <= MAX_FRAMES
        assert len(buffer._transits) <= 10
        assert MIN_DELAY_SECONDS <= buffer.delay <= MAX_DELAY_SECONDS
    out += buffer.take(t + 100)
    order = [int(frame.payload) for frame in out]
    assert order == sorted(set(order))
    assert set(order) <= {number for number, *_ in packets}
    dues = [frame.due for frame in out]
    assert dues == sorted(dues)
    assert not buffer._waiting
