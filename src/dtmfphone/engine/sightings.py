"""Sightings of key presses on one leg of a call: what the wire and the detector saw, as engine events."""

from collections.abc import Callable
from typing import Any, Literal

from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRetracted, DigitStarted
from dtmfphone.dtmf.keys import KEYS_BY_CODE
from dtmfphone.engine.events import AnyEvent, Direction, Leg, Notice, Sighting, SightingStarted
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

SAME_PRESS_SECONDS = 0.25
"""An in-band digit that begins this close to a telephone-event of the same key is the same key press."""


class Sightings:
    """Names each sighting of one leg and reports it; tells `on_key` of each received key press once."""

    def __init__(
        self,
        call: str,
        leg: Leg,
        emit: Callable[[AnyEvent], None],
        clock: Callable[[], float],
        on_key: Callable[[str, float], None] | None = None,
        pressed_at: Callable[[str], float | None] | None = None,
    ) -> None:
        self._call = call
        self._leg = leg
        self._emit = emit
        self._clock = clock
        self._on_key = on_key
        self._pressed_at = pressed_at
        self._press_to_wire: dict[str, float] = {}
        self._tones: dict[Direction, int] = {"sent": 0, "received": 0}
        self._last_event: dict[Direction, tuple[str, float, float]] = {}

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        """The first packet of a telephone-event was seen."""
        key = KEYS_BY_CODE.get(event.code)
        if key is None:
            self._notice(f"Telephone-event {event.code} was {direction}; it is not one of the sixteen keys.")
            return
        self._last_event[direction] = (key.char, event.start, event.start)
        name = self._event_id(direction, event.id)
        if direction == "sent" and self._pressed_at is not None:
            pressed = self._pressed_at(key.char)
            if pressed is not None:
                self._press_to_wire[name] = event.start - pressed
        self._emit(SightingStarted(**self._common(direction, name, key.char, event.start), method="rfc4733"))
        if direction == "received" and self._on_key is not None:
            self._on_key(key.char, event.start)

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        """A telephone-event is complete."""
        key = KEYS_BY_CODE.get(event.code)
        if key is None:
            return
        self._last_event[direction] = (key.char, event.start, event.end)
        name = self._event_id(direction, event.id)
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
                note="; ".join(event.notes),
            )
        )

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        """A telephone-event packet that no correct sender sends."""
        whose = "The far end's" if direction == "received" else "Our own"
        self._notice(f"{whose} telephone-events have a fault. {problem.text}", level="warning")

    def tone(self, direction: Direction, detection: DetectorEvent, origin: float) -> None:
        """The detector reported on the audio; its times are seconds after `origin` on the session's time line."""
        match detection:
            case DigitStarted():
                start = origin + detection.onset
                self._tones[direction] += 1
                self._emit(
                    SightingStarted(
                        **self._common(direction, self._tone_id(direction), detection.key, start), method="inband"
                    )
                )
                if (
                    direction == "received"
                    and self._on_key is not None
                    and not self._is_event(direction, detection.key, start)
                ):
                    self._on_key(detection.key, start)
            case DigitEnded():
                start = origin + detection.onset
                self._emit(
                    Sighting(
                        **self._common(direction, self._tone_id(direction), detection.key, start),
                        method="inband",
                        duration=detection.duration,
                        low_hz=detection.low_hz,
                        high_hz=detection.high_hz,
                        low_dbm0=detection.low_dbm0,
                        high_dbm0=detection.high_dbm0,
                        twist_db=detection.twist_db,
                        snr_db=detection.snr_db,
                        note="same press as the telephone-event"
                        if self._is_event(direction, detection.key, start)
                        else "",
                    )
                )
            case DigitRetracted():
                self._notice(f"A tone that looked like {detection.key} was no key press.")

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

    def _is_event(self, direction: Direction, key: str, start: float) -> bool:
        last = self._last_event.get(direction)
        return (
            last is not None
            and last[0] == key
            and last[1] - SAME_PRESS_SECONDS <= start <= last[2] + SAME_PRESS_SECONDS
        )

    def _event_id(self, direction: Direction, number: int) -> str:
        return f"{self._call}-{self._leg}-{direction}-event-{number}"

    def _tone_id(self, direction: Direction) -> str:
        return f"{self._call}-{self._leg}-{direction}-tone-{self._tones[direction]}"

    def _notice(self, text: str, level: Literal["info", "warning"] = "info") -> None:
        self._emit(Notice(t=self._clock(), level=level, text=text))
