"""Sightings of key presses on one leg of a call: what the wire and the detector saw, as engine events."""

from collections.abc import Callable
from typing import Any, Final, Literal

from dtmfphone.calls.call import InfoKey
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRejected, DigitRetracted, DigitStarted
from dtmfphone.dtmf.keys import KEYS_BY_CODE
from dtmfphone.engine.events import (
    AnyEvent,
    Direction,
    Leg,
    Notice,
    Sighting,
    SightingMethod,
    SightingRejected,
    SightingRetracted,
    SightingStarted,
)
from dtmfphone.engine.presses import Presses
from dtmfphone.engine.tone_facts import tone_facts, verdict_words
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

SAME_PRESS: Final[dict[SightingMethod, str]] = {
    "rfc4733": "same press as the telephone-event",
    "info": "same press as the INFO request",
    "inband": "same press as the tone",
}
"""By the method by which it was seen first."""
REJECTION_SECONDS = 0.5
REJECTIONS_IN_A_ROW = 8
"""Rejections that are reported: so many at once, then one per REJECTION_SECONDS."""


class Sightings:
    """Names each sighting of one leg and reports it; tells `on_key` of each key press once, with its onset.

    A key in an INFO request that is sent is one when the far end has accepted it.
    """

    def __init__(
        self,
        call: str,
        leg: Leg,
        emit: Callable[[AnyEvent], None],
        clock: Callable[[], float],
        on_key: Callable[[Direction, str, float], None] | None = None,
        pressed_at: Callable[[str], float | None] | None = None,
    ) -> None:
        self._call = call
        self._leg = leg
        self._emit = emit
        self._clock = clock
        self._on_key = on_key
        self._pressed_at = pressed_at
        self._press_to_wire: dict[str, float] = {}
        self._tones = 0
        """In-band digits so far, guesses included."""
        self._infos = 0
        """Keys in INFO requests so far."""
        self._guesses: dict[Direction, str] = {}
        """Names of the tentative digits."""
        self._sounding: dict[Direction, str] = {}
        """Names of the digits that sound."""
        self._rejection_due: dict[Direction, float] = {}
        """When the rejections so far would be through at one per REJECTION_SECONDS."""
        self._presses: dict[Direction, Presses] = {"sent": Presses(), "received": Presses()}
        self._same: dict[str, str] = {}
        """Notes for sightings under way, by name."""

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        """The first packet of a telephone-event was seen."""
        key = KEYS_BY_CODE.get(event.code)
        if key is None:
            self._notice(f"Telephone-event {event.code} was {direction}; it is not one of the sixteen keys.")
            return
        name = self._event_id(direction, event.id)
        new = self._is_new(direction, key.char, "rfc4733", event.start, name)
        if direction == "sent" and self._pressed_at is not None:
            pressed = self._pressed_at(key.char)
            if pressed is not None:
                self._press_to_wire[name] = event.start - pressed
        self._emit(SightingStarted(**self._common(direction, name, key.char, event.start), method="rfc4733"))
        if new and self._on_key is not None:
            self._on_key(direction, key.char, event.start)

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        """A telephone-event is complete."""
        key = KEYS_BY_CODE.get(event.code)
        if key is None:
            return
        self._presses[direction].ended(key.char, "rfc4733", event.end)
        name = self._event_id(direction, event.id)
        same = self._same.pop(name, None)
        self._emit(
            Sighting(
                **self._common(direction, name, key.char, event.start),
                method="rfc4733",
                duration=event.duration,
                volume=event.volume,
                payload_type=event.payload_type,
                clock=event.clock_rate,
                packets=event.packets,
                end_packets=event.end_packets,
                lost_packets=event.lost,
                marker=event.marker,
                timestamp=event.timestamp,
                ended_by=event.ended_by,
                span=event.span,
                press_to_wire=self._press_to_wire.pop(name, None),
                note="; ".join((*event.notes, same) if same is not None else event.notes),
            )
        )

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        """A telephone-event packet that no correct sender sends."""
        whose = "The far end's" if direction == "received" else "Our own"
        self._notice(f"{whose} telephone-events have a fault. {problem.text}", level="warning")

    def info_key(self, direction: Direction, key: InfoKey) -> None:
        """A key passed in a SIP INFO request: received, or sent and answered."""
        self._infos += 1
        name = f"{self._call}-{self._leg}-{direction}-info-{self._infos}"
        if direction == "sent":
            note = _answer_words(key)
            new = key.status is not None and 200 <= key.status < 300
        else:
            before = self._presses[direction].seen(key.char, "info", key.start - (key.duration or 0.0), key.start)
            note = SAME_PRESS[before] if before is not None else ""
            new = before is None
        self._emit(SightingStarted(**self._common(direction, name, key.char, key.start), method="info"))
        self._emit(
            Sighting(
                **self._common(direction, name, key.char, key.start),
                method="info",
                duration=key.duration or 0.0,
                content_type=key.content_type,
                status=key.status,
                note=note,
            )
        )
        if new and self._on_key is not None:
            self._on_key(direction, key.char, key.start)

    def tone(self, direction: Direction, detection: DetectorEvent, origin: float) -> None:
        """The detector reported on the audio; its times are seconds after `origin` on the session's time line."""
        match detection:
            case DigitStarted():
                self._tone_started(direction, detection, origin + detection.onset)
            case DigitEnded():
                self._tone_ended(direction, detection, origin + detection.onset)
            case DigitRetracted():
                name = self._guesses.pop(direction)
                self._emit(SightingRetracted(t=self._clock(), call=self._call, leg=self._leg, id=name))
            case DigitRejected():
                self._rejected(direction, detection, origin + detection.onset)

    def tone_sounds(self, direction: Direction) -> bool:
        """Whether the tone of a key sounds, or of what may be one."""
        return direction in self._guesses or direction in self._sounding

    def _tone_started(self, direction: Direction, digit: DigitStarted, start: float) -> None:
        name = self._guesses.pop(direction, None)
        if name is None:
            self._tones += 1
            name = f"{self._call}-{self._leg}-{direction}-tone-{self._tones}"
        (self._guesses if digit.tentative else self._sounding)[direction] = name
        self._emit(
            SightingStarted(
                **self._common(direction, name, digit.key, start), method="inband", tentative=digit.tentative
            )
        )
        if digit.tentative:
            return
        new = self._is_new(direction, digit.key, "inband", start, name)
        if new and self._on_key is not None:
            self._on_key(direction, digit.key, start)

    def _tone_ended(self, direction: Direction, digit: DigitEnded, start: float) -> None:
        name = self._sounding.pop(direction)
        self._presses[direction].ended(digit.key, "inband", start + digit.duration)
        self._emit(
            Sighting(
                **self._common(direction, name, digit.key, start),
                method="inband",
                duration=digit.duration,
                **tone_facts(digit),
                verdicts=verdict_words(digit),
                note=self._same.pop(name, ""),
            )
        )

    def _rejected(self, direction: Direction, burst: DigitRejected, start: float) -> None:
        """Report a burst, but no more than a few in a row: speech is full of them."""
        now = self._clock()
        due = self._rejection_due.get(direction, 0.0)
        if due > now + REJECTIONS_IN_A_ROW * REJECTION_SECONDS:
            return
        self._rejection_due[direction] = max(due, now) + REJECTION_SECONDS
        self._emit(
            SightingRejected(
                t=now,
                call=self._call,
                leg=self._leg,
                direction=direction,
                key=burst.key,
                method="inband",
                start=start,
                duration=burst.duration,
                **tone_facts(burst),
                reason=burst.reason,
                detail=burst.detail,
            )
        )

    def _common(self, direction: Direction, name: str, key: str, start: float) -> dict[str, Any]:
        """Return what every sighting says of itself."""
        return {
            "t": self._clock(),
            "call": self._call,
            "leg": self._leg,
            "id": name,
            "direction": direction,
            "key": key,
            "start": start,
        }

    def _is_new(self, direction: Direction, key: str, method: SightingMethod, start: float, name: str) -> bool:
        """Note that a sighting began and say whether its press was not seen before; if it was, its note will say so."""
        before = self._presses[direction].began(key, method, start)
        if before is not None:
            self._same[name] = SAME_PRESS[before]
        return before is None

    def _event_id(self, direction: Direction, number: int) -> str:
        return f"{self._call}-{self._leg}-{direction}-event-{number}"

    def _notice(self, text: str, level: Literal["info", "warning"] = "info") -> None:
        self._emit(Notice(t=self._clock(), level=level, text=text))


def _answer_words(key: InfoKey) -> str:
    """Return what came of a key that was sent."""
    if key.status is None:
        return key.reason or "no answer"
    word = "accepted" if 200 <= key.status < 300 else "refused"
    return f"{word} ({key.status} {key.reason})" if key.reason else f"{word} ({key.status})"
