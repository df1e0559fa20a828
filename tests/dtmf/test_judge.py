"""A run of good frames judged: where its sound begins, what its tones are, and when it is none of a key's sounds."""

import numpy as np
import pytest
from bursts import Signal, burst

from dtmfphone.dtmf.detector import good_frames
from dtmfphone.dtmf.fit import fit_two_tones
from dtmfphone.dtmf.frames import BLOCK, CONTEXT, HOP, analyse, gate, powers_of
from dtmfphone.dtmf.judge import Candidate, examine, within_limits
from dtmfphone.dtmf.keys import CODES, KEYS
from dtmfphone.dtmf.levels import amplitude_of, dbm0_of
from dtmfphone.dtmf.run import Run

BEFORE = 800


def judged(x: Signal, key: str, *, before: float = 0.0, last: int | None = None) -> Candidate | None:
    """Let the good frames of `x` in open blocks be a run; `last` is the last hop that was heard."""
    audio = np.concatenate([np.zeros(CONTEXT), x[: len(x) // BLOCK * BLOCK]]).astype(np.float32)
    pairs = np.flatnonzero(gate(powers_of(audio[CONTEXT:])))
    heard = len(x) // HOP - 1 if last is None else last
    hops = np.unique(np.concatenate([2 * pairs + 3, 2 * pairs + 4]))
    frames = analyse(audio, hops[hops <= min(heard, 2 * (len(x) // BLOCK) - 1)])
    run = Run(key, 0, 0, 0.0, before)
    for i in np.flatnonzero(good_frames(frames)).tolist():
        hop, amplitude = int(frames.hop[i]), float(np.hypot(frames.low_amplitude[i], frames.high_amplitude[i]))
        run.first = run.first or hop
        run.add(hop, amplitude, float(frames.low_deviation[i]), float(frames.high_deviation[i]))

    def part(start: int, stop: int) -> Signal:
        """Silence ahead, as in a detector."""
        history = np.concatenate([np.zeros(4000), x[: (heard + 1) * HOP]])
        return history[start + 4000 : max(stop, start) + 4000]

    return examine(run, part, heard) if run.frames else None


def alone(*parts: Signal, shift: int = 0) -> Signal:
    return np.concatenate([np.zeros(BEFORE + shift), *parts, np.zeros(800)])


@pytest.mark.parametrize("char", CODES)
@pytest.mark.parametrize("ms", [40, 60, 150])
def test_onset_and_tones(char: str, ms: int) -> None:
    for shift in (0, 13, 39):
        found = judged(alone(burst(char, ms, level=-12.0, twist=2.0, off=(0.01, -0.012)), shift=shift), char)
        assert found is not None
        assert found.onset == pytest.approx(BEFORE + shift, abs=2)
        assert found.tones.low_hz == pytest.approx(1.01 * KEYS[char].low_hz, abs=0.1)
        assert found.tones.high_hz == pytest.approx(0.988 * KEYS[char].high_hz, abs=0.1)
        assert dbm0_of(found.tones.low_amplitude) == pytest.approx(-12.0, abs=0.05)
        assert dbm0_of(found.tones.high_amplitude) == pytest.approx(-10.0, abs=0.05)
        assert found.tones.length == len(found.x) <= 8 * ms
        assert found.evidence.share > 0.99
        assert found.evidence.length == len(found.x)


@pytest.mark.parametrize(("ms", "is_one"), [(20, False), (23, False), (24, False), (25.5, True), (30, True)])
def test_the_shortest_sound(ms: float, is_one: bool) -> None:
    for shift in range(0, 40, 3):
        assert (judged(alone(burst("5", ms), shift=shift), "5") is not None) is is_one


def test_a_sound_that_goes_on_is_judged_by_what_was_heard() -> None:
    x = alone(burst("9", 300))
    after_20_ms, after_30_ms = (judged(x, "9", last=(BEFORE + 8 * ms) // HOP) for ms in (15, 30))
    assert after_20_ms is None
    assert after_30_ms is not None
    assert after_30_ms.onset == pytest.approx(BEFORE, abs=2)


def test_tones_that_were_there_before_do_not_begin() -> None:
    x = alone(burst("5", 100))
    assert judged(x, "5", before=0.8) is not None
    assert judged(x, "5", before=1.5) is None


@pytest.mark.parametrize(
    ("how", "is_one"),
    [
        ({}, True),
        ({"twist": 6.4}, True),
        ({"twist": 6.6}, False),
        ({"twist": -9.9}, True),
        ({"twist": -10.1}, False),
        ({"level": -44.9}, True),
        ({"level": -45.1}, False),
        ({"off": (0.0219, -0.0219)}, True),
        ({"off": (0.0221, 0.0)}, False),
        ({"off": (0.0, -0.0221)}, False),
    ],
)
def test_limits(how: dict[str, float], is_one: bool) -> None:
    for char in CODES:
        x = burst(char, 60, **{"level": -15.0, **how})  # type: ignore[arg-type]
        tones = fit_two_tones(x, KEYS[char].low_hz, KEYS[char].high_hz)
        assert within_limits(tones, char) is is_one
        assert (judged(alone(x), char) is not None) is is_one


def test_what_was_before_is_measured_before_the_onset() -> None:
    """The low tone alone 14 dB down ahead of the key: 0.2 of its amplitude."""
    low = 0.2 * amplitude_of(-10.0) * np.sin(2 * np.pi * 770.0 * np.arange(800) / 8000)
    quiet = judged(alone(burst("5", 60)), "5")
    ahead = judged(np.concatenate([low, burst("5", 60), np.zeros(800)]), "5")
    assert quiet is not None
    assert max(quiet.evidence.low_before, quiet.evidence.high_before) < 0.01
    assert ahead is not None
    assert ahead.onset == pytest.approx(800, abs=4)
    assert ahead.evidence.low_before == pytest.approx(0.2, abs=0.02)
    assert ahead.evidence.high_before < 0.02
