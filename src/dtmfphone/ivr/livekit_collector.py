"""Digit collection as the `GetDtmfTask` of livekit-agents 1.8 does it, sans-IO; its oddities are kept on purpose."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from dtmfphone.dtmf.keys import KEYS, key_of
from dtmfphone.ivr.collection import (
    FOREVER,
    SAME_MOMENT,
    AgentState,
    EndReason,
    Mode,
    Pause,
    State,
    Transition,
    UserState,
)


@dataclass(frozen=True)
class LiveKitSettings:
    """The arguments of `GetDtmfTask`; a value that makes no sense raises ValueError naming the field."""

    num_digits: int
    """Neither more nor fewer make a success."""
    timeout: float = 4.0
    """Seconds from each digit, or from the end of speech, to the end."""
    stop_key: str = "#"
    confirm: bool = False
    """Whether the agent reads the digits back and asks."""

    def __post_init__(self) -> None:
        if not isinstance(self.num_digits, int) or isinstance(self.num_digits, bool) or self.num_digits < 1:
            raise ValueError(f"num_digits is {self.num_digits!r}: use a whole number above 0")
        number = isinstance(self.timeout, int | float) and not isinstance(self.timeout, bool)
        if not number or not 0 <= self.timeout <= FOREVER:
            raise ValueError(f"timeout is {self.timeout!r}: use seconds, 0 to {FOREVER:g}")
        if not isinstance(self.stop_key, str) or self.stop_key not in KEYS:
            raise ValueError(f"stop_key is {self.stop_key!r}: use one of 0-9, *, # and A-D")
        if not isinstance(self.confirm, bool):
            raise ValueError(f"confirm is {self.confirm!r}: use true or false")

    @property
    def expected(self) -> str:
        """What the caller should press, in words: `4 digits, then # or a pause`."""
        count = "1 digit" if self.num_digits == 1 else f"{self.num_digits} digits"
        return f"{count}, then {self.stop_key} or a pause of {self.timeout:g} s"


@dataclass
class LiveKitCollector:
    """One collection as a LiveKit agent makes it.

    It does not end when all digits are in, only by the stop key or a time-out; no timer runs before the first key. Only
    changes of speech states touch the timer: a side that starts to speak (the agent also to think) cancels it, any
    other change starts it anew if there are keys. The stop key only asks for the end: until `tick` is called with its
    time, as in one turn of an event loop, a further key or change of state still takes it back. The same goes for a
    timer that has just run out. A digit that is not one of the sixteen in upper case is dropped without a word.

    While the digits are read back nothing has an effect; after it a key starts anew, and the collection fails unless
    the count is right again. Times are seconds of one clock; one that lies before the last is taken as the last.
    """

    settings: LiveKitSettings
    user: UserState = "listening"
    agent: AgentState = "listening"
    interruptible: bool = True
    """Whether what the agent says may be interrupted; where not, the end drops the keys and nothing else happens."""
    state: State = field(default="idle", init=False)
    digits: str = field(default="", init=False)
    end_reason: EndReason = field(default="", init=False)
    mode: ClassVar[Mode] = "livekit"
    _now: float = field(default=-math.inf, init=False)
    _due: float | None = field(default=None, init=False)
    """When the end comes, by the timer or because the stop key asked for it."""
    _stopped: bool = field(default=False, init=False)
    """Whether it was the stop key."""
    _paused: Pause = field(default="", init=False)
    _reading_back: bool = field(default=False, init=False)

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return self.state in ("done", "failed")

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        return self._due

    @property
    def user_input(self) -> str:
        """The result as the agent gets it, a space between the keys; empty unless `done`."""
        return " ".join(self.digits) if self.state == "done" else ""

    @property
    def error(self) -> str:
        """The only thing that the agent is told of a failure; empty if there is none."""
        if self.end_reason != "wrong count":
            return ""
        return f"Digits input not fully received. Expect {self.settings.num_digits} digits, got {len(self.digits)}"

    def start(self, t: float) -> tuple[Transition, ...]:
        """Begin; raise RuntimeError when it has begun."""
        if self.state != "idle":
            raise RuntimeError("this collector has been started: make a new one for each collection")
        self._now = t
        self.state = "collecting"
        return (self._transition(),)

    def key(self, digit: str, t: float) -> tuple[Transition, ...]:
        """Take what a SipDTMF message says was pressed."""
        before = self._arrive(t)
        if not self._open:
            return before
        if digit == self.settings.stop_key:
            self._due, self._stopped = self._now, True
            return before
        if digit not in KEYS:
            return before
        self.digits = self._keys + digit
        self.state = "collecting"
        self._schedule()
        return (*before, self._transition())

    def user_changed(self, state: UserState, t: float) -> tuple[Transition, ...]:
        """The caller began or ceased to speak; a state that is no change has no effect."""
        before = self._arrive(t)
        if state == self.user:
            return before
        self.user = state
        return (*before, *self._changed("user speaking" if state == "speaking" else ""))

    def agent_changed(self, state: AgentState, t: float) -> tuple[Transition, ...]:
        """The agent began or ceased to speak or think; a state that is no change has no effect."""
        before = self._arrive(t)
        if state == self.agent:
            return before
        self.agent = state
        pauses: dict[AgentState, Pause] = {"speaking": "agent speaking", "thinking": "agent thinking"}
        return (*before, *self._changed(pauses.get(state, "")))

    def tick(self, t: float) -> tuple[Transition, ...]:
        """Let time pass: what was due ends the collection, at the moment it was."""
        if self._due is None or t < self._due:
            return ()
        return self._end(self._due)

    def read_back_ended(self, t: float) -> tuple[Transition, ...]:
        """The agent has read the digits back, or was interrupted: keys count again, from the first."""
        before = self._arrive(t)
        self._reading_back = False
        return before

    def spoken(self, digits: str, t: float) -> tuple[Transition, ...]:
        """The agent took digits from speech, or their confirmation: whatever they are, they are the result.

        Raises ValueError when one is none of the sixteen.
        """
        digits = "".join(key_of(digit).char for digit in digits)
        return self._finish("done", "speech", t, digits)

    def read_back(self, digits: str, t: float) -> tuple[Transition, ...]:
        """Digits were said that the agent reads back before it takes them: keys typed so far do not count any more.

        Raises ValueError when one is none of the sixteen.
        """
        digits = "".join(key_of(digit).char for digit in digits)
        before = self._arrive(t)
        if not self._open:
            return before
        self._due, self._stopped, self._paused = None, False, ""
        self.state, self.digits, self._reading_back = "confirming", digits, True
        return (*before, self._transition(interrupts=True))

    def hang_up(self, t: float) -> tuple[Transition, ...]:
        """The call is over: the collection fails, and keeps what was typed."""
        return self._finish("failed", "hang-up", t)

    @property
    def _open(self) -> bool:
        return self.state in ("collecting", "confirming") and not self._reading_back

    @property
    def _keys(self) -> str:
        """The keys that count: none of those that have been read back."""
        return self.digits if self.state == "collecting" else ""

    def _arrive(self, t: float) -> tuple[Transition, ...]:
        """Do what was due before `t`; what is due at `t` can still be taken back."""
        before = self.tick(self._due) if self._due is not None and self._due < t - SAME_MOMENT else ()
        self._now = max(self._now, t)
        return before

    def _schedule(self) -> None:
        self._due, self._stopped, self._paused = self._now + self.settings.timeout, False, ""

    def _changed(self, pause: Pause) -> tuple[Transition, ...]:
        if not self._open:
            return ()
        if pause:
            if self._due is None:
                return ()
            self._due, self._stopped, self._paused = None, False, pause
        elif self._keys:
            self._schedule()
        else:
            return ()
        return (self._transition(),)

    def _end(self, t: float) -> tuple[Transition, ...]:
        self._now = max(self._now, t)
        self._due, reason = None, self._reason()
        self.digits = self._keys
        self.state = "collecting"
        if not self.interruptible:
            self.digits = ""
        elif len(self.digits) != self.settings.num_digits:
            self.state, self.end_reason = "failed", "wrong count"
        elif self.settings.confirm:
            self.state, self._reading_back = "confirming", True
        else:
            self.state, self.end_reason = "done", reason
        self._stopped = False
        return (self._transition(interrupts=self.interruptible),)

    def _reason(self) -> EndReason:
        return "stop-key" if self._stopped else "inter-digit time-out"

    def _finish(self, state: State, reason: EndReason, t: float, digits: str | None = None) -> tuple[Transition, ...]:
        before = self._arrive(t)
        if self.state not in ("collecting", "confirming"):
            return before
        self._due, self._reading_back, self._paused = None, False, ""
        self.state, self.end_reason = state, reason
        self.digits = self.digits if digits is None else digits
        return (*before, self._transition())

    def _transition(self, *, interrupts: bool = False) -> Transition:
        runs = self._due is not None and not self._stopped
        return Transition(
            self._now,
            self.state,
            self.digits,
            "inter-digit" if runs else "",
            self.settings.timeout if runs else 0.0,
            max(0.0, self._due - self._now) if runs and self._due is not None else 0.0,
            self.end_reason,
            self._paused if self._keys else "",
            interrupts,
        )
