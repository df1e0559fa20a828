"""Bursts that were almost a digit: told once, measured, with the reason."""

import numpy as np
import pytest
from bursts import Signal, burst, ended, heard, keys, mu_law, refused, spaced, voice

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DigitRejected
from dtmfphone.dtmf.keys import CODES, KEYS
from dtmfphone.dtmf.levels import amplitude_of
from dtmfphone.dtmf.tones import sequence


def each(ms: float, **how: object) -> list[Signal]:
    return [burst(char, ms, **how) for char in CODES]  # type: ignore[arg-type]


def told_of_all(bursts: list[Signal], reason: str, seconds: float) -> list[DigitRejected]:
    """Each of 16 keys is refused once, for this reason, at its time."""
    x = mu_law(spaced(bursts, 60))
    found = refused(x)
    assert heard(x) == []
    assert "".join(event.key for event in found) == CODES
    assert {event.reason for event in found} == {reason}
    starts, at = [], 480
    for number, part in enumerate(bursts):
        starts.append(at / 8000)
        at += len(part) + 480 + 7 * number % 80
    for event, start in zip(found, starts, strict=True):
        assert event.onset == pytest.approx(start, abs=0.003)
        assert event.duration == pytest.approx(seconds, abs=0.004)
        assert event.onset + event.duration < event.reported < event.onset + event.duration + 0.15
    return found


def assert_measured(found: list[DigitRejected], level: float = -10.0, twist: float = 0.0, low: float = 0.0) -> None:
    for event in found:
        assert event.low_dbm0 == pytest.approx(level, abs=0.2)
        assert event.twist_db == pytest.approx(twist, abs=0.2)
        assert event.low_deviation == pytest.approx(low, abs=0.001)
        assert event.high_deviation == pytest.approx(0.0, abs=0.001)
        assert event.high_hz == pytest.approx(KEYS[event.key].high_hz, abs=1.5)


@pytest.mark.parametrize("ms", [14, 18, 20, 23, 24])
def test_too_short(ms: int) -> None:
    found = told_of_all(each(ms), "too-short", ms / 1000)
    assert_measured(found)
    for event in found:
        assert event.detail == f"It lasted {1000 * event.duration:.1f} ms; the least is 24.5 ms."


@pytest.mark.parametrize("level", [-47.0, -52.0])
def test_too_weak(level: float) -> None:
    found = told_of_all(each(60, level=level), "too-weak", 0.06)
    assert_measured(found, level)
    for event in found:
        weaker = min(event.low_dbm0, event.high_dbm0)
        assert event.detail == f"The weaker tone has {weaker:.1f} dBm0; the least is -45."


@pytest.mark.parametrize("twist", [-13.0, 9.0])
def test_twist(twist: float) -> None:
    found = told_of_all(each(60, level=-15.0, twist=twist), "twist", 0.06)
    assert_measured(found, -15.0, twist)
    for event in found:
        assert event.detail == f"The twist is {event.twist_db:+.1f} dB; the limits are -10 and +6.5."


@pytest.mark.parametrize("off", [-0.026, 0.026, 0.03])
def test_frequency(off: float) -> None:
    found = told_of_all(each(60, off=(off, 0.0)), "frequency", 0.06)
    assert_measured(found, low=off)
    for event in found:
        assert event.detail == f"The low tone is {100 * off:+.1f} % off; the limit is 2.2 %."


def test_frequency_names_the_tone_that_is_farther_off() -> None:
    for event in told_of_all(each(60, off=(0.01, -0.024)), "frequency", 0.06):
        assert event.high_deviation == pytest.approx(-0.024, abs=0.0005)
        assert event.detail == "The high tone is -2.4 % off; the limit is 2.2 %."


def test_other_tones_in_the_band_are_like_a_codecs() -> None:
    third = amplitude_of(-12.0) * np.sin(2 * np.pi * 1070 * np.arange(640) / 8000)
    for event in told_of_all([x + third for x in each(80)], "codec", 0.08):
        assert event.snr_db == pytest.approx(5.0, abs=0.7)
        assert "76 %" in event.detail or "75 %" in event.detail


def test_harmonics_beside_the_tones_are_speech() -> None:
    pitch = 232.6  # its third and seventh harmonic make an A
    t = np.arange(800) / 8000
    voice_like = np.sum(
        [0.08 * np.sin(2 * np.pi * pitch * k * t + k * k) for k in (1, 2, 4, 5, 6, 8, 9, 11, 13)], axis=0
    )
    x = mu_law(spaced([burst("A", 100, level=-15.0) + voice_like] * 4, 100))
    found = refused(x)
    assert keys(x) == ""
    assert [(event.key, event.reason) for event in found] == [("A", "speech")] * 4
    for event in found:
        assert "like speech or music" in event.detail


