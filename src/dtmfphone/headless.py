"""`dtmfphone run` without a display: the same job in the terminal, and a picture of the real window."""

import os
import sys
from pathlib import Path

from dtmfphone.cli import demo
from dtmfphone.cli.printer import TextPrinter
from dtmfphone.engine.display import DisplayRing


def run(screenshot: str | None) -> int:
    """Say that there is no display, call the built-in IVR, print the summary and the picture's path."""
    printer = TextPrinter(sys.stdout, masked=False)
    printer.say("There is no display, so the window cannot open: the same job follows in the terminal.")
    display = DisplayRing.local()
    worked, events = demo.run(printer, display)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from dtmfphone.gui import render

    path = Path(screenshot) if screenshot else Path.cwd() / "dtmfphone-window.png"
    try:
        render.render(events, display, path)
    except OSError as error:
        printer.say(f"The picture of the window could not be written to {path}: {error.strerror}.")
        return 1
    printer.say(f"The window, rendered without a display: {path}")
    return 0 if worked else 1
