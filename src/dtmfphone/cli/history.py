"""`dtmfphone history`: the calls that were made and missed."""

import argparse
import sys

import msgspec

from dtmfphone.history import History, PastCall


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone history`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object per call")
    parser.add_argument("--clear", action="store_true", help="forget all calls")


def run(args: argparse.Namespace) -> int:
    """Run `dtmfphone history`; returns the exit code."""
    history = History()
    try:
        if args.clear:
            history.clear()
            return 0
        calls = history.all()
    except OSError as error:
        print(f"dtmfphone: {history.path}: {error.strerror}. Mend its access rights.", file=sys.stderr)
        return 1
    for call in calls:
        print(msgspec.json.encode(call).decode() if args.json else _line(call))
    if not calls and not args.json:
        print("No call was made or missed yet.")
    return 0


def _line(call: PastCall) -> str:
    arrow = "->" if call.direction == "outgoing" else "<-"
    minutes, seconds = divmod(round(call.duration), 60)
    outcome = f"{minutes}:{seconds:02}" if call.outcome == "answered" else call.outcome
    began = call.began.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    account = f" ({call.account})" if call.account else ""
    return f"{began}  {arrow} {outcome:9} {call.far_end}{account}  {call.reason}".rstrip()
