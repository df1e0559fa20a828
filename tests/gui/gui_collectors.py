"""Digit collectors as the engine tells of them."""

from typing import Any

from dtmfphone.engine.events import CollectorChanged
from dtmfphone.gui.session_clock import SessionClock


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def session_clock(time: Time) -> SessionClock:
    clock = SessionClock(time)
    clock.observe(0.0)
    return clock


def collecting(t: float = 0.0, **more: Any) -> CollectorChanged:
    """The IVR's own collector with two digits and three seconds left."""
    facts: dict[str, Any] = {
        "call": "i1",
        "state": "collecting",
        "digits": "40",
        "expected": "4 digits",
        "timer": "inter-digit",
        "timer_seconds": 4.0,
        "timer_left": 3.0,
    }
    return CollectorChanged(t=t, **(facts | more))


def still(t: float = 0.0, **more: Any) -> CollectorChanged:
    """A collector whose timers do not run."""
    return collecting(t, **({"timer": "", "timer_seconds": 0.0, "timer_left": 0.0} | more))


def shadow(name: str, t: float = 0.0, **more: Any) -> CollectorChanged:
    """`LiveKit` or `Standard`, a shadow on the IVR's call."""
    make = collecting if "timer" in more or more.get("state", "collecting") == "collecting" else still
    return make(t, **({"shadow": name, "mode": "livekit" if name == "LiveKit" else "standard"} | more))
