"""`dtmfphone run` without a display: the same job in the terminal, and a picture of the real window."""

import os
import sys
import tempfile
from pathlib import Path

from dtmfphone.cli import demo
from dtmfphone.cli.printer import TextPrinter
from dtmfphone.engine.display import DisplayRing


def run(screenshot: str | None) -> int:
    """Say that there is no display, call the built-in IVR, print the summary and the picture's path."""
    printer = TextPrinter(sys.stdout, masked=False)
    name = os.environ.get("DISPLAY")
    missing = f"The display {name} does not let us in" if name else "There is no display"
    printer.say(f"{missing}, so the window cannot open: the same job follows in the terminal.")
    display = DisplayRing.local()
    worked, events = demo.run(printer, display)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    folder = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path(tempfile.gettempdir())
    path = Path(screenshot) if screenshot else folder / "dtmfphone-window.png"
    try:
        from dtmfphone.gui import render

        render.render(events, display, path)
    except ImportError as error:
        printer.say(f"The window cannot be drawn: {error}. Run dtmfphone doctor: it names what to install.")
        return 1
    except OSError as error:
        printer.say(str(error))
        return 1
    printer.say(f"The window, rendered without a display: {path}")
    return 0 if worked else 1
