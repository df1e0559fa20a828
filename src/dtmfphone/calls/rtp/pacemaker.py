"""One timer for all paced streams of a loop: deadlines fall together, so that the loop wakes seldom."""

import asyncio
import math
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from dtmfphone.calls.guarded import guarded
from dtmfphone.calls.media import SLOT_SECONDS

GRID_SECONDS: Final = 0.005
"""Streams begin on this grid and so stay on it."""
EARLY_SECONDS: Final = 0.0005
"""What is due so soon is done now: the system's timers are no finer."""

Send = Callable[[float], float]
"""Called with the loop's time when due; returns when it is due next."""
Play = Callable[[], None]
"""Called afterwards, when all that is due has been sent."""


class Pacemaker:
    """Calls each stream that has joined whenever it is due; sending comes before all else."""

    def __init__(self) -> None:
        self._due: dict[Send, tuple[float, Play]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._waking = False

    def join(self, send: Send, play: Play) -> float:
        """Have a stream called from the next moment on the grid on, and return that moment."""
        begin = math.ceil(_now() / GRID_SECONDS) * GRID_SECONDS
        self._due[send] = begin, play
        self._arm()
        return begin

    def leave(self, send: Send) -> None:
        """Call a stream no more; harmless when repeated."""
        self._due.pop(send, None)
        self._arm()

    def _wake(self) -> None:
        self._timer, self._waking = None, True
        now = _now()
        due = [(send, play) for send, (when, play) in self._due.items() if when <= now + EARLY_SECONDS]
        for send, play in due:
            if send in self._due:
                following = guarded(send, _now())
                if send in self._due:
                    self._due[send] = now + SLOT_SECONDS if following is None else following, play
        for send, play in due:
            if send in self._due:
                guarded(play)
        self._waking = False
        self._arm()

    def _arm(self) -> None:
        if self._waking:
            return
        due = min((when for when, _ in self._due.values()), default=None)
        if self._timer is not None and (due is None or due != self._timer.when()):
            self._timer.cancel()
            self._timer = None
        if due is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(due, self._wake)


_PACEMAKERS: WeakKeyDictionary[asyncio.AbstractEventLoop, Pacemaker] = WeakKeyDictionary()


def pacemaker() -> Pacemaker:
    """Return the pacemaker of the running loop."""
    return _PACEMAKERS.setdefault(asyncio.get_running_loop(), Pacemaker())


def _now() -> float:
    return asyncio.get_running_loop().time()
