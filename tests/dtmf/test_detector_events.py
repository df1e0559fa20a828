"""What the detector says of keys, and when."""

import numpy as np
import pytest
from bursts import burst, confirmed, ended, heard, mu_law, refused, spaced, voice

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRejected, DigitRetracted, DigitStarted
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import amplitude_of, to_int16
from dtmfphone.dtmf.tones import tone

BLOCK = 0.010
"""Seconds; what is known is known at the end of one."""


# --- what is reported ---


def test_measurements() -> None:
    x = spaced([burst("8", 100, level=-14.0, twist=3.0, off=(0.01, -0.012))], 100)
    (found,) = ended(Detector().feed(to_int16(x)))
    assert found.onset == pytest.approx(0.1, abs=0.0003)
    assert found.duration == pytest.approx(0.1, abs=0.0005)
    assert found.low_hz == pytest.approx(852 * 1.01, abs=0.01)
    assert found.high_hz == pytest.approx(1336 * 0.988, abs=0.01)
    assert found.low_dbm0 == pytest.approx(-14.0, abs=0.01)
    assert found.high_dbm0 == pytest.approx(-11.0, abs=0.01)
    assert found.twist_db == pytest.approx(3.0, abs=0.01)
    assert found.snr_db > 70


@pytest.mark.parametrize("snr", [10.0, 20.0, 30.0])
def test_measured_signal_to_noise_ratio(snr: float) -> None:
    x = spaced([burst("4", 200)], 100)
    noise = amplitude_of(-10.0) * 10 ** (-snr / 20)  # two tones: mean square is amplitude squared
    (found,) = ended(Detector().feed(x + noise * np.random.default_rng(5).standard_normal(len(x))))
    assert found.snr_db == pytest.approx(snr, abs=1.0)


@pytest.mark.parametrize("seconds", [0.04, 0.25, 2.0, 12.0])
def test_duration_from_half_to_half_amplitude(seconds: float) -> None:
    x = np.concatenate([np.zeros(1003, dtype=np.float32), tone("9", seconds), np.zeros(1000, dtype=np.float32)])
    (found,) = ended(Detector().feed(to_int16(x)))
    assert found.onset == pytest.approx(1003 / 8000 + 0.0025, abs=0.0005)
    assert found.duration == pytest.approx(seconds, abs=0.001)
    assert found.low_hz == pytest.approx(852.0, abs=0.02)


def test_a_clean_key_is_reported_when_the_block_ends_in_which_it_has_lasted_24_5_ms() -> None:
    for shift in range(0, 80, 7):
        pause = np.zeros(800 + shift)
        events = heard(mu_law(np.concatenate([np.concatenate([pause, burst(char, 50)]) for char in CODES] + [pause])))
        starts = [event for event in events if isinstance(event, DigitStarted)]
        assert [event.key for event in starts] == list(CODES)
        for number, event in enumerate(starts):
            onset = ((number + 1) * (800 + shift) + number * 400) / 8000
            assert 0.0245 - 1e-9 <= event.reported - onset < 0.0245 + BLOCK + 1e-9
            assert event.onset == pytest.approx(onset, abs=0.001)


def test_an_end_is_reported_within_70_ms() -> None:
    """A lost packet has to be waited for."""
    for found in ended(heard(spaced([burst(char, 50) for char in CODES], 70))):
        assert 0.03 < found.reported - found.onset - found.duration < 0.07


@pytest.mark.parametrize("pause", [30.0, 41.25, 73.125, 400.0, 12000.0])
def test_pause_since_the_key_before(pause: float) -> None:
    x = np.concatenate([np.zeros(803), burst("1", 60), np.zeros(round(pause * 8)), burst("1", 60), np.zeros(800)])
    first, second = ended(heard(mu_law(x)))
    assert first.pause is None
    assert second.pause == pytest.approx(pause / 1000, abs=0.0005)


def test_a_key_is_ended_before_the_next_one_starts() -> None:
    events = Detector().feed(np.concatenate([tone("1", 0.1), tone("9", 0.1), np.zeros(800, dtype=np.float32)]))
    assert [(type(event).__name__, event.key) for event in events] == [
        ("DigitStarted", "1"),
        ("DigitEnded", "1"),
        ("DigitStarted", "9"),
        ("DigitEnded", "9"),
    ]


# --- guesses ---


def told(x: np.ndarray) -> list[DetectorEvent]:
    """All that a detector tells when it is asked for everything."""
    detector = Detector(tentative=True, rejected=True)
    return detector.feed(x) + detector.reset()


