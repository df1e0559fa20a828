"""Digit collection in standard mode, sans-IO: keys, speech states and time in, transitions of one visible state out."""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Final

from dtmfphone.dtmf.keys import key_of
from dtmfphone.ivr.collection import (
    SAME_MOMENT,
    AgentState,
    EndReason,
    Mode,
    Pause,
    State,
    Timer,
    Transition,
    UserState,
)
from dtmfphone.ivr.collector_settings import CollectorSettings

YES: Final = "1"
NO: Final = "2"
_FROM_THE_START: Final[tuple[Timer, ...]] = ("first-digit", "total")
_END_REASONS: Final[dict[Timer, EndReason]] = {
    "first-digit": "first-digit time-out",
    "inter-digit": "inter-digit time-out",
    "total": "total time-out",
    "confirm": "confirm time-out",
}


@dataclass
class Collector:
    """One collection in standard mode: by stop key, count, a time-out or hang-up it ends, and keeps the digits.

    It is `done` with at least `min_digits`, after they were confirmed if that is asked for, else it asks again
    (`prompting` anew) as often as it may, and then is `failed`. While a prompt or the caller speaks no timer runs; the
    first key ends the prompt (barge-in), and a key counts also while the caller speaks. Every prompt, retry and
    read-back speaks until `prompt_ended`. Times are monotonic seconds; one that lies before the last is taken as the
    last. A key at the very moment a timer ends still counts. Before `start` and after the end nothing has an effect.
    """

    settings: CollectorSettings
    state: State = field(default="idle", init=False)
    digits: str = field(default="", init=False)
    end_reason: EndReason = field(default="", init=False)
    attempt: int = field(default=1, init=False)
    mode: ClassVar[Mode] = "standard"
    _now: float = field(default=-math.inf, init=False)
    _deadlines: dict[Timer, float] = field(default_factory=dict, init=False)
    """When each running timer ends; while they are paused, what is left of each."""
    _prompt: bool = field(default=False, init=False)
    """Whether a prompt or read-back speaks."""
    _user: UserState = field(default="listening", init=False)
    _agent: AgentState = field(default="listening", init=False)

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return self.state in ("done", "failed")

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        return min(self._deadlines.values()) if self._deadlines and not self._paused else None

    @property
    def user_input(self) -> str:
        """The result: the digits; empty unless `done`."""
        return self.digits if self.state == "done" else ""

    def start(self, t: float, *, prompting: bool = False) -> tuple[Transition, ...]:
        """Begin, with a prompt that speaks or at once with the timers; raise RuntimeError when it has begun."""
        if self.state != "idle":
            raise RuntimeError("this collector has been started: make a new one for each collection")
        self._now = t
        self._ask(prompting=prompting)
        return (self._transition(),)

    def prompt_started(self, t: float) -> tuple[Transition, ...]:
        """A prompt begins to speak: the timers pause."""
        before = self.tick(t)
        if self.state not in ("collecting", "confirming") or self._prompt:
            return before
        self._now = max(self._now, t)
        self._pause(prompt=True)
        return (*before, self._transition())

    def prompt_ended(self, t: float) -> tuple[Transition, ...]:
        """The prompt is over: the timers go on with what was left of them."""
        if not self._prompt:
            return ()
        self._now = max(self._now, t)
        self._pause(prompt=False)
        return (self._transition(),)

    def agent_changed(self, state: AgentState, t: float) -> tuple[Transition, ...]:
        """What an agent says, or ponders, is a prompt; a state that is no change has no effect."""
        if state == self._agent:
            return self.tick(t)
        self._agent = state
        return self.prompt_started(t) if state in ("speaking", "thinking") else self.prompt_ended(t)

    def user_changed(self, state: UserState, t: float) -> tuple[Transition, ...]:
        """The caller began or ceased to speak: the timers pause meanwhile."""
        before = self._arrive(t)
        was, will = self._paused, state == "speaking"
        if self.state in ("idle", "done", "failed") or will == (self._user == "speaking"):
            self._user = state
            return before
        self._now = max(self._now, t)
        self._pause(prompt=self._prompt, user=state)
        return (*before, self._transition()) if self._paused != was else before

    def key(self, char: str, t: float) -> tuple[Transition, ...]:
        """Take one key press; raise ValueError when it is none of the sixteen."""
        char = key_of(char).char
        if late := self._arrive(t):
            return late
        if self.state == "confirming":
            return self.confirm(t) if char == YES else self.refuse(t) if char == NO else ()
        if self.state not in ("prompting", "collecting"):
            return ()
        self._now = max(self._now, t)
        interrupts = self._prompt
        self._pause(prompt=False)
        if char in self.settings.stop_keys:
            return self._collected("stop-key", interrupts=interrupts)
        self.digits += char
        if len(self.digits) == self.settings.max_digits:
            return self._collected("count", interrupts=interrupts)
        self._set("first-digit", None)
        self._set("inter-digit", self.settings.inter_digit_seconds)
        return (self._transition(interrupts=interrupts),)

    def spoken(self, digits: str, t: float) -> tuple[Transition, ...]:
        """Take digits from speech as if they had been pressed; raise ValueError when one is none of the sixteen."""
        chars = [key_of(digit).char for digit in digits]
        return tuple(transition for char in chars for transition in self.key(char, t))

    def confirm(self, t: float) -> tuple[Transition, ...]:
        """The caller says that what was read back is right."""
        before = self._arrive(t)
        if self.state != "confirming":
            return before
        self._now = max(self._now, t)
        return (*before, *self._end("done", self.end_reason, interrupts=self._prompt))

    def refuse(self, t: float) -> tuple[Transition, ...]:
        """The caller says that what was read back is wrong."""
        before = self._arrive(t)
        if self.state != "confirming":
            return before
        self._now = max(self._now, t)
        return (*before, *self._fail("refused", interrupts=self._prompt))

    def tick(self, t: float) -> tuple[Transition, ...]:
        """Let time pass: a timer that has run out ends the collection, at the moment it did."""
        end = self.deadline
        if end is None or t < end:
            return ()
        self._now = max(self._now, end)
        timer = self._next_timer()
        return self._fail("confirm time-out") if timer == "confirm" else self._collected(_END_REASONS[timer])

    def hang_up(self, t: float) -> tuple[Transition, ...]:
        """The call is over: the collection fails, and keeps what was typed."""
        before = self.tick(t)
        if self.state in ("idle", "done", "failed"):
            return before
        self._now = max(self._now, t)
        return (*before, *self._end("failed", "hang-up"))

    def _arrive(self, t: float) -> tuple[Transition, ...]:
        """Do what was due before `t`."""
        return self.tick(t) if self.deadline is not None and self.deadline < t - SAME_MOMENT else ()

    @property
    def _paused(self) -> Pause:
        if self._prompt:
            return "prompt"
        return "user speaking" if self._user == "speaking" else ""

    def _pause(self, *, prompt: bool, user: UserState | None = None) -> None:
        """Say who speaks now; timers turn into what is left of them, or back."""
        was = self._paused
        self._prompt, self._user = prompt, user or self._user
        if self.state in ("prompting", "collecting"):
            self.state = "prompting" if prompt else "collecting"
        if bool(was) != bool(self._paused):
            sign = 1 if was else -1
            self._deadlines = {timer: value + sign * self._now for timer, value in self._deadlines.items()}
            if not was:
                self._deadlines = {timer: max(0.0, left) for timer, left in self._deadlines.items()}

    def _set(self, timer: Timer, seconds: float | None) -> None:
        """Start a timer from now, or remove it."""
        self._deadlines.pop(timer, None)
        if seconds is not None:
            self._deadlines[timer] = seconds if self._paused else self._now + seconds

    def _ask(self, *, prompting: bool) -> None:
        self.digits = ""
        self.state = "prompting" if prompting else "collecting"
        self._prompt = prompting
        self._deadlines.clear()
        for timer in _FROM_THE_START:
            self._set(timer, self._seconds(timer) or None)

    def _next_timer(self) -> Timer:
        return min(self._deadlines, key=lambda timer: self._deadlines[timer])

    def _collected(self, reason: EndReason, *, interrupts: bool = False) -> tuple[Transition, ...]:
        """The caller is through: take what is there, read it back, or ask again."""
        if len(self.digits) < self.settings.min_digits:
            return self._fail(reason, interrupts=interrupts)
        if not self.settings.confirm:
            return self._end("done", reason, interrupts=interrupts)
        self.state, self.end_reason, self._prompt = "confirming", reason, True
        self._deadlines.clear()
        self._set("confirm", self.settings.confirm_seconds)
        return (self._transition(interrupts=interrupts),)

    def _fail(self, reason: EndReason, *, interrupts: bool = False) -> tuple[Transition, ...]:
        if self.attempt > self.settings.retries:
            return self._end("failed", reason, interrupts=interrupts)
        self.attempt += 1
        self.end_reason = reason
        self._ask(prompting=True)
        return (self._transition(interrupts=interrupts),)

    def _end(self, state: State, reason: EndReason, *, interrupts: bool = False) -> tuple[Transition, ...]:
        self.state, self.end_reason, self._prompt = state, reason, False
        self._deadlines.clear()
        return (self._transition(interrupts=interrupts),)

    def _transition(self, *, interrupts: bool = False) -> Transition:
        timer: Timer = self._next_timer() if self.deadline is not None else ""
        return Transition(
            self._now,
            self.state,
            self.digits,
            timer,
            self._seconds(timer),
            max(0.0, self._deadlines[timer] - self._now) if timer else 0.0,
            self.end_reason,
            "" if self.ended else self._paused,
            interrupts,
            self.attempt,
        )

    def _seconds(self, timer: Timer) -> float:
        seconds = {
            "first-digit": self.settings.first_digit_seconds,
            "inter-digit": self.settings.inter_digit_seconds,
            "total": self.settings.total_seconds,
            "confirm": self.settings.confirm_seconds,
        }.get(timer)
        return seconds or 0.0
