"""Talk-off: what is measured of a sound beside its two tones, and what that makes of it."""

import math

import numpy as np
import pytest

from dtmfphone.dtmf.fit import Signal, TwoTones, fit_two_tones
from dtmfphone.dtmf.keys import KEYS, Key
from dtmfphone.dtmf.talk_off import LONGEST, Evidence, features, gather, is_key, score

STEADY = (0.1, 0.1)
RNG = np.random.default_rng(8)
DURING = 320
BEFORE = DURING
"""As much as the tones, as the detector looks at."""
ONE = KEYS["1"]


def sines(hz: dict[float, float], n: int = BEFORE + DURING) -> Signal:
    t = np.arange(n) / 8000
    return np.asarray(np.sum([a * np.sin(2 * np.pi * f * t + f) for f, a in hz.items()], axis=0))


def measured(
    background: Signal, tones: Signal, key: Key = ONE, spread: tuple[float, float] = STEADY
) -> tuple[Evidence, Signal, TwoTones]:
    """Let tones begin over a background."""
    x = background[BEFORE:] + tones
    fitted = fit_two_tones(x, key.low_hz, key.high_hz)
    return gather(x, fitted, key, background[:BEFORE], spread), x, fitted


def evidence(background: Signal, tones: Signal, key: Key = ONE) -> Evidence:
    return measured(background, tones, key)[0]


def judge(background: Signal, tones: Signal, key: Key = ONE, *, early: bool = False) -> bool:
    return is_key(*measured(background, tones, key), early=early)


TONES = sines({697.0: 0.2, 1209.0: 0.2}, DURING)
SILENCE = np.zeros(BEFORE + DURING)
POWER = 0.04


# --- evidence ---


def test_of_clean_tones_nothing_is_left() -> None:
    e = evidence(SILENCE, TONES)
    assert e.share == pytest.approx(1.0, abs=1e-6)
    assert max(e.low_rest, e.high_rest, e.third, e.low_before, e.high_before) < 1e-6
    assert e.deviation < 1e-5
    assert e.twist_db == pytest.approx(0.0, abs=1e-3)
    assert (e.low_spread, e.high_spread) == STEADY
    assert e.length == DURING


def test_twist_and_deviation() -> None:
    e = evidence(SILENCE, sines({697.0 * 1.012: 0.1, 1209.0 * 0.985: 0.2}, DURING))
    assert e.deviation == pytest.approx(0.015, abs=1e-4)
    assert e.twist_db == pytest.approx(6.02, abs=0.01)


@pytest.mark.parametrize(("hz", "where"), [(300.0, "low_rest"), (1500.0, "third"), (2600.0, "high_rest")])
def test_where_the_rest_lies(hz: float, where: str) -> None:
    e = evidence(SILENCE, TONES + sines({hz: 0.1}, DURING))
    parts = {"low_rest": e.low_rest, "high_rest": e.high_rest, "third": e.third}
    assert parts.pop(where) == pytest.approx(0.1**2 / 2 / POWER, rel=0.1)
    assert max(parts.values()) < 0.01
    assert e.share == pytest.approx(1 / 1.125 if where == "third" else 1.0, abs=0.02)


@pytest.mark.parametrize("snr", [0.0, 10.0, 20.0])
def test_the_rest_of_noise_is_spread_over_the_bands_and_flat(snr: float) -> None:
    rng, n = np.random.default_rng(3), LONGEST
    background, noise = np.zeros(BEFORE + n), 10 ** (-snr / 10)
    found = [
        evidence(background, sines({697.0: 0.2, 1209.0: 0.2}, n) + np.sqrt(POWER * noise) * rng.standard_normal(n))
        for _ in range(20)
    ]
    assert np.mean([e.share for e in found]) == pytest.approx(1 / (1 + noise * 1230 / 4000), abs=0.03)
    assert np.mean([e.low_rest for e in found]) == pytest.approx(noise * 475 / 4000, rel=0.2)
    assert np.mean([e.high_rest for e in found]) == pytest.approx(noise * 1350 / 4000, rel=0.2)
    assert min(e.flatness for e in found) > 0.3


def test_the_rest_of_a_voice_is_not_flat_and_lies_on_the_harmonics() -> None:
    pitch = 697 / 3
    rest = sines({pitch * k: 0.1 for k in (1, 2, 4, 5, 6, 8, 9, 10)}, DURING)
    voice = evidence(SILENCE, sines({697.0: 0.2, 7 * pitch: 0.2}, DURING) + rest, KEYS["A"])
    noise = evidence(SILENCE, TONES + 0.14 * RNG.standard_normal(DURING), ONE)
    assert voice.flatness < 0.1 < noise.flatness
    assert voice.harmonic > 0.4 > noise.harmonic


@pytest.mark.parametrize("before", [0.0, 0.25, 0.5, 1.0])
def test_what_was_there_before_is_told_by_its_amplitude(before: float) -> None:
    e = evidence(before * sines({697.0: 0.2, 1209.0: 0.2}) * (np.arange(BEFORE + DURING) < BEFORE), TONES)
    assert e.low_before == pytest.approx(before, abs=0.02)
    assert e.high_before == pytest.approx(before, abs=0.02)