@pytest.mark.parametrize("ms", [30, 40, 60, 300])
def test_tentative_about_20_ms_after_the_onset_and_confirmed_later(ms: int) -> None:
    for shift in range(0, 80, 7):
        onset = (800 + shift) / 8000
        first, second, last = told(np.concatenate([np.zeros(800 + shift), burst("3", ms), np.zeros(800)]))
        assert isinstance(first, DigitStarted)
        assert first.tentative
        assert first.onset == pytest.approx(onset, abs=0.008)
        assert 0.015 <= first.reported - onset < 0.026
        assert isinstance(second, DigitStarted)
        assert not second.tentative
        assert first.reported <= second.reported
        assert isinstance(last, DigitEnded)
        assert last.onset == second.onset


def test_a_tentative_key_that_was_none_is_retracted() -> None:
    x = spaced([burst("3", 24)], 100)
    first, second = Detector(tentative=True).feed(x)
    assert isinstance(first, DigitStarted)
    assert first.tentative
    assert isinstance(second, DigitRetracted)
    assert (second.key, second.onset) == (first.key, first.onset)
    assert first.reported < second.reported
    assert Detector().feed(x) == []


def test_tones_that_do_not_begin_are_not_guessed() -> None:
    """A voice's tones grow out of it; only those of a pair that was quiet before are worth a guess."""
    swell = 10 ** np.linspace(-2, 0, 32000)  # 10 dB in a second
    events = Detector(tentative=True).feed(swell * burst("6", 4000))
    assert not any(isinstance(event, DigitStarted) and event.tentative for event in events)


def material(seed: int) -> np.ndarray:
    """Keys, what is almost one, noise and voices, in turns; mu-law."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(25):
        char, third = rng.choice(list(CODES)), amplitude_of(-12.0) * np.sin(2 * np.pi * 1070 * np.arange(480) / 8000)
        off = tuple(rng.choice([0.0, 0.018, -0.025], 2))
        parts += [
            [
                burst(char, rng.uniform(40, 300), level=rng.uniform(-40, -6)),
                burst(char, rng.uniform(12, 25)),
                burst(char, rng.uniform(40, 200), off=off),
                burst(char, rng.uniform(30, 900), level=-15.0, twist=rng.choice([-13.0, 9.0])),
                burst(char, 60) + third,
                burst(char, 80) + 0.12 * rng.standard_normal(640),
                voice(rng.uniform(0.2, 1.5), int(rng.integers(1000))),
            ][rng.integers(7)],
            np.zeros(rng.integers(200, 900)),
        ]
    return mu_law(np.concatenate(parts))


@pytest.mark.parametrize("seed", range(3))
def test_what_else_is_told_does_not_change_which_keys_are_found_and_when(seed: int) -> None:
    x = material(seed)
    found = heard(x)
    assert len(found) > 4
    assert confirmed(found) == found
    assert confirmed(told(x)) == found
    for what in ({"tentative": True}, {"rejected": True}):
        detector = Detector(**what)
        assert confirmed(detector.feed(x) + detector.reset()) == found


@pytest.mark.parametrize("seed", range(3))
def test_each_guess_is_confirmed_or_retracted_before_the_next(seed: int) -> None:
    open_guess: DigitStarted | None = None
    guesses = 0
    for event in told(material(seed)):
        if isinstance(event, DigitStarted) and event.tentative:
            assert open_guess is None
            open_guess, guesses = event, guesses + 1
        elif isinstance(event, DigitStarted):
            assert open_guess is None or open_guess.key == event.key
            open_guess = None
        elif isinstance(event, DigitRetracted):
            assert open_guess is not None
            assert (event.key, event.onset) == (open_guess.key, open_guess.onset)
            open_guess = None
    assert open_guess is None
    assert guesses > 4


@pytest.mark.parametrize("seed", range(3))
def test_events_are_in_the_order_of_their_report(seed: int) -> None:
    events = told(material(seed))
    assert [event.reported for event in events] == sorted(event.reported for event in events)
    assert any(isinstance(event, DigitRejected) for event in events)


@pytest.mark.parametrize("seed", range(3))
def test_an_accepted_key_is_not_refused_as_well(seed: int) -> None:
    x = material(seed)
    found = ended(heard(x))
    for event in refused(x):
        for key in found:
            assert event.onset + event.duration < key.onset + 0.005 or key.onset + key.duration - 0.005 < event.onset
