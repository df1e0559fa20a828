"""What is heard while a call rings: its frequencies, its beat, and the same in blocks of any size."""

import numpy as np
import pytest

from dtmfphone.audio.ring_tone import Ring, RingTone
from dtmfphone.dtmf.levels import Samples, amplitude_of

RATE = 8000


def rendered(ring: Ring, seconds: float, block: int = 160) -> Samples:
    tone = RingTone(ring, RATE)
    return np.concatenate([tone.render(block) for _ in range(round(seconds * RATE / block))])


def strongest(samples: Samples) -> float:
    """Return the frequency of the strongest line, Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), RATE))
    return float(spectrum.argmax())


@pytest.mark.parametrize(("ring", "lead"), [("ring", 0.0), ("ring-back", 0.4)])
def test_one_second_of_tone_and_four_of_silence(ring: Ring, lead: float) -> None:
    samples = rendered(ring, 12.0)
    sounds = np.array([bool(np.abs(part).max() > 0.01) for part in samples.reshape(-1, RATE // 10)])
    wanted = np.array([0 <= t < 1 or 5 <= t < 6 or 10 <= t < 11 for t in np.arange(0.05, 12, 0.1) - lead])
    assert (sounds == wanted).all()
    assert np.abs(samples).max() == pytest.approx(amplitude_of(-13.0), rel=0.01)


def test_ring_back_is_the_networks_tone_and_a_ring_here_is_another() -> None:
    assert strongest(rendered("ring-back", 1.4)[4000:]) == pytest.approx(425, abs=2)
    warble = rendered("ring", 0.16)
    assert [strongest(part) for part in np.split(warble, 4)] == pytest.approx([1000, 1250, 1000, 1250], abs=5)


def test_it_neither_clicks_nor_depends_on_the_blocks() -> None:
    whole = rendered("ring", 6.0)
    steps = np.abs(np.diff(whole))
    assert steps.max() < amplitude_of(-13.0) * 2 * np.pi * 1250 / RATE
    assert np.array_equal(whole[:44_100], rendered("ring", 6.0, block=441)[:44_100])
