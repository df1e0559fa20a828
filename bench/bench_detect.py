"""The in-band detector beside others, on the same seeded corpus: conformance, trouble, talk-off, timing, accuracy.

Run: make bench-detect, or .venv/bin/python bench/bench_detect.py --detectors ours --groups noise,clean
The same seed and scale make the same recordings. A full run takes some minutes of one core.
"""

import argparse
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from detection import corpus, ears, report
from detection.heard import Ear, Ours
from detection.recording import Group
from detection.score import Tally
from detection.speech import NoMaterialError
from detection.throughput import speeds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the corpus to make, 0.01 to 10")
    parser.add_argument("--groups", default="", help="kinds or parts of names, for example noise,clean (default: all)")
    parser.add_argument("--speed", action="store_true", help="measure throughput too, when only some groups are run")
    parser.add_argument("--detectors", default=",".join(ears.NAMES), help="some of %(default)s")
    parser.add_argument("--output", type=Path, metavar="FILE.md", help="write the tables there too")
    parser.add_argument("--troubles", action="store_true", help="list every burst that was not heard as it should be")
    args = parser.parse_args()
    try:
        groups = corpus.chosen(args.groups) or list(corpus.GROUPS)
    except ValueError as error:
        parser.error(f"--groups: {error}")
    names = [name.strip() for name in args.detectors.split(",")]
    if unknown := [name for name in names if name not in ears.NAMES]:
        parser.error(f"--detectors: {', '.join(unknown)}: take some of {', '.join(ears.NAMES)}")
    if not 0.01 <= args.scale <= 10:
        parser.error("--scale: take a number from 0.01 to 10")
    if args.seed < 0:
        parser.error("--seed: take 0 or a greater number")
    if args.output and not args.output.parent.is_dir():
        parser.error(f"--output: there is no folder {args.output.parent}")
    with tempfile.TemporaryDirectory(prefix="bench-detect-") as scratch:
        run = Run(args.seed, args.scale, troubles=args.troubles)
        text = run.compare(groups, names, Path(scratch), speed=args.speed or not args.groups)
    print(text)
    if args.output:
        args.output.write_text(text)
    return 1 if run.lacking and os.environ.get("CI") else 0


class Run:
    """One seed, all that is compared on it, and what could not be."""

    def __init__(self, seed: int, scale: float, *, troubles: bool) -> None:
        self.lacking: list[str] = []
        self._seed, self._scale, self._troubles = seed, scale, troubles
        self._tallies: report.Tallies = {}
        self._began = time.monotonic()
        self._compared = self._differ = 0
        """Recordings heard both whole and in 20 ms frames, and those in which the digits or their times differ."""

    def compare(self, groups: list[Group], names: list[str], scratch: Path, *, speed: bool) -> str:
        """Return the tables, as Markdown."""
        listeners: list[Ear] = []
        for name in names:
            try:
                listeners.append(ears.ear(name, scratch))
            except NoMaterialError as error:
                self._leave_out(str(error))
        self._tallies = {ear.name: {} for ear in listeners}
        done = [group for group in groups if listeners and self._listen(group, listeners)]
        parts = [f"# Seed {self._seed}, scale {self._scale:g}\n"]
        parts += filter(None, (section(done, self._tallies) for section in report.SECTIONS))
        if self._compared:
            parts.append(f"Whole and in 20 ms frames: {self._differ} of {self._compared} recordings differ.\n")
        if speed:
            try:
                seconds, beside = 1200 * min(self._scale * 4, 1), "spandsp" in self._tallies
                found = speeds(self._seed, seconds, scratch, with_spandsp=beside)
                parts.append(report.throughput(found))
            except NoMaterialError as error:
                self._leave_out(f"throughput: {error}")
        if self.lacking:
            parts.append("## Left out\n\n" + "".join(f"- {line}\n" for line in self.lacking))
        return "\n".join(parts)

    def _leave_out(self, why: str) -> None:
        self.lacking.append(why)
        self._say(f"left out: {why}")

    def _listen(self, group: Group, listeners: list[Ear]) -> bool:
        began = time.monotonic()
        try:
            recordings = list(corpus.recordings(group, self._seed, self._scale))
        except NoMaterialError as error:
            self._leave_out(f"{group.name}: {error}")
            return False
        seconds = sum(recording.seconds for recording in recordings)
        self._say(f"{time.monotonic() - self._began:5.0f} s  {group.name}: {seconds:.0f} s of audio", end="")
        by_chunk: list[list[list[tuple[str, float | None, float | None]]]] = []
        for ear in listeners:
            tally = self._tallies[ear.name][group.name] = Tally()
            heard = [ear(recording.samples) for recording in recordings]
            for recording, digits in zip(recordings, heard, strict=True):
                tally.add(recording, digits)
            if isinstance(ear, Ours):
                by_chunk.append([[(h.key, h.onset, h.reported) for h in digits] for digits in heard])
            failed = tally.false if group.kind == "talk-off" else tally.failed(group.kind)
            self._say(f"; {ear.name} {failed}", end="")
            if self._troubles:
                shown = [line for line in tally.troubles if group.kind != "reject" or not line.endswith("missed")]
                self._say("".join(f"\n{'':9}{line}" for line in shown), end="")
        for whole, framed in pairwise(by_chunk):
            self._compared += len(whole)
            self._differ += sum(one != other for one, other in zip(whole, framed, strict=True))
        self._say(f" failed ({time.monotonic() - began:.1f} s)")
        return True

    def _say(self, text: str, end: str = "\n") -> None:
        print(text, end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
