import numpy as np
import pytest

from dtmfphone.dtmf.fit import Signal, fit_two_tones
from dtmfphone.dtmf.talk_off import BEFORE, is_key

STEADY = (0.1, 0.1)
RNG = np.random.default_rng(8)
DURING = 320


def sines(hz: dict[float, float], n: int = BEFORE + DURING) -> Signal:
    t = np.arange(n) / 8000
    return np.asarray(np.sum([a * np.sin(2 * np.pi * f * t + f) for f, a in hz.items()], axis=0))


def judge(background: Signal, tones: Signal, frames: int = 4, spread: tuple[float, float] = STEADY) -> bool:
    """Let tones begin over a background."""
    x = background[BEFORE:] + tones
    return is_key(x, fit_two_tones(x, 697.0, 1209.0), background[:BEFORE], frames, spread)


KEY = sines({697.0: 0.2, 1209.0: 0.2}, DURING)
SILENCE = np.zeros(BEFORE + DURING)


def test_a_clean_key() -> None:
    assert judge(SILENCE, KEY)


@pytest.mark.parametrize("snr", [20.0, 10.0, 6.0])
def test_a_key_over_noise_that_was_there_before(snr: float) -> None:
    noise = 0.2 * 10 ** (-snr / 20) * RNG.standard_normal(BEFORE + DURING)
    assert judge(noise, KEY)


def test_noise_that_begins_with_the_tones_is_suspicious() -> None:
    noise = 0.1 * RNG.standard_normal(BEFORE + DURING)
    noise[:BEFORE] = 0
    assert not judge(noise, KEY)


def test_frequencies_that_wander_over_noise_are_none() -> None:
    assert not judge(0.1 * RNG.standard_normal(BEFORE + DURING), KEY, spread=(3.0, 0.1))


@pytest.mark.parametrize("tones", [{350.0: 0.3, 440.0: 0.3}, {425.0: 0.4}, {50.0: 0.5}, {100.0: 0.3, 150.0: 0.2}])
def test_a_key_over_dial_tone_or_hum(tones: dict[float, float]) -> None:
    assert judge(sines(tones), KEY)


def test_low_tones_that_begin_with_it_make_it_a_voice() -> None:
    voice = sines({232.0: 0.2, 465.0: 0.2})
    voice[:BEFORE] = 0
    assert not judge(voice, KEY)


@pytest.mark.parametrize("pitch", [232.6, 231.5])
def test_harmonics_of_the_sound_below_are_a_voice_even_if_that_was_there_before(pitch: float) -> None:
    """The third and seventh harmonic make an A."""
    below = sines({pitch: 0.3})
    x = below[BEFORE:] + sines({3 * pitch: 0.2, 7 * pitch: 0.2}, DURING)
    assert not is_key(x, fit_two_tones(x, 697.0, 1633.0), below[:BEFORE], 4, STEADY)
    x = below[BEFORE:] + sines({3.1 * pitch: 0.2, 7 * pitch: 0.2}, DURING)
    assert is_key(x, fit_two_tones(x, 697.0, 1633.0), below[:BEFORE], 4, STEADY)


def test_harmonics_are_no_key_even_if_they_were_there_before() -> None:
    voice = sines({100.0 * k: 0.1 for k in range(1, 34) if k not in (7, 12)})
    assert not judge(voice, KEY)


def test_other_tones_in_the_band_make_it_a_chord() -> None:
    assert not judge(SILENCE, KEY + sines({880.0: 0.1}, DURING))


def test_a_bent_tone_is_a_key_only_if_it_lasts() -> None:
    bent = KEY + sines({980.0: 0.12}, DURING)
    assert not judge(SILENCE, bent)
    assert judge(SILENCE, bent, frames=12)


@pytest.mark.parametrize("overload", [2.0, 6.0])
def test_clipped_tones_are_a_key_and_a_clipped_voice_is_none(overload: float) -> None:
    assert judge(SILENCE, np.clip(KEY * overload, -0.25, 0.25))
    voice = sines({100.0 * k: 0.1 for k in range(1, 15)}, DURING) + KEY
    assert not judge(SILENCE, np.clip(voice * overload, -0.25, 0.25))
