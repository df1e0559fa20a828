"""A person at the real window: an X server, a mouse, a keyboard, and eyes in the shape of the window's events."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from xserver import Screen, virtual_screen

HOST = Path(__file__).with_name("window_host.py")
PICTURES = os.environ.get("DTMFPHONE_PICTURES", "")
"""A folder for screenshots to look at."""


class Window:
    """The window under test."""

    def __init__(self, process: "subprocess.Popen[str]", screen: Screen, theme: str) -> None:
        self._process = process
        self._theme = theme
        self.screen = screen

    def ask(self, question: str) -> Any:
        """Return what the window says to a question of `window_host`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def wait_for(self, what: str, found: Callable[[list[dict[str, Any]]], Any], seconds: float = 20.0) -> Any:
        """Return what is found in the events so far, as soon as it is something."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            log = self.ask("log")
            if result := found(log):
                return result
            time.sleep(0.05)
        pytest.fail(f"{what} did not happen; the last events: {log[-12:]}")

    def picture(self, path: Path, name: str) -> None:
        """Save what is on the screen, to a folder unless a person wants to look at it."""
        self.screen.screenshot((Path(PICTURES) if PICTURES else path) / f"{self._theme}-{name}.png")


@contextmanager
def window_on_a_screen(theme: str, home_folder: Path) -> Iterator[Window]:
    """Open the window in a theme, on a screen of its own; close it with the block."""
    with virtual_screen() as screen:
        home = screen.environment | {"HOME": str(home_folder), "XDG_CONFIG_HOME": str(home_folder)}
        process = subprocess.Popen(
            [sys.executable, str(HOST), theme, str(home_folder / "window.log")],
            env=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Window(process, screen, theme)
            assert process.stdin is not None
            process.stdin.write("quit\n")
            process.stdin.flush()
            assert process.wait(15) == 0
        finally:
            process.kill()
            process.communicate()


def keys(log: list[dict[str, Any]], leg: str, direction: str) -> list[dict[str, Any]]:
    """Return the keys that passed at a leg."""
    return [e for e in log if e["event"] == "key" and e["leg"] == leg and e["direction"] == direction]
