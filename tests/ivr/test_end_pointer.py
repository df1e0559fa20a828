import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.dtmf.levels import Pcm, amplitude_of, to_int16
from dtmfphone.dtmf.tones import ToneGenerator
from dtmfphone.ivr import shipped
from dtmfphone.ivr.end_pointer import (
    AROUND_SECONDS,
    DIGITS_HANG_SECONDS,
    LONGEST_SECONDS,
    RATE,
    WORD_HANG_SECONDS,
    EndPointer,
    SpeechBegan,
    SpeechEnded,
    SpeechEvent,
)

FRAME = RATE // 50
NOISE = np.random.default_rng(3).normal(0, 1, 30 * RATE)


def quiet(seconds: float, level: float = 5.0) -> Pcm:
    return np.rint(NOISE[: round(seconds * RATE)] * level).astype(np.int16)


def voice(seconds: float, dbm0: float = -18.0) -> Pcm:
    """A 140 Hz buzz without pauses."""
    t = np.arange(round(seconds * RATE)) / RATE
    return to_int16(np.sign(np.sin(2 * np.pi * 140 * t)) * amplitude_of(dbm0) * 0.7)


def key(char: str, seconds: float) -> Pcm:
    tones = ToneGenerator(RATE)
    tones.key_down(char)
    return to_int16(tones.render(round(seconds * RATE)))


class Line:
    """Feeds 20 ms frames from time 100 on."""

    def __init__(self, hang_seconds: float = WORD_HANG_SECONDS) -> None:
        self.pointer = EndPointer(hang_seconds)
        self.t = 100.0
        self.events: list[SpeechEvent] = []

    def hear(self, *parts: Pcm) -> "Line":
        for pcm in parts:
            for start in range(0, len(pcm), FRAME):
                part = pcm[start : start + FRAME]
                self.t += len(part) / RATE
                self.events += self.pointer.feed(part, self.t)
        return self

    @property
    def ended(self) -> list[SpeechEnded]:
        return [event for event in self.events if isinstance(event, SpeechEnded)]


@pytest.mark.parametrize("level", [200.0, 800.0])
def test_a_noisy_line_is_no_speech_when_it_is_put_through(level: float) -> None:
    line = Line().hear(quiet(4, level))
    assert line.events == []
    assert len(line.hear(voice(0.6, -12.0), quiet(1, level)).ended) == 1


@pytest.mark.parametrize("text", ["one.", "zero."])
def test_a_word_at_once_is_whole(text: str) -> None:
    word = shipped.read(text)
    assert word is not None
    (ended,) = Line().hear(word, quiet(1)).ended
    kept = np.flatnonzero(np.abs(word) > 1000)
    assert ended.start - AROUND_SECONDS < 100 + kept[0] / RATE
    assert ended.end + AROUND_SECONDS > 100 + kept[-1] / RATE


@pytest.mark.parametrize("background", [0.0, 5.0, 60.0])
@pytest.mark.parametrize("level", [-12.0, -25.0])
def test_an_utterance_begins_and_ends_when_it_does(level: float, background: float) -> None:
    line = Line().hear(quiet(3, background), voice(0.6, level))
    (began,) = line.events
    assert isinstance(began, SpeechBegan)
    assert began.start == pytest.approx(103.0, abs=0.025)
    assert began.t == pytest.approx(103.1, abs=0.035)
    assert line.pointer.speaking
    line.hear(quiet(1, background))
    (ended,) = line.ended
    assert ended.start == began.start
    assert ended.end == pytest.approx(103.6, abs=0.08)
    assert ended.t == pytest.approx(ended.end + WORD_HANG_SECONDS, abs=0.015)
    assert len(ended.pcm) / RATE == pytest.approx(ended.end - ended.start + 2 * AROUND_SECONDS, abs=0.015)
    assert not line.pointer.speaking


def test_the_audio_of_an_utterance_is_what_was_fed_around_it() -> None:
    sound = np.concatenate([quiet(1), voice(0.5), quiet(1)])
    (ended,) = Line().hear(sound).ended
    place = round((ended.start - AROUND_SECONDS - 100) * RATE)
    assert abs(place - 0.75 * RATE) < 0.03 * RATE
    assert any(np.array_equal(sound[at : at + len(ended.pcm)], ended.pcm) for at in range(place - 200, place + 200))


@pytest.mark.parametrize(("pause", "hang", "utterances"), [(0.4, 0.5, 1), (0.7, 0.5, 2), (0.7, 0.8, 1), (1.0, 0.8, 2)])
def test_a_pause_is_bridged_as_long_as_is_asked(pause: float, hang: float, utterances: int) -> None:
    line = Line(hang).hear(quiet(1), voice(0.4), quiet(pause), voice(0.4), quiet(2))
    assert len(line.ended) == utterances
    assert len(line.events) == 2 * utterances


