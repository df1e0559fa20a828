"""Where the in-band detector's time goes: its stages, one slot of a live call, and the resampler ahead of it.

Run: .venv/bin/python bench/bench_detector.py [--seconds N]
The figures are the best of several runs on one thread; on a busy machine compare them within one run only. How fast it
is as a whole, beside others, is a part of bench/bench_detect.py.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.frames import BLOCK, CONTEXT, NEAR_DIGITS, analyse, gate, powers_of
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import Pcm, to_float, to_int16
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.dtmf.tones import sequence

RATE = 8000
SLOT = 160
CHUNK = 819 * BLOCK
"""Samples that a stage is given at once."""
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


def detect(pcm: Pcm, *, rejected: bool) -> None:
    Detector(rejected=rejected).feed(pcm)


def slots(pcm: Pcm) -> list[float]:
    """Feed 20 ms slots as a live call does, with all that is told, and return what each took, in seconds."""
    detector = Detector(tentative=True, rejected=True)
    took = []
    for start in range(0, len(pcm) - SLOT + 1, SLOT):
        begin = time.perf_counter()
        detector.feed(pcm[start : start + SLOT])
        took.append(time.perf_counter() - begin)
    return took


def stages(pcm: Pcm) -> None:
    """Print what each stage takes of a recording; every stage is given what the one before lets through."""
    seconds = len(pcm) / RATE
    chunks = [to_float(pcm[i : i + CHUNK]) for i in range(0, len(pcm) - CHUNK + 1, CHUNK)]
    powers = [powers_of(chunk) for chunk in chunks]
    pairs = [np.flatnonzero(gate(power)) for power in powers]
    hops = [np.unique(np.concatenate([2 * found + 3, 2 * found + 4])) for found in pairs]
    padded = [np.concatenate([np.zeros(CONTEXT + BLOCK, dtype=np.float32), chunk]) for chunk in chunks]
    near = sum(gate(power, NEAR_DIGITS).mean() for power in powers) / len(powers)
    opened = sum(map(len, pairs)) / sum(power.shape[1] for power in powers)
    rows = (
        ("int16 to float32", lambda: [to_float(pcm[i : i + CHUNK]) for i in range(0, len(pcm), CHUNK)]),
        ("powers of blocks", lambda: [powers_of(chunk) for chunk in chunks]),
        ("gate", lambda: [gate(power) for power in powers]),
        (f"frames, {opened:.1%} of blocks", lambda: [analyse(x, at) for x, at in zip(padded, hops, strict=True)]),
        ("all of it", partial(detect, pcm, rejected=False)),
        (f"with refusals, {near:.1%}", partial(detect, pcm, rejected=True)),
    )
    for name, run in rows:
        print(f"  {name:26} {best(run, seconds):9.0f} x real time")


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

    print("a live call, 20 ms slots, guesses and refusals told")
    for name, pcm in signals.items():
        took = min((slots(pcm) for _ in range(RUNS)), key=sum)
        share, p99 = sum(took) / (len(pcm) / RATE), float(np.percentile(took, 99))
        print(f"  {name:26} {share:8.2%} of a core, slot p99 {p99 * 1e6:6.0f} us, worst {max(took) * 1e6:6.0f} us")

    print("\nstages of a recording, the mix")
    stages(mix)

    print("\nresampler")
    for rate in (16000, 44100, 48000):
        pcm = rng.integers(-8000, 8000, rate * 10).astype(np.int16)
        down = best(partial(Resampler(rate, RATE).process, pcm), 10.0)
        print(f"  {rate:5} -> {RATE} Hz {down:24.0f} x real time")


if __name__ == "__main__":
    main()
