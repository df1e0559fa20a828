"""What one digit collector showed last, in words, and how its timer stands now."""

from typing import Final

from dtmfphone.engine.events import CollectorChanged
from dtmfphone.gui.session_clock import SessionClock

MODE_WORDS: Final = {"standard": "Standard", "livekit": "LiveKit"}
STATE_WORDS: Final = {
    "idle": "Idle",
    "prompting": "Prompting",
    "collecting": "Collecting",
    "confirming": "Confirming",
    "done": "Done",
    "failed": "Failed",
}
STATE_TONES: Final = {
    "idle": "muted",
    "prompting": "accent",
    "collecting": "accent",
    "confirming": "warn",
    "done": "good",
    "failed": "bad",
}
ENDED: Final = "Ended"
"""In place of `Failed` where the caller hung up."""
END_WORDS: Final = {
    "stop-key": "Ended by the stop key.",
    "count": "All digits are in.",
    "first-digit time-out": "No digit came in time.",
    "inter-digit time-out": "No further digit came in time.",
    "total time-out": "The time for all digits is over.",
    "confirm time-out": "No confirmation came in time.",
    "refused": "The caller refused the digits.",
    "wrong count": "Not the expected number of digits.",
    "speech": "Taken from what the caller said.",
    "hang-up": "The caller hung up.",
}
TIMER_WORDS: Final = {
    "first-digit": "First digit",
    "inter-digit": "Next digit",
    "total": "All digits",
    "confirm": "Confirmation",
}
PAUSE_WORDS: Final = {
    "prompt": "the prompt speaks",
    "user speaking": "the caller speaks",
    "agent speaking": "the agent speaks",
    "agent thinking": "the agent thinks",
}


class CollectorState:
    """Follows the changes of one collector."""

    def __init__(self, clock: SessionClock) -> None:
        self._clock = clock
        self.event: CollectorChanged | None = None
        """The last change."""
        self.over = False
        """Whether its call has ended."""
        self.began = 0.0
        """When the present collection began."""
        self._held: tuple[str, float] | None = None

    def take(self, event: CollectorChanged) -> None:
        """The collector changed."""
        self._held = self._held_at(event)
        if self.is_another(event):
            self.began = event.t
        self.event = event

    def is_another(self, event: CollectorChanged) -> bool:
        """Whether a change begins another collection, or another attempt at it."""
        was = self.event
        return was is None or was.state in ("done", "failed") or _attempt(was) != _attempt(event)

    @property
    def open(self) -> bool:
        """Whether it still collects, or asks."""
        c = self.event
        return c is not None and c.state not in ("idle", "done", "failed") and not c.result and not self.over

    @property
    def hung_up(self) -> bool:
        """Whether the caller ended it: no failure of anything."""
        c = self.event
        return c is not None and c.state == "failed" and c.end_reason == "hang-up"

    @property
    def failed(self) -> bool:
        """Whether it came to nothing by itself."""
        return self.event is not None and self.event.state == "failed" and not self.hung_up

    @property
    def state_text(self) -> str:
        """Its state in a word."""
        return ENDED if self.hung_up else STATE_WORDS[self.event.state if self.event else "idle"]

    @property
    def state_tone(self) -> str:
        """The colour of its state."""
        return "muted" if self.hung_up else STATE_TONES[self.event.state if self.event else "idle"]

    @property
    def mode_text(self) -> str:
        """Its mode, and which attempt this is after the first."""
        c = self.event
        if c is None:
            return ""
        return f"{MODE_WORDS[c.mode]}, attempt {c.attempt}" if c.attempt > 1 else MODE_WORDS[c.mode]

    @property
    def end_text(self) -> str:
        """Why the collection ended, or the attempt before this one, in words."""
        reason = self.event.end_reason if self.event else ""
        return END_WORDS.get(reason, reason) or ("The call has ended." if self.over else "")

    @property
    def pause_text(self) -> str:
        """Why timers that should run do not, with what is left where it is kept; empty when nothing is paused."""
        c = self.event
        if c is None or not c.paused or self.over:
            return ""
        why = PAUSE_WORDS.get(c.paused, c.paused)
        if c.mode == "livekit":
            return f"No timer while {why}, then anew."
        if self._held is None:
            return f"Timers wait: {why}."
        timer, left = self._held
        return f"{TIMER_WORDS[timer]} waits at {left:.1f} s: {why}."

    @property
    def timer_text(self) -> str:
        """Which timer runs."""
        return TIMER_WORDS.get(self.event.timer, "") if self.timer_running and self.event else ""

    @property
    def timer_running(self) -> bool:
        """Whether a timer is to be drawn."""
        c = self.event
        return c is not None and c.timer != "" and c.timer_seconds > 0 and not self.over

    def timer_left(self) -> float:
        """Return the seconds left of the running timer now, never below 0."""
        c = self.event
        if c is None or not self.timer_running:
            return 0.0
        return min(c.timer_seconds, max(0.0, c.timer_left - (self._clock.now() - c.t)))

    def timer_fraction(self) -> float:
        """Return the share left of the running timer now, 0 to 1."""
        return self.timer_left() / self.event.timer_seconds if self.timer_running and self.event else 0.0

    def _held_at(self, event: CollectorChanged) -> tuple[str, float] | None:
        """Return the timer that a pause halts, and what is left of it; None where nothing tells."""
        was = self.event
        if was is None or not event.paused or _stage(was) != _stage(event):
            return None
        if was.paused:
            return self._held
        return (was.timer, max(0.0, was.timer_left - (event.t - was.t))) if was.timer else None


def _attempt(event: CollectorChanged) -> tuple[str, int, int]:
    return event.node, event.collection, event.attempt


def _stage(event: CollectorChanged) -> tuple[tuple[str, int, int], str, bool]:
    """What starts timers anew when it changes."""
    return _attempt(event), event.digits, event.state == "confirming"
