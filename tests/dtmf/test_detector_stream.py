"""The detector fed as a call feeds it: chunks of any size, gaps, new audio, and whatever a line may carry."""

from typing import Any

import numpy as np
import pytest
from bursts import Signal, burst, ended, mu_law, voice
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRejected, DigitRetracted, DigitStarted
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.tones import sequence, tone


def in_chunks(x: NDArray[Any], sizes: list[int], detector: Detector) -> list[DetectorEvent]:
    """Feed `x` in chunks of these sizes, over and over."""
    events: list[DetectorEvent] = []
    start = turn = 0
    while start < len(x):
        stop = start + sizes[turn % len(sizes)]
        events += detector.feed(x[start:stop])
        assert detector.clock == min(stop, len(x)) / 8000
        start, turn = stop, turn + 1
    return events + detector.reset()


def varied(seed: int, seconds: float) -> NDArray[np.float32]:
    """Keys, what is almost one, voices and noise, back to back; mu-law."""
    rng = np.random.default_rng(seed)
    parts: list[Signal] = []
    while sum(map(len, parts)) < 8000 * seconds:
        char = rng.choice(list(CODES))
        parts += [
            [
                burst(char, rng.uniform(30, 300), level=rng.uniform(-40, -6)),
                burst(char, rng.uniform(12, 30)),
                burst(char, rng.uniform(40, 900), off=tuple(rng.choice([0.0, 0.018, -0.025, 0.035], 2))),
                burst(char, rng.uniform(30, 900), level=-15.0, twist=rng.choice([-13.0, 9.0])),
                burst(char, 80) + 0.15 * rng.standard_normal(640),
                burst(char, 100) + 0.5 * voice(0.1, int(rng.integers(1000))),
                voice(rng.uniform(0.5, 2), int(rng.integers(1000))),
            ][rng.integers(7)],
            np.zeros(rng.integers(0, 900)),
        ]
    return mu_law(np.concatenate(parts))


LIVE = varied(1, 3.0)
LONG = np.tile(varied(2, 25.0), 2)
"""More than is taken in at once."""


@pytest.fixture(scope="module")
def whole() -> list[DetectorEvent]:
    """What is said of LONG."""
    return in_chunks(LONG, [len(LONG)], Detector(rejected=True))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 500), min_size=1, max_size=30))
def test_any_chunks_give_the_very_same_events(sizes: list[int]) -> None:
    whole = in_chunks(LIVE, [len(LIVE)], Detector(tentative=True, rejected=True))
    kinds = [type(event) for event in whole]
    assert min(kinds.count(kind) for kind in (DigitStarted, DigitEnded, DigitRejected, DigitRetracted)) > 0
    assert in_chunks(LIVE, sizes, Detector(tentative=True, rejected=True)) == whole


def test_one_sample_at_a_time_gives_the_very_same_events() -> None:
    x = LIVE[:12000]
    whole = in_chunks(x, [len(x)], Detector(tentative=True, rejected=True))
    assert len(whole) > 4
    assert in_chunks(x, [1], Detector(tentative=True, rejected=True)) == whole


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=8).filter(lambda sizes: sum(sizes) > 3000 * len(sizes)))
def test_large_chunks_of_long_audio_give_the_very_same_events(whole: list[DetectorEvent], sizes: list[int]) -> None:
    assert in_chunks(LONG, sizes, Detector(rejected=True)) == whole


@pytest.mark.parametrize("size", [160, 65_519, 65_520])
def test_fixed_chunks_of_long_audio_give_the_very_same_events(whole: list[DetectorEvent], size: int) -> None:
    assert len(LONG) > 4096 * 80
    assert len(whole) > 100
    assert in_chunks(LONG, [size], Detector(rejected=True)) == whole


@pytest.mark.parametrize("shift", [65_520, 327_680])
def test_keys_across_the_ends_of_batches(shift: int) -> None:
    """The detector works through long audio in batches; where they end makes no difference."""
    for before in range(0, 500, 53):
        x = np.concatenate([np.zeros(shift - before), burst("5", 60), np.zeros(800)])
        (found,) = ended(Detector().feed(to_int16(x)))
        assert found.onset == pytest.approx((shift - before) / 8000, abs=0.0003)
        assert found.duration == pytest.approx(0.06, abs=0.0005)


def test_int16_and_floating_samples_give_the_same_events() -> None:
    pcm = to_int16(LIVE)
    events = Detector(rejected=True).feed(pcm)
    assert len(events) > 4
    for kind in (np.float32, np.float64):
        assert Detector(rejected=True).feed((pcm / 32768).astype(kind)) == events


def test_keys_come_with_the_frame_that_shows_them() -> None:
    detector = Detector()
    for start in range(0, len(LONG) - 160, 160):
        for event in detector.feed(LONG[start : start + 160]):
            assert start / 8000 < event.reported <= (start + 160) / 8000 == detector.clock


