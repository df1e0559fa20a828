"""Tone pairs as test sets send them, and what a detector says of them."""

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRejected, DigitStarted
from dtmfphone.dtmf.keys import KEYS
from dtmfphone.dtmf.levels import Samples, amplitude_of

Signal = NDArray[np.float64]
"""8 kHz audio in ±1.0, shape (n,)."""


def mu_law(x: NDArray[np.floating]) -> Samples:
    """Send ±1.0 samples through G.711 mu-law: sign, three bits of segment, four bits of step."""
    pcm = np.clip(np.rint(x * 32768), -32635, 32635)
    magnitude = np.abs(pcm) + 132
    step = 2.0 ** (np.floor(np.log2(magnitude)) - 4)
    decoded = np.floor(magnitude / step) * step + step / 2 - 132
    return np.asarray(np.sign(pcm) * decoded / 32768, dtype=np.float32)


def burst(
    char: str,
    ms: float,
    *,
    level: float = -10.0,
    twist: float = 0.0,
    off: tuple[float, float] = (0.0, 0.0),
    phases: tuple[float, float] = (1.0, 2.0),
) -> Signal:
    """A tone pair with hard edges."""
    t = np.arange(round(ms * 8)) / 8000
    key = KEYS[char]
    low = 2 * np.pi * key.low_hz * (1 + off[0]) * t + phases[0]
    high = 2 * np.pi * key.high_hz * (1 + off[1]) * t + phases[1]
    return np.asarray(amplitude_of(level) * np.sin(low) + amplitude_of(level + twist) * np.sin(high))


def spaced(bursts: list[Signal], pause_ms: float) -> Signal:
    """Pauses before and after each; their ends fall anywhere in a block."""
    pause = np.zeros(round(pause_ms * 8))
    parts = [pause]
    for number, part in enumerate(bursts):
        parts += [part, pause, np.zeros(7 * number % 80)]
    return np.concatenate([*parts, np.zeros(800)])


def voice(seconds: float, seed: int = 0) -> Signal:
    """Speech-like sound at -15 dBm0: gliding harmonics through moving formants, syllables, pauses and hiss."""
    rng = np.random.default_rng(seed)
    n = round(seconds * 8000)
    t = np.arange(n) / 8000
    a, b, c = rng.uniform(0, 2 * np.pi, 3)
    pitch = rng.uniform(100, 200) + 40 * np.sin(2 * np.pi * 0.4 * t + a) + 15 * np.sin(2 * np.pi * 2.3 * t + b)
    phase = 2 * np.pi * np.cumsum(pitch) / 8000
    formants = (600 + 250 * np.sin(2 * np.pi * 1.1 * t + c), 1500 + 400 * np.sin(2 * np.pi * 0.7 * t + a), 2600 + 0 * t)
    x = np.zeros(n)
    for k in range(1, 18):
        gain = np.sum([1 / (1 + ((k * pitch - formant) / 90) ** 2) for formant in formants], axis=0)
        x += gain * np.sin(k * phase + k * k)
    x *= np.clip(3 * np.sin(2 * np.pi * 2.7 * t + b) + 1.5, 0, 1) * (np.sin(2 * np.pi * 0.23 * t + c) > -0.6)
    x += 0.003 * rng.standard_normal(n)
    return np.asarray(amplitude_of(-15.0) / np.sqrt(2) * x / np.sqrt(np.mean(np.square(x))))


def ended(events: list[DetectorEvent]) -> list[DigitEnded]:
    return [event for event in events if isinstance(event, DigitEnded)]


def confirmed(events: list[DetectorEvent]) -> list[DetectorEvent]:
    """The digits, without guesses and refusals."""
    return [e for e in events if isinstance(e, DigitEnded) or (isinstance(e, DigitStarted) and not e.tentative)]


def refused(x: NDArray[np.generic]) -> list[DigitRejected]:
    """What a detector refuses of a whole recording."""
    detector = Detector(rejected=True)
    events = detector.feed(x) + detector.reset()
    return [event for event in events if isinstance(event, DigitRejected)]


def heard(x: NDArray[np.generic]) -> list[DetectorEvent]:
    """All that a detector says of digits in a whole recording."""
    detector = Detector()
    return detector.feed(x) + detector.reset()


def keys(x: NDArray[np.floating]) -> str:
    """Keys found after mu-law, each begun and ended once."""
    events = heard(mu_law(x))
    starts = [(event.key, event.onset) for event in events if isinstance(event, DigitStarted)]
    assert starts == [(event.key, event.onset) for event in ended(events)]
    return "".join(key for key, _ in starts)
