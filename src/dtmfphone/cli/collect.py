"""`dtmfphone collect`: what a digit collector makes of keys and speech, tried or replayed without a call."""

import argparse
import codecs
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from dtmfphone.cli.call import FAILED, OK
from dtmfphone.ivr.case import play, read

LONGEST_LINE: Final = 1 << 22
"""Bytes."""
DESCRIPTION: Final = """\
Reads cases from standard input, one JSON object per line, and prints what becomes of each.
Time is virtual: nothing waits.

  {"id": "a", "num_digits": 4, "timeout": 4.0, "stop_key": "#", "confirm": false, "events": [
    {"t": 0.5, "key": "1"}, {"t": 1.0, "user": "speaking"}, {"t": 2.0, "agent": "listening"}]}

becomes {"id", "outcome", "user_input", "digits", "at", "got"}:

  outcome     done, failed, waiting (for ever) or confirming (the digits are read back, which
              does not end within a case)
  user_input  the result; null unless done
  digits      the keys that were kept
  at          when the outcome came; null if it waits
  got         the number of keys

Only id and num_digits must be given; the other values above are the defaults. Times are seconds
from 0, in order. Events of the same time happen in one turn of an event loop, in the order of the
line. user is speaking, listening or away; agent is idle, listening, thinking or speaking; both
begin as listening, and a state that is repeated is no event.
"""
MODES: Final = """\
modes:
  livekit     as GetDtmfTask of livekit-agents does it: ends by the stop key or a time-out, not when
              all digits are in; no time-out before the first key; a space between the keys of
              user_input; a key that is none of 0-9 * # A-D is dropped
  standard    ends when all digits are in; a time-out also before the first key; no timer while
              anybody speaks; 1 and 2 answer the read-back. Takes also min_digits, first_timeout
              (5.0), total_timeout (null: none), several stop keys or "", and null as any time-out.
              Prints also the reason

A line that is wrong is named on standard error, with its number and the field, and the exit code
is 1; the others are played.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone collect`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = DESCRIPTION
    parser.epilog = MODES
    parser.add_argument("--mode", choices=("livekit", "standard"), required=True, help="whose rules (see below)")
    parser.add_argument("--jsonl", action="store_true", required=True, help="read and print one JSON object per line")


def run(args: argparse.Namespace) -> int:
    """Run `dtmfphone collect`; returns the exit code."""
    code = OK
    try:
        for number, line in enumerate(_lines(sys.stdin.buffer), 1):
            if line is not None and not line.strip():
                continue
            try:
                if line is None:
                    raise ValueError(f"the line is longer than {LONGEST_LINE} bytes: split it")
                result = play(read(line.removeprefix(codecs.BOM_UTF8), args.mode))
            except ValueError as error:
                print(f"dtmfphone: line {number}: {error}", file=sys.stderr)
                code = FAILED
            else:
                print(msgspec.json.encode(result).decode(), flush=True)
    except BrokenPipeError:  # a reader that went away knows
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line; None for one that is too long."""
    while line := file.readline(LONGEST_LINE):
        whole = len(line) < LONGEST_LINE or line.endswith(b"\n")
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
        yield line if whole else None
