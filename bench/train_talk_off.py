"""Learn what tells keys from speech and music, and write it to src/dtmfphone/dtmf/{frame,talk_off}_weights.py.

Run: .venv/bin/python bench/train_talk_off.py [--seed N] [--scale S]

First the frames: each one with two tones is an example, of a key if a digit of the corpus fills it, of none if the
recording has no digit. Then the sounds: the corpus is heard with a detector that accepts nothing, so that each possible
key is judged again and again while it lasts, and each time is one example. A logistic regression on the features of
dtmf/plausible.py and dtmf/talk_off.py and their products tells keys from the rest. It takes some minutes.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from detection import corpus
from detection.recording import Group, Recording
from dtmfphone.dtmf import plausible, talk_off
from dtmfphone.dtmf.detector import Detector, good_frames
from dtmfphone.dtmf.discriminant import products
from dtmfphone.dtmf.frames import BLOCK, CONTEXT, HOP, RATE, analyse, gate, powers_of, some
from dtmfphone.dtmf.judge import Candidate
from dtmfphone.dtmf.keys import HIGH_HZ, KEYS, LOW_HZ
from dtmfphone.dtmf.levels import to_float
from dtmfphone.dtmf.run import Run
from dtmfphone.dtmf.timing import EMPTY, FILLED

PACKAGE: Final = Path(__file__).parents[1] / "src" / "dtmfphone" / "dtmf"
NEAR: Final = 0.015
"""Seconds between a label's onset and that of an example of it."""
NO_KEY_WEIGHT: Final = 4.0
"""A false digit is worse than a missed one."""
PENALTY: Final = 1.0
STEPS: Final = 40
UNLIKE_ANY_SENDER: Final = ("SNR -2 dB", "level -4")
"""Groups that no detector is to be bent for."""

Floats = NDArray[np.float64]
LOW: Final = np.array(LOW_HZ)
HIGH: Final = np.array(HIGH_HZ)


class Listener(Detector):
    """Accepts nothing and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.examples: list[tuple[float, str, list[float]]] = []

    def _accepts(self, found: Candidate, run: Run) -> bool:
        self.examples.append((self._time(found.onset), run.key, talk_off.features(found.evidence)))
        return False


def examples(recording: Recording, *, digits: bool) -> list[list[float]]:
    """Return the features of all that was judged: of the labelled digits, or of everything."""
    listener = Listener()
    for start in range(0, len(recording.samples), 1 << 16):
        listener.feed(recording.samples[start : start + (1 << 16)])
    listener.reset()
    if not digits:
        return [row for _, _, row in listener.examples]
    onsets = np.array([label.onset for label in recording.labels] or [np.inf])
    found: list[list[float]] = []
    for t, key, row in listener.examples:
        nearest = int(np.argmin(np.abs(onsets - t)))
        if abs(onsets[nearest] - t) < NEAR and recording.labels[nearest].key == key:
            found.append(row)
    return found


def is_no_key(group: Group) -> bool:
    """Whether nothing in a group is to be heard, for another reason than its measured tones."""
    return group.kind == "talk-off" or group.name == "other signals"


def learn(rows: Floats, key: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return weights and bias of the regression (Newton's method with a ridge)."""
    x = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    weight = np.where(key, 1.0, NO_KEY_WEIGHT)
    ridge = np.full(x.shape[1], PENALTY)
    ridge[-1] = 0
    w = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - key)) + ridge * w
        curvature = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        w -= step * min(1.0, 2.0 / max(float(np.abs(x @ step).max()) / 10, 1e-9))
        if np.abs(step).max() < 1e-6:
            break
    return w[:-1], float(w[-1])


def write(path: Path, title: str, rows: Floats, key: NDArray[np.bool_]) -> None:
    """Learn from examples of shape (n, k) and write the module."""
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    weights, bias = learn(products((rows - means) / scales), key)

    def array(values: Floats) -> str:
        return "np.array([" + ", ".join(f"{value:.5g}" for value in values) + "])"

    path.write_text(f'''"""{title}; written by bench/train_talk_off.py."""

from typing import Final

import numpy as np

MEANS: Final = {array(means)}
SCALES: Final = {array(scales)}
WEIGHTS: Final = {array(weights)}
BIAS: Final = {bias:.5g}
''')
    subprocess.run([Path(sys.executable).parent / "ruff", "format", "--quiet", path], check=True)


def frames_of(recording: Recording, *, digits: bool) -> list[list[float]]:
    """Return the features of the frames with two tones: of those that digits fill, or of all."""
    x = to_float(recording.samples[: len(recording.samples) // BLOCK * BLOCK])
    padded = np.concatenate([np.zeros(CONTEXT, dtype=np.float32), x])
    opened = np.flatnonzero(gate(powers_of(x)))
    hops = np.unique(np.concatenate([2 * opened + 3, 2 * opened + 4]))
    hops = hops[hops < len(x) // HOP]
    if not len(hops):
        return []
    frames = analyse(padded, hops)
    frames = some(frames, good_frames(frames))
    chosen = np.full(len(frames.hop), not digits)
    for label in recording.labels if digits else ():
        ends = (frames.hop + 1) * HOP / RATE
        filled = (ends > label.onset + FILLED / RATE) & (ends < label.end + EMPTY / RATE)
        key = KEYS[label.key]
        chosen |= filled & (LOW[frames.low] == key.low_hz) & (HIGH[frames.high] == key.high_hz)
    rows: list[list[float]] = plausible.features(some(frames, chosen)).tolist()
    return rows


def gather(
    look: Callable[..., list[list[float]]], seed: int, scale: float, more: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return examples from the whole corpus, and which are keys."""
    rows: list[list[float]] = []
    keys: list[bool] = []
    for group in corpus.GROUPS:
        none = is_no_key(group)
        if group.kind == "measure" or (group.kind == "reject" and not none):
            continue
        if any(name in group.name for name in UNLIKE_ANY_SENDER):
            continue
        found = [
            row
            for one in range(seed, seed + 1 + none * more)
            for recording in corpus.recordings(group, one, scale)
            for row in look(recording, digits=not none)
        ]
        rows += found
        keys += [not none] * len(found)
        print(f"{group.name}: {len(found)} examples of {'none' if none else 'keys'}", file=sys.stderr, flush=True)
    return np.array(rows), np.array(keys)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--more", type=int, default=9, help="seeds more of what is no key")
    parser.add_argument("--part", choices=("frames", "sounds"), help="learn only this (default: one after the other)")
    args = parser.parse_args()
    if args.part is None:
        for part in (
            "frames",
            "sounds",
        ):  # each in a process of its own: the second one needs what the first has learnt
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--part", part], check=True)
    elif args.part == "frames":
        found = gather(frames_of, args.seed, args.scale / 2, 0)
        write(PACKAGE / "frame_weights.py", "What the first look at frames has learnt", *found)
    else:
        found = gather(examples, args.seed, args.scale, args.more)
        write(PACKAGE / "talk_off_weights.py", "What the talk-off score has learnt", *found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
