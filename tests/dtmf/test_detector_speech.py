"""Talk-off: the detector listens to minutes of synthetic speech, in the voice of the built-in IVR."""

from pathlib import Path

import numpy as np
import pytest

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler

pytest.importorskip("espeakng_loader", reason="no espeak-ng: install the extra `speech`")
LICENSE = Path(__file__).parents[2] / "LICENSE"


@pytest.fixture(scope="module")
def speech() -> Pcm:
    """Five minutes at 8 kHz."""
    from dtmfphone.ivr.espeak import RATE, synthesize

    paragraphs = [part for part in LICENSE.read_text().split("\n\n") if any(char.isalpha() for char in part)]
    menu = "For appointments, press 1. For office hours, press 2. To hear 3, 4, 5, 6, 7, 8, 9, 0, press star or pound."
    spoken = [synthesize(" ".join(part.split())) for part in [menu, *paragraphs[:18]]]
    return Resampler(RATE, 8000).process(np.concatenate(spoken))


@pytest.mark.parametrize("gain", [0.3, 4.0])
def test_speech_is_never_a_key(speech: Pcm, gain: float) -> None:
    """Faint, and clipped."""
    assert len(speech) > 8000 * 240
    loud = np.clip(speech * gain, -32768, 32767).astype(np.int16)
    assert Detector().feed(loud) == []
