"""What must work and what must not (ITU-T Q.24, AT&T column), and what goes beyond."""

import numpy as np
import pytest
from bursts import burst, ended, keys, mu_law, spaced, voice

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import amplitude_of
from dtmfphone.dtmf.tones import sequence

# --- what must work ---


def test_generated_keys_after_mu_law() -> None:
    assert keys(sequence(CODES, 50, 50)) == CODES
    assert keys(sequence(CODES * 2, 100, 70, level_dbm0=-16, twist_db=2)) == CODES * 2


@pytest.mark.parametrize("level", [0.0, -3.0, -15.0, -25.0])
def test_levels(level: float) -> None:
    assert keys(spaced([burst(char, 50, level=level) for char in CODES], 50)) == CODES


@pytest.mark.parametrize("twist", [-8.0, -4.0, 4.0])
def test_twists(twist: float) -> None:
    assert keys(spaced([burst(char, 50, twist=twist) for char in CODES], 50)) == CODES


@pytest.mark.parametrize("low", [-0.015, 0.0, 0.015])
@pytest.mark.parametrize("high", [-0.015, 0.0, 0.015])
def test_deviations_of_one_and_a_half_per_cent(low: float, high: float) -> None:
    assert keys(spaced([burst(char, 50, off=(low, high)) for char in CODES], 50)) == CODES


@pytest.mark.parametrize("ms", [25.5, 30, 40, 43, 60, 500])
def test_durations(ms: float) -> None:
    assert keys(spaced([burst(char, ms) for char in CODES], 50)) == CODES


@pytest.mark.parametrize("off", [(-0.015, -0.015), (0.015, -0.015)])
def test_40_ms_with_soft_edges_inside_at_the_limit_of_frequency(off: tuple[float, float]) -> None:
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(40) + 0.5) / 40)
    shape = np.concatenate([rise, np.ones(240), rise[::-1]])
    assert keys(spaced([shape * burst(char, 40, twist=4.0, off=off) for char in CODES * 3], 50)) == CODES * 3


@pytest.mark.parametrize("pause", [30, 40])
@pytest.mark.parametrize("ms", [40, 50, 100])
def test_pauses_part_the_same_key_wherever_they_lie_in_a_block(ms: float, pause: float) -> None:
    for phases in ((1.0, 2.0), (0.0, 0.0), (4.0, 1.0)):
        assert keys(spaced([burst("5", ms, phases=phases)] * 12, pause)) == "5" * 12
    assert keys(spaced([burst(char, ms) for char in "1470*"], pause)) == "1470*"


@pytest.mark.parametrize("ms", [80, 120])
def test_a_lost_packet_never_parts_a_key(ms: int) -> None:
    """20 ms of silence, wherever they lie in the key and in a block, but for its very ends."""
    bursts = []
    for start in range(25, ms - 40, 3):
        x = burst("8", ms)
        x[start * 8 : (start + 20) * 8] = 0
        bursts.append(x)
    assert keys(spaced(bursts, 60)) == "8" * len(bursts)


@pytest.mark.parametrize("gap", [4, 7, 10])
def test_a_gap_at_any_place_of_a_40_ms_key_neither_hides_nor_doubles_it(gap: int) -> None:
    for first in range(0, 40 - gap + 1, 2):
        x = burst("2", 40)
        x[first * 8 : (first + gap) * 8] = 0
        for before in (401, 428, 455):
            assert keys(np.concatenate([np.zeros(before), x, np.zeros(800)])) == "2"


@pytest.mark.parametrize(("ms", "gap"), [(ms, gap) for ms in (60, 80, 100) for gap in (1, 3, 5, 8, 10)])
def test_gaps_inside_a_key_do_not_part_it(ms: int, gap: int) -> None:
    bursts = []
    for number, char in enumerate(CODES):
        x = burst(char, ms)
        start = round(ms * 8 * (0.3 + 0.025 * number)) - gap * 4
        x[start : start + gap * 8] = 0
        bursts.append(x)
    assert keys(spaced(bursts, 60)) == CODES


@pytest.mark.parametrize("delay", [5, 10, 20])
def test_echo_ten_db_down(delay: int) -> None:
    x = spaced([burst(char, 50) for char in CODES], 60)
    x[delay * 8 :] += 10 ** (-10 / 20) * x[: -delay * 8]
    assert keys(x) == CODES


@pytest.mark.parametrize("snr", [20.0, 15.0, 6.0, 3.0])
def test_white_noise(snr: float) -> None:
    rng = np.random.default_rng(1)
    x = spaced([burst(char, 50) for char in CODES], 50)
    assert keys(x + amplitude_of(-10.0) * 10 ** (-snr / 20) * rng.standard_normal(len(x))) == CODES


def test_noise_as_strong_as_the_keys() -> None:
    """95 % are promised."""
    rng = np.random.default_rng(2)
    found = ""
    for _ in range(6):
        x = spaced([burst(char, 50) for char in CODES], 50)
        found += keys(x + amplitude_of(-10.0) * rng.standard_normal(len(x)))
    assert abs(len(found) - 96) <= 4
    assert min(found.count(char) for char in CODES) >= 4


@pytest.mark.parametrize("hz", [(350.0, 440.0), (425.0,), (50.0,), (0.0,)])
@pytest.mark.parametrize("louder", [-8.0, 0.0, 8.0])
def test_dial_tone_hum_and_offset(hz: tuple[float, ...], louder: float) -> None:
    x = spaced([burst(char, 50, level=-15.0) for char in CODES], 60)
    t = np.arange(len(x)) / 8000
    for f in hz:
        x += amplitude_of(-15.0 + louder) * np.cos(2 * np.pi * f * t)
    assert keys(x) == CODES


