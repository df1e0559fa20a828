from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dtmfphone.dtmf.keys import CODES, KEYS
from dtmfphone.dtmf.levels import Samples, amplitude_of, dbm0_of, to_int16
from dtmfphone.dtmf.tones import TimedKey, ToneGenerator, sequence, tone

RATES = (8000, 16000, 44100, 48000)


def at_16_bits(char: str, rate: int, *, level: float = -10.0, twist: float = 0.0) -> NDArray[np.float64]:
    """One second of a key that sounds already, as a 16-bit file holds it."""
    generator = ToneGenerator(rate, level_dbm0=level, twist_db=twist)
    generator.key_down(char)
    generator.render(rate // 10)
    return to_int16(generator.render(rate)) / 32768


def phasors(x: NDArray[np.floating], hz: tuple[float, float], rate: int) -> NDArray[np.complex128]:
    """Complex amplitudes of two sines at known frequencies, by least squares."""
    turns = 2 * np.pi * np.outer(np.arange(len(x)) / rate, hz)
    found = np.linalg.lstsq(np.hstack([np.cos(turns), np.sin(turns)]), x.astype(np.float64), rcond=None)[0]
    return np.asarray(found[:2] - 1j * found[2:])


def frequencies(x: NDArray[np.floating], near: tuple[float, float], rate: int) -> tuple[float, float]:
    """Frequencies of two sines from how far their phases turn between the halves of `x`, near to the given ones."""
    half = len(x) // 2
    turn = np.angle(phasors(x[half : 2 * half], near, rate) / phasors(x[:half], near, rate))
    # The later half counts its phase from its own start.
    ahead = (turn - 2 * np.pi * np.array(near) * half / rate + np.pi) % (2 * np.pi) - np.pi
    low, high = near + ahead / (2 * np.pi) * rate / half
    return float(low), float(high)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("char", ["1", "D", "0"])
def test_two_pure_tones_at_16_bits(char: str, rate: int) -> None:
    x = at_16_bits(char, rate, twist=2.0)
    hz = KEYS[char].low_hz, KEYS[char].high_hz
    low, high = np.abs(phasors(x, hz, rate))
    assert dbm0_of(low) == pytest.approx(-10.0, abs=0.01)
    assert dbm0_of(high) == pytest.approx(-8.0, abs=0.01)
    lines = np.abs(np.fft.rfft(x)) * 2 / rate  # whole cycles: one bin per Hz, no leakage
    lines[[int(f) for f in hz]] = 0
    assert 20 * np.log10(lines.max() / low) < -95


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("char", KEYS)
def test_everything_else_is_85_db_below_the_pair(char: str, rate: int) -> None:
    x = at_16_bits(char, rate)
    turns = 2 * np.pi * np.outer(np.arange(rate) / rate, (KEYS[char].low_hz, KEYS[char].high_hz))
    sines = np.hstack([np.cos(turns), np.sin(turns)])
    pair = sines @ (2 / rate * (sines.T @ x))  # whole cycles: orthogonal
    rest = float(np.square(x - pair).mean() / np.square(pair).mean())
    assert -89 < 10 * np.log10(rest) < -85  # 16 bits allow 88


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("char", KEYS)
def test_frequencies_within_one_ppm(char: str, rate: int) -> None:
    near = KEYS[char].low_hz, KEYS[char].high_hz
    low, high = frequencies(at_16_bits(char, rate), near, rate)
    assert low == pytest.approx(near[0], rel=1e-7)
    assert high == pytest.approx(near[1], rel=1e-7)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("deviation", [(0.015, -0.018), (-0.035, 0.0), (0.0, 0.0001)])
def test_deviation_moves_each_tone_by_its_part(deviation: tuple[float, float], rate: int) -> None:
    x = tone("6", 0.5, rate, deviation=deviation, edge_ms=0)
    wanted = 770.0 * (1 + deviation[0]), 1477.0 * (1 + deviation[1])
    low, high = frequencies(x, (round(wanted[0]), round(wanted[1])), rate)
    assert low == pytest.approx(wanted[0], rel=1e-6)
    assert high == pytest.approx(wanted[1], rel=1e-6)


@given(level=st.floats(-40, 0), twist=st.floats(-12, 3), rate=st.sampled_from(RATES), char=st.sampled_from(CODES))
def test_levels_within_a_hundredth_of_a_db(level: float, twist: float, rate: int, char: str) -> None:
    x = tone(char, 0.1, rate, level_dbm0=level, twist_db=twist, edge_ms=0)
    low, high = np.abs(phasors(x, (KEYS[char].low_hz, KEYS[char].high_hz), rate))
    assert dbm0_of(low) == pytest.approx(level, abs=0.001)
    assert dbm0_of(high) == pytest.approx(level + twist, abs=0.001)


def test_frequency_stays_exact_after_ten_minutes() -> None:
    generator = ToneGenerator(8000)
    generator.key_down("5")
    for _ in range(6):
        generator.render(800_000)
    t = (6 * 800_000 + np.arange(80)) / 8000
    a = amplitude_of(-10.0)
    expected = a * (np.sin(2 * np.pi * ((770.0 * t) % 1)) + np.sin(2 * np.pi * ((1336.0 * t) % 1)))
    assert np.abs(generator.render(80) - expected).max() < 1e-6


def held(char: str, cuts: list[int], rate: int = 8000) -> Samples:
    """Render a press of 333 samples and what follows, cut at any places."""
    generator = ToneGenerator(rate)
    out = []
    marks = sorted({0, 333, 500, *(cut % 500 for cut in cuts)})
    for start, stop in pairwise(marks):
        if start == 0:
            generator.key_down(char)
        if start == 333:
            generator.key_up()
        out.append(generator.render(stop - start))
    return np.concatenate(out)


@given(st.lists(st.integers(0, 499), max_size=8))
def test_any_chunks_give_the_same_samples(cuts: list[int]) -> None:
    assert np.array_equal(held("7", cuts), held("7", []))


@pytest.mark.parametrize("rate", RATES)
def test_edges_are_raised_cosines_of_5_ms_exact_to_a_sample(rate: int) -> None:
    edge = round(0.005 * rate)
    n = round(0.1 * rate)
    shaped = tone("8", 0.1, rate)
    hard = ToneGenerator(rate, edge_ms=0)
    hard.key_down("8")
    flat = hard.render(n + edge)
    assert len(shaped) == n + edge
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    assert shaped[:edge] == pytest.approx(flat[:edge] * rise, abs=1e-6)
    assert np.array_equal(shaped[edge : n + 1], flat[edge : n + 1])
    assert shaped[n:] == pytest.approx(flat[n:] * (1 - rise), abs=1e-6)


def test_active_until_the_fade_is_out() -> None:
    generator = ToneGenerator(8000)
    seen = [generator.active]
    generator.key_down("1")
    seen.append(generator.active)
    generator.render(100)
    generator.key_up()
    seen.append(generator.active)
    generator.render(39)
    seen.append(generator.active)
    last = generator.render(1)
    seen.append(generator.active)
    assert seen == [False, True, True, True, False]
    assert last.any()
    assert not generator.render(1000).any()


def test_without_edges_a_tone_ends_at_once() -> None:
    generator = ToneGenerator(8000, edge_ms=0)
    generator.key_down("1")
    assert generator.render(10)[1:].all()
    generator.key_up()
    assert not generator.active
    assert not generator.render(10).any()


def test_a_press_shorter_than_its_edge_stays_low_and_ends() -> None:
    generator = ToneGenerator(8000)
    generator.key_down("1")
    generator.render(10)
    generator.key_up()
    tail = generator.render(20)
    assert not generator.active
    assert np.abs(tail).max() < amplitude_of(-10.0) * 0.5


def test_a_new_key_fades_in_while_the_last_fades_out() -> None:
    generator = ToneGenerator(8000)
    generator.key_down("1")
    first = generator.render(800)
    generator.key_down("9")
    second = generator.render(800)
    both = np.concatenate([first, second])
    assert np.abs(np.diff(both)).max() <= np.abs(np.diff(second[40:])).max() * 1.05  # no click
    alone = ToneGenerator(8000)
    alone.key_down("9")
    assert np.array_equal(second[40:], alone.render(800)[40:])
    generator.key_up()
    generator.render(40)
    assert not generator.active


def test_key_down_of_the_held_key_goes_on_but_after_key_up_begins_anew() -> None:
    once, twice = ToneGenerator(8000), ToneGenerator(8000)
    for generator in (once, twice):
        generator.key_down("4")
    x = np.concatenate([once.render(100), once.render(100)])
    y = twice.render(100)
    twice.key_down("4")
    assert np.array_equal(np.concatenate([y, twice.render(100)]), x)
    twice.key_up()
    twice.key_down("4")
    assert twice.active
    twice.render(100)
    assert twice.active


@given(st.lists(st.integers(0, 900), max_size=12), st.sampled_from(RATES))
def test_pieces_of_timed_keys_are_what_a_press_by_hand_gives(cuts: list[int], rate: int) -> None:
    times = sorted(cut / 1000 for cut in cuts)
    keys = [TimedKey(CODES[n % 16], *span) for n, span in enumerate(zip(times[::2], times[1::2], strict=False))]
    pieces = list(ToneGenerator(rate).play(keys, 1.0))
    assert len(pieces) == 2 * len(keys) + 1
    assert sum(map(len, pieces)) == rate
    generator = ToneGenerator(rate)
    by_hand = []
    done = 0
    for key in keys:
        by_hand.append(generator.render(round(key.down * rate) - done))
        generator.key_down(key.char)
        done = round(key.up * rate)
        by_hand.append(generator.render(done - round(key.down * rate)))
        generator.key_up()
    by_hand.append(generator.render(rate - done))
    assert np.array_equal(np.concatenate(pieces), np.concatenate(by_hand))


@pytest.mark.parametrize(
    ("rate", "on", "off"), [(44100, "65", "65"), (44100, "50.3", "45.01"), (8000, "40.06", "93.3")]
)
def test_a_thousand_digits_do_not_drift(rate: int, on: str, off: str) -> None:
    x = sequence(CODES * 63, float(on), float(off), rate, edge_ms=0)
    tones, cycle = Fraction(on) * rate / 1000, (Fraction(on) + Fraction(off)) * rate / 1000
    sounds = np.convolve(x != 0, np.ones(3), mode="same") > 0  # one sample wider, for a sine begins with a zero
    bounds = np.flatnonzero(np.diff(sounds))
    starts, stops = bounds[::2] + 1, bounds[1::2]
    assert len(starts) == len(stops) == 1008
    for n, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        begin = Fraction(off) * rate / 1000 + n * cycle
        assert abs(start - begin) <= Fraction(1, 2)
        assert abs(stop - begin - tones) <= Fraction(1, 2)
        assert abs(stop - start - tones) <= 1
    assert len(x) == round(Fraction(off) * rate / 1000 + 1008 * cycle)


def test_sequence_keeps_the_period_to_the_sample() -> None:
    x = sequence("12", 50, 50)
    assert len(x) == 5 * 400
    assert not x[:401].any()
    assert not x[840:1200].any()
    assert np.array_equal(x[400:840], tone("1", 0.05))
    assert np.array_equal(x[1200:1640], tone("2", 0.05))


def test_lower_case_letters_sound_and_other_characters_are_refused() -> None:
    assert np.array_equal(tone("a", 0.05), tone("A", 0.05))
    with pytest.raises(ValueError, match="'x' is not a DTMF key"):
        ToneGenerator(8000).key_down("x")


def test_useless_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="4000 Hz"):
        ToneGenerator(4000)
    with pytest.raises(ValueError, match="-1"):
        ToneGenerator(8000, edge_ms=-1)
