import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import RATES, Resampler

PAIRS = list(itertools.permutations(RATES, 2))


def sine(hz: float, rate: int, seconds: float = 0.5, amplitude: float = 16000.0) -> Pcm:
    return np.rint(amplitude * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


def gain_db(hz: float, rate_in: int, rate_out: int) -> float:
    """All that comes out for a sine, against what went in."""
    y = Resampler(rate_in, rate_out).process(sine(hz, rate_in)).astype(np.float64)[rate_out // 10 :]
    return float(20 * np.log10(np.sqrt(2 * np.square(y).mean()) / 16000 + 1e-9))


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_pass_band_is_flat_and_stop_band_60_db_down(rate_in: int, rate_out: int) -> None:
    lower = min(rate_in, rate_out)
    for part in (0.01, 0.1, 0.3, 0.424):
        assert gain_db(part * lower, rate_in, rate_out) == pytest.approx(0.0, abs=0.02)
    if rate_out < rate_in:
        top = rate_in / 2
        for hz in np.linspace(lower / 2, top * 0.999, 7):
            assert gain_db(hz, rate_in, rate_out) < -60


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_output_is_the_input_later_by_the_delay(rate_in: int, rate_out: int) -> None:
    resampler = Resampler(rate_in, rate_out)
    y = resampler.process(sine(1000.0, rate_in)) / 16000
    t = np.arange(len(y)) / rate_out - resampler.delay_seconds
    whole = slice(rate_out // 10, None)
    assert y[whole] == pytest.approx(np.sin(2 * np.pi * 1000.0 * t)[whole], abs=1.5e-3)  # images are 60 dB down
    assert 0 < resampler.delay_seconds < 0.004


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_output_count_is_exact(rate_in: int, rate_out: int) -> None:
    resampler = Resampler(rate_in, rate_out)
    frame = rate_in // 50
    counts = [len(resampler.process(np.zeros(frame, dtype=np.int16))) for _ in range(50)]
    assert sum(counts) == rate_out
    assert max(counts) - min(counts) <= 1


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(PAIRS), st.lists(st.integers(0, 700), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_any_chunks_give_the_same_samples(pair: tuple[int, int], sizes: list[int], seed: int) -> None:
    noise = np.random.default_rng(seed).integers(-20000, 20000, sum(sizes)).astype(np.int16)
    whole = Resampler(*pair).process(noise)
    resampler = Resampler(*pair)
    parts = [resampler.process(part) for part in np.split(noise, np.cumsum(sizes)[:-1])]
    joined = np.concatenate(parts)
    assert len(joined) == len(whole) == -(-sum(sizes) * pair[1] // pair[0])
    assert np.abs(joined.astype(np.int32) - whole).max(initial=0) <= 1  # float32 sums may round the other way


def test_equal_rates_pass_unchanged() -> None:
    resampler = Resampler(48000, 48000)
    x = sine(1000.0, 48000)
    y = resampler.process(x)
    assert np.array_equal(x, y)
    assert y is not x
    assert resampler.delay_seconds == 0


def test_extremes_clip_and_do_not_wrap() -> None:
    square = np.where(np.arange(4000) // 20 % 2, 16384, -16384).astype(np.int16)
    loud = (square.astype(np.int32) * 2).clip(-32768, 32767).astype(np.int16)
    fitting = Resampler(8000, 48000).process(square).astype(np.int32)
    assert fitting.max() > 16800  # the filter overshoots
    y = Resampler(8000, 48000).process(loud)
    assert np.abs(y - (2 * fitting).clip(-32768, 32767)).max() <= 3


def test_reset_forgets() -> None:
    resampler = Resampler(48000, 8000)
    resampler.process(sine(1000.0, 48000))
    resampler.reset()
    assert not resampler.process(np.zeros(960, dtype=np.int16)).any()


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 Hz"):
        Resampler(0, 8000)
