"""A key followed to its end: what bridges, what parts, and the measurements."""

import numpy as np
import pytest
from bursts import Signal, burst, ended, heard, keys, spaced

from dtmfphone.dtmf.keys import CODES, KEYS
from dtmfphone.dtmf.levels import amplitude_of, to_int16


def holed(char: str, ms: int, holes: list[tuple[int, int]]) -> Signal:
    """A key with silence at some places: start and length in ms."""
    x = burst(char, ms)
    for start, length in holes:
        x[start * 8 : (start + length) * 8] = 0
    return x


@pytest.mark.parametrize("gap", [5, 10, 15, 20])
@pytest.mark.parametrize("start", [40, 57, 100, 140])
def test_gaps_of_up_to_20_ms_are_bridged_and_count_as_duration(gap: int, start: int) -> None:
    for shift in (0, 3, 31, 66):
        x = np.concatenate([np.zeros(800 + shift), holed("6", 200, [(start, gap)]), np.zeros(800)])
        (found,) = ended(heard(to_int16(x)))
        assert found.onset == pytest.approx((800 + shift) / 8000, abs=0.0005)
        assert found.duration == pytest.approx(0.2, abs=0.0005)


@pytest.mark.parametrize("gap", [30, 35, 50])
@pytest.mark.parametrize("start", [60, 77, 130])
def test_gaps_of_30_ms_and_more_part(gap: int, start: int) -> None:
    for shift in (0, 3, 31, 66):
        x = np.concatenate([np.zeros(800 + shift), holed("6", 240, [(start, gap)]), np.zeros(800)])
        first, second = ended(heard(to_int16(x)))
        assert first.duration == pytest.approx(start / 1000, abs=0.0005)
        assert second.pause == pytest.approx(gap / 1000, abs=0.0005)
        assert second.duration == pytest.approx((240 - start - gap) / 1000, abs=0.0005)


def test_many_gaps_are_one_key() -> None:
    x = holed("C", 600, [(50 + 70 * n, 10 + 10 * (n % 2)) for n in range(7)])
    (found,) = ended(heard(np.concatenate([np.zeros(800), x, np.zeros(800)])))
    assert found.duration == pytest.approx(0.6, abs=0.001)


def test_lost_packets_in_a_row_of_keys() -> None:
    """Each key of 100 ms has lost one packet of 20 ms, wherever it lies."""
    bursts = [holed(char, 100, [(25 + 3 * n, 20)]) for n, char in enumerate(CODES)]
    assert keys(spaced(bursts, 60)) == CODES


def test_a_gap_filled_with_the_packet_before_is_one_key() -> None:
    x = burst("4", 200)
    x[640:800] = 0.5 * x[480:640]
    (found,) = ended(heard(np.concatenate([np.zeros(800), x, np.zeros(800)])))
    assert found.duration == pytest.approx(0.2, abs=0.001)


@pytest.mark.parametrize("gap", [0, 5, 20])
def test_another_key_ends_it_at_once(gap: int) -> None:
    x = np.concatenate([np.zeros(800), burst("1", 80), np.zeros(gap * 8), burst("6", 80), np.zeros(800)])
    first, second = ended(heard(x))
    assert (first.key, second.key) == ("1", "6")
    assert first.duration == pytest.approx(0.08, abs=0.003)
    assert second.onset == pytest.approx(0.18 + gap / 1000, abs=0.003)
    assert second.pause == pytest.approx(gap / 1000, abs=0.006)


@pytest.mark.parametrize("seconds", [0.26, 1.0, 20.0])
def test_a_long_key_is_measured_in_bounded_memory_and_to_its_end(seconds: float) -> None:
    x = np.concatenate([np.zeros(801), burst("B", 1000 * seconds, off=(0.004, -0.006)), np.zeros(800)])
    (found,) = ended(heard(to_int16(x)))
    assert found.duration == pytest.approx(seconds, abs=0.0005)
    assert found.low_deviation == pytest.approx(0.004, abs=1e-5)
    assert found.high_deviation == pytest.approx(-0.006, abs=1e-5)
    assert found.low_dbm0 == pytest.approx(-10.0, abs=0.01)
    assert found.snr_db > 70


def test_errors_at_30_db_are_what_is_promised() -> None:
    """Frequency within 0.04 Hz and level within 0.04 dB in 95 % of keys of 45 to 145 ms, and the SNR."""
    rng = np.random.default_rng(11)
    hz, db, snr = [], [], []
    for _ in range(12):
        bursts, truth = [], []
        for char in CODES:
            off = rng.uniform(-0.015, 0.015, 2)
            level, twist = rng.uniform(-20, -5), rng.uniform(-4, 3)
            x = burst(char, rng.uniform(45, 145), level=level, twist=twist, off=(off[0], off[1]))
            power = (amplitude_of(level) ** 2 + amplitude_of(level + twist) ** 2) / 2
            bursts.append(x + np.sqrt(power) * 10 ** (-30 / 20) * rng.standard_normal(len(x)))
            truth.append((KEYS[char].low_hz * (1 + off[0]), KEYS[char].high_hz * (1 + off[1]), level, level + twist))
        found = ended(heard(spaced(bursts, 60)))
        assert "".join(event.key for event in found) == CODES
        for event, (low, high, low_dbm0, high_dbm0) in zip(found, truth, strict=True):
            hz += [event.low_hz - low, event.high_hz - high]
            db += [event.low_dbm0 - low_dbm0, event.high_dbm0 - high_dbm0]
            snr.append(event.snr_db)
    assert np.percentile(np.abs(hz), 95) <= 0.045
    assert np.percentile(np.abs(db), 95) <= 0.045
    assert np.mean(snr) == pytest.approx(30.0, abs=0.5)


def test_onset_and_duration_in_noise() -> None:
    """At 15 dB half of them is within 1 ms, 95 % within 4 ms."""
    rng = np.random.default_rng(12)
    onset, duration = [], []
    for _ in range(6):
        x = spaced([burst(char, 70) for char in CODES], 60)
        found = ended(heard(x + amplitude_of(-10.0) * 10 ** (-15 / 20) * rng.standard_normal(len(x))))
        assert "".join(event.key for event in found) == CODES
        at = 480
        for number, event in enumerate(found):
            onset.append(abs(event.onset - at / 8000))
            duration.append(abs(event.duration - 0.07))
            at += 560 + 480 + 7 * number % 80
    for errors in (onset, duration):
        assert np.median(errors) <= 0.001
        assert np.percentile(errors, 95) <= 0.004
