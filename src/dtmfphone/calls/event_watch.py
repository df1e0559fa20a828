"""The telephone-events of both directions of a call, reported to its observer."""

import asyncio
from collections.abc import Callable
from typing import Final

from dtmfphone.calls.call import CallObserver, Direction
from dtmfphone.calls.guarded import guarded
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventReceiver, EventStarted, Report
from dtmfphone.rtp.packet import RtpPacket

TIMER_SECONDS: Final = 0.001
"""Timers look so much behind a deadline, so that it is over by then."""


class EventWatch:
    """Finds events in the packets that pass, and looks again when one may be over though nothing more passes."""

    def __init__(self, observer: CallObserver, clock: Callable[[], float]) -> None:
        self._observer = observer
        self._clock = clock
        self._events: dict[Direction, EventReceiver] = {"sent": EventReceiver(), "received": EventReceiver()}
        self._timer: asyncio.TimerHandle | None = None

    def event_packet(self, direction: Direction, packet: RtpPacket, clock_rate: int, t: float) -> None:
        """Take a telephone-event at `clock_rate` Hz that passed at `t`."""
        reports = self._events[direction].packet(
            ssrc=packet.ssrc,
            sequence=packet.sequence,
            timestamp=packet.timestamp,
            marker=packet.marker,
            payload=packet.payload,
            payload_type=packet.payload_type,
            clock_rate=clock_rate,
            t=t,
        )
        self._report(direction, reports)
        self._arm()

    def media_packet(self, direction: Direction, ssrc: int) -> None:
        """Note an audio packet, so that it does not count as a lost event packet."""
        self._events[direction].media_packet(ssrc=ssrc)

    def close(self) -> None:
        """Report the events that are open as ended; harmless when repeated."""
        for direction, events in self._events.items():
            self._report(direction, events.flush(self._clock()))
        self._arm()

    def _arm(self) -> None:
        """Look again when the next event may be over: nothing else tells when its packets just stay away."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadlines = [events.deadline for events in self._events.values() if events.deadline is not None]
        if deadlines:
            delay = max(0.0, min(deadlines) - self._clock()) + TIMER_SECONDS
            self._timer = asyncio.get_running_loop().call_later(delay, self._expire)

    def _expire(self) -> None:
        for direction, events in self._events.items():
            self._report(direction, events.tick(self._clock()))
        self._arm()

    def _report(self, direction: Direction, reports: list[Report]) -> None:
        for report in reports:
            match report:
                case EventStarted():
                    guarded(self._observer.event_started, direction, report)
                case EventEnded():
                    guarded(self._observer.event_ended, direction, report)
                case EventProblem():
                    guarded(self._observer.event_problem, direction, report)
