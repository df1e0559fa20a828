"""Send times against the grid of the RTP timestamps."""

import pytest

from dtmfphone.calls.lateness import Lateness


def test_lateness_against_the_grid_of_the_timestamps() -> None:
    lateness = Lateness(8000)
    assert lateness.p99_and_max() == (0.0, 0.0)
    start = 2**32 - 10 * 160
    for n in range(200):
        late = {50: 0.004, 51: 0.004, 120: 0.030}.get(n, 0.001)
        lateness.add((start + n * 160) & 0xFFFFFFFF, 5.0 + n * 0.02 + late)
    p99, most = lateness.p99_and_max()
    assert p99 == pytest.approx(0.003)
    assert most == pytest.approx(0.029)


def test_lateness_looks_back_ten_seconds() -> None:
    lateness = Lateness(8000)
    lateness.add(0, 0.5)
    for n in range(1, 560):
        lateness.add(n * 160, n * 0.02)
    assert lateness.p99_and_max()[1] == pytest.approx(0, abs=1e-9)
