"""The digit collector of the far end's IVR, as the panel shows it."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.events import AnyEvent, CallChanged, CollectorChanged, IvrStep, Started
from dtmfphone.engine.masking import mask
from dtmfphone.gui.session_clock import SessionClock

MODE_WORDS: Final = {"standard": "Standard", "livekit": "LiveKit"}
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


class CollectorModel(QObject):
    """Follows one IVR call at a time, and the next one when that has ended."""

    changed = Signal()

    def __init__(self, clock: SessionClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._collector: CollectorChanged | None = None
        self._held: tuple[str, float] | None = None
        self._call = ""
        self._over = False
        self._masked = False
        self._speech = IvrStep(t=0.0, call="", script="", node="", action="enter")

    @property
    def present(self) -> bool:
        """Whether an IVR has been met in this session."""
        return bool(self._call)

    @property
    def over(self) -> bool:
        """Whether the followed call has ended."""
        return self._over

    @property
    def collector(self) -> CollectorChanged | None:
        """Its last state, digits hidden when they shall be; None before the first."""
        event = self._collector
        if event is None or not self._masked:
            return event
        hidden = mask(event)
        assert isinstance(hidden, CollectorChanged)
        return hidden

    @property
    def node(self) -> str:
        """Where in its script the IVR stands."""
        return self._speech.node or (self._collector.node if self._collector else "")

    @property
    def speech(self) -> str:
        """What the IVR says or said last."""
        hidden = mask(self._speech) if self._masked else self._speech
        assert isinstance(hidden, IvrStep)
        return hidden.text

    @property
    def speaking(self) -> bool:
        """Whether it speaks now."""
        return self._speech.action == "say" and not self._over

    @property
    def mode_text(self) -> str:
        """The collector's mode, and which attempt this is after the first."""
        c = self._collector
        if c is None:
            return ""
        return f"{MODE_WORDS[c.mode]}, attempt {c.attempt}" if c.attempt > 1 else MODE_WORDS[c.mode]

    @property
    def end_text(self) -> str:
        """Why the collection ended, or the attempt before this one, in words."""
        reason = self._collector.end_reason if self._collector else ""
        return END_WORDS.get(reason, reason) or ("The call has ended." if self._over else "")

    @property
    def pause_text(self) -> str:
        """Why timers that should run do not, with what is left where it is kept; empty when nothing is paused."""
        c = self._collector
        if c is None or not c.paused or self._over:
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
        return TIMER_WORDS.get(self._collector.timer, "") if self.timer_running and self._collector else ""

    @property
    def timer_running(self) -> bool:
        """Whether a timer is to be drawn."""
        c = self._collector
        return c is not None and c.timer != "" and c.timer_seconds > 0 and not self._over

    def timer_left(self) -> float:
        """Return the seconds left of the running timer now, never below 0."""
        c = self._collector
        if c is None or not self.timer_running:
            return 0.0
        return min(c.timer_seconds, max(0.0, c.timer_left - (self._clock.now() - c.t)))

    def timer_fraction(self) -> float:
        """Return the share left of the running timer now, 0 to 1."""
        return self.timer_left() / self._collector.timer_seconds if self.timer_running and self._collector else 0.0

    def set_masked(self, masked: bool) -> None:
        """Hide or show digits."""
        if masked != self._masked:
            self._masked = masked
            self.changed.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case CollectorChanged() if self._follows(event.call):
                self._held = self._held_at(event)
                self._collector = event
            case IvrStep() if self._follows(event.call):
                self._hear(event)
            case CallChanged(leg="ivr") if event.call == self._call and event.state in ("ended", "failed"):
                self._over = True
            case Started():
                self._call, self._over, self._collector, self._held = "", False, None, None
            case _:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self._over = True
        self.changed.emit()

    def _follows(self, call: str) -> bool:
        if call != self._call and (self._over or not self._call):
            self._call, self._over, self._collector, self._held = call, False, None, None
            self._speech = IvrStep(t=0.0, call=call, script="", node="", action="enter")
        return call == self._call

    def _held_at(self, event: CollectorChanged) -> tuple[str, float] | None:
        """Return the timer that a pause halts, and what is left of it; None where nothing tells."""
        was = self._collector
        if was is None or not event.paused or _stage(was) != _stage(event):
            return None
        if was.paused:
            return self._held
        return (was.timer, max(0.0, was.timer_left - (event.t - was.t))) if was.timer else None

    def _hear(self, step: IvrStep) -> None:
        if step.action == "key":
            return
        text = step.text or ("" if step.action == "say" else self._speech.text)
        self._speech = IvrStep(
            t=step.t, call=step.call, script=step.script, node=step.node, action=step.action, text=text
        )


def _stage(event: CollectorChanged) -> tuple[str, int, str, bool]:
    """What starts timers anew when it changes."""
    return event.node, event.attempt, event.digits, event.state == "confirming"
