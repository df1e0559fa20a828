"""Two clocks that are nearly the same: nothing is lost, nothing piles up, silence only where there is nothing."""

import numpy as np
import pytest

from dtmfphone.audio.elastic_buffer import ElasticBuffer
from dtmfphone.dtmf.levels import Pcm

RATE = 8000
SLOT = 160


def ramp(start: int, n: int) -> Pcm:
    return np.arange(start, start + n).astype(np.int16)


def sine(start: int, n: int) -> Pcm:
    return np.round(10_000 * np.sin(2 * np.pi * 440 * np.arange(start, start + n) / RATE)).astype(np.int16)


def test_silence_until_the_target_lies_ready() -> None:
    buffer = ElasticBuffer(RATE)
    for start in range(0, 2 * SLOT, SLOT):
        buffer.write(ramp(start + 1, SLOT))
        assert not buffer.read(SLOT).any()
    buffer.write(ramp(2 * SLOT + 1, SLOT))
    assert buffer.read(SLOT).tolist() == ramp(1, SLOT).tolist()


def test_equal_clocks_pass_every_sample_once() -> None:
    buffer = ElasticBuffer(RATE)
    out = []
    for number in range(100):
        buffer.write(ramp(number * SLOT, SLOT))
        out.append(buffer.read(SLOT))
    heard = np.concatenate(out[2:])
    assert heard.tolist() == ramp(0, len(heard)).tolist()
    assert buffer.underruns == 0
    assert buffer.dropped == 0


def test_bundled_writes_are_evened_out() -> None:
    buffer = ElasticBuffer(RATE)
    out = []
    for number in range(100):
        if number % 2 == 0:
            buffer.write(ramp(number * SLOT, 2 * SLOT))
        out.append(buffer.read(SLOT))
    heard = np.concatenate(out[3:])
    assert buffer.underruns == 0
    assert np.array_equal(heard, ramp(int(heard[0]), len(heard)))


@pytest.mark.parametrize("drift", [-0.001, 0.001])
def test_drift_of_a_thousandth_for_ten_minutes_costs_nothing(drift: float) -> None:
    buffer = ElasticBuffer(RATE)
    written = 0
    largest = 0
    jumps = 0
    last = None
    for number in range(30_000):
        upto = round((number + 1) * SLOT * (1 + drift))
        buffer.write(sine(written, upto - written))
        written = upto
        block = buffer.read(SLOT)
        largest = max(largest, buffer.fill)
        if number > 5:
            whole = block if last is None else np.concatenate([last, block])
            # The steepest step of this sine is 3456 per sample.
            jumps += int(np.count_nonzero(np.abs(np.diff(whole.astype(np.int32))) > 4000))
            last = block[-1:]
    assert buffer.underruns == 0
    assert buffer.dropped == 0
    assert jumps == 0
    assert largest < 0.1 * RATE


def test_too_much_is_cut_back_to_the_target() -> None:
    buffer = ElasticBuffer(RATE, target=0.06, limit=0.25)
    buffer.write(ramp(0, RATE))
    assert buffer.fill == 480
    assert buffer.dropped == RATE - 480
    assert buffer.read(SLOT).tolist() == ramp(RATE - 480, SLOT).tolist()


def test_a_gap_is_silent_and_then_the_reserve_is_built_anew() -> None:
    buffer = ElasticBuffer(RATE)
    buffer.write(ramp(1, 480))
    buffer.write(ramp(481, 80))
    for _ in range(3):
        buffer.read(SLOT)
    rest = buffer.read(SLOT)
    assert rest[:80].tolist() == ramp(481, 80).tolist()
    assert not rest[80:].any()
    assert buffer.underruns == 1
    buffer.write(ramp(1, SLOT))
    assert not buffer.read(SLOT).any()
    assert buffer.underruns == 1


@pytest.mark.parametrize("n", [0, 1, 7, 160, 4000])
def test_a_read_has_the_length_asked_for(n: int) -> None:
    buffer = ElasticBuffer(RATE)
    buffer.write(ramp(0, 600))
    assert len(buffer.read(n)) == n
    assert buffer.read(n).dtype == np.int16
