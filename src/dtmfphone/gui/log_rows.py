"""What a row of the event log says."""

from enum import IntEnum
from typing import Final

from dtmfphone.engine.events import (
    BACKGROUND,
    PASS,
    REASONS,
    AnyEvent,
    CallChanged,
    IvrStep,
    Sighting,
    SightingRejected,
    SightingStarted,
    Utterance,
)
from dtmfphone.gui.call_model import WORDS

LogEvent = SightingStarted | Sighting | SightingRejected | CallChanged | IvrStep | Utterance
"""Events that get a row; a sighting's two events share one."""
KeyEvent = SightingStarted | Sighting | SightingRejected
"""Those of them that name a key."""


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
METHODS: Final = {"rfc4733": "RFC 4733", "inband": "In-band", "info": "SIP INFO"}
TYPED: Final = "typed"
"""Source of words that nobody had to recognise."""
KEY_MARK: Final = "\x1f"
"""Stands before and after the key that a row names."""
PRESS_MARK: Final = "\x1e"
"""Occurs in the haystacks of key presses and nowhere else."""
PLAIN_MARK: Final = "\x1d"
"""Occurs in all haystacks but those of bursts that hardly were attempts at a key."""
MOVES: Final = {"enter": "enters", "interrupted": "interrupted at", "hang-up": "hangs up at"}
"""Before the name of the node."""
DOINGS: Final = {"send": "sends", "set": "sets", "record": "recording:", "transfer": "transfers the call to"}
"""Before what it is done with."""
WAY: Final = "to "
"""How the note of a key begins that leads to a node; the row after it says the same."""


def log_event(event: AnyEvent) -> LogEvent | None:
    """Return the event if the log shows it."""
    match event:
        case SightingStarted(tentative=True):
            return None  # a confirmed one follows within a blink, or it was none
        case SightingStarted() | Sighting() | SightingRejected() | CallChanged():
            return event
        case IvrStep(action="say") | Utterance():
            return event
        case IvrStep(action=action) if action in MOVES or action in DOINGS:
            return event
        case IvrStep(action="key", note=remark) if remark and not remark.startswith(WAY):
            return event
        case _:
            return None


def start_of(event: LogEvent) -> float:
    """Return when it began, session seconds."""
    return event.start if isinstance(event, KeyEvent | Utterance) else event.t


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
            cells = {"say": {Column.METHOD: "speech"}, "key": {Column.KEY: event.text}}
            return cells.get(event.action, {}).get(Column(column), "")
        case Utterance():
            return _utterance_cell(event, column)
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
            return f"{event.twist_db:+z.1f}" if event.twist_db is not None else ""
    return ""


def note(event: LogEvent) -> str:
    """Return the row's remark."""
    match event:
        case CallChanged():
            words = WORDS[event.state]
            begins = event.state in ("calling", "incoming")
            named = event.target and (begins or (event.state == "ended" and event.direction == "incoming"))
            subject = f"{words}: {event.target}" if named else words
            return ". ".join(part.rstrip(".") for part in (subject, event.reason) if part)
        case IvrStep(action="say"):
            return f"“{event.text}”"
        case IvrStep(action="key"):
            return event.note
        case IvrStep(action=action) if action in DOINGS:
            return ", ".join(part for part in (f"{DOINGS[action]} {event.text}", event.note) if part)
        case IvrStep():
            return f"{MOVES[event.action]} {event.node}"
        case Utterance():
            return _utterance_note(event)
        case SightingStarted():
            return ""
        case SightingRejected():
            return " · ".join(part for part in (f"refused: {REASONS[event.reason]}", event.detail.rstrip(".")) if part)
    return " · ".join(_facts(event))


def details(event: LogEvent) -> str:
    """Return all that was measured of tones, line by line; of other rows, nothing."""
    if not isinstance(event, Sighting | SightingRejected) or event.twist_db is None:
        return ""
    lines = [
        _tone_line("Low", event.low_hz, event.low_deviation, event.low_dbm0),
        _tone_line("High", event.high_hz, event.high_deviation, event.high_dbm0),
        f"Twist {event.twist_db:+z.1f} dB",
    ]
    if event.snr_db is not None:
        lines.append(f"S/N {event.snr_db:.1f} dB")
    if event.pause is not None:
        lines.append(f"After a pause of {event.pause * 1000:.0f} ms")
    if isinstance(event, SightingRejected):
        return "\n".join([note(event), *lines])
    if passed := [name for name, words in event.verdicts.items() if words == PASS]:
        lines.append(f"Passes {', '.join(passed)}")
    lines += [f"Fails {name}: {words}" for name, words in event.verdicts.items() if words != PASS]
    return "\n".join([*lines, event.note] if event.note else lines)


