import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRetracted, DigitStarted
from dtmfphone.dtmf.keys import CODES, KEYS
from dtmfphone.dtmf.levels import Samples, amplitude_of, to_float, to_int16
from dtmfphone.dtmf.tones import sequence, tone

Signal = NDArray[np.float64]


def mu_law(x: NDArray[np.floating]) -> Samples:
    """Send ±1.0 samples through G.711 mu-law: sign, three bits of segment, four bits of step."""
    pcm = np.clip(np.rint(x * 32768), -32635, 32635)
    magnitude = np.abs(pcm) + 132
    step = 2.0 ** (np.floor(np.log2(magnitude)) - 4)
    decoded = np.floor(magnitude / step) * step + step / 2 - 132
    return np.asarray(np.sign(pcm) * decoded / 32768, dtype=np.float32)


def burst(
    char: str, ms: float, *, level: float = -10.0, twist: float = 0.0, off: tuple[float, float] = (0.0, 0.0)
) -> Signal:
    """A tone pair with hard edges, as test sets send it."""
    t = np.arange(round(ms * 8)) / 8000
    key = KEYS[char]
    low, high = 2 * np.pi * key.low_hz * (1 + off[0]) * t, 2 * np.pi * key.high_hz * (1 + off[1]) * t
    return np.asarray(amplitude_of(level) * np.sin(low + 1) + amplitude_of(level + twist) * np.sin(high + 2))


def spaced(bursts: list[Signal], pause_ms: float) -> Signal:
    """Pauses before and after each; their ends fall anywhere in a block."""
    pause = np.zeros(round(pause_ms * 8))
    parts = [pause]
    for number, part in enumerate(bursts):
        parts += [part, pause, np.zeros(7 * number % 40)]
    return np.concatenate([*parts, np.zeros(800)])


def ended(events: list[DetectorEvent]) -> list[DigitEnded]:
    return [event for event in events if isinstance(event, DigitEnded)]


def keys(x: NDArray[np.floating]) -> str:
    """Keys found after mu-law, each begun and ended once."""
    events = Detector().feed(mu_law(x))
    starts = [(event.key, event.onset) for event in events if isinstance(event, DigitStarted)]
    assert starts == [(event.key, event.onset) for event in ended(events)]
    return "".join(key for key, _ in starts)


# --- what must work (ITU-T Q.24, AT&T column) ---


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


@pytest.mark.parametrize("ms", [40, 43, 60, 500])
def test_durations(ms: float) -> None:
    assert keys(spaced([burst(char, ms) for char in CODES], 50)) == CODES


@pytest.mark.parametrize("off", [(-0.015, -0.015), (0.015, -0.015)])
def test_40_ms_with_soft_edges_inside_at_the_limit_of_frequency(off: tuple[float, float]) -> None:
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(40) + 0.5) / 40)
    shape = np.concatenate([rise, np.ones(240), rise[::-1]])
    assert keys(spaced([shape * burst(char, 40, twist=4.0, off=off) for char in CODES * 3], 50)) == CODES * 3


@pytest.mark.parametrize("pause", [30, 40])
def test_pauses_part_the_same_key(pause: float) -> None:
    assert keys(spaced([burst("5", 50)] * 12, pause)) == "5" * 12
    assert keys(spaced([burst(char, 50) for char in "1470*"], pause)) == "1470*"


@pytest.mark.parametrize("gap", [1, 3, 5, 8, 10])
@pytest.mark.parametrize("ms", [60, 100])
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


@pytest.mark.parametrize("snr", [20.0, 15.0])
def test_white_noise(snr: float) -> None:
    rng = np.random.default_rng(1)
    x = spaced([burst(char, 50) for char in CODES], 50)
    assert keys(x + amplitude_of(-10.0) * 10 ** (-snr / 20) * rng.standard_normal(len(x))) == CODES


@pytest.mark.parametrize("hz", [(350.0, 440.0), (425.0,), (50.0,), (0.0,)])
def test_dial_tone_hum_and_offset(hz: tuple[float, ...]) -> None:
    x = spaced([burst(char, 50) for char in CODES], 60)
    t = np.arange(len(x)) / 8000
    for f in hz:
        x += 0.2 * np.cos(2 * np.pi * f * t)
    assert keys(x) == CODES


# --- what must not work ---


@pytest.mark.parametrize("ms", [10, 15, 20, 23, 24])
def test_short_bursts(ms: float) -> None:
    assert keys(spaced([burst(char, ms) for char in CODES], 50)) == ""
    assert keys(spaced([burst("5", ms)] * 20, 20)) == ""


@pytest.mark.parametrize("off", [(0.035, 0.0), (-0.035, 0.0), (0.0, 0.035), (0.0, -0.035), (-0.05, 0.01)])
@pytest.mark.parametrize("ms", [60, 250])
def test_deviations_of_three_and_a_half_per_cent(off: tuple[float, float], ms: float) -> None:
    assert keys(spaced([burst(char, ms, off=off) for char in CODES], 60)) == ""


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