def test_over_a_voice_ten_db_below() -> None:
    found = ""
    for seed in range(4):
        x = spaced([burst(char, 60, level=-10.0) for char in CODES], 60)
        bed = 10 ** (-2 / 20) * voice(len(x) / 8000 + 0.1, seed)[: len(x)]  # two tones have 3 dB more than each
        found += keys(x + bed)
    assert 62 <= len(found) <= 64
    assert min(found.count(char) for char in CODES) >= 3


@pytest.mark.parametrize("overload", [6.0, 12.0, 20.0])
def test_overdriven(overload: float) -> None:
    x = 10 ** (overload / 20) * spaced([burst(char, 50, level=-3.0) for char in CODES], 60)
    assert keys(np.clip(x, -1, 1)) == CODES


# --- what must not work ---


@pytest.mark.parametrize("ms", [10, 15, 20, 23, 24])
def test_short_bursts(ms: float) -> None:
    assert keys(spaced([burst(char, ms) for char in CODES], 50)) == ""
    assert keys(spaced([burst("5", ms)] * 20, 40)) == ""


@pytest.mark.parametrize("off", [(0.035, 0.0), (-0.035, 0.0), (0.0, 0.035), (0.0, -0.035), (-0.05, 0.01)])
@pytest.mark.parametrize("ms", [40, 60, 250])
def test_deviations_of_three_and_a_half_per_cent(off: tuple[float, float], ms: float) -> None:
    assert keys(spaced([burst(char, ms, off=off) for char in CODES], 60)) == ""


@pytest.mark.parametrize("ms", [40, 60, 250])
def test_deviations_of_two_point_six_per_cent(ms: float) -> None:
    """Half-way between what must work and what must not."""
    for off in ((0.026, 0.0), (-0.026, 0.0), (0.0, 0.026), (0.0, -0.026), (0.026, 0.026)):
        assert keys(spaced([burst(char, ms, off=off) for char in CODES], 60)) == ""


@pytest.mark.parametrize("hz", [1040.0, 1070.0, 1100.0])
@pytest.mark.parametrize("ms", [40, 60, 250])
def test_three_tones_in_the_band(hz: float, ms: float) -> None:
    t = np.arange(round(ms * 8)) / 8000
    third = amplitude_of(-10.0) * np.sin(2 * np.pi * hz * t)
    assert keys(spaced([burst(char, ms) + third for char in CODES], 60)) == ""


def test_two_keys_at_once() -> None:
    for first, second in ("19", "5D", "26", "47", "#8"):
        assert keys(spaced([burst(first, 100) + burst(second, 100)] * 4, 60)) == ""


def test_levels_below_minus_55() -> None:
    assert keys(spaced([burst(char, 200, level=-55.0) for char in CODES], 60)) == ""


def test_a_single_tone_or_a_pair_of_one_group() -> None:
    t = np.arange(4000) / 8000
    for hz in ((770.0,), (1336.0,), (697.0, 941.0), (1209.0, 1477.0), (350.0, 440.0), (480.0, 620.0)):
        assert keys(np.sum([0.2 * np.sin(2 * np.pi * f * t) for f in hz], axis=0)) == ""


def test_chords() -> None:
    """Major triads on all notes from C4 to B5, with harmonics."""
    t = np.arange(1600) / 8000
    chords = []
    for note in range(60, 84):
        x = np.zeros(len(t))
        for third in (0, 4, 7):
            hz = 440 * 2 ** ((note + third - 69) / 12)
            x += np.sum([0.08 / k * np.sin(2 * np.pi * k * hz * t + k) for k in (1, 2, 3, 4)], axis=0)
        chords.append(x)
    assert keys(np.concatenate(chords)) == ""


def test_vowels() -> None:
    """Harmonics of gliding pitch through two formants."""
    t = np.arange(8000) / 8000
    for pitch, first, second in ((110, 700, 1220), (145, 850, 1610), (231, 700, 1630), (190, 770, 1340)):
        phase = 2 * np.pi * (pitch * t + 10 * np.sin(2 * np.pi * 2 * t))
        x = np.zeros(len(t))
        for k in range(1, 3400 // pitch):
            hz = k * pitch
            x += sum(60 / (60 + abs(hz - formant)) for formant in (first, second, 2600)) * np.sin(k * phase + k * k)
        assert keys(0.1 * x) == ""


@pytest.mark.parametrize("scale", [1e-4, 0.1, 3.0])
def test_white_noise_alone(scale: float) -> None:
    assert keys(scale * np.random.default_rng(7).standard_normal(8000 * 20)) == ""


@pytest.mark.parametrize("hz", [(450.0,), (480.0,), (350.0, 440.0), (350.0, 450.0)])
@pytest.mark.parametrize("louder", [0.0, 8.0])
def test_the_key_that_is_most_like_a_voice_over_dial_tone(hz: tuple[float, ...], louder: float) -> None:
    """697 and 1633 Hz are the third and seventh harmonic of 233 Hz, 450 and 480 Hz not far from the second."""
    x = spaced([burst("A", 50, level=-17.0)] * 24, 57.3)
    t = np.arange(len(x)) / 8000
    for one in hz:
        x += amplitude_of(-17.0 + louder) * np.sin(2 * np.pi * one * t)
    assert keys(x) == "A" * 24


def test_a_key_just_long_enough_has_an_honest_signal_to_noise_ratio() -> None:
    rng = np.random.default_rng(3)
    x = spaced([burst("5", 26)], 60)
    (event,) = ended(Detector().feed(mu_law(x + 0.01 * rng.standard_normal(len(x)))))
    assert 15 < event.snr_db < 30
