import numpy as np
import pytest
from bursts import voice

from dtmfphone.dtmf.frames import (
    BLOCK,
    CONTEXT,
    DIGITS,
    FRAME,
    HOP,
    MAX_DEVIATION_HZ,
    NEAR_DIGITS,
    POWERS,
    Frames,
    Gate,
    analyse,
    gate,
    powers_of,
    some,
)
from dtmfphone.dtmf.keys import HIGH_HZ, KEYS, LAYOUT, LOW_HZ
from dtmfphone.dtmf.levels import Samples, amplitude_of

LENGTH = 15 * BLOCK


def pair(low_hz: float, high_hz: float, n: int = LENGTH, low: float = 0.2, high: float = 0.3) -> Samples:
    t = np.arange(n) / 8000
    x = low * np.sin(2 * np.pi * low_hz * t) + high * np.sin(2 * np.pi * high_hz * t)
    return x.astype(np.float32)


def all_frames(x: Samples) -> Frames:
    return analyse(x, np.arange((len(x) - CONTEXT) // HOP))


def opened(x: Samples, limits: Gate = DIGITS) -> float:
    """Part of the pairs of blocks that pass."""
    return float(gate(powers_of(x), limits).mean())


# --- frames ---


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
    assert frames.low_rest.max() < 0.02
    assert frames.high_rest.max() < 0.02


def test_share_of_a_half_filled_frame_is_about_half() -> None:
    x = pair(LOW_HZ[1], HIGH_HZ[1])
    x[: len(x) // 2] = 0
    share = all_frames(x).share
    half = (len(x) // 2 + FRAME // 2 - CONTEXT) // HOP - 1  # the hop that ends half a frame after the onset
    assert share[half] == pytest.approx(0.5, abs=0.1)
    assert share[half + 3 :] == pytest.approx(1.0, abs=0.1)
    assert share[half - 2] < 0.4


def test_an_offset_and_sounds_out_of_band_do_not_lower_the_share_and_are_told_apart() -> None:
    t = np.arange(LENGTH) / 8000
    tones = pair(770.0, 1336.0)
    power = (0.2**2 + 0.3**2) / 2
    low, high = 0.3 * np.sin(2 * np.pi * 350 * t), 0.2 * np.sin(2 * np.pi * 2600 * t)
    frames = all_frames((tones + 0.25 + low + high).astype(np.float32))
    assert frames.share.min() > 0.9
    assert frames.low_rest == pytest.approx(0.3**2 / 2 / power, rel=0.15)
    assert frames.high_rest == pytest.approx(0.2**2 / 2 / power, rel=0.15)


def test_an_in_band_tone_lowers_the_share() -> None:
    t = np.arange(LENGTH) / 8000
    chord = pair(697.0, 1633.0, LENGTH, 0.2, 0.2) + 0.2 * np.sin(2 * np.pi * 1070 * t)
    assert all_frames(chord.astype(np.float32)).share == pytest.approx(2 / 3, abs=0.05)


def test_deviation_is_bounded_and_all_is_finite_whatever_comes() -> None:
    t = np.arange(LENGTH) / 8000
    for x in (np.zeros(LENGTH), np.ones(LENGTH), np.eye(1, LENGTH, 600)[0], np.sin(2 * np.pi * 3000 * t), voice(0.15)):
        frames = all_frames(x[:LENGTH].astype(np.float32))
        assert all(np.isfinite(values).all() for values in frames)
        assert np.abs(frames.low_deviation).max() <= MAX_DEVIATION_HZ
        assert np.abs(frames.high_deviation).max() <= MAX_DEVIATION_HZ


def test_frames_are_those_of_the_hops_asked_for() -> None:
    x = voice(1.0, 4).astype(np.float32)
    whole = all_frames(x)
    hops = np.array([3, 4, 90, 150])
    one, other = analyse(x, hops), some(whole, hops)
    assert one.hop.tolist() == hops.tolist() == other.hop.tolist()
    for a, b in zip(one[1:], other[1:], strict=True):
        assert a == pytest.approx(b, rel=1e-3, abs=1e-4)
    mask = np.zeros(len(whole.hop), dtype=bool)
    mask[hops] = True
    assert some(whole, mask).hop.tolist() == hops.tolist()


# --- blocks and gate ---


@pytest.mark.parametrize("char", KEYS)
def test_powers_of_blocks_are_squared_amplitudes_of_the_tones_and_what_is_in_band(char: str) -> None:
    key = KEYS[char]
    powers = powers_of(pair(key.low_hz, key.high_hz))
    assert powers.shape == (POWERS, LENGTH // BLOCK)
    row, column = LOW_HZ.index(key.low_hz), 4 + HIGH_HZ.index(key.high_hz)
    assert powers[row].mean() == pytest.approx(0.04, rel=0.1)
    assert powers[column].mean() == pytest.approx(0.09, rel=0.1)
    assert (powers[:4].argmax(axis=0) == row).all()
    assert (powers[4:8].argmax(axis=0) + 4 == column).all()
    assert powers[8] == pytest.approx(0.13, rel=0.2)


def test_powers_do_not_know_an_offset() -> None:
    x = pair(697.0, 1477.0)
    assert powers_of((x + 0.4).astype(np.float32)) == pytest.approx(powers_of(x), rel=1e-2, abs=1e-6)
    assert powers_of(np.full(LENGTH, 0.9, dtype=np.float32)).max() < 1e-9


@pytest.mark.parametrize("char", KEYS)
def test_the_gate_opens_for_keys(char: str) -> None:
    key = KEYS[char]
    t = np.arange(LENGTH) / 8000
    for low, high in ((0.2, 0.3), (0.005, 0.005), (0.3, 0.2)):
        assert opened(pair(key.low_hz, key.high_hz, LENGTH, low, high)) == 1.0
    assert opened(pair(key.low_hz * 1.018, key.high_hz * 0.982)) == 1.0
    assert opened((pair(key.low_hz, key.high_hz) + 0.3).astype(np.float32)) == 1.0
    dial_tone = 0.4 * np.sin(2 * np.pi * 425 * t)
    assert opened((pair(key.low_hz, key.high_hz, LENGTH, 0.2, 0.2) + dial_tone).astype(np.float32)) > 0.9


@pytest.mark.parametrize("char", KEYS)
def test_the_gate_opens_twice_or_more_in_a_key_of_40_ms_in_noise(char: str) -> None:
    rng = np.random.default_rng(7)
    for shift in range(0, BLOCK, 9):
        x = np.zeros(LENGTH)
        x[400 + shift : 720 + shift] = pair(KEYS[char].low_hz, KEYS[char].high_hz, 320, 0.2, 0.2)
        x += 0.2 * 10 ** (-3 / 20) * rng.standard_normal(LENGTH)
        assert gate(powers_of(x.astype(np.float32))).sum() >= 2


def test_the_gate_stays_shut_for_silence_offset_faint_sound_and_one_tone() -> None:
    t = np.arange(LENGTH) / 8000
    assert opened(np.zeros(LENGTH, dtype=np.float32)) == 0.0
    assert opened(np.full(LENGTH, 0.9, dtype=np.float32)) == 0.0
    assert opened(pair(697.0, 1209.0, LENGTH, 0.0005, 0.0005)) == 0.0
    assert opened((0.2 * np.sin(2 * np.pi * 770 * t)).astype(np.float32)) == 0.0
    assert opened(pair(697.0, 1209.0, LENGTH, 0.3, 0.02)) == 0.0


def test_the_gate_lets_little_of_noise_and_voices_through() -> None:
    noise = np.random.default_rng(4).standard_normal(160_000).astype(np.float32) * 0.1
    assert opened(noise) < 0.2
    assert opened(np.concatenate([voice(10.0, seed) for seed in range(4)]).astype(np.float32)) < 0.1


def test_what_is_almost_a_digit_passes_the_wider_gate_only() -> None:
    for low, high in ((0.2, 0.035), (0.03, 0.2)):
        x = pair(852.0, 1336.0, LENGTH, low, high)
        assert opened(x, NEAR_DIGITS) == 1.0
        assert opened(x) < 0.5
    faint = pair(852.0, 1336.0, LENGTH, amplitude_of(-58.0), amplitude_of(-58.0))
    assert opened(faint, NEAR_DIGITS) == 1.0
    assert opened(faint) == 0.0


def test_blocks_and_pairs_do_not_depend_on_what_is_beside_them() -> None:
    x = voice(2.0, 6).astype(np.float32)
    powers = powers_of(x)
    assert np.array_equal(powers_of(x[: 40 * BLOCK]), powers[:, :40])
    assert np.array_equal(gate(powers[:, 60:91]), gate(powers)[60:90])
