"""The tests' own decoder, on tones of a known sequence."""

import numpy as np
import pytest
from ear import HIGH_HZ, LAYOUT, LOW_HZ, listen
from numpy.typing import NDArray

pytestmark = pytest.mark.interop


def tones(keys: str, rate: int, *, on: float, off: float, amplitude: float = 0.1) -> NDArray[np.int16]:
    t = np.arange(round(on * rate)) / rate
    parts = [np.zeros(rate // 4)]
    for key in keys:
        row = next(i for i, line in enumerate(LAYOUT) if key in line)
        column = LAYOUT[row].index(key)
        pair = np.sin(2 * np.pi * LOW_HZ[row] * t) + np.sin(2 * np.pi * HIGH_HZ[column] * t)
        parts += [amplitude * pair, np.zeros(round(off * rate))]
    return (np.concatenate(parts) * 32767).astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 48000])
def test_every_key_is_heard_once(rate: int) -> None:
    heard = listen(tones("123A456B789C*0#D1122", rate, on=0.1, off=0.07), rate)
    assert "".join(each.key for each in heard) == "123A456B789C*0#D1122"
    assert [each.start for each in heard] == pytest.approx([0.25 + 0.17 * i for i in range(20)], abs=0.02)
    assert [each.duration for each in heard] == pytest.approx([0.1] * 20, abs=0.03)


def test_a_key_of_40_ms_is_heard_and_a_long_one_is_one() -> None:
    assert "".join(each.key for each in listen(tones("55", 48000, on=0.04, off=0.07), 48000)) == "55"
    (long,) = listen(tones("7", 48000, on=2.0, off=0.1), 48000)
    assert long.duration == pytest.approx(2.0, abs=0.03)


def test_a_drop_out_does_not_make_two_keys_of_one() -> None:
    pcm = tones("8", 48000, on=0.1, off=0.1)
    pcm[round(0.29 * 48000) : round(0.31 * 48000)] = 0
    (heard,) = listen(pcm, 48000)
    assert heard.duration == pytest.approx(0.1, abs=0.03)


def test_other_sounds_are_no_keys() -> None:
    noise = (np.random.default_rng(1).normal(0, 3000, 48000)).astype(np.int16)
    beep = (np.sin(2 * np.pi * 770 * np.arange(48000) / 48000) * 9000).astype(np.int16)
    assert listen(noise, 48000) == []
    assert listen(beep, 48000) == []
    assert listen(np.zeros(48000, np.int16), 48000) == []