# --- gaps and new audio ---


def test_skip_advances_the_clock_over_silence() -> None:
    detector = Detector()
    x = sequence("5", 100, 100)
    detector.feed(x)
    assert detector.skip(10.0013) == []
    assert detector.clock == pytest.approx(len(x) / 8000 + 10.00125)
    start = detector.clock
    (found,) = ended(detector.feed(x))
    assert found.onset == pytest.approx(start + 0.1025, abs=0.0005)


def test_skip_ends_a_key_and_bridges_a_lost_packet() -> None:
    detector = Detector()
    x = tone("5", 0.2)
    events = detector.feed(x[:800]) + detector.skip(0.02) + detector.feed(x[960:]) + detector.skip(0.1)
    (found,) = ended(events)
    assert found.duration == pytest.approx(0.2, abs=0.001)


def test_reset_ends_a_key_forgets_the_audio_and_keeps_the_clock() -> None:
    detector = Detector()
    assert len(detector.feed(tone("5", 1.0)[:1013])) == 1
    (found,) = detector.reset()
    assert isinstance(found, DigitEnded)
    assert found.duration == pytest.approx((1013 - 20) / 8000, abs=0.001)
    assert detector.clock == 1013 / 8000
    assert detector.reset() == []
    (again,) = ended(detector.feed(sequence("6", 60, 60)))
    assert again.onset == pytest.approx((1013 + 480) / 8000 + 0.0025, abs=0.0005)


def test_reset_settles_a_guess_and_a_short_burst_at_the_end() -> None:
    detector = Detector(tentative=True, rejected=True)
    (guess,) = detector.feed(np.concatenate([np.zeros(803), burst("5", 22)])[:960])
    assert isinstance(guess, DigitStarted)
    assert guess.tentative
    settled = detector.reset()
    assert sorted(type(event).__name__ for event in settled) == ["DigitRejected", "DigitRetracted"]
    for event in settled:
        assert event.key == "5"
        assert event.reported <= detector.clock + 0.1
    assert detector.reset() == []


def test_reset_in_a_key_that_has_lasted_long_enough_gives_it() -> None:
    """The clock stands within a block; what was fed last is looked at with the next block only."""
    for more in (0, 30, 79):
        detector = Detector(tentative=True)
        events = detector.feed(np.concatenate([np.zeros(803), burst("5", 100)])[: 1440 + more]) + detector.reset()
        assert [type(event) for event in events] == [DigitStarted, DigitStarted, DigitEnded]
        assert detector.clock == (1440 + more) / 8000


def test_after_a_reset_nothing_of_before_is_left() -> None:
    """What a detector says is the same as of a new one, but for the clock and the pause."""
    fresh = in_chunks(LIVE, [len(LIVE)], Detector(tentative=True, rejected=True))
    for before in (voice(1.0, 3)[:7777], 0.3 * np.ones(4000), tone("5", 0.11), mu_law(0.2 * burst("1", 500))):
        detector = Detector(tentative=True, rejected=True)
        detector.feed(before)
        detector.reset()
        shift = detector.clock
        assert shift == len(before) / 8000
        again = detector.feed(LIVE) + detector.reset()
        assert [(type(event), event.key) for event in again] == [(type(event), event.key) for event in fresh]
        for one, other in zip(again, fresh, strict=True):
            assert one.onset == pytest.approx(other.onset + shift, abs=1e-9)
            assert one.reported == pytest.approx(other.reported + shift, abs=1e-9)


def test_half_a_key_before_a_reset_and_half_after_it_are_none() -> None:
    x = burst("7", 40)
    detector = Detector()
    events = detector.feed(np.concatenate([np.zeros(800), x[:160]])) + detector.reset()
    assert events + detector.feed(np.concatenate([x[160:], np.zeros(800)])) == []


def test_pause_and_clock_go_on_over_reset_and_skip() -> None:
    detector = Detector()
    x = np.concatenate([np.zeros(800), burst("1", 60), np.zeros(803)])
    (first,) = ended(detector.feed(x) + detector.reset())
    detector.skip(5.0)
    (second,) = ended(detector.feed(x) + detector.reset())
    between = len(x) / 8000 + 5.0
    assert second.onset - first.onset == pytest.approx(between, abs=0.0005)
    assert first.pause is None
    assert second.pause == pytest.approx(between - 0.06, abs=0.0005)


@pytest.mark.parametrize("seconds", [0.0, 0.0001, 0.02, 0.3999, 0.4, 0.4001, 1.23456])
def test_a_skip_is_what_silence_of_that_length_is(seconds: float) -> None:
    samples = round(seconds * 8000)
    first, second = LIVE[:13_001], LIVE[13_001:]
    skipping, silent = Detector(rejected=True), Detector(rejected=True)
    events = skipping.feed(first) + skipping.skip(seconds) + skipping.feed(second) + skipping.reset()
    whole = np.concatenate([first, np.zeros(samples, dtype=np.float32), second])
    assert events == silent.feed(whole) + silent.reset()
    assert skipping.clock == silent.clock


