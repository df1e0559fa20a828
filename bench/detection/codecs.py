"""Digits through speech codecs, coded and decoded by ffmpeg: 50 ms tones and 50 ms pauses."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from detection.recording import Group, Recording, Samples
from detection.speech import NoMaterialError
from detection.tape import Tape, digit, keys, to_pcm
from detection.tone_pair import RATE

LONGEST_DELAY: Final = 0.2
"""Seconds that a codec may be late, or early where the decoder cuts too much."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One way to code speech."""

    name: str
    encoder: str
    """ffmpeg's name of it."""
    suffix: str
    """What file holds it."""
    options: tuple[str, ...] = ()


VOIP: Final = ("-application", "voip")
CONSTANT: Final = (*VOIP, "-vbr", "off")
"""Every frame of 20 ms has the same few bytes, however hard it is to code."""

CODECS: Final = (
    Codec("G.711 mu-law", "pcm_mulaw", "wav"),
    Codec("G.711 A-law", "pcm_alaw", "wav"),
    Codec("G.722", "g722", "wav", ("-ar", "16000")),
    Codec("G.726 32k", "g726", "wav", ("-b:a", "32k")),
    Codec("G.726 24k", "g726", "wav", ("-b:a", "24k")),
    Codec("GSM FR", "libgsm", "gsm"),
    Codec("Speex 15k", "libspeex", "ogg", ("-b:a", "15k")),
    Codec("G.723.1", "g723_1", "mka", ("-b:a", "6.3k")),
    Codec("Opus 24k", "libopus", "ogg", ("-b:a", "24k", *CONSTANT)),
    Codec("Opus 16k, 16 kHz", "libopus", "ogg", ("-ar", "16000", "-b:a", "16k", *CONSTANT)),
    Codec("Opus 12k", "libopus", "ogg", ("-b:a", "12k", *CONSTANT)),
    Codec("Opus 8k", "libopus", "ogg", ("-b:a", "8k", *CONSTANT)),
    Codec("Opus 16k, 16 kHz, VBR", "libopus", "ogg", ("-ar", "16000", "-b:a", "16k", *VOIP)),
    Codec("Opus 8k, VBR", "libopus", "ogg", ("-b:a", "8k", *VOIP)),
    Codec("MP3 16k", "libmp3lame", "mp3", ("-b:a", "16k")),
)


def through(codec: Codec, samples: Samples) -> Samples:
    """Return the samples coded, decoded and back at 8 kHz, without the codec's delay; of the same length."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise NoMaterialError("there is no ffmpeg; install ffmpeg (make bench-detect does)")
    raw = ("-f", "s16le", "-ar", str(RATE), "-ac", "1")
    quiet = (program, "-hide_banner", "-loglevel", "error", "-y")
    with tempfile.TemporaryDirectory(prefix="bench-codec-") as folder:
        file = str(Path(folder) / f"coded.{codec.suffix}")
        code = [*quiet, *raw, "-i", "pipe:0", "-c:a", codec.encoder, *codec.options, file]
        coded = subprocess.run(code, input=samples.tobytes(), capture_output=True, check=False, timeout=120)
        if coded.returncode:
            reason = coded.stderr.decode(errors="replace").strip()[-200:]
            raise NoMaterialError(
                f"this ffmpeg cannot code {codec.name} ({codec.encoder}): take one that can ({reason})"
            )
        # What is left of a last frame is worth no warning.
        decode = [*quiet, "-loglevel", "fatal", "-i", file, *raw, "pipe:1"]
        done = subprocess.run(decode, stdout=subprocess.PIPE, check=True, timeout=120)
    decoded = np.frombuffer(done.stdout, dtype=np.int16)
    late = delay(samples, decoded)
    moved = decoded[late:] if late > 0 else np.pad(decoded, (-late, 0))
    return np.pad(moved, (0, max(0, len(samples) - len(moved))))[: len(samples)]


def delay(before: Samples, after: Samples) -> int:
    """Return how many samples `after` lags behind `before`, where the two are most alike."""
    n = 1 << (len(before) + len(after)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(after, n) * np.conj(np.fft.rfft(before, n)), n)
    reach = round(LONGEST_DELAY * RATE)
    return int(np.argmax(np.concatenate([likeness[-reach:], likeness[:reach]]))) - reach


def coded(codec: Codec) -> Callable[[np.random.Generator, float], Iterator[Recording]]:
    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        chosen = keys(rng, round(size))
        for first in range(0, len(chosen), 96):
            level = rng.uniform(-18, -8)
            tape = Tape()
            tape.pause(0.25)
            for k in chosen[first : first + 96]:
                tape.burst(k, digit(rng, k, level=level, duration=0.05))
                tape.pause(0.05)
            yield Recording(through(codec, to_pcm(tape.render())), tuple(tape.labels))

    return make


GROUPS = tuple(Group(f"codec {codec.name}", "beyond", 288, coded(codec), "best peer") for codec in CODECS)
