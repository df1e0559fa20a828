"""One tried or logged collection: settings, and what happened when; played in virtual time, to its end."""

from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec

from dtmfphone.dtmf.keys import key_of
from dtmfphone.ivr.collection import FOREVER, AgentState, Mode, State, Transition, UserState
from dtmfphone.ivr.collector import Collector
from dtmfphone.ivr.collector_settings import CollectorSettings
from dtmfphone.ivr.livekit_collector import LiveKitCollector, LiveKitSettings

OUTCOMES: Final[dict[State, str]] = {"done": "done", "failed": "failed", "confirming": "confirming"}
STATES: Final[dict[str, tuple[str, ...]]] = {"user": get_args(UserState), "agent": get_args(AgentState)}
NAMES: Final = {
    "max_digits": "num_digits",
    "inter_digit_seconds": "timeout",
    "first_digit_seconds": "first_timeout",
    "total_seconds": "total_timeout",
    "stop_keys": "stop_key",
}
"""What a case calls the settings of the standard mode."""


@dataclass(frozen=True)
class Happening:
    """A key, or a change of a speech state, `t` seconds after the beginning."""

    t: float
    what: str
    """`key`, `user` or `agent`."""
    value: str


@dataclass(frozen=True)
class Case:
    """A collection to play."""

    id: str | int
    settings: LiveKitSettings | CollectorSettings
    happenings: tuple[Happening, ...]


def read(line: bytes, mode: Mode) -> Case:
    """Return the case that a line of JSON describes; raise ValueError, the field first, when it is none."""
    try:
        case = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"this is not JSON ({error})") from None
    if not isinstance(case, dict):
        raise ValueError("this is no JSON object: write one case in braces")
    name = _given(case, "id")
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise ValueError(f"id is {_shown(name)}: use a text or a whole number")
    happenings = case.get("events", [])
    if not isinstance(happenings, list):
        raise ValueError(f"events is {_shown(happenings)}: use a list")
    settings = _livekit(case) if mode == "livekit" else _standard(case)
    return Case(name, settings, _happenings(happenings, mode))


def play(case: Case) -> dict[str, Any]:
    """Return the outcome of a case: what `dtmfphone collect` prints.

    What happens at the same time happens in one turn of the event loop, in order; a read-back does not end.
    """
    collector: Collector | LiveKitCollector
    if isinstance(case.settings, LiveKitSettings):
        collector = LiveKitCollector(case.settings)
    else:
        collector = Collector(case.settings)
    seen = [*collector.start(0.0)]
    for happening in case.happenings:
        seen += _happen(collector, happening)
    while (due := collector.deadline) is not None:
        seen += collector.tick(due)
    outcome = OUTCOMES.get(collector.state, "waiting")
    since = next(transition.t for transition in seen if transition.state == collector.state)
    result = {
        "id": case.id,
        "outcome": outcome,
        "user_input": collector.user_input if outcome == "done" else None,
        "digits": collector.digits,
        "at": None if outcome == "waiting" else round(since, 9),
        "got": len(collector.digits),
    }
    return result if collector.mode == "livekit" else {**result, "reason": collector.end_reason}


def _happen(collector: Collector | LiveKitCollector, happening: Happening) -> tuple[Transition, ...]:
    value: Any = happening.value
    match happening.what:
        case "key":
            return collector.key(value, happening.t)
        case "user":
            return collector.user_changed(value, happening.t)
        case _ if collector.mode == "standard" and collector.state == "confirming":
            return collector.tick(happening.t)  # the read-back goes on
        case _:
            return collector.agent_changed(value, happening.t)


def _livekit(case: dict[str, Any]) -> LiveKitSettings:
    given = {name: case[name] for name in ("timeout", "stop_key", "confirm") if name in case}
    return LiveKitSettings(_given(case, "num_digits"), **given)


def _standard(case: dict[str, Any]) -> CollectorSettings:
    digits = _given(case, "num_digits")
    given = {name: case[theirs] for name, theirs in NAMES.items() if theirs in case}
    given |= {"min_digits": case.get("min_digits", digits), "confirm": case.get("confirm", False)}
    if not isinstance(given.get("stop_keys", ""), str):
        raise ValueError(f"stop_key is {_shown(given['stop_keys'])}: use a text of keys, which may be empty")
    try:
        return CollectorSettings(**given)
    except ValueError as error:
        text = str(error)
        for name, theirs in NAMES.items():
            text = text.replace(name, theirs)
        raise ValueError(text.replace(", or None", ", or null")) from None


def _happenings(events: list[Any], mode: Mode) -> tuple[Happening, ...]:
    happenings: list[Happening] = []
    for place, event in enumerate(events):
        where = f"events[{place}]"
        if not isinstance(event, dict):
            raise ValueError(f"{where} is {_shown(event)}: use an object")
        t = _given(event, "t", where)
        if not isinstance(t, int | float) or isinstance(t, bool) or not 0 <= t <= FOREVER:
            raise ValueError(f"{where}.t is {_shown(t)}: use seconds from 0")
        if happenings and t < happenings[-1].t:
            raise ValueError(f"{where}.t is {t:g}, earlier than the event before: sort the events by time")
        whats = [what for what in ("key", "user", "agent") if what in event]
        if len(whats) != 1:
            raise ValueError(f"{where} has {' and '.join(whats) or 'nothing that happens'}: give it key, user or agent")
        what = whats[0]
        value = event[what]
        _check(f"{where}.{what}", what, value, mode)
        happenings.append(Happening(float(t), what, value))
    return tuple(happenings)


def _check(where: str, what: str, value: object, mode: Mode) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{where} is {_shown(value)}: use a text")
    if what in STATES and value not in STATES[what]:
        raise ValueError(f"{where} is {_shown(value)}: use {', '.join(STATES[what])}")
    if what == "key" and mode == "standard":
        try:
            key_of(value)
        except ValueError:
            raise ValueError(f"{where} is {_shown(value)}: use 0-9, *, # or A-D") from None


def _given(values: dict[str, Any], name: str, where: str = "") -> Any:
    try:
        return values[name]
    except KeyError:
        raise ValueError(f"{where + '.' if where else ''}{name} is missing: give it") from None


def _shown(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 40 else f"{text[:37]}..."
