"""Compares what a detector said with what is in a recording."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from detection.heard import Heard, in_frames
from detection.recording import Kind, Label, Recording

EARLY = 0.02
"""An onset may be told this many seconds too early."""
LATE = 0.02
"""... and lie this long after the end: a digit is told by then."""
LATE_REPORT = 0.08
"""For detectors that only say when they had it: they may do so this long after the end."""
USUAL_DELAY = 0.035
"""From onset to report, where two bursts are possible."""


@dataclass(slots=True)
class Tally:
    """What became of a group's bursts; every burst is in one of the four."""

    bursts: int = 0
    once: int = 0
    missed: int = 0
    doubled: int = 0
    wrong: int = 0
    """Another key was heard, with or without the right one."""
    false: int = 0
    """Digits heard where there was no burst."""
    heard_none: int = 0
    """Bursts during which nothing was heard."""
    seconds: float = 0.0
    hits: list[tuple[Label, Heard]] = field(default_factory=list)
    """Bursts heard exactly once, with what was said, where times are known."""
    troubles: list[str] = field(default_factory=list)
    """One line for each burst that was not heard exactly once, and each false digit."""

    def failed(self, kind: Kind) -> int:
        """Return how many bursts were not treated as they should be."""
        return self.bursts - self.heard_none + self.false if kind == "reject" else self.bursts - self.once

    @property
    def hit_rate(self) -> float:
        """Per cent heard exactly once."""
        return 100 * self.once / self.bursts if self.bursts else 0.0

    @property
    def latencies(self) -> list[float]:
        """Seconds from onset until a live call in 20 ms frames has it."""
        return [in_frames(heard.reported) - label.onset for label, heard in self.hits if heard.reported is not None]

    def add(self, recording: Recording, heard: Sequence[Heard]) -> None:
        """Count one recording."""
        labels = recording.labels
        by_label, strays = attribute(labels, heard)
        self.seconds += recording.seconds
        self.bursts += len(labels)
        self.false += len(strays)
        self.troubles += [f"false {_say(h)}" for h in strays]
        for label, said in zip(labels, by_label, strict=True):
            right = [h for h in said if h.key == label.key]
            self.heard_none += not said
            if len(right) == 1 == len(said):
                self.once += 1
                if right[0].reported is not None:
                    self.hits.append((label, right[0]))
                continue
            if len(right) < len(said):
                self.wrong += 1
            elif right:
                self.doubled += 1
            else:
                self.missed += 1
            self.troubles.append(f"{_describe(label)}: {', '.join(_say(h) for h in said) or 'missed'}")


def attribute(labels: Sequence[Label], heard: Sequence[Heard]) -> tuple[list[list[Heard]], list[Heard]]:
    """Return what was heard of each burst, and what belongs to none."""
    if any(h.reported is None for h in heard):
        return in_order(labels, heard)
    onsets = [label.onset for label in labels]
    by_label: list[list[Heard]] = [[] for _ in labels]
    strays: list[Heard] = []
    for h in heard:
        at, late = (h.onset, LATE) if h.onset is not None else (h.reported or 0.0, LATE_REPORT)
        last = bisect_right(onsets, at + EARLY)
        possible = [i for i in range(max(0, last - 4), last) if at <= labels[i].end + labels[i].pair.tail + late]
        if not possible:
            strays.append(h)
            continue
        expected = at if h.onset is not None else at - USUAL_DELAY
        best = min(
            possible,
            key=lambda i: (
                labels[i].key != h.key,
                any(other.key == h.key for other in by_label[i]),
                abs(labels[i].onset - expected),
            ),
        )
        by_label[best].append(h)
    return by_label, strays


def in_order(labels: Sequence[Label], heard: Sequence[Heard]) -> tuple[list[list[Heard]], list[Heard]]:
    """Match by order alone, in the detector's favour: as many right keys as the two sequences have in common.

    A key left over that repeats the one before it is that burst doubled; another one counts for a burst that was missed
    there, and else for none.
    """
    n, m = len(labels), len(heard)
    common = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        row, below, key = common[i], common[i + 1], labels[i].key
        for j in range(m - 1, -1, -1):
            row[j] = below[j + 1] + 1 if heard[j].key == key else max(below[j], row[j + 1])
    by_label: list[list[Heard]] = [[] for _ in labels]
    strays: list[Heard] = []
    i = j = 0
    while j < m:
        if i < n and heard[j].key == labels[i].key:
            by_label[i].append(heard[j])
            i, j = i + 1, j + 1
        elif i and by_label[i - 1] and by_label[i - 1][-1].key == heard[j].key:
            by_label[i - 1].append(heard[j])
            j += 1
        elif i < n and common[i + 1][j + 1] == common[i][j]:
            by_label[i].append(heard[j])
            i, j = i + 1, j + 1
        elif i < n and common[i + 1][j] == common[i][j]:
            i += 1
        else:
            strays.append(heard[j])
            j += 1
    return by_label, strays


def _describe(label: Label) -> str:
    pair = label.pair
    parts = [
        f"{label.key or 'signal'} at {label.onset:.4f} s for {pair.duration * 1e3:.1f} ms",
        f"{pair.low_hz:.1f} Hz {pair.low_dbm0:.1f} dBm0 + {pair.high_hz:.1f} Hz {pair.high_dbm0:.1f} dBm0",
    ]
    if pair.gap is not None:
        parts.append(f"gap of {pair.gap[1] * 1e3:.1f} ms after {pair.gap[0] * 1e3:.1f}")
    if pair.echo is not None:
        parts.append(f"echo {pair.echo[0] * 1e3:.1f} ms late, {pair.echo[1]:.1f} dB down")
    return ", ".join(parts)


def _say(h: Heard) -> str:
    onset = "" if h.onset is None else f" from {h.onset:.4f} s"
    return f"{h.key}{onset}" + ("" if h.reported is None else f" at {h.reported:.3f} s")
