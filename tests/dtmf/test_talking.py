import numpy as np
import pytest

from buzz import voice
from dtmfphone.dtmf.levels import Pcm, to_int16
from dtmfphone.dtmf.talking import Talking
from dtmfphone.dtmf.tones import sequence


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * 8000), np.int16)


class Line:
    """Feeds 20 ms frames from time 100 on; a tone is known as one 40 ms after it began, and until 30 ms after it."""

    def __init__(self, hang: float = 0.55) -> None:
        self.turns: list[tuple[bool, float]] = []
        self.talking = Talking(hang, lambda active, t: self.turns.append((active, round(t - 100, 2))))
        self.t = 100.0

    def hear(self, pcm: Pcm, *, tone: bool = False) -> None:
        for start in range(0, len(pcm), 160):
            part = pcm[start : start + 160]
            self.t += len(part) / 8000
            self.talking.feed(part, self.t, tone=tone)

    def key(self, seconds: float = 0.1) -> None:
        tone = to_int16(np.asarray(sequence("5", round(1000 * seconds), 0, 8000)))
        self.hear(tone[:320])
        self.hear(tone[320:], tone=True)
        self.hear(silence(0.03), tone=True)


def test_talk_begins_after_a_tenth_of_a_second_and_ends_after_the_hang() -> None:
    line = Line()
    line.hear(silence(1.0))
    line.hear(voice(2.0))
    line.hear(silence(1.0))
    (began, at), (ended, end) = line.turns
    assert (began, ended) == (True, False)
    assert at == pytest.approx(1.15, abs=0.03)
    assert end == pytest.approx(3.55, abs=0.1)


def test_pauses_within_the_hang_are_talk() -> None:
    line = Line()
    for _ in range(4):
        line.hear(voice(0.5))
        line.hear(silence(0.4))
    line.hear(silence(1.0))
    assert [active for active, _ in line.turns] == [True, False]


@pytest.mark.parametrize("seconds", [0.05, 0.1, 0.3, 2.0])
def test_keys_are_no_talk(seconds: float) -> None:
    line = Line()
    line.hear(silence(1.0))
    for gap in (0.05, 0.1, 0.25, 0.5, 3.0):
        line.key(seconds)
        line.hear(silence(gap))
    assert line.turns == []
    line.hear(voice(1.0))
    assert [active for active, _ in line.turns] == [True]


def test_a_key_on_a_noisy_line_does_not_turn_the_noise_into_talk() -> None:
    line = Line()
    noise = np.random.default_rng(1).normal(0, 260, 160 * 400).astype(np.int16)
    line.hear(noise)
    for _ in range(3):
        line.key()
        line.hear(noise[:16000])
    assert line.turns == []


def test_a_click_is_no_talk() -> None:
    line = Line()
    line.hear(silence(1.0))
    line.hear(voice(0.04))
    line.hear(silence(1.0))
    line.hear(voice(0.5))
    assert line.turns
    assert line.turns[0][1] > 2.0


def test_who_is_heard_no_more_is_quiet() -> None:
    line = Line()
    line.hear(silence(0.1))
    line.hear(voice(1.0))
    due = line.talking.deadline
    assert due == pytest.approx(line.t + 0.55, abs=0.1)
    line.talking.tick(line.t + 0.3)
    assert line.talking.active
    line.talking.tick(line.t + 0.6)
    assert [active for active, _ in line.turns] == [True, False]
    assert line.talking.deadline is None
