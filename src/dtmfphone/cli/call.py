"""`dtmfphone call`: place a call, press keys, print what happens, leave."""

import argparse
import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from dtmfphone.dtmf.dial_string import DialStringError, Press, parse
from dtmfphone.engine.commands import Dial, HangUp, PlaceCall
from dtmfphone.engine.events import AnyEvent, CallChanged, Dialing, MediaChanged, Notice

if TYPE_CHECKING:
    from dtmfphone.cli.session import Session

OK, FAILED, USAGE, NO_METHOD = 0, 1, 2, 3
"""Exit codes: every digit went out; the call failed or broke; wrong usage; the method is not available."""
DEFAULT_STAY = 2.0
"""Seconds on the line after the last digit, so that the far end's answer is still seen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone call`."""
    parser.add_argument("target", help="builtin:NAME, http(s)://... or whip+http(s)://...")
    parser.add_argument("--digits", default="", help="dial string: 0-9 * # A-D, ',' 2 s pause, 'w' waits")
    parser.add_argument("--method", choices=("auto", "rfc4733", "inband"), default="auto")
    parser.add_argument("--duration", type=_bounded(40, 6000), default=100, metavar="MS", help="length of a key")
    parser.add_argument("--gap", type=_bounded(30, 6000), default=70, metavar="MS", help="pause between keys")
    parser.add_argument("--codec", choices=("auto", "opus", "g722", "pcmu", "pcma"), default="auto")
    parser.add_argument(
        "--stay",
        type=_seconds,
        metavar="S",
        help="seconds to stay after the last digit (default: 2; without digits, until the far end hangs up)",
    )
    token = parser.add_mutually_exclusive_group()
    token.add_argument(
        "--token-env", metavar="NAME", help="environment variable that holds the bearer token for the HTTP request"
    )
    token.add_argument("--token", default="", help="the token itself; other users can see it in the process list")
    parser.add_argument("--sound", action="store_true", help="use microphone and loudspeaker")
    parser.add_argument("--mask", action="store_true", help="hide digits in the output")
    parser.add_argument("--json", action="store_true", help="print one JSON object per event")


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run `dtmfphone call`; returns the exit code."""
    try:
        presses = sum(isinstance(step, Press) for step in parse(args.digits))
    except DialStringError as error:
        parser.error(f"--digits: {error}")
    token = args.token
    if args.token_env is not None:
        token = os.environ.get(args.token_env, "")
        if not token:
            parser.error(f"--token-env: the environment variable {args.token_env} is empty or not set")
    from dtmfphone.engine.pacing import run_loop

    try:
        return run_loop(_call(args, presses, token))
    except KeyboardInterrupt:  # where the loop takes no signals
        return FAILED
    except asyncio.CancelledError:  # nobody reads the output any more
        return FAILED


async def _call(args: argparse.Namespace, presses: int, token: str) -> int:
    from dtmfphone.cli.printer import printer  # here, for the window need not load what a call needs
    from dtmfphone.cli.session import Session

    async with Session(printer(json=args.json, masked=args.mask), sound=args.sound) as session:
        _hang_up_at_signals(session)
        session.submit(PlaceCall(target=args.target, method=args.method, codec=args.codec, token=token))
        if await session.wait_for(_up_or_over) != "up":
            return FAILED
        media = await session.wait_for(lambda event: event if _is_phone_media(event) else None)
        assert isinstance(media, MediaChanged)
        code = OK
        if media.method is None:
            code = NO_METHOD
        elif presses:
            session.submit(Dial(digits=args.digits, duration_ms=args.duration, gap_ms=args.gap))
            outcome = await session.wait_for(lambda event: _dialed_or_over(event, presses))
            code = OK if outcome == "sent" else FAILED
        stay = args.stay if args.stay is not None else (DEFAULT_STAY if args.digits else None)
        with contextlib.suppress(TimeoutError):
            await session.wait_for(_over, timeout=stay)
            return code
        session.submit(HangUp())
        await session.wait_for(_over)
        return code


def _hang_up_at_signals(session: "Session") -> None:
    """Hang up at Ctrl+C or SIGTERM; the second one ends the process at once."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def hang_up() -> None:
        for number in signals:
            loop.remove_signal_handler(number)
        session.submit(HangUp())

    for number in signals:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, hang_up)


def _is_phone_media(event: AnyEvent) -> bool:
    return isinstance(event, MediaChanged) and event.leg == "phone"


def _up_or_over(event: AnyEvent) -> str | None:
    if isinstance(event, CallChanged) and event.leg == "phone" and event.state in ("up", "ended", "failed"):
        return event.state
    return None


def _over(event: AnyEvent) -> str | None:
    return state if (state := _up_or_over(event)) != "up" else None


def _dialed_or_over(event: AnyEvent, presses: int) -> str | None:
    if isinstance(event, Dialing) and event.state == "idle" and event.sent >= presses:
        return "sent"
    if isinstance(event, Dialing) and event.state == "stopped":
        return "stopped"
    if isinstance(event, Notice) and event.level == "error":
        return "error"
    return _over(event)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from None
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 86400 seconds")
    return value


def _bounded(low: int, high: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number of milliseconds") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high} ms")
        return value

    return check
