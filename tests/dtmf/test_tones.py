from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dtmfphone.dtmf.fit import fit_two_tones
from dtmfphone.dtmf.keys import KEYS
from dtmfphone.dtmf.levels import Samples, amplitude_of, dbm0_of, to_int16
from dtmfphone.dtmf.tones import ToneGenerator, sequence, tone

RATES = (8000, 16000, 44100, 48000)


def spectrum(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Amplitude of sines, Blackman-like window with side lobes below -110 dB."""
    n = len(x)
    k = 2 * np.pi * np.arange(n) / n
    window = 0.355768 - 0.487396 * np.cos(k) + 0.144232 * np.cos(2 * k) - 0.012604 * np.cos(3 * k)
    return np.asarray(np.abs(np.fft.rfft(x * window)) * 2 / window.sum())


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("char", ["1", "D", "0"])
def test_two_pure_tones_at_16_bits(char: str, rate: int) -> None:
    generator = ToneGenerator(rate, level_dbm0=-10.0, twist_db=2.0)
    generator.key_down(char)
    generator.render(rate // 10)
    x = to_int16(generator.render(rate)) / 32768
    lines = spectrum(x)  # one bin per Hz
    key = KEYS[char]
    assert dbm0_of(lines[int(key.low_hz)]) == pytest.approx(-10.0, abs=0.01)
    assert dbm0_of(lines[int(key.high_hz)]) == pytest.approx(-8.0, abs=0.01)
    for hz in (key.low_hz, key.high_hz):
        lines[int(hz) - 4 : int(hz) + 5] = 0
    assert 20 * np.log10(lines.max() / amplitude_of(-10.0)) < -85


@pytest.mark.parametrize("char", KEYS)
def test_frequencies_within_one_ppm(char: str) -> None:
    found = fit_two_tones(tone(char, 1.0)[400:7600].astype(np.float64), KEYS[char].low_hz, KEYS[char].high_hz)
    assert found.low_hz == pytest.approx(KEYS[char].low_hz, rel=1e-6)
    assert found.high_hz == pytest.approx(KEYS[char].high_hz, rel=1e-6)


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
