"""`dtmfphone serve`: an IVR answers browsers, SIP softphones and plain RTP."""

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Sequence

from dtmfphone.cli import caller, listening, shadow_option
from dtmfphone.engine.commands import AnyCommand, OpenAccount, Serve
from dtmfphone.engine.events import AccountChanged, AnyEvent, ServerChanged

DEFAULT_LISTEN = "127.0.0.1:8080"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone serve`."""
    parser.add_argument(
        "--listen",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help=f"HTTP for browsers and other WebRTC callers (default, if nothing else is named: {DEFAULT_LISTEN})",
    )
    parser.add_argument(
        "--sip",
        action="append",
        default=[],
        metavar="HOST:PORT",
        help="SIP over UDP and TCP; 'HOST:PORT;transport=tls' for TLS, udp or tcp for one alone; may be repeated",
    )
    parser.add_argument(
        "--rtp",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="plain RTP, 'HOST:PORT?codec=PCMU&events=101'; may be repeated",
    )
    parser.add_argument(
        "--account", action="append", default=[], metavar="NAME", help="take the calls of an account that is kept"
    )
    parser.add_argument(
        "--password-env", metavar="VAR", help="environment variable that holds the password of the account"
    )
    parser.add_argument("--ivr", default="reception", metavar="NAME", help="built-in script or YAML file")
    listening.add_arguments(parser)
    shadow_option.add_arguments(parser)
    parser.add_argument("--trace", action="store_true", help="print each SIP message, secrets hidden")
    parser.add_argument("--mask", action="store_true", help="hide digits in the output")
    parser.add_argument("--json", action="store_true", help="print one JSON object per event")


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run `dtmfphone serve` until Ctrl+C or SIGTERM; returns the exit code."""
    names = dict.fromkeys(args.account)
    if args.password_env is not None and len(names) != 1:
        parser.error("--password-env is for one --account")
    password = caller.from_environment(args.password_env, parser) if args.password_env is not None else None
    accounts = [OpenAccount(account=caller.kept_account(name, parser, password), ivr=args.ivr) for name in names]
    chosen = (listening.chosen(args, parser), shadow_option.chosen(args, parser))
    listen = args.listen or ([] if args.sip or args.rtp or accounts else [DEFAULT_LISTEN])
    addresses = (
        *(f"http://{address.removeprefix('http://')}" for address in listen),
        *(f"sip:{address.removeprefix('sip:')}" for address in args.sip),
        *(f"rtp://{address.removeprefix('rtp://')}" for address in args.rtp),
    )
    from dtmfphone.engine.pacing import load_for, run_loop

    load_for(listen=addresses, accounts=[command.account.address for command in accounts])
    try:
        settings = [command for command in chosen if command is not None]
        return run_loop(_serve(args, Serve(listen=addresses, ivr=args.ivr), accounts, settings))
    except asyncio.CancelledError:  # nobody reads the output any more
        return 1


async def _serve(
    args: argparse.Namespace, serve: Serve, accounts: list[OpenAccount], settings: Sequence[AnyCommand]
) -> int:
    from dtmfphone.cli.printer import printer  # here, for the window need not load what a call needs
    from dtmfphone.cli.session import Session

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stop.set)
    async with Session(printer(json=args.json, masked=args.mask, trace=args.trace), sound=False) as session:
        for command in (*settings, serve, *accounts):
            session.submit(command)
        stopped = asyncio.create_task(stop.wait())
        opened = asyncio.create_task(session.wait_for(_Opened(len(serve.listen), len(accounts))))
        await asyncio.wait((stopped, opened), return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            opened.cancel()
        elif not opened.result():
            stopped.cancel()
            return 1
        session.forget()
        await stopped
    return 0


class _Opened:
    """Tells whether all addresses and accounts came to work, as soon as that is known."""

    def __init__(self, addresses: int, accounts: int) -> None:
        self._expected = addresses + accounts
        self._working: set[str] = set()

    def __call__(self, event: AnyEvent) -> bool | None:
        match event:
            case ServerChanged(state="failed") | AccountChanged(state="failed"):
                return False
            case ServerChanged(state="listening", url=name):
                self._working.add(name)
            case AccountChanged(state="registered" | "ready", account=name):
                self._working.add(f"account {name}")
        return True if len(self._working) == self._expected else None