# --- whatever a line may carry ---


def square(hz: float, n: int, height: float = 1.0) -> Signal:
    return np.where((np.arange(n) * hz / 4000).astype(int) % 2, height, -height)


@st.composite
def sounds(draw: st.DrawFn) -> Signal:
    """Pieces of silence, noise, sweeps, square waves, tones, steps and what is not finite, clipped or not."""
    parts: list[Signal] = []
    for _ in range(draw(st.integers(1, 6))):
        n = draw(st.integers(1, 2000))
        gain = draw(st.sampled_from([1e-6, 1e-3, 0.1, 1.0, 30.0]))
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        t = np.arange(n) / 8000
        first, last = draw(st.tuples(st.floats(1, 3999), st.floats(1, 3999)))
        parts.append(
            gain
            * draw(
                st.sampled_from(
                    [
                        np.zeros(n),
                        np.ones(n),
                        rng.standard_normal(n),
                        rng.choice([-1.0, 0.0, 1.0, np.nan, np.inf, -np.inf], n),
                        np.sin(2 * np.pi * (first * t + (last - first) * t * t / 2)),
                        square(first, n),
                        np.eye(1, n, n // 2)[0],
                        burst(rng.choice(list(CODES)), n / 8)[:n],
                        burst("5", n / 8) + burst("D", n / 8),
                    ]
                )
            )
        )
    x = np.concatenate(parts)
    return np.clip(x, -1, 1) if draw(st.booleans()) else x


@settings(max_examples=80, deadline=None)
@given(sounds(), st.integers(1, 3000))
def test_any_audio_is_taken_without_error_or_warning(x: Signal, size: int) -> None:
    events = in_chunks(x, [size], Detector(tentative=True, rejected=True))
    assert events == in_chunks(x, [len(x)], Detector(tentative=True, rejected=True))
    for event in events:
        assert event.onset + 0.05 >= 0
        if isinstance(event, DigitEnded | DigitRejected):
            figures = (event.duration, event.low_hz, event.high_hz, event.low_dbm0, event.high_dbm0, event.snr_db)
            assert np.isfinite(figures).all()
            assert event.duration > 0


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_sweeps_and_square_waves_are_no_keys(seconds: float) -> None:
    n = round(8000 * seconds)
    t = np.arange(n) / 8000
    for stop in (200.0, 1000.0, 3900.0):
        assert ended(Detector().feed(0.3 * np.sin(2 * np.pi * (100 * t + (stop - 100) / seconds * t * t / 2)))) == []
    for hz in (60.0, 232.3, 350.0, 425.0, 697.0, 770.0, 1209.0, 1633.0, 2000.0):
        assert ended(Detector().feed(square(hz, n, 0.5))) == []


@pytest.mark.parametrize(
    "x",
    [
        np.zeros(8000, dtype=np.int16),
        np.full(8000, 32767, dtype=np.int16),
        np.full(8000, -32768, dtype=np.int16),
        np.where(np.arange(8000) % 2, 32767, -32768).astype(np.int16),
        np.where(np.arange(8000) // 5 % 2, 32767, -32768).astype(np.int16),
        np.random.default_rng(1).choice([-32768, 32767], 8000).astype(np.int16),
        np.full(8000, np.nan),
        np.full(8000, np.inf, dtype=np.float32),
        np.full(8000, 1e38),
        np.full(8000, 1e-40),
    ],
)
def test_extremes_are_no_keys(x: NDArray[np.generic]) -> None:
    detector = Detector(tentative=True)
    assert ended(detector.feed(x)) == []
    found = ended(detector.feed(sequence("5", 100, 100)))
    assert [event.key for event in found] == ["5"]


def test_nan_inside_a_key_is_a_gap() -> None:
    x = sequence("5", 100, 100)
    x[1200:1240] = np.nan
    assert [event.key for event in ended(Detector().feed(x))] == ["5"]


def test_other_samples_are_refused_and_change_nothing() -> None:
    detector = Detector()
    with pytest.raises(TypeError, match="int16"):
        detector.feed(np.zeros(160, dtype=np.int32))
    with pytest.raises(ValueError, match="one channel"):
        detector.feed(np.zeros((2, 160), dtype=np.int16))
    assert detector.clock == 0.0
    assert detector.feed(np.zeros(0, dtype=np.int16)) == []
    assert [event.key for event in ended(detector.feed(sequence("5", 100, 100)))] == ["5"]


def test_the_samples_fed_stay_as_they_are() -> None:
    x = np.concatenate([sequence("5", 60, 60), [np.nan, 2.0, -3.0]])
    kept = x.copy()
    Detector(tentative=True, rejected=True).feed(x)
    assert np.array_equal(x, kept, equal_nan=True)
