"""Hours without a digit: recorded and synthetic speech, gliding vowels, chords and noise."""

from collections.abc import Callable, Iterator

import numpy as np

from detection import speech
from detection.recording import Group, Recording
from detection.tape import noise, to_pcm
from detection.tone_pair import RATE, Wave, peak_of

Utterance = Callable[[np.random.Generator], Wave]
LENGTH = 240
"""Seconds in one recording."""
FORMANTS = (
    (270, 2290, 3010),
    (390, 1990, 2550),
    (530, 1840, 2480),
    (660, 1720, 2410),
    (730, 1090, 2440),
    (570, 840, 2410),
    (440, 1020, 2240),
    (300, 870, 2240),
    (640, 1190, 2390),
    (490, 1350, 1690),
)
"""Vowels of men, after Peterson and Barney (1952); other speakers are these times 0.95 to 1.25."""


def _said(one: Utterance, pauses: tuple[float, float]) -> Callable[[np.random.Generator, float], Iterator[Recording]]:
    """Return a group that strings utterances together, with pauses of this many seconds."""

    def make(rng: np.random.Generator, size: float) -> Iterator[Recording]:
        left = round(size * RATE)
        while left > 0:
            parts: list[Wave] = []
            wanted = min(left, LENGTH * RATE)
            while wanted > 0:
                parts += [one(rng), np.zeros(round(rng.uniform(*pauses) * RATE))]
                wanted -= len(parts[-1]) + len(parts[-2])
            wave = np.concatenate(parts)[: min(left, LENGTH * RATE)]
            left -= len(wave)
            yield Recording(to_pcm(wave, companded=bool(rng.integers(2))))

    return make


def recorded(rng: np.random.Generator) -> Wave:
    """A prompt at 0.85 to 1.15 times its speed, -26 to -8 dBm0."""
    paths = speech.prompts()
    said = speech.without_pauses(speech.prompt(paths[int(rng.integers(len(paths)))]))
    said = speech.resampled(said, 1 / rng.uniform(0.85, 1.15))
    return speech.at_level(said, rng.uniform(-26, -8))


def synthetic(rng: np.random.Generator) -> Wave:
    """A paragraph in one of espeak-ng's voices."""
    voice = str(rng.choice(speech.LANGUAGES)) + str(rng.choice(speech.VARIANTS))
    texts = speech.sentences()
    pitch, rate = int(rng.choice((5, 25, 50, 75, 95))), int(rng.choice((120, 160, 200)))
    said = speech.espeak(voice, pitch, rate, texts[int(rng.integers(len(texts)))])
    return speech.at_level(said, rng.uniform(-26, -8))


def vowels(rng: np.random.Generator) -> Wave:
    """Two to six vowels in one breath: the harmonics of a gliding pitch through formants that glide."""
    count = int(rng.integers(2, 7))
    n = round(rng.uniform(0.12, 0.6) * count * RATE)
    at = np.linspace(0, n, count)
    t = np.arange(n, dtype=np.float64)
    pitch = np.interp(t, at, rng.uniform(80, 400) * 2 ** rng.uniform(-0.3, 0.3, count))
    if rng.random() < 0.3:
        pitch *= 1 + 0.02 * np.sin(2 * np.pi * rng.uniform(4, 7) * t / RATE)
    size, width = rng.uniform(0.95, 1.25), rng.uniform(30, 70)
    shapes = np.array([FORMANTS[int(i)] for i in rng.integers(0, len(FORMANTS), count)], dtype=np.float64) * size
    # A resonance falls with 0.5, as all voices do; singers and synthesisers hollow it out more.
    tilt, steep = rng.uniform(0.2, 1.0), rng.uniform(0.5, 0.62)
    slow = np.arange(0, n + 40, 40)
    formants = [np.interp(slow, at, shapes[:, i]) for i in range(3)]
    pitch_slow = np.interp(slow, t, pitch)
    turn = np.exp(2j * np.pi * np.cumsum(pitch) / RATE).astype(np.complex64)
    power, wave = np.ones(n, dtype=np.complex64), np.zeros(n)
    for k in range(1, int(3800 / pitch.min()) + 1):
        power *= turn
        hz = k * pitch_slow
        peaks = [g * (1 + ((hz - f) / width) ** 2) ** -steep for g, f in zip((1, 0.7, 0.3), formants, strict=True)]
        gain = np.sum(peaks, axis=0)
        gain *= (hz < 3800) / k**tilt
        phase = np.complex64(np.exp(2j * np.pi * rng.random()))
        wave += np.interp(t, slow, gain) * (power * phase).imag
    wave *= np.interp(t, at, 10 ** (rng.uniform(-10, 0, count) / 20))
    ramp = np.clip(np.minimum(t, n - t) / (0.02 * RATE), 0, 1)
    wave = speech.at_level(wave * ramp, rng.uniform(-26, -8))
    return wave + noise(rng, n, peak_of(rng.uniform(-70, -40)) ** 2 / 2)


def chord(rng: np.random.Generator) -> Wave:
    """One to four notes of the tempered scale, held 0.1 to 1 s, with overtones that fade faster."""
    n = round(rng.uniform(0.1, 1.0) * RATE)
    t = np.arange(n) / RATE
    wave = np.zeros(n)
    overtones, bright, decay = int(rng.integers(1, 8)), rng.uniform(0.1, 0.8), rng.uniform(0, 6)
    for note in rng.choice(np.arange(48, 92), int(rng.integers(1, 5)), replace=False):
        hz = 440 * 2 ** ((note - 69 + rng.uniform(-0.1, 0.1)) / 12)
        loud = 10 ** (rng.uniform(-9, 0) / 20)
        for k in range(1, overtones + 1):
            if k * hz < 3800:
                phase = rng.uniform(0, 2 * np.pi)
                wave += loud * bright ** (k - 1) * np.exp(-decay * k * t) * np.sin(2 * np.pi * k * hz * t + phase)
    wave *= np.clip(np.minimum(np.arange(n), n - np.arange(n)) / (0.008 * RATE), 0, 1)
    return speech.at_level(wave, rng.uniform(-26, -6))


def hiss(rng: np.random.Generator) -> Wave:
    """White noise at a level of its own for 5 s."""
    return noise(rng, 5 * RATE, peak_of(rng.uniform(-40, -5)) ** 2 / 2)


GROUPS = (
    Group("recorded speech", "talk-off", 9000, _said(recorded, (0.05, 0.2))),
    Group("espeak-ng voices", "talk-off", 2800, _said(synthetic, (0.05, 0.2))),
    Group("vowels", "talk-off", 3600, _said(vowels, (0.02, 0.12))),
    Group("chords", "talk-off", 1800, _said(chord, (0.0, 0.05))),
    Group("white noise", "talk-off", 1800, _said(hiss, (0.0, 0.0))),
)
