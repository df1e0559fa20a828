"""`--shadow`: digit collectors that watch the keys of a call, as they are written on the command line."""

import argparse
from collections.abc import Sequence
from typing import Any, Final, Literal

from dtmfphone.engine.commands import Shadow, ShadowCollector

Keys = Literal["sent", "received"]
FORM: Final = "MODE[:DIGITS][,OPTION...]"
HELP: Final = (
    "let a digit collector watch the keys without any effect on the call, and print what it would make of them: "
    "livekit (as a LiveKit agent collects) or standard, of so many digits (default 4). Options: timeout=SECONDS from "
    "digit to digit (4), stop=KEYS (#), confirm; of standard also min=DIGITS, first=SECONDS to the first digit and "
    "total=SECONDS. E.g. livekit:4 or standard:6,min=4,stop=*#. May be repeated; 'dtmfphone collect' replays keys "
    "that were logged, without a call"
)
SCRIPT_HELP: Final = (
    "where an IVR of this program answers, let the collectors begin with each collection of its script, with its "
    "count, times and stop keys (follow, the default), or as on any other call (ignore)"
)
NAMES: Final = {
    "seconds": "timeout",
    "stop_keys": "stop",
    "min_digits": "min",
    "first_digit_seconds": "first",
    "total_seconds": "total",
}
"""What the command line calls the fields of a `ShadowCollector`."""
STANDARD_ONLY: Final = ("min", "first", "total")
_FIELDS: Final = {name: field for field, name in NAMES.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that are the same whoever answers."""
    parser.add_argument("--shadow", action="append", default=[], type=_collector, metavar=FORM, help=HELP)
    parser.add_argument("--shadow-script", choices=("follow", "ignore"), default="follow", help=SCRIPT_HELP)


def add_keys_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option that says whose keys are watched."""
    parser.add_argument(
        "--shadow-keys",
        choices=("sent", "received"),
        default="sent",
        help="which keys of the phone's call they watch: those that it sends (default) or receives",
    )


def chosen(args: argparse.Namespace, parser: argparse.ArgumentParser) -> Shadow | None:
    """Return what the options ask of the engine, None for nothing; wrong ones end the program with exit code 2."""
    collectors: Sequence[ShadowCollector] = args.shadow
    if not collectors:
        return None
    from dtmfphone.engine.shadow_plan import plan_of  # here, for it is rarely wanted

    keys: Keys = getattr(args, "shadow_keys", "sent")
    command = Shadow(collectors=tuple(collectors), keys=keys, follow=args.shadow_script == "follow")
    try:
        plan_of(command)
    except ValueError as error:
        field, space, rest = str(error).partition(" ")
        parser.error(f"argument --shadow: {NAMES.get(field, field)}{space}{rest.removesuffix(', or None')}")
    return command


def _collector(text: str) -> ShadowCollector:
    """Read one collector; what is well written but makes no sense is found later."""
    head, *options = text.split(",")
    mode, colon, digits = head.partition(":")
    if mode not in ("livekit", "standard"):
        raise argparse.ArgumentTypeError(f"mode is {mode!r}: use livekit or standard, e.g. livekit:4")
    given: dict[str, Any] = {"mode": mode}
    if colon:
        given["digits"] = _digits("digits", digits)
    for option in options:
        name, equals, value = option.partition("=")
        if name not in (*_FIELDS, "confirm"):
            raise argparse.ArgumentTypeError(f"{name!r} is no option: use {', '.join(_FIELDS)} or confirm")
        if name in STANDARD_ONLY and mode == "livekit":
            raise argparse.ArgumentTypeError(f"{name} is for standard mode: a LiveKit agent has no such setting")
        if name == "confirm":
            if equals:
                raise argparse.ArgumentTypeError("confirm takes no value: write it alone, or leave it out")
            given["confirm"] = True
        elif not equals:
            raise argparse.ArgumentTypeError(f"{name} has no value: write {name}=...")
        elif name == "stop":
            given["stop_keys"] = value.upper()
        else:
            given[_FIELDS[name]] = _digits(name, value) if name == "min" else _seconds(name, value)
    return ShadowCollector(**given)


def _digits(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{name} is {text!r}: use a whole number") from None


def _seconds(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{name} is {text!r}: use a number of seconds") from None