@pytest.mark.parametrize(
    "x",
    [
        np.zeros(8000, dtype=np.int16),
        np.full(8000, 32767, dtype=np.int16),
        np.full(8000, -32768, dtype=np.int16),
        np.where(np.arange(8000) % 2, 32767, -32768).astype(np.int16),
        np.where(np.arange(8000) // 5 % 2, 32767, -32768).astype(np.int16),
        np.random.default_rng(1).choice([-32768, 32767], 8000).astype(np.int16),
        np.full(8000, np.nan),
        np.full(8000, np.inf, dtype=np.float32),
        np.full(8000, 1e38),
        np.full(8000, 1e-40),
    ],
)
def test_extremes_are_no_keys(x: NDArray[np.generic]) -> None:
    detector = Detector(tentative=True)
    assert ended(detector.feed(x)) == []
    found = ended(detector.feed(sequence("5", 100, 100)))
    assert [event.key for event in found] == ["5"]


def test_nan_inside_a_key_is_a_gap() -> None:
    x = sequence("5", 100, 100)
    x[1200:1240] = np.nan
    assert [event.key for event in ended(Detector().feed(x))] == ["5"]


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


def test_reported_about_40_ms_after_the_onset_and_ended_after_the_end() -> None:
    events = Detector().feed(spaced([burst(char, 50) for char in CODES], 50))
    for event in events:
        if isinstance(event, DigitStarted):
            assert 0.03 < event.reported - event.onset <= 0.0415
        elif isinstance(event, DigitEnded):
            assert 0.02 < event.reported - event.onset - event.duration < 0.05


def test_a_key_is_ended_before_the_next_one_starts() -> None:
    events = Detector().feed(np.concatenate([tone("1", 0.1), tone("9", 0.1), np.zeros(800, dtype=np.float32)]))
    assert [(type(event).__name__, event.key) for event in events] == [
        ("DigitStarted", "1"),
        ("DigitEnded", "1"),
        ("DigitStarted", "9"),
        ("DigitEnded", "9"),
    ]


# --- streaming ---

LIVE = mu_law(np.concatenate([sequence("15", 60, 45), sequence("9D", 45, 60, twist_db=3.0), 0.02 * np.ones(500)]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 500), min_size=1, max_size=30))
def test_any_chunks_give_the_same_events(sizes: list[int]) -> None:
    whole = Detector(tentative=True).feed(LIVE)
    detector = Detector(tentative=True)
    events = []
    for part in np.split(LIVE, np.cumsum(sizes)):
        events += detector.feed(part)
    assert len(events) == len(whole) == 12
    for a, b in zip(events, whole, strict=True):
        assert type(a) is type(b)
        assert (a.key, a.reported) == (b.key, b.reported)
        assert a.onset == pytest.approx(b.onset, abs=0.00026)  # one rounding may move an edge by a sample


def test_events_come_with_the_frame_that_shows_them() -> None:
    detector = Detector()
    x = to_int16(sequence("5", 100, 100))
    for start in range(0, len(x), 160):
        for event in detector.feed(x[start : start + 160]):
            assert start / 8000 < event.reported <= (start + 160) / 8000 == detector.clock


def test_tentative_first_and_confirmed_later() -> None:
    events = Detector(tentative=True).feed(spaced([burst("3", 60)], 100))
    first, second, last = events
    assert isinstance(first, DigitStarted)
    assert first.tentative
    assert first.onset == pytest.approx(0.1, abs=0.005)
    assert first.reported - 0.1 <= 0.031
    assert isinstance(second, DigitStarted)
    assert not second.tentative
    assert isinstance(last, DigitEnded)


def test_a_tentative_key_that_was_none_is_retracted() -> None:
    events = Detector(tentative=True).feed(spaced([burst("3", 24)], 100))
    assert [type(event) for event in events] == [DigitStarted, DigitRetracted]
    assert events[0].onset == events[1].onset
    assert Detector().feed(spaced([burst("3", 24)], 100)) == []


def test_skip_advances_the_clock_over_silence() -> None:
    detector = Detector()
    x = sequence("5", 100, 100)
    detector.feed(x)
    assert detector.skip(10.0013) == []
    assert detector.clock == pytest.approx(len(x) / 8000 + 10.00125)
    start = detector.clock
    (found,) = ended(detector.feed(x))
    assert found.onset == pytest.approx(start + 0.1025, abs=0.0005)


def test_skip_ends_a_key_and_bridges_a_lost_packet() -> None:
    detector = Detector()
    x = tone("5", 0.2)
    events = detector.feed(x[:800]) + detector.skip(0.02) + detector.feed(x[960:]) + detector.skip(0.1)
    (found,) = ended(events)
    assert found.duration == pytest.approx(0.2, abs=0.001)


def test_reset_ends_a_key_forgets_the_audio_and_keeps_the_clock() -> None:
    detector = Detector()
    assert len(detector.feed(tone("5", 1.0)[:1013])) == 1
    (found,) = detector.reset()
    assert isinstance(found, DigitEnded)
    assert found.duration == pytest.approx(1000 / 8000 - 0.0025, abs=0.001)
    assert detector.clock == 1013 / 8000
    assert detector.reset() == []
    (again,) = ended(detector.feed(sequence("6", 60, 60)))
    assert again.onset == pytest.approx((1013 + 480) / 8000 + 0.0025, abs=0.0005)


def test_reset_retracts_a_tentative_key() -> None:
    detector = Detector(tentative=True)
    (guess,) = detector.feed(burst("5", 30))
    assert isinstance(guess, DigitStarted)
    (back,) = detector.reset()
    assert isinstance(back, DigitRetracted)
    assert back.onset == guess.onset


def test_other_samples_are_refused() -> None:
    with pytest.raises(TypeError, match="int16"):
        Detector().feed(np.zeros(160, dtype=np.int32))
    assert Detector().feed(np.zeros(0, dtype=np.int16)) == []
    assert to_float(np.zeros(0, dtype=np.int16)).size == 0
