"""Which sightings are one key press seen in several ways, such as a telephone-event and the tone beside it."""

from collections import deque
from dataclasses import dataclass, field
from math import inf

from dtmfphone.engine.events import SightingMethod

SAME_PRESS_SECONDS = 0.25
"""Sightings of one key by different methods that are no further apart than this are the same key press."""
REMEMBERED = 8


@dataclass
class _Press:
    key: str
    start: float
    end: float
    methods: list[SightingMethod] = field(default_factory=list)
    open: set[SightingMethod] = field(default_factory=set)


class Presses:
    """The last key presses of one direction; times are seconds on the session's time line."""

    def __init__(self) -> None:
        self._last: deque[_Press] = deque(maxlen=REMEMBERED)

    def began(self, key: str, method: SightingMethod, start: float) -> SightingMethod | None:
        """Note that a sighting began; return by which method its press was seen before, or None for a new press."""
        return self._note(key, method, start, inf)

    def seen(self, key: str, method: SightingMethod, start: float, end: float) -> SightingMethod | None:
        """Note a sighting that is over already (see `began`)."""
        return self._note(key, method, start, end)

    def ended(self, key: str, method: SightingMethod, end: float) -> None:
        """Note that the sighting of that key and method ended."""
        for press in reversed(self._last):
            if press.key == key and method in press.open:
                press.open.remove(method)
                press.end = max(end, press.end if press.end != inf else end)
                return

    def _note(self, key: str, method: SightingMethod, start: float, end: float) -> SightingMethod | None:
        for press in reversed(self._last):
            if press.key == key and _may_join(method, press) and _meet(press, start, end):
                first = press.methods[0]
                break
        else:
            first = None
            press = _Press(key, start, start)
            self._last.append(press)
        press.methods.append(method)
        press.start = min(press.start, start)
        if end == inf:
            press.open.add(method)
        else:
            press.end = max(press.end, end)
        return first


def _may_join(method: SightingMethod, press: _Press) -> bool:
    """Say whether a press can have one more sighting by a method: only a tone may be heard in several pieces."""
    if method == "inband":
        return any(other != "inband" for other in press.methods)
    return method not in press.methods


def _meet(press: _Press, start: float, end: float) -> bool:
    press_end = inf if press.open else press.end
    return press.start - SAME_PRESS_SECONDS <= end and start - SAME_PRESS_SECONDS <= press_end
