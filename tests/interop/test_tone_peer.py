"""What `dtmfphone tone` writes, heard by multimon-ng."""

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from dtmfphone.__main__ import main
from dtmfphone.dtmf.keys import CODES

pytestmark = pytest.mark.interop
KEYS = CODES + CODES[::-1]


def multimon(path: Path) -> str:
    """Return the keys that multimon-ng hears."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=22050)
    with av.open(str(path)) as container:
        frames = [out for frame in [*container.decode(audio=0), None] for out in resampler.resample(frame)]
    pcm = np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype("<i2").tobytes()
    words = ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "-"]
    done = subprocess.run(words, input=pcm, capture_output=True, check=True, timeout=60)
    return "".join(line.removeprefix("DTMF: ") for line in done.stdout.decode().splitlines())


@pytest.mark.parametrize("rate", ["8000", "16000", "44100", "48000"])
@pytest.mark.parametrize("profile", ["q23", "etsi", "tia"])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_every_key_of_every_profile_at_every_rate(tmp_path: Path, profile: str, rate: str, suffix: str) -> None:
    path = tmp_path / f"tone{suffix}"
    assert main(["tone", KEYS, "--profile", profile, "--rate", rate, "-o", str(path)]) == 0
    assert multimon(path) == KEYS


def test_through_noise_dial_tone_hum_and_an_offset(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    words = ["--noise", "10", "--dial-tone", "425@-20", "--hum", "-20", "--dc", "5"]
    assert main(["tone", KEYS, *words, "-o", str(path)]) == 0
    assert multimon(path) == KEYS
