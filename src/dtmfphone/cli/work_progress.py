"""A progress bar on standard error for work that takes long, if a person watches."""

import sys
import time
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE: Final = 0.7
"""Seconds until the bar appears."""
PACE: Final = 0.1
"""Seconds between two looks at it."""


class WorkProgress:
    """Shows how much of some bytes is done, on a terminal; elsewhere nothing."""

    def __init__(self, total: int | None) -> None:
        """`total` is None where it is not known."""
        self._bar: Progress | None = None
        self._due = time.monotonic() + PATIENCE
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
            self._task = self._bar.add_task("", total=total)

    def show(self, done: float, what: str) -> None:
        """So many bytes are done; `what` is under way."""
        if self._bar is None or (now := time.monotonic()) < self._due:
            return
        self._due = now + PACE
        self._bar.start()
        self._bar.update(self._task, completed=done, description=what, refresh=True)

    def hide(self) -> None:
        """Make room for other lines."""
        if self._bar is not None:
            self._bar.stop()
