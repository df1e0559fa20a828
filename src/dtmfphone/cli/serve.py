"""`dtmfphone serve`: an HTTP endpoint behind which an IVR answers browsers and other WebRTC callers."""

import argparse
import asyncio
import contextlib
import signal

from dtmfphone.engine.commands import Serve
from dtmfphone.engine.events import AnyEvent, ServerChanged


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone serve`."""
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="HOST:PORT", help="default: %(default)s")
    parser.add_argument("--ivr", default="reception", metavar="NAME", help="built-in script or YAML file")
    parser.add_argument("--mask", action="store_true", help="hide digits in the output")
    parser.add_argument("--json", action="store_true", help="print one JSON object per event")


def run(args: argparse.Namespace) -> int:
    """Run `dtmfphone serve` until Ctrl+C or SIGTERM; returns the exit code."""
    from dtmfphone.engine.pacing import run_loop

    try:
        return run_loop(_serve(args))
    except asyncio.CancelledError:  # nobody reads the output any more
        return 1


async def _serve(args: argparse.Namespace) -> int:
    from dtmfphone.cli.printer import printer  # here, for the window need not load what a call needs
    from dtmfphone.cli.session import Session

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stop.set)
    async with Session(printer(json=args.json, masked=args.mask), sound=False) as session:
        session.submit(Serve(listen=(f"http://{args.listen}",), ivr=args.ivr))
        if (await session.wait_for(_server)).state != "listening":
            return 1
        await stop.wait()
    return 0


def _server(event: AnyEvent) -> ServerChanged | None:
    return event if isinstance(event, ServerChanged) else None
