"""How fast the in-band detector is: whole recordings against real time, and one live call's share of a core.

Run: .venv/bin/python bench/bench_detector.py [--seconds N]
The figures are the best of several runs on one thread; on a busy machine compare them within one run only.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DigitEnded
from dtmfphone.dtmf.frames import BLOCK, CONTEXT, FRAME, GATE_BLOCKS, analyse, gate
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import Pcm, to_float, to_int16
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.dtmf.tones import sequence

RATE = 8000
SLOT = 160
RUNS = 5


def voice(seconds: float, rng: np.random.Generator) -> Pcm:
    """Speech-like sound: gliding harmonics through moving formants, syllables, pauses and hiss."""
    n = round(seconds * RATE)
    t = np.arange(n) / RATE
    pitch = 150 + 40 * np.sin(2 * np.pi * 0.4 * t) + 15 * np.sin(2 * np.pi * 2.3 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = (500 + 250 * np.sin(2 * np.pi * 1.1 * t), 1500 + 500 * np.sin(2 * np.pi * 0.7 * t), 2600 + 0 * t)
    x = np.zeros(n)
    for k in range(1, 18):
        gain = np.sum([1 / (1 + ((k * pitch - formant) / 90) ** 2) for formant in formants], axis=0)
        x += gain * np.sin(k * phase + k * k)
    x *= np.clip(3 * np.sin(2 * np.pi * 2.7 * t) + 1.5, 0, 1) * (np.sin(2 * np.pi * 0.23 * t) > -0.6)
    x += 0.003 * rng.standard_normal(n)
    return to_int16(0.12 * x / np.sqrt(np.mean(np.square(x))))


def best(run: Callable[[], object], seconds: float) -> float:
    """Return how many times real time the fastest of RUNS calls was, for this much audio."""
    took = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return seconds / min(took)


def feed_whole(pcm: Pcm) -> None:
    Detector().feed(pcm)


def stream(pcm: Pcm) -> list[float]:
    """Feed 20 ms slots and return what each took, in seconds."""
    detector = Detector()
    took = []
    for start in range(0, len(pcm) - SLOT + 1, SLOT):
        begin = time.perf_counter()
        detector.feed(pcm[start : start + SLOT])
        took.append(time.perf_counter() - begin)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="length of each signal")
    seconds = parser.parse_args().seconds
    rng = np.random.default_rng(1)
    speech = voice(seconds, rng)
    digits = np.resize(to_int16(sequence(CODES, 100, 100)), len(speech))
    mix = np.where(np.arange(len(speech)) // RATE % 20 == 0, digits, speech).astype(np.int16)
    signals = {
        "silence": np.zeros(len(speech), dtype=np.int16),
        "speech-like": speech,
        "mix, 1 s of digits in 20 s": mix,
        "digits, 5 per second": digits,
    }

    print(f"{'signal':28} {'keys':>5} {'whole':>10} {'20 ms slots':>12} {'share of a core':>16} {'slot p99':>10}")
    for name, pcm in signals.items():
        length = len(pcm) / RATE
        found = sum(isinstance(event, DigitEnded) for event in Detector().feed(pcm))
        whole = best(partial(feed_whole, pcm), length)
        slots = min((stream(pcm) for _ in range(RUNS)), key=sum)
        share, p99 = sum(slots) / length, float(np.percentile(slots, 99))
        print(f"{name:28} {found:5} {whole:8.0f} x {1 / share:10.0f} x {share:15.2%} {p99 * 1e6:7.0f} us")

    x = to_float(mix)
    blocks = x[: len(x) // BLOCK * BLOCK].reshape(-1, BLOCK)
    before = np.zeros(BLOCK, dtype=np.float32)
    length = len(mix) / RATE
    opened = gate(blocks, before)
    seen = np.flatnonzero(np.convolve(opened, np.ones(FRAME // BLOCK))[: len(opened)] >= GATE_BLOCKS)
    padded = np.concatenate([np.zeros(CONTEXT, dtype=np.float32), x])
    print()
    print(f"stages on the mix, {len(blocks)} blocks of 5 ms")
    print(f"  int16 to float32           {best(lambda: to_float(mix), length):8.0f} x")
    print(f"  gate on block phasors      {best(lambda: gate(blocks, before), length):8.0f} x")
    part = len(seen) / len(blocks)
    print(f"  frames, {part:4.0%} of them        {best(lambda: analyse(padded, seen), length):8.0f} x")

    print()
    for rate in (16000, 44100, 48000):
        pcm = rng.integers(-8000, 8000, rate * 10).astype(np.int16)
        down = best(partial(Resampler(rate, RATE).process, pcm), 10.0)
        print(f"resampler {rate:5} -> {RATE} Hz: {down:6.0f} x real time")


if __name__ == "__main__":
    main()
