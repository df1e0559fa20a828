"""What the analyzer shows: rows in time, levels, tones read, directions, pause."""

import numpy as np
import pytest

from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.keys import KEYS, key_of
from dtmfphone.dtmf.levels import amplitude_of, to_int16
from dtmfphone.dtmf.tones import sequence, tone
from dtmfphone.engine.display import CAPACITY, RATE, DisplayRing
from dtmfphone.engine.events import Direction
from dtmfphone.gui.analyzer_model import LOWEST_DBM0, ROW_SECONDS, SPAN, STEP_DB, AnalyzerModel, History

START = 5.0
"""Session time of the first sample."""


def play(ring: DisplayRing, pcm: Pcm, start: float = START, direction: Direction = "received") -> None:
    """Write audio into a ring as an engine does, 20 ms at a time."""
    for place in range(0, pcm.size, 160):
        block = pcm[place : place + 160]
        ring.write(direction, block, start + (place + block.size) / RATE)


def noise(seconds: float, dbm0: float = -50.0, seed: int = 1) -> Pcm:
    """Return white noise of this total level."""
    rng = np.random.default_rng(seed)
    return to_int16(rng.normal(0, amplitude_of(dbm0) / np.sqrt(2), round(seconds * RATE)))


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE), np.int16)


def voice(seconds: float, hz: float) -> Pcm:
    """Return a gliding voice with harmonics and formants, about as loud as speech."""
    t = np.arange(round(seconds * RATE)) / RATE
    pitch = hz * (1 + 0.2 * np.sin(2 * np.pi * 0.8 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.zeros_like(t)
    for k in range(1, 28):
        formants = sum(np.exp(-(((k * pitch - centre) / 250) ** 2)) for centre in (550, 1500, 2500))
        sound += formants * np.sin(k * phase)
    return to_int16(0.25 * sound / np.abs(sound).max())


def model_of(pcm: Pcm) -> AnalyzerModel:
    ring = DisplayRing.local()
    play(ring, pcm)
    model = AnalyzerModel(ring)
    assert model.pull()
    return model


@pytest.mark.parametrize("char", KEYS)
def test_reads_each_key(char: str) -> None:
    model = model_of(to_int16(tone(char, 0.2)))
    key = key_of(char)
    assert model.reading is not None
    low, high = model.reading.peaks
    assert model.sounding
    assert model.reading.key == char
    assert [low.hz, high.hz] == pytest.approx([key.low_hz, key.high_hz], abs=0.5)
    assert [low.dbm0, high.dbm0] == pytest.approx([-10, -10], abs=0.15)


@pytest.mark.parametrize("twist", [-9.0, -4.0, 4.0, 9.0])
@pytest.mark.parametrize("level", [-30.0, -3.0])
def test_reads_level_and_twist_in_noise(twist: float, level: float) -> None:
    sound = tone("5", 0.3, level_dbm0=level - max(0.0, twist), twist_db=twist)
    model = model_of(to_int16(sound + noise(1, level - 25)[: sound.size] / 32768))
    assert model.reading is not None
    assert model.reading.twist_db == pytest.approx(twist, abs=0.8)
    assert model.reading.peaks[0].dbm0 == pytest.approx(level - max(0.0, twist), abs=0.5)


def test_a_40_ms_tone_reads_its_frequencies() -> None:
    model = model_of(np.concatenate([silence(0.2), to_int16(tone("A", 0.04)), silence(0.1)]))
    assert model.reading is not None
    assert not model.sounding
    assert model.reading.key == "A"


def test_an_off_frequency_tone_is_told_as_it_is() -> None:
    t = np.arange(RATE // 2) / RATE
    wave = amplitude_of(-10) * (np.sin(2 * np.pi * 781.0 * t) + np.sin(2 * np.pi * 1400.0 * t))
    reading = model_of(to_int16(wave)).reading
    assert reading is not None
    assert reading.key == ""
    assert reading.twist_db == pytest.approx(0, abs=0.1)
    assert [peak.hz for peak in reading.peaks] == pytest.approx([781.0, 1400.0], abs=0.3)


def test_a_single_tone_has_one_peak_and_no_twist() -> None:
    t = np.arange(RATE // 2) / RATE
    reading = model_of(to_int16(amplitude_of(-13) * np.sin(2 * np.pi * 1100 * t))).reading
    assert reading is not None
    assert reading.twist_db is None
    assert reading.key == ""
    assert reading.peaks[0].hz == pytest.approx(1100, abs=0.3)
    assert reading.peaks[0].dbm0 == pytest.approx(-13, abs=0.1)


@pytest.mark.parametrize("dbm0", [-60.0, -40.0, -20.0])
def test_noise_reads_as_no_tone(dbm0: float) -> None:
    assert model_of(noise(3, dbm0)).reading is None


def test_silence_reads_as_no_tone() -> None:
    assert model_of(silence(1)).reading is None


@pytest.mark.parametrize("hz", [95.0, 130.0, 190.0, 240.0])
def test_a_voice_seldom_reads_as_a_key(hz: float) -> None:
    ring, sound = DisplayRing.local(), voice(4, hz)
    model = AnalyzerModel(ring)
    rows = keys = 0
    for place in range(0, sound.size, 160):
        ring.write("received", sound[place : place + 160], START + place / RATE)
        if model.pull():
            rows += 1
            keys += model.sounding and model.reading is not None and model.reading.key != ""
    assert rows > 150
    assert keys / rows < 0.02


def test_a_tone_that_is_no_key_must_be_steady_to_be_read() -> None:
    t = np.arange(RATE * 3) / RATE
    phase = 2 * np.pi * np.cumsum(400 + 40 * np.sin(2 * np.pi * 1.5 * t)) / RATE
    assert model_of(to_int16(0.1 * (np.sin(phase) + np.sin(1.5 * phase)))).reading is None
    dial_tone = amplitude_of(-13) * (np.sin(2 * np.pi * 350 * t) + np.sin(2 * np.pi * 440 * t))
    reading = model_of(to_int16(dial_tone)).reading
    assert reading is not None
    assert [peak.hz for peak in reading.peaks] == pytest.approx([350, 440], abs=0.5)


def test_a_weaker_press_after_a_loud_one_is_read_anew() -> None:
    loud, weak = (to_int16(tone("5", 0.2, level_dbm0=level)) for level in (-8, -25))
    reading = model_of(np.concatenate([loud, silence(0.1), weak])).reading
    assert reading is not None
    assert reading.peaks[0].dbm0 == pytest.approx(-25, abs=0.3)


def test_a_row_is_a_fixed_time_however_often_one_looks() -> None:
    keys = to_int16(sequence("159D", 80, 70))
    sound = noise(2)
    sound[4000 : 4000 + keys.size] += keys
    pictures = []
    for every in (1, 2, 7, 1000):
        ring = DisplayRing.local()
        model = AnalyzerModel(ring)
        for slot, place in enumerate(range(0, sound.size, 160)):
            block = sound[place : place + 160]
            ring.write("received", block, START + (place + block.size) / RATE)
            if slot % every == 0:
                model.pull()
        model.pull()
        pictures.append((model.history.image().copy(), model.live.copy(), model.now))
    image, live, now = pictures[0]
    assert np.count_nonzero(image.any(axis=1)) == sound.size // round(ROW_SECONDS * RATE)
    for other, other_live, other_now in pictures[1:]:
        assert np.array_equal(image, other)
        assert np.array_equal(live, other_live)
        assert other_now == pytest.approx(now, abs=1e-6)


def test_levels_stand_at_their_session_time() -> None:
    model = model_of(np.concatenate([silence(2), to_int16(tone("5", 0.1)), silence(3)]))
    assert model.now == pytest.approx(START + 5.1 - 0.032, abs=ROW_SECONDS)
    assert model.level_at(START + 2.05, 770) == pytest.approx(-10, abs=0.5)
    assert model.level_at(START + 2.05, 1336) == pytest.approx(-10, abs=0.5)
    for outside in (START + 1.95, START + 2.15):
        level = model.level_at(outside, 770)
        assert level is not None
        assert level < -50
    assert model.level_at(START + 5.2, 770) is None
    assert model.level_at(START + 5.1 - SPAN - 1, 770) is None


def test_after_a_pause_in_the_audio_what_was_before_is_older() -> None:
    ring = DisplayRing.local()
    model = AnalyzerModel(ring)
    play(ring, to_int16(tone("5", 0.5)))
    model.pull()
    play(ring, to_int16(tone("1", 0.5)), START + 3.5)
    model.pull()
    assert model.level_at(START + 0.25, 770) == pytest.approx(-10, abs=0.5)
    assert model.level_at(START + 2, 770) == LOWEST_DBM0
    assert model.level_at(START + 3.75, 697) == pytest.approx(-10, abs=0.5)


def test_the_writers_jitter_does_not_shake_the_time() -> None:
    rng = np.random.default_rng(3)
    ring = DisplayRing.local()
    model = AnalyzerModel(ring)
    drift = []
    for slot in range(400):
        ring.write("received", silence(0.02), START + 0.02 * (slot + 1) + rng.uniform(0, 0.01))
        if model.pull() and slot > 100 and model.now is not None:
            drift.append(model.now - (START + 0.02 * slot))
    assert np.ptp(drift) < 0.02 + ROW_SECONDS


def test_the_other_direction_comes_with_its_past() -> None:
    ring = DisplayRing.local()
    model = AnalyzerModel(ring)
    play(ring, to_int16(tone("5", 1)), direction="received")
    play(ring, to_int16(tone("D", 1)), direction="sent")
    model.pull()
    assert model.reading is not None
    assert model.reading.key == "5"
    model.select("sent")
    assert model.reading.key == "D"
    assert model.level_at(START + 0.5, 941) == pytest.approx(-10, abs=0.5)
    level = model.level_at(START + 0.5, 770)
    assert level is not None
    assert level < -50


def test_a_pause_of_the_display_loses_nothing_that_the_ring_holds() -> None:
    ring = DisplayRing.local()
    model = AnalyzerModel(ring)
    play(ring, silence(1))
    model.pull()
    before = model.now
    model.paused = True
    play(ring, to_int16(tone("7", 2)), START + 1)
    assert not model.pull()
    assert model.now == before
    model.paused = False
    assert model.pull()
    assert model.level_at(START + 1.5, 852) == pytest.approx(-10, abs=0.5)


def test_a_pause_longer_than_the_ring_shows_the_newest() -> None:
    ring = DisplayRing.local()
    model = AnalyzerModel(ring)
    play(ring, silence(1))
    model.pull()
    play(ring, np.concatenate([noise(CAPACITY / RATE), to_int16(tone("7", 1))]), START + 1)
    assert model.pull()
    assert model.now == pytest.approx(START + 2 + CAPACITY / RATE - 0.032, abs=ROW_SECONDS)
    assert model.level_at(START + 1.5 + CAPACITY / RATE, 852) == pytest.approx(-10, abs=0.5)
    assert model.history.image().any(axis=1).all()


def test_clear_forgets_both_directions() -> None:
    ring = DisplayRing.local()
    model = AnalyzerModel(ring)
    play(ring, to_int16(tone("5", 1)), direction="received")
    play(ring, to_int16(tone("D", 1)), direction="sent")
    model.pull()
    model.clear()
    assert not model.history.image().any()
    assert model.reading is None
    assert model.now is None
    assert not model.pull()
    model.select("sent")
    assert model.now is None
    play(ring, to_int16(tone("D", 0.2)), START + 1, direction="sent")
    assert model.pull()


def test_peak_hold_keeps_a_tone_that_has_ended() -> None:
    model = model_of(np.concatenate([to_int16(tone("5", 0.2)), silence(0.5)]))
    column = int(np.argmin(np.abs(model.frequencies - 770)))
    assert model.live[column] < -100
    assert -18 < model.held[column] < -10


def test_history_shows_newest_first_in_one_piece() -> None:
    history = History(5, 3)
    for level in range(1, 13):
        history.push(np.full((1, 3), LOWEST_DBM0 + STEP_DB * level, np.float32))
        shown = [int(row[0]) for row in history.image()]
        assert shown == [max(0, level - k) for k in range(5)]
        assert history.image().flags.c_contiguous
    history.push(np.arange(20, 29, dtype=np.float32)[:, None] * STEP_DB + LOWEST_DBM0 + np.zeros((9, 3), np.float32))
    assert [int(row[0]) for row in history.image()] == [28, 27, 26, 25, 24]


def test_history_bytes_saturate() -> None:
    history = History(2, 1)
    history.push(np.array([[-200.0], [50.0]], np.float32))
    assert history.image().ravel().tolist() == [255, 0]
