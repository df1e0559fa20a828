"""What every digit collector shows and is told, whatever its mode."""

from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["standard", "livekit"]
State = Literal["idle", "prompting", "collecting", "confirming", "done", "failed"]
Timer = Literal["", "first-digit", "inter-digit", "total", "confirm"]
EndReason = Literal[
    "",
    "stop-key",
    "count",
    "first-digit time-out",
    "inter-digit time-out",
    "total time-out",
    "confirm time-out",
    "refused",
    "wrong count",
    "speech",
    "hang-up",
]
UserState = Literal["speaking", "listening", "away"]
AgentState = Literal["idle", "listening", "thinking", "speaking"]
Pause = Literal["", "prompt", "user speaking", "agent speaking", "agent thinking"]

FOREVER: Final = 1e9
"""Seconds; more than anybody waits, and few enough to add to exactly."""
SAME_MOMENT: Final = 1e-9
"""Seconds; times that lie closer together than this are the same (the resolution of an event loop's clock)."""


@dataclass(frozen=True)
class Transition:
    """A collector's visible state after a change at time `t`."""

    t: float
    state: State
    digits: str = ""
    timer: Timer = ""
    """The timer that runs out next; empty: none runs."""
    timer_seconds: float = 0.0
    timer_left: float = 0.0
    end_reason: EndReason = ""
    """Why the collection ended, or the attempt before this one."""
    paused: Pause = ""
    """Why timers that should run do not."""
    interrupts: bool = False
    """Whether what the agent or prompt says must stop now."""
    attempt: int = 1
