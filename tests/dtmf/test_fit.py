import numpy as np
import pytest

from dtmfphone.dtmf.fit import Signal, edge, fit_two_tones, longest_pause, longest_sound, tones_at
from dtmfphone.dtmf.keys import KEYS


def pair(low_hz: float, high_hz: float, n: int, low: float = 0.2, high: float = 0.3, phase: float = 1.0) -> Signal:
    t = np.arange(n) / 8000
    return np.asarray(low * np.sin(2 * np.pi * low_hz * t + phase) + high * np.sin(2 * np.pi * high_hz * t - phase))


@pytest.mark.parametrize("char", KEYS)
@pytest.mark.parametrize("off", [-0.035, -0.015, 0.0, 0.02])
@pytest.mark.parametrize("n", [160, 400, 2000])
def test_clean_tones_are_found_exactly(char: str, off: float, n: int) -> None:
    key = KEYS[char]
    x = pair(key.low_hz * (1 + off), key.high_hz * (1 - off), n) + 0.1  # an offset does not matter
    found = fit_two_tones(x, key.low_hz, key.high_hz)
    assert found.low_hz == pytest.approx(key.low_hz * (1 + off), abs=1e-4)
    assert found.high_hz == pytest.approx(key.high_hz * (1 - off), abs=1e-4)
    assert found.low_amplitude == pytest.approx(0.2, rel=1e-4)
    assert found.high_amplitude == pytest.approx(0.3, rel=1e-4)
    assert found.power == pytest.approx((0.2**2 + 0.3**2) / 2, rel=1e-4)
    assert np.abs(found.residual(x)).max() < 1e-4
    assert found.at(0, n) == pytest.approx(x - 0.1, abs=1e-4)


def test_the_tones_go_on_outside_the_fitted_part() -> None:
    x = pair(770.0, 1336.0, 800)
    found = fit_two_tones(x[300:600], 770.0, 1336.0)
    assert found.at(-300, 500) == pytest.approx(x, abs=1e-4)


@pytest.mark.parametrize("off", [(4.0, -3.0), (-8.0, 8.0), (0.0, 0.0)])
def test_a_known_start_leads_to_the_same_tones(off: tuple[float, float]) -> None:
    x = pair(941.0 * 1.01, 1336.0 * 0.99, 240) + 0.01 * np.random.default_rng(1).standard_normal(240)
    free = fit_two_tones(x, 941.0, 1336.0)
    led = fit_two_tones(x, 941.0, 1336.0, (941.0 * 1.01 + off[0], 1336.0 * 0.99 + off[1]))
    assert (led.low_hz, led.high_hz) == pytest.approx((free.low_hz, free.high_hz), abs=1e-3)


def test_a_tolerance_ends_the_fit_early() -> None:
    x = pair(941.0 * 1.01, 1336.0 * 0.99, 240)
    quick = fit_two_tones(x, 941.0, 1336.0, (945.0, 1330.0), 0.05)
    assert quick.low_hz == pytest.approx(941.0 * 1.01, abs=0.05)
    assert quick.high_hz == pytest.approx(1336.0 * 0.99, abs=0.05)


def test_the_sines_of_given_frequencies_that_fit_best() -> None:
    x = pair(770.0, 1477.0, 240)
    exact = tones_at(x, 770.0, 1477.0)
    assert (exact.low_hz, exact.high_hz, exact.length) == (770.0, 1477.0, 240)
    assert np.abs(exact.residual(x)).max() < 1e-6
    aside = tones_at(x, 774.0, 1477.0)
    assert np.square(aside.residual(x)).mean() > 1e-5
    for other in (fit_two_tones(x, 770.0, 1477.0), exact):
        assert other.at(0, 240) == pytest.approx(x, abs=1e-3)


def test_accuracy_is_near_the_cramer_rao_bound() -> None:
    """One tone of power P over noise of variance s2: var(f) >= 6 s2 / (P n (n2 - 1)) * (rate / 2 pi)2 * 1/2."""
    rng = np.random.default_rng(3)
    n, amplitude = 640, 0.2
    sigma = amplitude / np.sqrt(2) * 10 ** (-30 / 20)
    bound = np.sqrt(24 * sigma**2 / (amplitude**2 * n * (n**2 - 1))) * 8000 / (2 * np.pi)
    errors = []
    for _ in range(150):
        low, high = 852 * rng.uniform(0.985, 1.015), 1477 * rng.uniform(0.985, 1.015)
        x = pair(low, high, n, amplitude, amplitude, rng.uniform(0, 6)) + sigma * rng.standard_normal(n)
        found = fit_two_tones(x, 852.0, 1477.0)
        errors += [found.low_hz - low, found.high_hz - high]
    rms = np.sqrt(np.mean(np.square(errors)))
    assert 0.85 * bound < rms < 1.15 * bound


@pytest.mark.parametrize("what", ["zero", "offset", "click"])
def test_what_is_no_tone_still_gives_finite_numbers(what: str) -> None:
    x = {"zero": np.zeros(200), "offset": np.full(200, -1.0), "click": np.eye(1, 200, 77)[0]}[what]
    found = fit_two_tones(x, 697.0, 1209.0)
    assert np.isfinite([found.low_hz, found.high_hz, found.power]).all()
    assert abs(found.low_hz / 697 - 1) < 0.07
    assert found.power < 0.01


def test_longest_sound_is_between_gaps() -> None:
    x = pair(697.0, 1209.0, 800, 0.2, 0.2)
    assert longest_sound(x) == (0, 800)
    x[100:140] = 0
    x[500:600] = 0
    start, stop = longest_sound(x)
    assert 130 <= start <= 152
    assert 488 <= stop <= 505
    assert longest_sound(np.zeros(100)) == (0, 100)  # nothing is louder than nothing


@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize("gap", [80, 150, 240])
def test_longest_pause_of_the_tones(gap: int, noise: float) -> None:
    """Other sounds do not fill it; to half a piece of 5 ms."""
    rng = np.random.default_rng(5)
    t = np.arange(800) / 8000
    x = pair(697.0, 1209.0, 800, 0.2, 0.2)
    tones = fit_two_tones(x, 697.0, 1209.0)
    assert longest_pause(x + noise * rng.standard_normal(800), tones) == 0
    x[300 : 300 + gap] = 0
    x += 0.2 * np.sin(2 * np.pi * 400 * t) + noise * rng.standard_normal(800)
    assert longest_pause(x, tones) == pytest.approx(gap, abs=32)
    assert longest_pause(x[:30], tones) == 0


@pytest.mark.parametrize("noise", [0.0, 0.02, 0.1])
def test_edges_are_found(noise: float) -> None:
    rng = np.random.default_rng(2)
    model = pair(941.0, 1336.0, 240)
    x = model.copy()
    x[:90] = 0
    assert edge(x + noise * rng.standard_normal(240), model, rising=True) == pytest.approx(90, abs=2 + 60 * noise)
    x = model.copy()
    x[150:] = 0
    assert edge(x + noise * rng.standard_normal(240), model, rising=False) == pytest.approx(150, abs=2 + 60 * noise)
    assert edge(model, model, rising=True) == 0
    assert edge(model, model, rising=False) == 240
