import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.playback import Playback, beep, pause


def ramp(samples: int) -> Pcm:
    return np.arange(1, samples + 1, dtype=np.int16)


@hypothesis_settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6), st.lists(st.integers(1, 500), min_size=1, max_size=12))
def test_what_was_queued_comes_out_once_then_silence(pieces: list[int], slots: list[int]) -> None:
    playback = Playback()
    playback.play(ramp(count) for count in pieces)
    got = np.concatenate([playback.pull(count, 16000) for count in slots])
    want = np.concatenate([pause(0), *map(ramp, pieces), np.zeros(6000, dtype=np.int16)])
    assert got.tolist() == want[: sum(slots)].tolist()
    assert playback.speaking == (sum(slots) < sum(pieces))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
def test_a_tone_keeps_its_pitch_and_length_at_every_rate(rate: int) -> None:
    tone = np.rint(8000 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)).astype(np.int16)
    playback = Playback()
    playback.play([tone])
    slot = rate // 50
    slots = [playback.pull(slot, rate) for _ in range(60)]
    assert all(len(part) == slot and part.dtype == np.int16 for part in slots)
    pcm = np.concatenate(slots).astype(float)
    middle = pcm[rate // 4 : rate // 4 + rate // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * rate / len(middle) == pytest.approx(1000, abs=2.1)
    sounding = np.flatnonzero(np.abs(pcm) > 4000)
    assert (sounding[-1] - sounding[0]) / rate == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_stopped_it_is_silent_at_once(rate: int) -> None:
    playback = Playback()
    playback.play([np.full(16000, 10000, dtype=np.int16)])
    assert playback.pull(rate // 50, rate).any()
    playback.stop()
    assert not playback.speaking
    assert not playback.pull(rate // 50, rate).any()
    playback.play([np.full(16000, 10000, dtype=np.int16)])
    assert playback.pull(rate // 10, rate).max() > 9000


def test_the_rate_may_change_in_mid_prompt() -> None:
    playback = Playback()
    playback.play([np.full(1600, 10000, dtype=np.int16)])
    assert len(playback.pull(160, 8000)) == 160
    assert len(playback.pull(960, 48000)) == 960
    assert playback.speaking
    playback.pull(960 * 3, 48000)
    assert not playback.speaking


def test_the_beep_is_loud_enough_and_no_key() -> None:
    playback = Playback()
    playback.play([beep()] * 5)
    pcm = playback.pull(12000, 8000)
    assert 4000 < pcm.max() < 6000
    assert Detector().feed(pcm) == []
