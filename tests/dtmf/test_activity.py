import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.levels import Pcm, amplitude_of, to_int16

RNG = np.random.default_rng(5)


def voice(seconds: float, dbm0: float = -18.0) -> Pcm:
    """Syllables: a 140 Hz buzz at 4 Hz, with closures in between."""
    t = np.arange(round(seconds * 8000)) / 8000
    buzz = np.sign(np.sin(2 * np.pi * 140 * t)) * amplitude_of(dbm0) * 0.7
    return to_int16(buzz * (np.sin(2 * np.pi * 4 * t) > -0.7) * np.abs(np.sin(2 * np.pi * 2 * t)))


def noise(seconds: float, dbm0: float) -> Pcm:
    return to_int16(RNG.standard_normal(round(seconds * 8000)) * amplitude_of(dbm0) / math.sqrt(2))


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * 8000), dtype=np.int16)


class Line:
    """Feeds 20 ms frames from time 100 on."""

    def __init__(self) -> None:
        self.activity = Activity()
        self.t = 100.0

    def hear(self, pcm: Pcm) -> None:
        for start in range(0, len(pcm), 160):
            part = pcm[start : start + 160]
            self.t += len(part) / 8000
            self.activity.feed(part, self.t)


def test_before_any_audio_it_is_quiet_forever() -> None:
    activity = Activity()
    assert not activity.active
    assert not activity.heard
    assert activity.quiet_for(5.0) == math.inf


def test_silence_is_quiet_since_the_audio_began() -> None:
    line = Line()
    line.hear(silence(1.0))
    assert not line.activity.heard
    assert line.activity.quiet_for(line.t) == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("background", [None, -60.0, -45.0])
@pytest.mark.parametrize("level", [-10.0, -25.0])
def test_a_prompt_is_heard_and_its_end_timed(level: float, background: float | None) -> None:
    line = Line()
    speech, after = voice(3.0, level), silence(2.0)
    if background is not None:
        speech = (speech + noise(3.0, background)[: len(speech)]).astype(np.int16)
        after = noise(2.0, background)
    line.hear(speech)
    talks = (line.activity.active, line.activity.quiet_for(line.t))
    line.hear(after)
    assert talks == (True, 0.0)
    assert line.activity.heard
    assert not line.activity.active
    assert line.activity.quiet_for(line.t) == pytest.approx(2.0, abs=0.2)


def test_closures_inside_words_do_not_end_talk() -> None:
    line = Line()
    states = []
    speech = voice(4.0)
    for start in range(0, len(speech), 160):
        line.hear(speech[start : start + 160])
        states.append(line.activity.active)
    begun = states.index(True)
    assert begun <= 5
    assert all(states[begun:])


def test_mark_waits_for_the_next_talk() -> None:
    line = Line()
    line.hear(voice(1.0))
    line.hear(silence(1.0))
    line.activity.mark()
    assert not line.activity.heard
    line.hear(silence(0.5))
    assert not line.activity.heard
    line.hear(voice(0.5))
    assert line.activity.heard


def test_mark_while_it_talks_counts_that_talk() -> None:
    line = Line()
    line.hear(voice(1.0))
    line.activity.mark()
    assert line.activity.heard


@pytest.mark.parametrize("dbm0", [-70.0, -58.0])
def test_faint_noise_is_never_talk(dbm0: float) -> None:
    line = Line()
    line.hear(noise(6.0, dbm0))
    assert not line.activity.heard


def test_steady_noise_becomes_the_floor_and_talk_over_it_is_heard() -> None:
    line = Line()
    line.hear(noise(5.0, -38.0))
    assert not line.activity.active
    line.activity.mark()
    line.hear(noise(3.0, -38.0))
    assert not line.activity.heard
    line.hear((voice(1.0, -15.0) + noise(1.0, -38.0)).astype(np.int16))
    assert line.activity.heard


def test_an_offset_is_not_talk() -> None:
    line = Line()
    line.hear(np.full(16000, 8000, dtype=np.int16))
    assert not line.activity.heard


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=10))
def test_any_chunks_give_the_same_answer(sizes: list[int]) -> None:
    pcm = np.concatenate([silence(0.3), voice(0.7), silence(1.0)])
    whole, parts = Activity(), Activity()
    whole.feed(pcm, 2.0)
    fed = 0
    for size in [*sizes, len(pcm)]:
        part = pcm[fed : fed + size]
        fed += len(part)
        parts.feed(part, fed / 8000)
    assert parts.heard == whole.heard
    assert parts.active == whole.active
    assert parts.quiet_for(3.0) == pytest.approx(whole.quiet_for(3.0))
