"""Plays rounds of hostile input for as long as asked; ends with 1 at the first find."""

import argparse
import sys
import time
import traceback

from fuzz_rounds import TARGETS, Find, play

STEPS = 300


def main() -> int:
    """Run the program; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="in all (default: %(default)s)")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this one; may be repeated")
    parser.add_argument("--first", type=int, default=0, help="number of the first round (default: %(default)s)")
    args = parser.parse_args()
    names = args.target or list(TARGETS)
    rounds = dict.fromkeys(names, 0)
    spent = dict.fromkeys(names, 0.0)
    end = time.monotonic() + args.seconds
    while (begin := time.monotonic()) < end:
        name = min(names, key=lambda each: spent[each])
        try:
            play(name, args.first + rounds[name], STEPS)
        except Find:
            traceback.print_exc()
            return 1
        rounds[name] += 1
        spent[name] += time.monotonic() - begin
    for name in names:
        print(f"{name:16} {rounds[name]:6} rounds of {STEPS} inputs, {spent[name]:6.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
