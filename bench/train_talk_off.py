"""Learn what tells keys from speech and music, and write it to src/dtmfphone/dtmf/talk_off_weights.py.

Run: .venv/bin/python bench/train_talk_off.py [--seed N] [--scale S]

The corpus is heard with a detector that accepts nothing, so that each possible key is judged again and again while it
lasts. Each time it is one example: a key if a digit of the corpus sounds there, none if the recording has no digit.
A logistic regression on the features of dtmf/talk_off.py and their products tells the two apart. It takes some minutes.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from detection import corpus
from detection.recording import Group, Recording
from dtmfphone.dtmf import talk_off
from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.judge import Candidate
from dtmfphone.dtmf.run import Run

WEIGHTS_FILE: Final = Path(__file__).parents[1] / "src" / "dtmfphone" / "dtmf" / "talk_off_weights.py"
NEAR: Final = 0.015
"""Seconds between a label's onset and that of an example of it."""
NO_KEY_WEIGHT: Final = 4.0
"""A false digit is worse than a missed one."""
PENALTY: Final = 1.0
STEPS: Final = 40
UNLIKE_ANY_SENDER: Final = ("SNR -2 dB", "level -4")
"""Groups that no detector is to be bent for."""

Floats = NDArray[np.float64]


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


def source(means: Floats, scales: Floats, weights: Floats, bias: float) -> str:
    """Return the module."""

    def array(values: Floats) -> str:
        return "np.array([" + ", ".join(f"{value:.5g}" for value in values) + "])"

    return f'''"""What the talk-off score has learnt; written by bench/train_talk_off.py."""

from typing import Final

import numpy as np

MEANS: Final = {array(means)}
SCALES: Final = {array(scales)}
WEIGHTS: Final = {array(weights)}
BIAS: Final = {bias:.5g}
'''


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--more", type=int, default=5, help="seeds more of what is no key")
    parser.add_argument("--keep", type=Path, metavar="FILE.npz", help="keep the examples there")
    args = parser.parse_args()
    rows: list[list[float]] = []
    keys: list[bool] = []
    names: list[str] = []
    for group in corpus.GROUPS:
        if group.kind == "measure" or any(name in group.name for name in UNLIKE_ANY_SENDER):
            continue
        if group.kind == "reject" and not is_no_key(group):
            continue
        none = is_no_key(group)
        found = [
            row
            for recording in corpus.recordings(group, args.seed, args.scale)
            for row in examples(recording, digits=not none)
        ]
        rows += found
        keys += [not none] * len(found)
        names += [group.name] * len(found)
        print(f"{group.name}: {len(found)} examples of {'none' if none else 'keys'}", file=sys.stderr)
    table, key = np.array(rows), np.array(keys)
    if args.keep:
        np.savez(args.keep, rows=table, keys=key, names=np.array(names))
    means, scales = table.mean(axis=0), table.std(axis=0)
    i, j = np.triu_indices(table.shape[1])
    v = (table - means) / scales
    weights, bias = learn(np.concatenate([v, v[:, i] * v[:, j]], axis=1), key)
    WEIGHTS_FILE.write_text(source(means, scales, weights, bias))
    return 0


if __name__ == "__main__":
    sys.exit(main())
