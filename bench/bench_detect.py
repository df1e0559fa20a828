"""The in-band detector beside others, on the same seeded corpus: conformance, trouble, talk-off, timing, accuracy.

Run: make bench-detect, or .venv/bin/python bench/bench_detect.py --detectors ours --groups noise,clean
The same seed and scale make the same recordings. A full run takes some minutes of one core.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from detection import corpus, report
from detection.heard import Ear, Ours
from detection.score import Tally
from detection.speech import NoMaterialError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the corpus to make, 0.01 to 10")
    parser.add_argument("--groups", default="", help="kinds or parts of names, for example noise,clean (default: all)")
    parser.add_argument("--detectors", default="ours", help="of these: ours")
    parser.add_argument("--output", type=Path, metavar="FILE.md", help="write the tables there too")
    parser.add_argument("--troubles", action="store_true", help="list every burst that was not heard as it should be")
    args = parser.parse_args()
    try:
        groups = corpus.chosen(args.groups) or list(corpus.GROUPS)
    except ValueError as error:
        parser.error(f"--groups: {error}")
    ears: list[Ear] = [Ours()]

    tallies: report.Tallies = {ear.name: {} for ear in ears}
    lacking: list[str] = []
    began = time.monotonic()
    for group in list(groups):
        made = time.process_time()
        try:
            recordings = list(corpus.recordings(group, args.seed, args.scale))
        except NoMaterialError as error:
            groups.remove(group)
            lacking.append(f"{group.name}: {error}")
            print(f"{group.name:28} left out: {error}", file=sys.stderr)
            continue
        made = time.process_time() - made
        seconds = sum(recording.seconds for recording in recordings)
        for ear in ears:
            took = time.process_time()
            tally = tallies[ear.name][group.name] = Tally()
            for recording in recordings:
                tally.add(recording, ear(recording.samples))
            took = time.process_time() - took
            print(
                f"{time.monotonic() - began:6.0f} s  {group.name:28} {ear.name:12} {seconds:6.0f} s of audio"
                f" (made in {made:4.1f} s, heard in {took:4.1f} s): {tally.bursts} bursts, {tally.once} once,"
                f" {tally.missed} missed, {tally.doubled} doubled, {tally.wrong} wrong, {tally.false} false",
                file=sys.stderr,
                flush=True,
            )
            if args.troubles:
                shown = tally.troubles if group.kind != "reject" else [t for t in tally.troubles if "missed" not in t]
                print(*(f"    {line}" for line in shown), sep="\n", file=sys.stderr)

    text = "\n".join(filter(None, (section(groups, tallies) for section in report.SECTIONS)))
    text = f"# Seed {args.seed}, scale {args.scale:g}\n\n{text}"
    if lacking:
        text += "\n## Left out\n\n" + "\n".join(f"- {line}" for line in lacking) + "\n"
    print(text)
    if args.output:
        args.output.write_text(text)
    return 1 if lacking and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
