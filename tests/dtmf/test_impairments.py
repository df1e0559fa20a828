import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dtmfphone.dtmf.impairments import DIAL_TONE_HZ, Echo, interrupt, noise_level, overload, steady_tones, white_noise
from dtmfphone.dtmf.levels import power_dbm0
from dtmfphone.dtmf.tones import tone

RATES = (8000, 16000, 44100, 48000)


def in_band(x: NDArray[np.floating], rate: int) -> float:
    """Level in dBm0 of what lies from 0 to 4 kHz."""
    power = np.abs(np.fft.rfft(x)) ** 2 * 2 / len(x) ** 2
    return power_dbm0(float(power[: round(4000 * len(x) / rate)].sum()))


def test_noise_level_is_below_both_tones_together() -> None:
    assert noise_level(-10.0, -10.0, 20.0) == pytest.approx(-26.99, abs=0.01)
    assert noise_level(-60.0, -5.0, 3.0) == pytest.approx(-8.0, abs=0.01)


@pytest.mark.parametrize("rate", RATES)
def test_noise_has_its_level_in_the_band_and_is_white(rate: int) -> None:
    x = white_noise(10 * rate, rate, -30.0, np.random.default_rng(1))
    assert in_band(x, rate) == pytest.approx(-30.0, abs=0.1)
    power = np.abs(np.fft.rfft(x)) ** 2
    tenths = [part.mean() for part in np.array_split(power[1:], 10)]
    assert 10 * np.log10(max(tenths) / min(tenths)) < 0.5


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("snr", [0.0, 3.0, 30.0])
def test_snr_of_tones_in_noise(snr: float, rate: int) -> None:
    x = tone("5", 10.0, rate, level_dbm0=-14.0, twist_db=3.0, edge_ms=0)
    noise = white_noise(len(x), rate, noise_level(-14.0, -11.0, snr), np.random.default_rng(2))
    assert in_band(x, rate) - in_band(noise, rate) == pytest.approx(snr, abs=0.1)


def test_a_seed_gives_the_same_noise_and_another_gives_other() -> None:
    one, same, other = (white_noise(100, 8000, -30.0, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("hz", [DIAL_TONE_HZ, (425.0,), (50.0,)])
def test_steady_tones_have_their_level_each_and_nothing_else_sounds(hz: tuple[float, ...], rate: int) -> None:
    lines = np.abs(np.fft.rfft(steady_tones(rate, rate, hz, -18.0))) * 2 / rate  # one bin per Hz
    for f in hz:
        assert power_dbm0(float(lines[int(f)] ** 2 / 2)) == pytest.approx(-18.0, abs=0.001)
        lines[int(f)] = 0
    assert lines.max() < 1e-9


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.integers(0, 400))
def test_chunks_of_any_sizes_give_the_same(sizes: list[int], delay: int) -> None:
    total = sum(sizes)
    x = np.random.default_rng(3).standard_normal(total)
    source, echo = np.random.default_rng(4), Echo(delay, -10.0)
    parts = []
    at = 0
    for n in sizes:
        line = echo.render(x[at : at + n]) + steady_tones(n, 8000, DIAL_TONE_HZ, -20.0, at)
        parts.append(line + white_noise(n, 8000, -30.0, source))
        at += n
    whole = Echo(delay, -10.0).render(x) + steady_tones(total, 8000, DIAL_TONE_HZ, -20.0)
    whole += white_noise(total, 8000, -30.0, np.random.default_rng(4))
    assert np.concatenate(parts) == pytest.approx(whole, abs=1e-12)


def test_echo_comes_once() -> None:
    x = np.zeros(100)
    x[10] = 1.0
    y = Echo(20, -20.0).render(x)
    assert np.flatnonzero(y).tolist() == [10, 30]
    assert y[30] == pytest.approx(0.1)
    assert Echo(0, -20.0).render(x)[10] == pytest.approx(1.1)


def test_interruption_silences_and_the_phase_goes_on() -> None:
    x = tone("5", 0.1)
    y = interrupt(x, 240, 80)
    assert not y[240:320].any()
    assert np.array_equal(y[:240], x[:240])
    assert np.array_equal(y[320:], x[320:])
    assert x[240:320].all()


def test_overload_clips_what_goes_beyond_full_scale() -> None:
    x = np.array([0.0, 0.02, -0.05, 0.2, -0.2])
    assert overload(x, 20.0) == pytest.approx([0.0, 0.2, -0.5, 1.0, -1.0])
