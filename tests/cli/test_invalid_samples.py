import itertools

import numpy as np
import pytest

from dtmfphone.cli.invalid_samples import InvalidSamples


@pytest.mark.parametrize("step", [1, 7, 100, 4000])
def test_parts_are_mended_as_the_whole(step: int) -> None:
    chance = np.random.default_rng(3)
    samples = chance.normal(size=(4000, 2))
    samples[chance.integers(0, 4000, 30), chance.integers(0, 2, 30)] = chance.choice([np.nan, np.inf, -np.inf], 30)
    parts = InvalidSamples(8000, 2)
    mended = np.concatenate([parts.mend(samples[start : start + step]) for start in range(0, 4000, step)])
    invalid = ~np.isfinite(samples)
    assert parts.count == invalid.sum()
    assert parts.first == invalid.any(axis=1).argmax() / 8000
    assert np.isfinite(mended).all()
    assert not mended[invalid].any()
    kept = mended != 0
    assert np.array_equal(mended[kept], samples[kept])
    for channel in (0, 1):
        places = np.flatnonzero(invalid[:, channel])
        for before, after in itertools.pairwise(places):
            if after - before >= 160:
                assert kept[before + 1 : after, channel].all()
            elif step == 4000:
                assert not kept[before + 1 : after, channel].any()


def test_sound_audio_passes_untouched() -> None:
    samples = np.ones((100, 1), np.float32)
    invalid = InvalidSamples(8000, 1)
    assert invalid.mend(samples) is samples
    assert invalid.problem is None
