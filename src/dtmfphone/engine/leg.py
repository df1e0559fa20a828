"""One side of a call as the engine sees it: audio buses, sightings of key presses, counters, what the call tells."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from dtmfphone.calls.call import CallStatistics, InfoKey, Media, TransferState, WireMessage
from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.talking import Talking
from dtmfphone.engine.bus import Bus
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.ear import Ear
from dtmfphone.engine.events import (
    AnyEvent,
    Direction,
    HoldChanged,
    Leg,
    MediaChanged,
    Notice,
    SendMethod,
    SignallingMessage,
    Statistics,
    TransferChanged,
)
from dtmfphone.engine.sightings import Sightings
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

Emit = Callable[[AnyEvent], None]
Clock = Callable[[], float]
Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Starts a task of the engine: it ends with the engine, and a fault in it is reported."""


class CallLeg:
    """Watches one side of one call in both directions; the observer of its call, but for `state_changed`."""

    def __init__(
        self,
        call_id: str,
        leg: Leg,
        emit: Emit,
        clock: Clock,
        *,
        pressed_at: Callable[[str], float | None] | None = None,
        display: DisplayRing | None = None,
        far_end: Activity | None = None,
    ) -> None:
        """`pressed_at`: see Sightings. `far_end` is kept up to date on whether the far end speaks."""
        self.id = call_id
        self._leg: Leg = leg
        self._emit = emit
        self._clock = clock
        self.ear: Ear | None = None
        """What recognises the words of the far end, where anything does."""
        self._sightings = Sightings(call_id, leg, self._sighted, clock, self.pressed, pressed_at)
        self._heard = Bus("received", self._sightings, display, far_end)
        self._spoken = Bus("sent", self._sightings, display)
        self._heard_until = 0.0
        self._pulled: deque[tuple[int, Pcm]] = deque()
        """Frames handed to the call, with the position of their end; they count as sent when they left."""
        self._position = 0
        self._transfer_target = ""
        self._told: tuple[Media, SendMethod | None, str] | None = None

    def pressed(self, direction: Direction, char: str, t: float) -> None:
        """A key press was seen, for the first time if in several ways; it began at time `t`."""

    def listen(self, direction: Direction, talking: Talking | None) -> None:
        """Let somebody hear whether there is talk in one direction; None: nobody."""
        (self._spoken if direction == "sent" else self._heard).talking = talking

    def outgoing(self, pcm: Pcm) -> Pcm:
        """Note a frame that the call pulled."""
        self._position += len(pcm)
        self._pulled.append((self._position, pcm))
        return pcm

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        """An audio packet left (see CallObserver); frames before it were replaced by events: silence on the wire."""
        while self._pulled and self._pulled[0][0] <= position:
            end, pcm = self._pulled.popleft()
            self._spoken.feed(pcm if end == position else np.zeros_like(pcm), rate, t - (position - end) / rate)

    def incoming(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        """Take received audio."""
        if jump:
            self._heard.gap(t - len(pcm) / rate - self._heard_until, t - len(pcm) / rate)
        self._heard.feed(pcm, rate, t)
        self._heard_until = t
        if self.ear is not None:
            self.ear.feed(pcm, rate, t)

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        """The first packet of a telephone-event passed on the wire."""
        self._sightings.event_started(direction, event)

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        """A telephone-event is complete."""
        self._sightings.event_ended(direction, event)

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        """A telephone-event packet that no correct sender sends."""
        self._sightings.event_problem(direction, problem)

    def info_key(self, direction: Direction, key: InfoKey) -> None:
        """A key passed in a SIP INFO request."""
        self._sightings.info_key(direction, key)

    def _sighted(self, event: AnyEvent) -> None:
        if self.ear is not None:
            self.ear.sighted(event)
        self._emit(event)

    def held(self, *, here: bool, there: bool) -> None:
        """The call is on hold by us, by the far end, by both or by none."""
        self._emit(HoldChanged(t=self._clock(), call=self.id, here=here, there=there))

    def transfer_changed(self, state: TransferState, reason: str = "") -> None:
        """A transfer goes on; the reason of `asked` is the target."""
        if state == "asked":
            self._transfer_target = reason
        words = reason if reason != self._transfer_target else ""
        self._emit(
            TransferChanged(t=self._clock(), call=self.id, state=state, target=self._transfer_target, reason=words)
        )

    def message(self, message: WireMessage) -> None:
        """A signalling message of the call passed on the wire."""
        self._emit(signalling(message, call=self.id))

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Report something that a person should read."""
        self._emit(Notice(t=self._clock(), level=level, text=text, remedy=remedy))

    def report_media(self, media: Media, method: SendMethod | None = None, reason: str = "") -> None:
        """Report what was negotiated and how keys are sent, where it is new."""
        if self._told == (media, method, reason):
            return
        self._told = (media, method, reason)
        self._emit(
            MediaChanged(
                t=self._clock(), call=self.id, leg=self._leg, method=method, method_reason=reason, **asdict(media)
            )
        )

    def report_counted(self, counted: CallStatistics) -> None:
        """Report the counters."""
        self._emit(Statistics(t=self._clock(), call=self.id, leg=self._leg, **asdict(counted)))


def signalling(message: WireMessage, *, call: str = "", line: str = "") -> SignallingMessage:
    """Return the event of a message that belongs to a call or a line."""
    return SignallingMessage(call=call, line=line, **asdict(message))
