"""A virtual X server, a mouse and a keyboard."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from program import need

PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "import": "imagemagick"}


class Screen:
    """An X display with xdotool."""

    def __init__(self, display: str) -> None:
        self.environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}

    def do(self, *words: object) -> None:
        """Run one xdotool command."""
        subprocess.run(["xdotool", *map(str, words)], env=self.environment, check=True, timeout=10)

    def click(self, box: list[int], hold: float = 0.06) -> None:
        """Move to the middle of a part and click it for a while."""
        x, y, width, height = box
        self.do("mousemove", x + width // 2, y + height // 2)
        self.do("mousedown", 1)
        time.sleep(hold)
        self.do("mouseup", 1)

    def screenshot(self, path: Path) -> None:
        """Save what is on the screen."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True, timeout=20)


@contextmanager
def virtual_screen(size: str = "1280x800") -> Iterator[Screen]:
    """Start Xvfb on a free display; without it, fail under CI and skip elsewhere."""
    need(**PROGRAMS)
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        assert number, f"Xvfb did not start: exit code {server.poll()}"
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait(10)


def python() -> str:
    """Return the interpreter of this environment."""
    return sys.executable
