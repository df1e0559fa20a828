"""`dtmfphone call`: place a call, press keys, print what happens, leave."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, get_args

from dtmfphone.cli import caller, listening, shadow_option, turns
from dtmfphone.cli.call_state import over, state, up_or_over
from dtmfphone.engine.commands import BUILTIN, AnyCommand, HangUp, Hold, Method, PlaceCall, Transfer
from dtmfphone.engine.events import AnyEvent, HoldChanged, Notice, TransferChanged

if TYPE_CHECKING:
    from dtmfphone.cli.session import Session

OK, FAILED, USAGE, NO_METHOD = 0, 1, 2, 3
"""Exit codes: every digit went out by a method that the far end took; the call or a digit failed; wrong usage; the
method is not available."""
DEFAULT_STAY = 2.0
"""Seconds on the line after the last digit or word, so that the far end's answer is still seen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone call`."""
    parser.add_argument(
        "target", help="sip:user@host, rtp://host:port?codec=PCMU, builtin:NAME, http(s)://... or whip+http(s)://..."
    )
    parser.add_argument(
        "--method", choices=get_args(Method), help="how keys are sent (default: the account's, or auto)"
    )
    parser.add_argument("--duration", type=_bounded(40, 6000), default=100, metavar="MS", help="length of a key")
    parser.add_argument("--gap", type=_bounded(30, 6000), default=70, metavar="MS", help="pause between keys")
    parser.add_argument(
        "--codec",
        type=caller.codecs,
        default=("auto",),
        metavar="LIST",
        help="auto, opus, g722, pcmu or pcma; for SIP several in order, with commas",
    )
    parser.add_argument(
        "--hold", type=_seconds, metavar="S", help="put the call on hold for S seconds after the last digit"
    )
    parser.add_argument(
        "--transfer", metavar="TARGET", help="then ask the far end to call somebody else, and leave when it did"
    )
    parser.add_argument("--cancel-after", type=_seconds, metavar="S", help="give up if not answered within S seconds")
    parser.add_argument(
        "--stay",
        type=_seconds,
        metavar="S",
        help="seconds to stay after the last digit or word (default: 2; without any, until the far end hangs up)",
    )
    token = parser.add_mutually_exclusive_group()
    token.add_argument(
        "--token-env", metavar="NAME", help="environment variable that holds the bearer token for the HTTP request"
    )
    token.add_argument("--token", default="", help="the token itself; other users can see it in the process list")
    parser.add_argument("--sound", action="store_true", help="use microphone and loudspeaker")
    parser.add_argument("--mask", action="store_true", help="hide digits in the output")
    parser.add_argument("--json", action="store_true", help="print one JSON object per event")
    turns.add_arguments(parser)
    listening.add_arguments(parser)
    shadow_option.add_arguments(parser)
    shadow_option.add_keys_argument(parser)
    caller.add_arguments(parser)


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run `dtmfphone call`; returns the exit code."""
    speech = listening.chosen(args, parser)
    if speech is not None and not args.target.strip().lower().startswith(BUILTIN):
        parser.error(f"--listen-with is for {BUILTIN} targets: other IVRs have ears of their own")
    settings = [command for command in (speech, shadow_option.chosen(args, parser)) if command is not None]
    token = args.token
    if args.token_env is not None:
        token = os.environ.get(args.token_env, "")
        if not token:
            parser.error(f"--token-env: the environment variable {args.token_env} is empty or not set")
    account = caller.account_for_call(args, parser)
    place = PlaceCall(
        target=args.target,
        method=args.method or (account.method if account is not None else "auto"),
        codec=args.codec[0] if len(args.codec) == 1 else "auto",
        token=token,
        account=account,
    )
    from dtmfphone.engine.pacing import load_for, run_loop

    load_for(targets=[args.target])
    try:
        return run_loop(_call(args, place, settings))
    except KeyboardInterrupt:  # where the loop takes no signals
        return FAILED
    except asyncio.CancelledError:  # nobody reads the output any more
        return FAILED


async def _call(args: argparse.Namespace, place: PlaceCall, settings: Sequence[AnyCommand]) -> int:
    from dtmfphone.cli.printer import printer  # here, for the window need not load what a call needs
    from dtmfphone.cli.session import Session

    shown = printer(json=args.json, masked=args.mask, trace=args.trace)
    async with Session(shown, sound=args.sound) as session:
        _hang_up_at_signals(session)
        for command in (*settings, place):
            session.submit(command)
        if not await _answered(session, args.cancel_after):
            return FAILED
        todo = turns.chosen(args)
        done = await turns.take(session, todo, voice=args.voice, duration_ms=args.duration, gap_ms=args.gap)
        code = {"done": OK, "failed": FAILED, "no-method": NO_METHOD}[done]
        if args.hold is not None and code == OK:
            code = await _hold(session, args.hold)
        if args.transfer is not None and code == OK:
            return await _transfer(session, args.transfer)
        stay = args.stay if args.stay is not None else (DEFAULT_STAY if todo else None)
        with contextlib.suppress(TimeoutError):
            return FAILED if await session.wait_for(over, timeout=stay) == "failed" else code
        session.submit(HangUp())
        await session.wait_for(over)
        return code


async def _answered(session: "Session", patience: float | None) -> bool:
    """Wait until the call is up or over; give it up after it was tried for `patience` seconds."""
    await session.wait_for(state)  # what is loaded before the first call takes its time
    with contextlib.suppress(TimeoutError):
        return await session.wait_for(up_or_over, patience) == "up"
    session.submit(HangUp())
    if await session.wait_for(up_or_over) == "up":  # answered in the last moment
        await session.wait_for(over)
    print(f"dtmfphone: the call was not answered within {patience:g} s.", file=sys.stderr)
    return False


async def _hold(session: "Session", seconds: float) -> int:
    """Put the call on hold for some seconds; return the exit code so far."""
    for on in (True, False):
        since = len(session.events)
        session.submit(Hold(on=on))
        if await session.wait_for(partial(_held_or_over, on), since=since) != "held":
            return FAILED
        if on:
            with contextlib.suppress(TimeoutError):
                await session.wait_for(over, seconds)
                return OK
    return OK


async def _transfer(session: "Session", target: str) -> int:
    """Let the far end call somebody else, and hang up if it does not; return the exit code."""
    since = len(session.events)
    session.submit(Transfer(target=target))
    done = await session.wait_for(_transferred_or_over, since=since) == "done"
    session.submit(HangUp())
    await session.wait_for(over)
    return OK if done else FAILED


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


def _held_or_over(on: bool, event: AnyEvent) -> str | None:
    if isinstance(event, HoldChanged) and event.here == on:
        return "held"
    if isinstance(event, Notice) and event.level == "error":
        return "error"
    return over(event)


def _transferred_or_over(event: AnyEvent) -> str | None:
    if isinstance(event, TransferChanged) and event.state in ("done", "failed"):
        return event.state
    if isinstance(event, Notice) and event.level == "error":
        return "error"
    return over(event)


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
