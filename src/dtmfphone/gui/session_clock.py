"""The session's time line, as seen from the window's process."""

import time
from collections.abc import Callable


class SessionClock:
    """Tells the session's time from the events seen so far: the quickest one came with the least delay."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._offset: float | None = None

    def observe(self, t: float) -> None:
        """Learn from an event that has just arrived."""
        offset = self._clock() - t
        self._offset = offset if self._offset is None else min(self._offset, offset)

    def reset(self) -> None:
        """Forget: another engine starts at zero."""
        self._offset = None

    def now(self) -> float:
        """Return the seconds since the session began; 0 before the first event."""
        return 0.0 if self._offset is None else self._clock() - self._offset
