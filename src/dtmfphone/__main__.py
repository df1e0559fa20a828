"""The command line: no command opens the window, the others work in the terminal."""

import argparse
import ctypes
import os
import sys
from collections.abc import Sequence
from typing import Final

from dtmfphone import __version__

INTERRUPTED: Final = 130
"""Exit code after Ctrl+C where nothing was begun that ends in its own way."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run dtmfphone; returns the exit code."""
    # Before numpy loads: our matrix products are small, and on a busy machine threads make them several times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        if code == 0:  # else it is told why
            print(end="", flush=True)
        return code
    except BrokenPipeError:  # a reader that went away knows
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ImportError as error:
        print(f"dtmfphone: {error}. Run dtmfphone doctor: it names what to install.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(words: list[str]) -> int:
    if words[:1] == ["doctor"]:
        # Says which package is missing, so it must come before the others are imported.
        from dtmfphone.cli import doctor

        return doctor.main(words[1:])

    from dtmfphone.cli import account, call, collect, detect, history, ivr, serve, tone

    parser = argparse.ArgumentParser(prog="dtmfphone", description="Softphone and DTMF analyzer.")
    parser.add_argument("--version", action="version", version=f"dtmfphone {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    run = commands.add_parser("run", help="open the window; without a display, show the same job in the terminal")
    run.add_argument("--screenshot", metavar="FILE", help="without a display: where the window's picture goes")

    call_parser = commands.add_parser("call", help="call a target, send digits, print what happens")
    call.add_arguments(call_parser)
    detect_parser = commands.add_parser("detect", help="find the digits in recordings, with measurements")
    detect.add_arguments(detect_parser)
    serve_parser = commands.add_parser("serve", help="let an IVR answer browsers, SIP softphones and plain RTP")
    serve.add_arguments(serve_parser)
    tone_parser = commands.add_parser("tone", help="write keys as tones to a file")
    tone.add_arguments(tone_parser)
    ivr.add_arguments(commands.add_parser("ivr", help="check IVR scripts, draw them, and print their schema"))
    collect.add_arguments(commands.add_parser("collect", help="try or replay a digit collection, without a call"))
    account_parser = commands.add_parser("account", help="keep accounts with providers and PBXes")
    account.add_arguments(account_parser)
    history.add_arguments(commands.add_parser("history", help="the calls that were made and missed"))
    commands.add_parser("doctor", help="what is installed, what is missing, and the remedy", add_help=False)

    args = parser.parse_args(words)
    match args.command:
        case "call":
            return call.run(args, call_parser)
        case "detect":
            return detect.run(args, detect_parser)
        case "serve":
            return serve.run(args, serve_parser)
        case "tone":
            return tone.run(args, tone_parser)
        case "ivr":
            return ivr.run(args)
        case "collect":
            return collect.run(args)
        case "account":
            return account.run(args, account_parser)
        case "history":
            return history.run(args)
        case _:
            return _window(getattr(args, "screenshot", None))


def has_display() -> bool:
    """Whether a window can be shown here (on Linux: an X11 or Wayland display, or a chosen Qt platform)."""
    if sys.platform != "linux":
        return True
    if any(os.environ.get(name) for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        return True
    return bool(os.environ.get("DISPLAY")) and _x_server_answers()


def _x_server_answers() -> bool:
    """Whether the X server that DISPLAY names lets us in; Qt would abort the process."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt says what it lacks
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection) != 0
    xcb.xcb_disconnect(connection)
    return not refused


def _window(screenshot: str | None) -> int:
    if has_display():
        from dtmfphone.gui import app

        return app.run(sys.argv[:1])
    from dtmfphone.headless import run

    return run(screenshot)


if __name__ == "__main__":
    sys.exit(main())
