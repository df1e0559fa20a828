import math

import numpy as np
import pytest

from dtmfphone.dtmf.levels import FULL_SCALE_DBM0, amplitude_of, dbm0_of, power_dbm0, to_float, to_int16


def test_a_full_scale_sine_is_3_14_dbm0() -> None:
    assert FULL_SCALE_DBM0 == 3.14
    assert amplitude_of(3.14) == 1.0
    assert dbm0_of(1.0) == 3.14
    assert power_dbm0(0.5) == pytest.approx(3.14)


@pytest.mark.parametrize("dbm0", [-60.0, -10.0, 0.0, 6.0])
def test_levels_and_amplitudes_are_inverse(dbm0: float) -> None:
    assert dbm0_of(amplitude_of(dbm0)) == pytest.approx(dbm0)
    assert power_dbm0(amplitude_of(dbm0) ** 2 / 2) == pytest.approx(dbm0)


def test_nothing_has_no_level() -> None:
    assert dbm0_of(0.0) == -math.inf
    assert power_dbm0(0.0) == -math.inf


def test_every_int16_survives_the_way_there_and_back() -> None:
    pcm = np.arange(-32768, 32768).astype(np.int16)
    samples = to_float(pcm)
    assert samples.dtype == np.float32
    assert samples.min() == -1.0
    assert np.array_equal(to_int16(samples), pcm)


def test_floats_are_clipped_and_what_is_not_finite_is_silence() -> None:
    wild = np.array([np.nan, np.inf, -np.inf, 2.0, -1e30, 0.25])
    assert to_float(wild).tolist() == [0.0, 0.0, 0.0, 1.0, -1.0, 0.25]
    assert to_int16(np.array([1.5, -1.5, 0.0])).tolist() == [32767, -32768, 0]


def test_other_samples_are_refused() -> None:
    with pytest.raises(TypeError, match="uint8"):
        to_float(np.zeros(8, dtype=np.uint8))
    with pytest.raises(ValueError, match="one channel"):
        to_float(np.zeros((8, 2), dtype=np.int16))
