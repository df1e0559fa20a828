"""Digit collection, sans-IO: keys and time in, transitions of one visible state out."""

import math
from dataclasses import dataclass, field
from typing import Final, Literal

from dtmfphone.dtmf.keys import CODES, key_of

State = Literal["idle", "prompting", "collecting", "confirming", "done", "failed"]
Timer = Literal["", "first-digit", "inter-digit", "total"]
EndReason = Literal[
    "", "stop-key", "count", "first-digit time-out", "inter-digit time-out", "total time-out", "hang-up"
]

MOST_DIGITS: Final = 64
LONGEST_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class CollectorSettings:
    """What to collect and how long to wait; a value that makes no sense raises ValueError naming the field."""

    max_digits: int = 1
    """The collection ends when this many are in."""
    min_digits: int = 1
    """With fewer, the collection fails."""
    first_digit_seconds: float | None = 5.0
    """From the end of the prompt; None: wait for ever."""
    inter_digit_seconds: float | None = 4.0
    """From each digit to the next."""
    total_seconds: float | None = None
    """From the end of the prompt, or the key that interrupted it, to the end."""
    stop_keys: str = "#"
    """Keys that end the collection and are not stored; may be empty."""

    def __post_init__(self) -> None:
        for name in ("max_digits", "min_digits"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{name} is {value!r}: use a whole number")
        if not 1 <= self.max_digits <= MOST_DIGITS:
            raise ValueError(f"max_digits is {self.max_digits}: use 1 to {MOST_DIGITS}")
        if not 0 <= self.min_digits <= self.max_digits:
            raise ValueError(f"min_digits is {self.min_digits}: use 0 to max_digits, which is {self.max_digits}")
        for name in ("first_digit_seconds", "inter_digit_seconds", "total_seconds"):
            seconds = getattr(self, name)
            if seconds is None:
                continue
            number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
            if not number or not math.isfinite(seconds) or not 0 < seconds <= LONGEST_SECONDS:
                raise ValueError(f"{name} is {seconds!r}: use a number above 0, up to {LONGEST_SECONDS:g}, or None")
        for char in self.stop_keys:
            if char not in CODES:
                raise ValueError(f"stop_keys holds {char!r}: use 0-9, *, # or A-D")
        if len(set(self.stop_keys)) != len(self.stop_keys):
            raise ValueError(f"stop_keys {self.stop_keys!r} names a key twice: name each once")
        if set(self.stop_keys) == set(CODES):
            raise ValueError("stop_keys names all sixteen keys: leave at least one to collect")

    @property
    def expected(self) -> str:
        """What the caller should press, in words: `4 digits, then #`."""
        count = str(self.max_digits)
        if self.min_digits != self.max_digits:
            count = f"{self.min_digits} to {count}"
        words = "1 digit" if count == "1" else f"{count} digits"
        return f"{words}, then {' or '.join(self.stop_keys)}" if self.stop_keys and self.max_digits > 1 else words


@dataclass(frozen=True)
class Transition:
    """The collector's visible state after a change at time `t`."""

    t: float
    state: State
    digits: str = ""
    timer: Timer = ""
    """The timer that runs out next; empty: none runs."""
    timer_seconds: float = 0.0
    timer_left: float = 0.0
    end_reason: EndReason = ""


_FROM_THE_START: Final[tuple[Timer, ...]] = ("first-digit", "total")
_END_REASONS: Final[dict[Timer, EndReason]] = {
    "first-digit": "first-digit time-out",
    "inter-digit": "inter-digit time-out",
    "total": "total time-out",
}


@dataclass
class Collector:
    """One collection in standard mode: ends once, by stop key, count, a time-out or hang-up, and keeps the digits.

    It is `done` with at least `min_digits`, else `failed`. While a prompt speaks (`prompting`) no timer runs; the
    first key ends the prompt (barge-in). Times are monotonic seconds; one that lies before the last is taken as the
    last. A key at the very moment a timer ends still counts. Before `start` and after the end nothing has an effect.
    """

    settings: CollectorSettings
    state: State = field(default="idle", init=False)
    digits: str = field(default="", init=False)
    end_reason: EndReason = field(default="", init=False)
    _now: float = field(default=-math.inf, init=False)
    _deadlines: dict[Timer, float] = field(default_factory=dict, init=False)
    """When each running timer ends; while a prompt speaks, what is left of it."""

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen."""
        return self.state in ("done", "failed")

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        return min(self._deadlines.values()) if self.state == "collecting" and self._deadlines else None

    def start(self, t: float, *, prompting: bool = False) -> tuple[Transition, ...]:
        """Begin, with a prompt that speaks or at once with the timers; raise RuntimeError when it has begun."""
        if self.state != "idle":
            raise RuntimeError("this collector has been started: make a new one for each collection")
        self._now = t
        for timer in _FROM_THE_START:
            if seconds := self._seconds(timer):
                self._deadlines[timer] = seconds
        self.state = "prompting"
        if not prompting:
            self._resume()
        return (self._transition(),)

    def prompt_started(self, t: float) -> tuple[Transition, ...]:
        """A prompt begins to speak: the timers pause."""
        expired = self.tick(t)
        if self.state != "collecting":
            return expired
        self._now = max(self._now, t)
        self._deadlines = {timer: end - self._now for timer, end in self._deadlines.items()}
        self.state = "prompting"
        return (*expired, self._transition())

    def prompt_ended(self, t: float) -> tuple[Transition, ...]:
        """The prompt is over: the timers go on with what was left of them."""
        if self.state != "prompting":
            return ()
        self._now = max(self._now, t)
        self._resume()
        return (self._transition(),)

    def key(self, char: str, t: float) -> tuple[Transition, ...]:
        """Take one key press; raise ValueError when it is none of the sixteen."""
        char = key_of(char).char
        end = self.deadline
        if end is not None and end < t:
            return self.tick(t)
        if self.state not in ("prompting", "collecting"):
            return ()
        self._now = max(self._now, t)
        if self.state == "prompting":
            self._resume()
        if char in self.settings.stop_keys:
            return self._end("stop-key")
        self.digits += char
        if len(self.digits) == self.settings.max_digits:
            return self._end("count")
        self._deadlines.pop("first-digit", None)
        if self.settings.inter_digit_seconds is not None:
            self._deadlines["inter-digit"] = self._now + self.settings.inter_digit_seconds
        return (self._transition(),)

    def tick(self, t: float) -> tuple[Transition, ...]:
        """Let time pass: a timer that has run out ends the collection, at the moment it did."""
        end = self.deadline
        if end is None or t < end:
            return ()
        self._now = max(self._now, end)
        return self._end(_END_REASONS[self._next_timer()])

    def hang_up(self, t: float) -> tuple[Transition, ...]:
        """The call is over: the collection fails, and keeps what was typed."""
        expired = self.tick(t)
        if self.state not in ("prompting", "collecting"):
            return expired
        self._now = max(self._now, t)
        return (*expired, *self._end("hang-up"))

    def _next_timer(self) -> Timer:
        return min(self._deadlines, key=lambda timer: self._deadlines[timer])

    def _resume(self) -> None:
        self._deadlines = {timer: self._now + left for timer, left in self._deadlines.items()}
        self.state = "collecting"

    def _end(self, reason: EndReason) -> tuple[Transition, ...]:
        enough = len(self.digits) >= self.settings.min_digits and reason != "hang-up"
        self.state = "done" if enough else "failed"
        self.end_reason = reason
        self._deadlines.clear()
        return (self._transition(),)

    def _transition(self) -> Transition:
        timer: Timer = self._next_timer() if self.deadline is not None else ""
        return Transition(
            self._now,
            self.state,
            self.digits,
            timer,
            self._seconds(timer),
            max(0.0, self._deadlines[timer] - self._now) if timer else 0.0,
            self.end_reason,
        )

    def _seconds(self, timer: Timer) -> float:
        seconds = {
            "first-digit": self.settings.first_digit_seconds,
            "inter-digit": self.settings.inter_digit_seconds,
            "total": self.settings.total_seconds,
        }.get(timer)
        return seconds or 0.0
