import numpy as np
import pytest

from dtmfphone.dtmf.frames import BLOCK, CONTEXT, Frames, analyse, gate
from dtmfphone.dtmf.keys import HIGH_HZ, KEYS, LAYOUT, LOW_HZ
from dtmfphone.dtmf.levels import Samples


def pair(low_hz: float, high_hz: float, n: int = 1200, low: float = 0.2, high: float = 0.3) -> Samples:
    t = np.arange(n) / 8000
    x = low * np.sin(2 * np.pi * low_hz * t) + high * np.sin(2 * np.pi * high_hz * t)
    return x.astype(np.float32)


def all_frames(x: Samples) -> Frames:
    return analyse(x, np.arange((len(x) - CONTEXT) // BLOCK))


def opened(x: Samples) -> float:
    """Part of the blocks that pass."""
    return float(gate(x[BLOCK:].reshape(-1, BLOCK), x[:BLOCK]).mean())


@pytest.mark.parametrize("off", [-0.02, 0.0, 0.015])
@pytest.mark.parametrize("char", KEYS)
def test_a_full_frame_tells_key_amplitudes_deviation_and_share(char: str, off: float) -> None:
    key = KEYS[char]
    frames = all_frames(pair(key.low_hz * (1 + off), key.high_hz * (1 - off)))
    assert {LAYOUT[low][high] for low, high in zip(frames.low, frames.high, strict=True)} == {char}
    assert frames.low_amplitude == pytest.approx(0.2, abs=0.02)
    assert frames.high_amplitude == pytest.approx(0.3, abs=0.02)
    assert frames.low_deviation == pytest.approx(key.low_hz * off, abs=0.5)
    assert frames.high_deviation == pytest.approx(-key.high_hz * off, abs=0.5)
    assert frames.share == pytest.approx(1.0, abs=0.06)


def test_share_of_a_half_filled_frame_is_about_half() -> None:
    x = pair(LOW_HZ[1], HIGH_HZ[1])
    x[: len(x) // 2] = 0
    share = all_frames(x).share
    half = (len(x) // 2 - CONTEXT // 2 - BLOCK // 2) // BLOCK
    assert share[half] == pytest.approx(0.5, abs=0.15)
    assert share[-1] == pytest.approx(1.0, abs=0.06)


def test_an_offset_and_sounds_out_of_band_do_not_lower_the_share() -> None:
    t = np.arange(1200) / 8000
    rest = 0.25 + 0.3 * np.sin(2 * np.pi * 350 * t) + 0.3 * np.sin(2 * np.pi * 2600 * t)
    share = all_frames((pair(770.0, 1336.0) + rest).astype(np.float32)).share
    assert share.min() > 0.9


def test_an_in_band_tone_lowers_the_share() -> None:
    t = np.arange(1200) / 8000
    chord = pair(697.0, 1633.0, 1200, 0.2, 0.2) + 0.2 * np.sin(2 * np.pi * 1070 * t)
    share = all_frames(chord.astype(np.float32)).share
    assert share == pytest.approx(2 / 3, abs=0.05)


@pytest.mark.parametrize("char", KEYS)
def test_the_gate_opens_for_keys(char: str) -> None:
    key = KEYS[char]
    t = np.arange(1200) / 8000
    assert opened(pair(key.low_hz, key.high_hz)) == 1.0
    assert opened(pair(key.low_hz, key.high_hz, 1200, 0.003, 0.003)) == 1.0
    assert opened((pair(key.low_hz, key.high_hz) + 0.3).astype(np.float32)) == 1.0
    dial_tone = 0.4 * np.sin(2 * np.pi * 425 * t)
    assert opened((pair(key.low_hz, key.high_hz, 1200, 0.2, 0.2) + dial_tone).astype(np.float32)) > 0.9


def test_the_gate_stays_shut_for_silence_offset_and_faint_sound() -> None:
    assert opened(np.zeros(1200, dtype=np.float32)) == 0.0
    assert opened(np.full(1200, 0.9, dtype=np.float32)) == 0.0
    assert opened(pair(697.0, 1209.0, 1200, 0.0005, 0.0005)) == 0.0
    noise = np.random.default_rng(4).standard_normal(80_000).astype(np.float32) * 0.1
    assert opened(noise) < 0.5
