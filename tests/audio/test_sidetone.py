"""Tones last as long as keys were held, whatever the blocks in which they are rendered."""

import numpy as np
import pytest

from dtmfphone.audio.sidetone import Sidetone

RATE = 8000
BLOCK = 160
EDGE = 40
"""Samples in which a tone fades out."""


def runs(wave: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[tuple[int, int]]:
    """First sample and length of each stretch with sound; the zero crossings inside do not count as silence."""
    loud = np.flatnonzero(wave)
    if not len(loud):
        return []
    cuts = np.flatnonzero(np.diff(loud) > EDGE) + 1
    return [(int(part[0]), int(part[-1] - part[0] + 1)) for part in np.split(loud, cuts)]


def render(
    tones: Sidetone, script: list[tuple[float, str]], seconds: float, *, ahead: float = 0.0
) -> list[tuple[int, int]]:
    """Play key changes to a card that asks for blocks on time, `ahead` seconds early every other time."""
    waves = []
    todo = list(script)
    for number in range(round(seconds * RATE / BLOCK)):
        now = number * BLOCK / RATE - (ahead if number % 2 else 0.0)
        while todo and todo[0][0] <= now:
            t, char = todo.pop(0)
            if char:
                tones.key_down(char, t)
            else:
                tones.key_up(t)
        waves.append(tones.render(BLOCK))
    return runs(np.concatenate(waves))


def test_a_tone_shorter_than_a_block_is_heard_in_full() -> None:
    tones = Sidetone(RATE)
    tones.key_down("5", 10.0)
    tones.key_up(10.01)
    (run,) = runs(np.concatenate([tones.render(BLOCK), tones.render(BLOCK)]))
    assert run[0] <= 1
    assert run[1] == pytest.approx(0.01 * RATE + EDGE, abs=3)


@pytest.mark.parametrize("ahead", [0.0, 0.02])
def test_dialled_tones_keep_their_lengths_and_gaps(ahead: float) -> None:
    script = []
    for number in range(20):
        t = 1.003 + number * 0.117
        script += [(t, "0123456789*#ABCD"[number % 16]), (t + 0.047, "")]
    found = render(Sidetone(RATE), script, 4.0, ahead=ahead)
    assert len(found) == 20
    settled = found[8:]  # by then the latest of all changes has been seen
    assert [length for _, length in settled] == pytest.approx([0.047 * RATE + EDGE] * 12, abs=3)
    gaps = np.diff([start for start, _ in settled])
    assert gaps.tolist() == pytest.approx([0.117 * RATE] * 11, abs=3)


def test_a_key_after_a_long_pause_sounds_at_once() -> None:
    tones = Sidetone(RATE)
    tones.key_down("1", 0.0)
    tones.key_up(0.1)
    for _ in range(5 * RATE // BLOCK):
        tones.render(BLOCK)
    # Meanwhile the two clocks have come apart by a minute.
    tones.key_down("2", 65.0)
    assert np.flatnonzero(tones.render(BLOCK))[0] <= 1


def test_quiet_renders_zeros_and_is_not_active() -> None:
    tones = Sidetone(RATE)
    assert not tones.active
    assert not tones.render(BLOCK).any()