def haystack(event: LogEvent) -> str:
    """Return what a filter looks in: lower case, the key set apart so that a single key finds only itself."""
    if isinstance(event, SightingRejected):
        own = f"refused {event.reason} {REASONS[event.reason]}{'' if event.reason in BACKGROUND else PLAIN_MARK}"
    elif isinstance(event, Sighting | SightingStarted):
        own = " ".join((event.note, *_verdict_facts(event))) if isinstance(event, Sighting) else ""
        own += PRESS_MARK + PLAIN_MARK
    else:
        direction = event.direction if isinstance(event, Utterance) else ""
        own = f"{cell(event, Column.SIDE)} {direction} {cell(event, Column.METHOD)} {note(event)}{PLAIN_MARK}"
        key = cell(event, Column.KEY)
        return f"{key_needle(key)} {own}".lower() if key else own.lower()
    words = f"{event.leg} {event.direction} {event.method} {METHODS[event.method]} {own}"
    return f"{key_needle(event.key)} {words}".lower()


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


def _utterance_cell(event: Utterance, column: int) -> str:
    match column:
        case Column.DIRECTION:
            return DIRECTIONS[event.direction]
        case Column.METHOD:
            return TYPED if event.source == TYPED else "speech"
        case Column.DURATION:
            return f"{event.duration * 1000:.0f}" if event.duration else ""
    return ""


def _utterance_note(event: Utterance) -> str:
    """The words, what they count as, who says so and how sure it is, and what came of it."""
    words = f"“{event.text}”" if event.text else "not understood"
    facts = [f"{words} → {event.keys}" if event.keys else words]
    if event.source != TYPED:
        facts.append(event.source)
    if event.confidence is not None:
        facts.append(f"{event.confidence:.2f}")
    return " · ".join([*facts, event.note] if event.note else facts)


def _level(event: Sighting | SightingRejected) -> str:
    if event.low_dbm0 is not None and event.high_dbm0 is not None:
        return f"{event.low_dbm0:.1f} / {event.high_dbm0:.1f}"
    if isinstance(event, SightingRejected):
        return ""
    return f"-{event.volume}" if event.volume else "0" if event.volume == 0 else ""


def _facts(event: Sighting) -> list[str]:
    facts = [event.note] if event.note else []
    facts += _info_facts(event)
    if event.low_hz is not None and event.high_hz is not None:
        facts.append(f"{event.low_hz:.1f} + {event.high_hz:.1f} Hz")
    if event.snr_db is not None:
        facts.append(f"S/N {event.snr_db:.0f} dB")
    facts += _verdict_facts(event)
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


def _info_facts(event: Sighting) -> list[str]:
    """What became of a digit in SIP INFO: a 2xx tells that the far end took the request, not that it heard a digit."""
    if event.method != "info":
        return []
    facts = []
    if event.direction == "sent" and not event.note:
        if event.status is None:
            facts.append("no answer")
        else:
            facts.append(f"{'accepted' if 200 <= event.status < 300 else 'refused'} ({event.status})")
    return [*facts, event.content_type] if event.content_type else facts


def _verdict_facts(event: Sighting) -> list[str]:
    failed = [name for name, words in event.verdicts.items() if words != PASS]
    return [f"fails {', '.join(failed)}"] if failed else []


def _tone_line(name: str, hz: float | None, deviation: float | None, dbm0: float | None) -> str:
    parts = (
        f"{hz:.2f} Hz" if hz is not None else "",
        f"{deviation:+z.2f} % off" if deviation is not None else "",
        f"{dbm0:.1f} dBm0" if dbm0 is not None else "",
    )
    return f"{name} tone {', '.join(part for part in parts if part)}"
