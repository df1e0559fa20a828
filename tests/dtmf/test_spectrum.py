import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.dtmf.levels import amplitude_of, to_int16
from dtmfphone.dtmf.spectrum import FFT_SIZE, FLOOR_DBM0, PeakHold, SpectrumAnalyzer
from dtmfphone.dtmf.tones import tone


def sine(hz: float, dbm0: float, n: int = 8000) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return amplitude_of(dbm0) * np.sin(2 * np.pi * hz * np.arange(n) / 8000)


@pytest.mark.parametrize(("hz", "dbm0"), [(1000.0, 0.0), (1003.3, 0.0), (697.0, -10.0), (3300.0, -40.0)])
def test_a_sine_reads_its_level_at_its_frequency(hz: float, dbm0: float) -> None:
    analyzer = SpectrumAnalyzer()
    row = analyzer.feed(sine(hz, dbm0))[-1]
    peak = int(row.argmax())
    assert row[peak] == pytest.approx(dbm0, abs=0.1)
    assert analyzer.frequencies[peak] == pytest.approx(hz, abs=2.0)
    far = np.abs(analyzer.frequencies - hz) > 150
    assert row[far].max() < dbm0 - 50


def test_neighbouring_low_tones_are_apart() -> None:
    rows = SpectrumAnalyzer().feed(sine(697.0, -10.0) + sine(770.0, -10.0))
    hz = SpectrumAnalyzer().frequencies
    between = rows[-1][(hz > 725) & (hz < 742)].min()
    assert between < -20


def test_one_row_per_hop_and_silence_at_the_floor() -> None:
    analyzer = SpectrumAnalyzer(0.0125)
    assert analyzer.row_seconds == 0.0125
    assert analyzer.feed(np.zeros(99, dtype=np.int16)).shape == (0, FFT_SIZE // 2 + 1)
    rows = analyzer.feed(np.zeros(1, dtype=np.int16))
    assert rows.shape == (1, len(analyzer.frequencies))
    assert rows.dtype == np.float32
    assert (rows == FLOOR_DBM0).all()
    assert len(analyzer.feed(np.zeros(8000, dtype=np.int16))) == 80


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 900), min_size=1, max_size=8), st.sampled_from([0.01, 0.0125, 0.016]))
def test_any_chunks_give_the_same_rows(sizes: list[int], row_seconds: float) -> None:
    x = to_int16(np.resize(tone("5", 0.05), sum(sizes)))
    whole = SpectrumAnalyzer(row_seconds).feed(x)
    analyzer = SpectrumAnalyzer(row_seconds)
    rows = np.concatenate([analyzer.feed(part) for part in np.split(x, np.cumsum(sizes)[:-1])])
    assert rows.shape == whole.shape
    assert np.abs(rows - whole).max(initial=0.0) < 0.01


def test_reset_forgets() -> None:
    analyzer = SpectrumAnalyzer()
    analyzer.feed(sine(1000.0, 0.0))
    analyzer.reset()
    assert (analyzer.feed(np.zeros(100, dtype=np.int16)) == FLOOR_DBM0).all()


def test_impossible_rows_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.5 s"):
        SpectrumAnalyzer(0.5)


def test_peak_hold_keeps_the_highest_and_falls_slowly() -> None:
    hold = PeakHold(0.01, fall_db_per_second=10.0)
    low = np.full((10, FFT_SIZE // 2 + 1), -60.0, dtype=np.float32)
    high = low.copy()
    high[5, 100] = -10.0
    assert hold.feed(high)[100] == pytest.approx(-10.4)
    assert hold.feed(low)[100] == pytest.approx(-11.4)
    assert hold.levels[99] == pytest.approx(-60.0)
    assert hold.feed(low[:0])[100] == pytest.approx(-11.4)
    hold.reset()
    assert (hold.levels == FLOOR_DBM0).all()


def test_peak_hold_takes_rows_one_by_one_or_at_once() -> None:
    rows = np.random.default_rng(1).uniform(-80, 0, (30, FFT_SIZE // 2 + 1)).astype(np.float32)
    once, each = PeakHold(0.0125), PeakHold(0.0125)
    once.feed(rows)
    for row in rows:
        each.feed(row[None])
    assert once.levels == pytest.approx(each.levels, abs=1e-3)
