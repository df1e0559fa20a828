"""What a collector made of the keys, in words, and where two of them differ."""

import re
from dataclasses import dataclass
from typing import Final

from dtmfphone.engine.events import CollectorChanged
from dtmfphone.gui.collector_state import END_WORDS, PAUSE_WORDS, CollectorState

ORDINALS: Final = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
ABANDONED: Final = "; this one "
"""What the engine says of the script stands before it, what the collector would do behind it."""
SAME_SECONDS: Final = 0.1
"""Ends closer together than this are at the same time."""


_DETAIL: Final = re.compile(
    r" at the (?:\w+ digit|stop key)| after a time-out| \([^)]*\)| still(?= )| would be(?= done)"
)


@dataclass(frozen=True)
class Verdict:
    """A collector by name, as it stands; digits hidden when they shall be."""

    name: str
    state: CollectorState
    event: CollectorChanged
    own: bool = False
    """Whether it is the IVR's own, and no shadow."""

    @property
    def digits(self) -> str:
        """Those that it has, to compare, also where they are hidden: hidden ones are all alike."""
        return (self.state.event or self.event).digits


@dataclass(frozen=True)
class Comparison:
    """Two verdicts on the same keys, in a sentence; an empty one says that there is nothing to tell yet."""

    text: str = ""
    differ: bool = False
    final: bool = False
    """Whether both have ended."""

    @property
    def brief(self) -> str:
        """The text without how it came about, for little room."""
        return _DETAIL.sub("", self.text)


def result_text(verdict: Verdict) -> str:
    """Return what the program behind a collector gets; empty while it waits."""
    event = verdict.event
    if verdict.own or not event.result:
        return ""
    if event.state == "done":
        return f"The program gets “{event.result}”."
    raised = event.mode == "livekit" and event.end_reason == "wrong count"
    return f"ToolError: {event.result}" if raised else f"No result: {event.result}."


def wait_text(verdict: Verdict) -> str:
    """Return which timer runs, or why none does; empty when it has ended."""
    state, event = verdict.state, verdict.event
    if event.state == "idle" and not state.over:
        return "It begins with the first key."
    if not state.open:
        return ""
    if state.timer_running:
        return f"{state.timer_text} {state.timer_left():.1f} s"
    if state.pause_text:
        return state.pause_text
    if event.state == "confirming":
        return "The digits are read back."
    return "No timer runs." if event.digits else "No timer before the first digit."


def compare(one: Verdict, other: Verdict) -> Comparison:
    """Return where two collectors differ, who ended first before the other."""
    a, b = one.event, other.event
    if a.collection != b.collection and not one.own and not other.own:
        ahead, behind = (one, other) if a.collection > b.collection else (other, one)
        text = f"{ahead.name} is at collection {ahead.event.collection}; {_still(behind)}."
        return Comparison(_sentence(text), differ=True)
    if _ended(one) and _ended(other):
        return _both_ended(*sorted((one, other), key=lambda verdict: verdict.event.t))
    if _ended(one) or _ended(other):
        ended, waits = (one, other) if _ended(one) else (other, one)
        return Comparison(_sentence(f"{ended.name} {_outcome(ended)}; {_still(waits)}."), differ=True)
    if one.digits != other.digits:
        text = f"{one.name} has {a.digits or 'no digit'}; {other.name} has {b.digits or 'none'}."
        return Comparison(_sentence(text), differ=True)
    if a.digits and bool(a.paused) != bool(b.paused):
        halted, goes = (one, other) if a.paused else (other, one)
        why = PAUSE_WORDS.get(halted.event.paused, halted.event.paused)
        return Comparison(_sentence(f"{goes.name} counts on; {halted.name} waits while {why}."), differ=True)
    return Comparison()


def within(text: str) -> str:
    """Return a sentence with small letters at the beginning of what is no name within it."""
    return text.replace("; The ", "; the ").replace(": The ", ": the ").replace(", The ", ", the ")


def _both_ended(first: Verdict, last: Verdict) -> Comparison:
    a, b, gap = first.event, last.event, last.event.t - first.event.t
    if a.end_reason == b.end_reason == "hang-up" and first.digits == last.digits:
        return Comparison(final=True)
    if (a.state, first.digits, first.state.hung_up) != (b.state, last.digits, last.state.hung_up):
        text = f"{first.name} {_outcome(first)}; {last.name} {_outcome(last)}."
        return Comparison(_sentence(text), differ=True, final=True)
    if gap < SAME_SECONDS:
        what = f"Both took {a.digits}" if a.state == "done" else f"Both failed with {_count(a)}"
        return Comparison(f"{what}{_when(first)}." if _when(first) == _when(last) else f"{what}.", final=True)
    what = f"Both took {a.digits}" if a.state == "done" else f"Both failed with {_count(a)}"
    text = f"{what}: {first.name}{_when(first)}, {last.name} {gap:.1f} s later{_when(last)}."
    return Comparison(within(text), differ=True, final=True)


def _outcome(verdict: Verdict) -> str:
    event = verdict.event
    if event.state == "done":
        return f"took {event.digits or 'no digit'}{_when(verdict)}"
    why = END_WORDS.get(event.end_reason, event.end_reason).rstrip(".")
    what = f"{'ended' if verdict.state.hung_up else 'failed'} with {_count(event)}"
    return f"{what} ({why[:1].lower()}{why[1:]})" if why else what


def _still(verdict: Verdict) -> str:
    state, event = verdict.state, verdict.event
    if _ended(verdict):
        return f"{verdict.name} {_outcome(verdict)}"
    if event.result:
        return f"{verdict.name} {event.result.partition(ABANDONED)[2] or event.result}"
    if state.over:
        return f"{verdict.name} was still waiting when the call ended"
    if event.state == "confirming":
        return f"{verdict.name} reads the digits back"
    if state.timer_running:
        return f"{verdict.name} still waits {state.timer_left():.1f} s"
    if event.paused:
        return f"{verdict.name} still waits while {PAUSE_WORDS.get(event.paused, event.paused)}"
    return f"{verdict.name} still waits, without a timer"


def _when(verdict: Verdict) -> str:
    event = verdict.event
    match event.end_reason:
        case "count" if 0 < len(event.digits) < len(ORDINALS):
            return f" at the {ORDINALS[len(event.digits)]} digit"
        case "count":
            return " at the last digit"
        case "stop-key":
            return " at the stop key"
        case "inter-digit time-out" | "total time-out" | "first-digit time-out":
            return " after a time-out"
        case _:
            return ""


def _count(event: CollectorChanged) -> str:
    count = len(event.digits)
    return "no digit" if not count else "1 digit" if count == 1 else f"{count} digits"


def _ended(verdict: Verdict) -> bool:
    return verdict.event.state in ("done", "failed")


def _sentence(text: str) -> str:
    text = within(text)
    return text[:1].upper() + text[1:]
