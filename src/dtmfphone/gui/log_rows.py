"""What a row of the event log says."""

from enum import IntEnum
from typing import Final

from dtmfphone.engine.events import AnyEvent, CallChanged, IvrStep, Sighting, SightingStarted
from dtmfphone.gui.call_model import WORDS

LogEvent = SightingStarted | Sighting | CallChanged | IvrStep
"""Events that get a row; a sighting's two events share one."""


class Column(IntEnum):
    """The log's columns, left to right."""

    TIME = 0
    SIDE = 1
    DIRECTION = 2
    METHOD = 3
    KEY = 4
    DURATION = 5
    LEVEL = 6
    TWIST = 7
    NOTE = 8


TITLES: Final = ("Time", "Side", "Direction", "Method", "Key", "Duration", "Level", "Twist", "Note")
UNITS: Final = {
    Column.TIME: "Minutes and seconds since the session began",
    Column.SIDE: "Whose side of the call saw it: the phone's or the built-in IVR's",
    Column.DURATION: "Milliseconds",
    Column.LEVEL: "dBm0: the event's volume, or the low and the high tone as measured",
    Column.TWIST: "dB, high tone minus low tone",
}
SIDES: Final = {"phone": "Phone", "ivr": "IVR"}
DIRECTIONS: Final = {"sent": "↑ sent", "received": "↓ received"}
METHODS: Final = {"rfc4733": "RFC 4733", "inband": "In-band"}
KEY_MARK: Final = "\x1f"
"""Occurs in the haystacks of key presses and nowhere else."""
ACTIONS: Final = {
    "enter": "enters",
    "said": "finished speaking",
    "interrupted": "interrupted",
    "transfer": "transfers",
    "hang-up": "hangs up",
}


def log_event(event: AnyEvent) -> LogEvent | None:
    """Return the event if the log shows it."""
    match event:
        case SightingStarted() | Sighting() | CallChanged():
            return event
        case IvrStep(action="enter" | "say" | "interrupted" | "hang-up"):
            return event
        case _:
            return None


def start_of(event: LogEvent) -> float:
    """Return when it began, session seconds."""
    return event.start if isinstance(event, SightingStarted | Sighting) else event.t


def cell(event: LogEvent, column: int) -> str:
    """Return the text of one cell."""
    match column:
        case Column.TIME:
            return clock_text(start_of(event))
        case Column.SIDE:
            return SIDES[event.leg] if not isinstance(event, IvrStep) else SIDES["ivr"]
        case Column.NOTE:
            return note(event)
    match event:
        case CallChanged():
            return "call" if column == Column.METHOD else ""
        case IvrStep():
            return "speech" if column == Column.METHOD and event.action == "say" else ""
    match column:
        case Column.DIRECTION:
            return DIRECTIONS[event.direction]
        case Column.METHOD:
            return METHODS[event.method]
        case Column.KEY:
            return event.key
    if isinstance(event, SightingStarted):
        return "…" if column == Column.DURATION else ""
    match column:
        case Column.DURATION:
            return f"{event.duration * 1000:.0f}"
        case Column.LEVEL:
            return _level(event)
        case Column.TWIST:
            return f"{event.twist_db:+.1f}" if event.twist_db is not None else ""
    return ""


def note(event: LogEvent) -> str:
    """Return the row's remark."""
    match event:
        case CallChanged():
            words = WORDS[event.state]
            subject = f"{words}: {event.target}" if event.target and event.state == "calling" else words
            return ". ".join(part.rstrip(".") for part in (subject, event.reason) if part)
        case IvrStep(action="say"):
            return f"“{event.text}”"
        case IvrStep():
            return " ".join(part for part in (event.node, ACTIONS.get(event.action, event.action), event.text) if part)
        case SightingStarted():
            return "maybe" if event.tentative else ""
    return " · ".join(_facts(event))


def haystack(event: LogEvent) -> str:
    """Return what a filter looks in: lower case, the key set apart so that a single key finds only itself."""
    if isinstance(event, SightingStarted | Sighting):
        own = event.note if isinstance(event, Sighting) else ""
        words = f"{event.leg} {event.direction} {event.method} {METHODS[event.method]} {own}"
        return f"{key_needle(event.key)} {words}".lower()
    return f"{cell(event, Column.SIDE)} {cell(event, Column.METHOD)} {note(event)}".lower()


def key_needle(key: str) -> str:
    """Return what stands for a key in a haystack: the key between two marks."""
    return f"{KEY_MARK}{key}{KEY_MARK}".lower()


def set_key(hay: str, key: str) -> str:
    """Return the haystack of a sighting with another key."""
    return key_needle(key) + hay[len(key_needle("0")) :]


def clock_text(t: float) -> str:
    """Return session seconds as m:ss.mmm."""
    milliseconds = round(t * 1000)
    minutes, rest = divmod(abs(milliseconds), 60_000)
    return f"{'-' if milliseconds < 0 else ''}{minutes}:{rest // 1000:02}.{rest % 1000:03}"


def _level(event: Sighting) -> str:
    if event.low_dbm0 is not None and event.high_dbm0 is not None:
        return f"{event.low_dbm0:.1f} / {event.high_dbm0:.1f}"
    return f"-{event.volume}" if event.volume else "0" if event.volume == 0 else ""


def _facts(event: Sighting) -> list[str]:
    facts = [event.note] if event.note else []
    if event.low_hz is not None and event.high_hz is not None:
        facts.append(f"{event.low_hz:.1f} + {event.high_hz:.1f} Hz")
    if event.snr_db is not None:
        facts.append(f"S/N {event.snr_db:.0f} dB")
    if event.packets is not None:
        ends = f", {event.end_packets} end{'s' * (event.end_packets != 1)}" if event.end_packets is not None else ""
        facts.append(f"{event.packets} packet{'s' * (event.packets != 1)}{ends}")
    if event.lost_packets:
        facts.append(f"{event.lost_packets} lost")
    if event.marker is False:
        facts.append("no marker")
    if event.ended_by is not None and event.ended_by != "end-bit":
        facts.append(f"ended by {event.ended_by}")
    if event.press_to_wire is not None:
        facts.append(f"{event.press_to_wire * 1000:.0f} ms to wire")
    return facts
