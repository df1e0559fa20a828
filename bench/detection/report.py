"""Writes the figures of a run as Markdown that is also a readable table."""

from collections.abc import Callable, Sequence

import numpy as np

from detection.accuracy import errors
from detection.recording import Group, Kind
from detection.score import Tally
from detection.throughput import Speed

Tallies = dict[str, dict[str, Tally]]
"""By detector, then by group."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with columns of even width."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [
        _line(head, widths),
        _line([("-" * w if i == 0 else "-" * (w - 1) + ":") for i, w in enumerate(widths)], widths),
    ]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)]) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        f"{cell:<{w}}" if i == 0 else f"{cell:>{w}}" for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"


def conformance(groups: Sequence[Group], tallies: Tallies, kind: Kind) -> str:
    """Return failures per group that must be accepted or rejected."""
    names = list(tallies)
    rows = []
    totals = dict.fromkeys(names, 0)
    bursts = 0
    for group in groups:
        if group.kind != kind:
            continue
        first = tallies[names[0]][group.name]
        bursts += first.bursts
        cells = [f"{group.name} ({first.bursts})"]
        for name in names:
            tally = tallies[name][group.name]
            totals[name] += tally.failed(kind)
            cells.append(_failures(tally, kind))
        rows.append(cells)
    if not rows:
        return ""
    rows.append([f"all ({bursts})", *(f"{total}" for total in totals.values())])
    word = "not heard exactly once" if kind == "accept" else "heard, though no digit"
    return f"## Must {kind}: {word}\n\n{table([kind, *names], rows)}"


def _failures(tally: Tally, kind: Kind) -> str:
    failed = tally.failed(kind)
    if kind == "reject" or not failed:
        return str(failed)
    parts = [
        f"{n} {word}" for n, word in ((tally.missed, "missed"), (tally.doubled, "doubled"), (tally.wrong, "wrong")) if n
    ]
    return f"{failed} ({', '.join(parts)})"


def beyond(groups: Sequence[Group], tallies: Tallies) -> str:
    """Return hit rates beyond the standards."""
    names = list(tallies)
    rows = []
    for group in groups:
        if group.kind == "beyond":
            goal = f"{group.target:g}" if isinstance(group.target, float) else group.target or ""
            cells = []
            for name in names:
                tally = tallies[name][group.name]
                extra = [f"{n} {word}" for n, word in ((tally.doubled, "doubled"), (tally.false, "false")) if n]
                cells.append(f"{tally.hit_rate:.1f}" + (f" ({', '.join(extra)})" if extra else ""))
            rows.append([f"{group.name} ({tallies[names[0]][group.name].bursts})", goal, *cells])
    if not rows:
        return ""
    return f"## Beyond the standards: heard exactly once, %\n\n{table(['case', 'goal', *names], rows)}"


def talk_off(groups: Sequence[Group], tallies: Tallies) -> str:
    """Return digits heard where there are none."""
    names = list(tallies)
    rows = []
    total = dict.fromkeys(names, 0)
    hours = 0.0
    for group in groups:
        if group.kind == "talk-off":
            hours += tallies[names[0]][group.name].seconds / 3600
            for name in names:
                total[name] += tallies[name][group.name].false
            length = tallies[names[0]][group.name].seconds / 3600
            rows.append([f"{group.name}, {length:.2f} h", *(str(tallies[name][group.name].false) for name in names)])
    if not rows:
        return ""
    rows.append([f"per hour, all {hours:.2f} h", *(f"{n / hours:.1f}" for n in total.values())])
    return f"## Talk-off: false digits\n\n{table(['material', *names], rows)}"


def timing(groups: Sequence[Group], tallies: Tallies) -> str:
    """Return latency, and the errors of onset and duration, over all digits that must be accepted and are whole."""
    rows = []
    for name, by_group in tallies.items():
        hits = [
            hit
            for group in groups
            if group.kind == "accept"
            for hit in by_group[group.name].hits
            if hit[0].pair.gap is None and hit[0].pair.echo is None
        ]
        if not hits:
            continue
        whole = Tally(hits=hits)
        cells = [name, _median_p95(whole.latencies, 1e3)]
        onset = [abs(heard.onset - label.onset) for label, heard in hits if heard.onset is not None]
        cells.append(_median_p95(onset, 1e3))
        found = errors(hits)
        cells.append(_median_p95(found.duration, 1e3) if found else "-")
        rows.append(cells)
    if not rows:
        return ""
    head = ["median / p95, ms", "onset to report, 20 ms frames", "onset error", "duration error"]
    return f"## Timing\n\n{table(head, rows)}"


def accuracy(groups: Sequence[Group], tallies: Tallies) -> str:
    """Return the errors of frequency, level, twist and SNR."""
    rows = []
    for name, by_group in tallies.items():
        for group in groups:
            found = errors(by_group[group.name].hits) if group.kind == "measure" else None
            if found is None:
                continue
            rows.append(
                [
                    f"{name}, {group.name}",
                    f"{by_group[group.name].once}/{by_group[group.name].bursts}",
                    _median_p95(found.hz, 1, 4),
                    f"{found.hz_to_bound:.2f}",
                    _median_p95(found.level_db, 1, 4),
                    f"{found.level_to_bound:.2f}",
                    _median_p95(found.twist_db, 1, 4),
                    _median_p95(found.snr_db, 1, 2),
                ]
            )
    if not rows:
        return ""
    head = ["median / p95", "digits", "Hz", "to bound", "level dB", "to bound", "twist dB", "SNR dB"]
    return f"## Measurements: absolute errors, and their rms in terms of the Cramér-Rao bound\n\n{table(head, rows)}"


def throughput(speeds: Sequence[Speed]) -> str:
    """Return how fast our detector is, and spandsp's C."""
    rows = [
        [
            speed.material,
            f"{speed.ours:.0f} x",
            "-" if speed.spandsp is None else f"{speed.spandsp:.0f} x",
            "-" if speed.ratio is None else f"{speed.ratio:.2f}",
            f"{100 / speed.ours_streaming:.2f} %",
        ]
        for speed in speeds
    ]
    head = ["one thread, best of several runs", "whole", "spandsp, 20 ms", "ratio", "20 ms frames, of a core"]
    return f"## Throughput: audio per processor time\n\n{table(head, rows)}"


def _median_p95(values: Sequence[float] | np.ndarray, unit: float, digits: int = 1) -> str:
    if not len(values):
        return "-"
    median, p95 = np.percentile(np.asarray(values) * unit, (50, 95))
    return f"{median:.{digits}f} / {p95:.{digits}f}"


SECTIONS: tuple[Callable[[Sequence[Group], Tallies], str], ...] = (
    lambda groups, tallies: conformance(groups, tallies, "accept"),
    lambda groups, tallies: conformance(groups, tallies, "reject"),
    beyond,
    talk_off,
    timing,
    accuracy,
)