def test_noise_that_hides_the_tones() -> None:
    """Keys in noise 5 dB stronger than they are; of those that are not found some are told of."""
    rng = np.random.default_rng(4)
    noise = amplitude_of(-10.0) * 10 ** (5 / 20)
    x = mu_law(spaced([part + noise * rng.standard_normal(1600) for part in each(200) * 3], 60))
    found = refused(x)
    assert found
    assert {event.reason for event in found} == {"noise"}
    for event in found:
        assert event.detail.startswith("Noise hides whether they are tones: ")
        assert event.snr_db < 0


def test_each_detail_is_one_sentence() -> None:
    x = spaced([burst("5", 20), burst("6", 60, off=(0.026, 0.0)), burst("7", 60, twist=9.0)], 60)
    found = refused(np.concatenate([x, voice(30, 1)]))
    assert len(found) > 4
    for event in found:
        assert event.detail[0].isupper()
        assert event.detail.endswith(".")
        assert "\n" not in event.detail
        assert event.pause is None


# --- what is not told ---


@pytest.mark.parametrize("delay", [10, 20, 35])
def test_neither_a_key_nor_its_echo_is_refused(delay: int) -> None:
    x = sequence(CODES, 65, 65)
    assert refused(x) == []
    echo = np.concatenate([np.zeros(delay * 8), 10 ** (-10 / 20) * x])[: len(x)]
    assert keys(x + echo) == CODES
    assert refused(x + echo) == []


def test_the_tail_of_a_key_is_not_refused() -> None:
    fade = np.concatenate([np.ones(800), np.exp(-np.arange(1600) / 240.0)])  # 30 ms to 1 / e
    x = spaced([fade * burst(char, 300) for char in CODES], 60)
    assert keys(x) == CODES
    assert refused(x) == []


def test_keys_in_noise_over_dial_tone_and_clipped_are_not_refused() -> None:
    rng = np.random.default_rng(3)
    x = spaced(each(60), 60)
    t = np.arange(len(x)) / 8000
    for y in (
        x + amplitude_of(-13.0) * rng.standard_normal(len(x)),
        x + amplitude_of(-4.0) * np.sin(2 * np.pi * 425 * t),
        np.clip(8 * x, -1, 1),
    ):
        assert len(ended(heard(y))) == 16
        assert refused(y) == []


def test_silence_noise_and_two_tones_elsewhere_are_nothing() -> None:
    t = np.arange(16000) / 8000
    assert refused(np.zeros(16000)) == []
    assert refused(0.1 * np.random.default_rng(1).standard_normal(80000)) == []
    for hz in ((350.0, 440.0), (480.0, 620.0), (697.0, 941.0), (1209.0, 1477.0), (2130.0, 2750.0)):
        assert refused(np.sum([0.2 * np.sin(2 * np.pi * f * t) for f in hz], axis=0)) == []


# --- long ones ---


@pytest.mark.parametrize("seconds", [0.5, 3.0, 9.0])
@pytest.mark.parametrize(
    ("how", "reason"),
    [({"twist": 9.0, "level": -15.0}, "twist"), ({"level": -47.0}, "too-weak"), ({"off": (0.026, 0.0)}, "frequency")],
)
def test_a_long_burst_is_told_once_when_it_has_ended(seconds: float, how: dict[str, float], reason: str) -> None:
    x = np.concatenate([np.zeros(1003), burst("5", 1000 * seconds, **how), np.zeros(1600)])  # type: ignore[arg-type]
    (event,) = refused(mu_law(x))
    assert event.reason == reason
    assert event.key == "5"
    assert event.onset == pytest.approx(1003 / 8000, abs=0.003)
    assert event.duration == pytest.approx(seconds, abs=0.006)
    assert event.onset + event.duration < event.reported < event.onset + event.duration + 0.1


def test_a_burst_that_goes_on_when_the_audio_ends_is_told() -> None:
    detector = Detector(rejected=True)
    assert detector.feed(np.concatenate([np.zeros(800), burst("5", 1000, twist=9.0, level=-15.0)])) == []
    (event,) = detector.reset()
    assert isinstance(event, DigitRejected)
    assert event.duration == pytest.approx(1.0, abs=0.01)
    assert detector.reset() == []


def test_a_digit_after_a_refused_burst_has_its_pause_since_the_digit_before() -> None:
    x = np.concatenate([np.zeros(800), burst("1", 60), np.zeros(800), burst("2", 20), np.zeros(800), burst("3", 60)])
    first, second = ended(heard(np.concatenate([x, np.zeros(800)])))
    assert (first.key, second.key) == ("1", "3")
    assert second.pause == pytest.approx(0.22, abs=0.001)


def test_nothing_is_refused_unless_asked_for() -> None:
    x = spaced(each(20), 60)
    assert Detector().feed(x) == []
    assert len(refused(x)) == 16
