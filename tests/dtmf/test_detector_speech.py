"""Talk-off: the detector listens to minutes of synthetic speech, in the voice of the built-in IVR."""

from pathlib import Path

import numpy as np
import pytest

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DigitEnded, DigitRejected
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import Pcm, power_dbm0, to_float
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.dtmf.tones import sequence
from dtmfphone.ivr.espeak import RATE
from dtmfphone.ivr.shipped import decode

PROMPTS = Path(__file__).parents[2] / "resources" / "prompts"


@pytest.fixture(scope="module")
def speech() -> Pcm:
    """Five minutes at 8 kHz: all shipped prompts, the same at each run, as espeak-ng itself is not."""
    prompts = [decode(file.read_bytes()) for file in sorted(PROMPTS.glob("*.ogg"))]
    return Resampler(RATE, 8000).process(np.concatenate(prompts))


@pytest.mark.parametrize("gain", [0.3, 4.0])
def test_speech_is_never_a_key(speech: Pcm, gain: float) -> None:
    """Faint, and clipped."""
    assert len(speech) > 8000 * 240
    loud = np.clip(speech * gain, -32768, 32767).astype(np.int16)
    assert Detector().feed(loud) == []


def test_keys_over_speech_ten_db_below_are_found(speech: Pcm) -> None:
    """97 % are promised; below both tones together is the speech where it sounds."""
    tones = sequence((CODES * 8)[:120], 70, 430, level_dbm0=-12.0)[: 8000 * 60]
    bed = to_float(speech)[8000 : 8000 + len(tones)]
    loud = np.square(bed).reshape(-1, 160).mean(axis=1)
    level = power_dbm0(float(loud[loud > 0.1 * loud.mean()].mean()))
    found = Detector().feed(tones + 10 ** ((-12.0 + 3.0 - 10.0 - level) / 20) * bed)
    keys = [event for event in found if isinstance(event, DigitEnded)]
    held = 0.43 + 0.5 * np.arange(120)
    heard = sum(any(abs(event.onset - t) < 0.02 for event in keys) for t in held)
    assert heard >= 0.97 * len(held)
    assert len(keys) <= len(held) + 1


def test_what_is_refused_in_speech_is_refused_as_speech(speech: Pcm) -> None:
    detector = Detector(rejected=True)
    refused = [event for event in detector.feed(speech) if isinstance(event, DigitRejected)]
    assert 0 < len(refused) < 30 * len(speech) / 8000 / 60
    assert sum(event.reason == "speech" for event in refused) >= 0.9 * len(refused)
