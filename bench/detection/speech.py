"""Speech at 8 kHz: the recorded prompts of Debian's asterisk-core-sounds, and espeak-ng's many voices."""

import hashlib
import io
import math
import os
import shutil
import subprocess
import wave
from fractions import Fraction
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from detection.tone_pair import RATE, Wave, peak_of

SOUNDS: Final = Path("/usr/share/asterisk/sounds")
LICENSE: Final = Path(__file__).parents[2] / "LICENSE"
PAUSE: Final = 0.15
"""Longest silence kept inside speech, in seconds."""
LANGUAGES: Final = (
    "en-us",
    "en-gb",
    "de",
    "fr",
    "es",
    "it",
    "pt-br",
    "nl",
    "pl",
    "sv",
    "tr",
    "fi",
    "cs",
    "hu",
    "id",
    "vi",
)
VARIANTS: Final = ("", "+m1", "+m3", "+m7", "+f1", "+f2", "+f4", "+f5", "+croak", "+whisper", "+klatt2", "+Alicia")


class NoMaterialError(Exception):
    """What a group is made of is not on this machine; one sentence with cause and remedy."""


def resampled(x: NDArray[np.generic], ratio: float) -> Wave:
    """Return the samples stretched to `ratio` times as many (within 1e-5), band-limited."""
    step = Fraction(ratio).limit_denominator(500)
    # Silence is added until the lengths have small factors only: other ones take a Fourier transform seconds.
    blocks = next(n for n in count(math.ceil(len(x) / step.denominator)) if _is_smooth(n))
    before, after = blocks * step.denominator, blocks * step.numerator
    spectrum = np.fft.rfft(x, before)
    cut = np.zeros(after // 2 + 1, dtype=np.complex128)
    n = min(len(cut), len(spectrum))
    cut[:n] = spectrum[:n]
    stretched: Wave = np.fft.irfft(cut, after) * (after / before)
    return stretched[: round(len(x) * ratio)]


def _is_smooth(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


def active_level(x: Wave) -> float:
    """Return the level of what is not pause, in dBm0: the mean power of 20 ms frames within 25 dB of the loudest."""
    frames = np.mean(np.square(x[: len(x) // 160 * 160].reshape(-1, 160)), axis=1)
    power = float(np.mean(frames[frames > frames.max() / 10**2.5]))
    return float(10 * np.log10(2 * power / peak_of(0.0) ** 2))


def at_level(x: Wave, dbm0: float) -> Wave:
    """Return speech with this active level."""
    return x * 10 ** ((dbm0 - active_level(x)) / 20)


def without_pauses(x: Wave) -> Wave:
    """Return speech whose silences are at most PAUSE long."""
    frames = x[: len(x) // 80 * 80].reshape(-1, 80)
    power = np.mean(np.square(frames), axis=1)
    quiet = power < power.max() / 1e5
    since = np.arange(len(quiet)) - np.maximum.accumulate(np.where(quiet, -1, np.arange(len(quiet))))
    kept: Wave = frames[~quiet | (since <= PAUSE * 100)].reshape(-1)
    return kept


@cache
def prompts() -> tuple[Path, ...]:
    """Return the recorded prompts, without those that are silence or tones."""
    found = sorted(path for path in SOUNDS.glob("*/**/*.wav") if _spoken(path))
    if not found:
        raise NoMaterialError(
            "No recorded speech: install asterisk-core-sounds-en-wav, -es-wav and -fr-wav (make bench-detect does)"
        )
    return tuple(found)


def _spoken(path: Path) -> bool:
    return path.parent.name != "silence" and not any(part in path.stem for part in ("beep", "tone", "monkeys"))


def prompt(path: Path) -> Wave:
    """Return a recorded prompt, pauses and all."""
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            raise NoMaterialError(
                f"{path} is not 16-bit mono at 8 kHz: install the packages asterisk-core-sounds-*-wav"
            )
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, dtype=np.int16).astype(np.float64)


@cache
def sentences() -> tuple[str, ...]:
    """Return the text that the synthetic voices read: the paragraphs of the licence."""
    paragraphs = [" ".join(part.split()) for part in LICENSE.read_text().split("\n\n")]
    return tuple(part for part in paragraphs if len(part) > 80)


def espeak(voice: str, pitch: int, words_per_minute: int, text: str) -> Wave:
    """Return a text as espeak-ng speaks it; kept in the user's cache, as speaking is slow."""
    name = hashlib.sha256(f"{voice} {pitch} {words_per_minute} {text}".encode()).hexdigest()[:20]
    path = user_cache_path("dtmfphone") / "bench-speech" / f"{name}.wav"
    if not path.exists():
        program = shutil.which("espeak-ng")
        if program is None:
            raise NoMaterialError("No synthetic speech: install espeak-ng (make bench-detect does)")
        command = [program, "-v", voice, "-p", str(pitch), "-s", str(words_per_minute), "--stdout", text]
        done = subprocess.run(command, check=False, capture_output=True, timeout=60)
        if done.returncode or len(done.stdout) <= 44:
            reason = done.stderr.decode(errors="replace").strip()[-200:]
            raise NoMaterialError(f"espeak-ng does not speak as {voice}: take version 1.51 or newer ({reason})")
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(done.stdout)
        part.replace(path)
    data = path.read_bytes()
    with wave.open(io.BytesIO(data), "rb") as file:
        rate = file.getframerate()
    # The header of a stream does not know its length, so the samples are what follows it.
    pcm = np.frombuffer(data[44 : len(data) // 2 * 2], dtype=np.int16)
    return without_pauses(resampled(pcm, RATE / rate))