def test_the_pause_can_be_changed_while_somebody_speaks() -> None:
    line = Line().hear(quiet(1), voice(0.4))
    line.pointer.hang_seconds = DIGITS_HANG_SECONDS
    line.hear(quiet(0.7), voice(0.4), quiet(2))
    assert len(line.ended) == 1


@pytest.mark.parametrize("click", [0.01, 0.05])
def test_a_click_is_no_speech_and_does_not_hide_the_word_after_it(click: float) -> None:
    assert Line().hear(quiet(1), voice(click, -10), quiet(2)).events == []
    (ended,) = Line().hear(quiet(1), voice(click, -10), quiet(0.35), voice(0.4), quiet(1)).ended
    assert ended.start == pytest.approx(101.35 + click, abs=0.025)


def test_whoever_speaks_without_end_is_cut() -> None:
    speech = np.concatenate([voice(1.0), quiet(0.3)])
    line = Line().hear(quiet(1), *[speech] * 20)
    first = line.ended[0]
    assert first.t - first.start == pytest.approx(LONGEST_SECONDS, abs=0.015)
    assert line.pointer.speaking


def test_steady_noise_ends_by_itself() -> None:
    line = Line().hear(quiet(1), *[quiet(20, 600)])
    assert len(line.ended) == 1
    assert line.ended[0].t < 105
    assert not line.pointer.speaking


def test_without_audio_time_ends_an_utterance() -> None:
    line = Line().hear(quiet(1), voice(0.5))
    assert line.pointer.advance(line.t + 0.4) == []
    (ended,) = line.pointer.advance(line.t + 0.6)
    assert isinstance(ended, SpeechEnded)
    assert ended.end == pytest.approx(line.t, abs=0.015)
    assert line.pointer.advance(line.t + 9) == []


def press(line: Line, seconds: float, found_after: float = 0.05) -> None:
    """Let a key sound of which the detector tells a little later."""
    start = line.t
    tone = key("5", seconds)
    told = round(found_after * RATE) // FRAME * FRAME
    line.hear(tone[:told])
    line.events += line.pointer.key_down(start, line.t)
    line.hear(tone[told:])
    line.pointer.key_up(start + seconds)


@pytest.mark.parametrize("seconds", [0.1, 3.0])
def test_a_key_is_no_speech(seconds: float) -> None:
    line = Line().hear(quiet(1))
    press(line, seconds)
    assert line.hear(quiet(2)).events == []


def test_a_key_of_which_is_told_late_ends_what_it_began_without_audio() -> None:
    line = Line().hear(quiet(1))
    press(line, 1.0, found_after=0.3)
    line.hear(quiet(1))
    began, ended = line.events
    assert isinstance(began, SpeechBegan)
    assert isinstance(ended, SpeechEnded)
    assert len(ended.pcm) == 0


def test_a_word_before_a_key_is_kept_and_the_one_after_it_heard() -> None:
    line = Line().hear(quiet(1), voice(0.5), quiet(0.2))
    press(line, 0.3)
    line.hear(quiet(0.3), voice(0.5), quiet(1))
    first, second = line.ended
    assert first.end == pytest.approx(101.5, abs=0.08)
    assert len(first.pcm) / RATE == pytest.approx(0.95, abs=0.1)
    assert second.start == pytest.approx(102.3, abs=0.03)
    assert len(second.pcm) / RATE == pytest.approx(1.0, abs=0.1)


def test_what_was_being_said_can_be_forgotten() -> None:
    line = Line().hear(quiet(1), voice(0.5))
    line.pointer.reset()
    assert not line.pointer.speaking
    assert line.hear(quiet(2)).ended == []


def test_a_spoken_sentence_is_one_utterance() -> None:
    pcm = shipped.read("Thank you for calling. Goodbye.")
    assert pcm is not None
    (ended,) = Line(DIGITS_HANG_SECONDS).hear(quiet(1), pcm, quiet(2)).ended
    assert ended.end - ended.start == pytest.approx(len(pcm) / RATE, abs=0.25)


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 3000), min_size=1, max_size=40))
def test_however_the_audio_is_cut_the_same_utterances_come_out(cuts: list[int]) -> None:
    sound = np.concatenate([quiet(1), voice(0.3), quiet(0.8), voice(0.2), quiet(1)])
    whole = EndPointer().feed(sound, len(sound) / RATE)
    parts = EndPointer()
    events: list[SpeechEvent] = []
    place = 0
    while place < len(sound):
        step = cuts[len(events) % len(cuts)] if place else cuts[0]
        events += parts.feed(sound[place : place + step], min(place + step, len(sound)) / RATE)
        place += step
    assert len(whole) == len(events) == 4
    for one, other in zip(whole, events, strict=True):
        assert type(one) is type(other)
        assert one.t == pytest.approx(other.t, abs=1e-6)
        assert one.start == pytest.approx(other.start, abs=1e-6)
        if isinstance(one, SpeechEnded) and isinstance(other, SpeechEnded):
            assert np.array_equal(one.pcm, other.pcm)