def test_before_is_the_quieter_of_two_moments() -> None:
    background = sines({697.0: 0.2, 1209.0: 0.2})
    background[BEFORE // 2 :] = 0
    e = evidence(background, TONES)
    assert max(e.low_before, e.high_before) < 0.05


def test_a_long_sound_is_looked_at_in_part() -> None:
    n = LONGEST + 400
    tones = sines({697.0: 0.2, 1209.0: 0.2}, n)
    e = evidence(np.zeros(BEFORE + n), tones)
    assert e.length == n
    assert e.share > 0.9999


# --- score ---


def test_features_are_finite_even_at_the_ends() -> None:
    clean = evidence(SILENCE, TONES)
    pure = clean._replace(share=1.0, low_rest=0.0, high_rest=0.0, third=0.0, flatness=0.0, harmonic=0.0)
    perfect = pure._replace(low_before=0.0, high_before=0.0, low_spread=0.0, high_spread=0.0)
    drowned = clean._replace(share=1e-9, low_rest=1e9, high_rest=1e9, third=1e9, flatness=1.0, harmonic=1.0)
    astray = drowned._replace(deviation=0.06, twist_db=60.0, low_before=1e3, high_before=1e3)
    awful = astray._replace(low_spread=math.inf, high_spread=math.inf)
    for e in (perfect, awful):
        assert np.isfinite(features(e)).all()
        assert np.isfinite(score(e))
    assert len(features(perfect)) == len(features(awful))


def test_the_score_falls_as_harmonics_rise() -> None:
    """From a key to a voice in which it is the third and seventh harmonic, with all of it beginning at once."""
    pitch = 697 / 3
    key = sines({697.0: 0.2, 7 * pitch: 0.2}, DURING)
    rest = sines({pitch * k: 0.2 for k in (1, 2, 4, 5, 6, 8, 9, 10, 11, 12)}, DURING)
    scores = [score(evidence(SILENCE, key + gain * rest, KEYS["A"])) for gain in (0.1, 0.3, 1.0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0


# --- keys ---


@pytest.mark.parametrize("early", [False, True])
def test_a_clean_key(early: bool) -> None:
    assert judge(SILENCE, TONES, early=early)
    rest = 0.2 * 10 ** (-16 / 20) * RNG.standard_normal(DURING)
    assert judge(SILENCE, TONES + rest, early=early)


@pytest.mark.parametrize("snr", [20.0, 10.0, 6.0, 3.0])
def test_a_key_over_noise_that_was_there_before(snr: float) -> None:
    assert judge(0.2 * 10 ** (-snr / 20) * RNG.standard_normal(BEFORE + DURING), TONES)


@pytest.mark.parametrize("hz", [{350.0: 0.3, 440.0: 0.3}, {425.0: 0.4}, {50.0: 0.5}, {100.0: 0.3, 150.0: 0.2}])
def test_a_key_over_dial_tone_or_hum(hz: dict[float, float]) -> None:
    assert judge(sines(hz), TONES)


@pytest.mark.parametrize("early", [False, True])
def test_a_voice_is_none_whether_it_begins_or_goes_on(early: bool) -> None:
    pitch = 697 / 3
    harmonics = {pitch * k: 0.2 for k in range(1, 15) if k not in (3, 7)}
    voice = sines(harmonics)
    tones = sines({697.0: 0.2, 7 * pitch: 0.2}, DURING)
    assert not judge(voice, tones, KEYS["A"], early=early)
    voice[:BEFORE] = 0
    assert not judge(voice, tones, KEYS["A"], early=early)


@pytest.mark.parametrize("early", [False, True])
def test_other_tones_as_strong_in_the_band_make_it_a_chord(early: bool) -> None:
    assert not judge(SILENCE, TONES + sines({1040.0: 0.2}, DURING), early=early)
    assert not judge(SILENCE, TONES + sines({880.0: 0.15, 1480.0: 0.15}, DURING), early=early)


def test_tones_that_go_on_at_the_same_strength_did_not_begin() -> None:
    """Alone they pass for their purity only if there was less before."""
    noise = 0.1 * RNG.standard_normal(BEFORE + DURING)
    went_on = measured(noise + sines({697.0: 0.2, 1209.0: 0.2}) * (np.arange(BEFORE + DURING) < BEFORE), TONES)[0]
    began = measured(noise, TONES)[0]
    assert score(went_on) < score(began)


@pytest.mark.parametrize("overload", [2.0, 6.0])
def test_clipped_tones_are_a_key_and_a_clipped_voice_is_none(overload: float) -> None:
    assert judge(SILENCE, np.clip(TONES * overload, -0.25, 0.25))
    pitch = 697 / 3
    voice = sines({pitch * k: 0.2 for k in range(1, 15)}, DURING)
    assert not judge(SILENCE, np.clip(voice * overload, -0.4, 0.4), KEYS["A"])


def test_less_evidence_asks_for_a_higher_score() -> None:
    """No sound is a key early that is none later."""
    rng = np.random.default_rng(1)
    early = late = 0
    for _ in range(300):
        others = sines({rng.uniform(600, 1750): rng.uniform(0, 0.2) for _ in range(2)}, DURING)
        found = measured(SILENCE, TONES + others)
        soon, later = is_key(*found, early=True), is_key(*found, early=False)
        assert later or not soon
        early, late = early + soon, late + later
    assert 0 < early <= late < 150
