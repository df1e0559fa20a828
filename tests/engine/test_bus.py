import numpy as np
import pytest

from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.tones import sequence
from dtmfphone.engine.bus import Bus
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent, Sighting, SightingRejected, SightingRetracted, SightingStarted
from dtmfphone.engine.sightings import Sightings


class Session:
    def __init__(self, rate: int) -> None:
        self.now = 100.0
        self.events: list[AnyEvent] = []
        self.display = DisplayRing.local()
        self.activity = Activity()
        sightings = Sightings("call", "phone", self.events.append, lambda: self.now)
        self.bus = Bus("received", sightings, self.display, self.activity)
        self.rate = rate

    def feed(self, samples: np.ndarray) -> None:
        pcm = np.rint(samples * 32767).astype(np.int16)
        step = self.rate // 50
        for start in range(0, len(pcm), step):
            part = pcm[start : start + step]
            self.now += len(part) / self.rate
            self.bus.feed(part, self.rate, self.now)

    @property
    def keys(self) -> list[tuple[str, float]]:
        return [(e.key, e.start) for e in self.events if isinstance(e, Sighting)]


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("silence", [0.1, 0.49, 0.52, 3.0, 61.0])
def test_keys_after_silence_of_any_length_come_at_their_times(rate: int, silence: float) -> None:
    session = Session(rate)
    quiet = np.zeros(round(silence * rate))
    keys = np.asarray(sequence("12", 100, 100, rate))
    session.feed(np.concatenate([quiet, keys, quiet, keys, np.zeros(rate // 2)]))
    gap = len(keys) / rate + silence
    expected = [("1", 0.1), ("2", 0.3), ("1", gap + 0.1), ("2", gap + 0.3)]
    assert [key for key, _ in session.keys] == [key for key, _ in expected]
    for (_, start), (_, wanted) in zip(session.keys, expected, strict=True):
        assert start == pytest.approx(100 + silence + wanted, abs=0.006)


def test_a_gap_ends_a_tone_and_shows_silence() -> None:
    session = Session(8000)
    tone = np.asarray(sequence("5", 200, 0, 8000))
    session.feed(tone[:800])
    written = session.display.written("received")
    session.now += 0.3
    session.bus.gap(0.3, session.now)
    assert session.display.written("received") == written + 2400
    session.feed(tone[:800])
    session.feed(np.zeros(800))
    assert [key for key, _ in session.keys] == ["5", "5"]


def test_one_lost_packet_does_not_make_two_keys_of_one() -> None:
    session = Session(8000)
    tone = np.asarray(sequence("5", 200, 0, 8000))
    session.feed(tone[:800])
    session.now += 0.02
    session.bus.gap(0.02, session.now)
    session.feed(tone[960:])
    session.feed(np.zeros(800))
    assert [key for key, _ in session.keys] == ["5"]


def test_a_key_is_guessed_before_it_is_told() -> None:
    session = Session(8000)
    session.feed(np.asarray(sequence("5", 80, 100, 8000)))
    guess, told = (e for e in session.events if isinstance(e, SightingStarted))
    assert (guess.tentative, told.tentative) == (True, False)
    assert guess.id == told.id
    assert guess.t <= told.t


def test_a_short_burst_is_no_key() -> None:
    session = Session(8000)
    session.feed(np.asarray(sequence("5", 20, 100, 8000)))
    session.feed(np.zeros(4000))
    assert session.keys == []
    guesses = {e.id for e in session.events if isinstance(e, SightingStarted)}
    assert guesses == {e.id for e in session.events if isinstance(e, SightingRetracted)}
    (refused,) = (e for e in session.events if isinstance(e, SightingRejected))
    assert (refused.key, refused.reason) == ("5", "too-short")
    assert refused.start == pytest.approx(100.1, abs=0.006)


def test_activity_hears_speech_and_quiet() -> None:
    session = Session(8000)
    session.feed(0.2 * np.random.default_rng(1).standard_normal(8000))
    assert session.activity.heard
    session.feed(np.zeros(8000))
    assert session.activity.quiet_for(session.now) > 0.7
