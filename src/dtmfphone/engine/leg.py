"""One side of a call as the engine sees it: audio buses, sightings of key presses, statistics."""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from dtmfphone.calls.call import CallStatistics, Direction, Media
from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.activity import Activity
from dtmfphone.engine.bus import Bus
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent, Leg, MediaChanged, SightingMethod, Statistics
from dtmfphone.engine.sightings import Sightings
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

Emit = Callable[[AnyEvent], None]
Clock = Callable[[], float]


class CallLeg:
    """Watches the audio and the telephone-events of one side of one call, in both directions."""

    def __init__(
        self,
        call: str,
        leg: Leg,
        emit: Emit,
        clock: Clock,
        sightings: Sightings,
        display: DisplayRing | None = None,
        far_end: Activity | None = None,
    ) -> None:
        """`far_end` is kept up to date on whether the far end speaks."""
        self.call = call
        self._leg: Leg = leg
        self._emit = emit
        self._clock = clock
        self._sightings = sightings
        self._heard = Bus("received", sightings, display, far_end)
        self._spoken = Bus("sent", sightings, display)
        self._heard_until = 0.0
        self._pulled: deque[tuple[int, Pcm]] = deque()
        """Frames handed to the call, with the position of their end; they count as sent when they left."""
        self._position = 0

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

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        """The first packet of a telephone-event passed on the wire."""
        self._sightings.event_started(direction, event)

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        """A telephone-event is complete."""
        self._sightings.event_ended(direction, event)

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        """A telephone-event packet that no correct sender sends."""
        self._sightings.event_problem(direction, problem)

    def report_media(self, media: Media, method: SightingMethod | None = None, reason: str = "") -> None:
        """Report what was negotiated and how keys are sent."""
        self._emit(
            MediaChanged(
                t=self._clock(), call=self.call, leg=self._leg, method=method, method_reason=reason, **asdict(media)
            )
        )

    def report_statistics(self, counted: CallStatistics) -> None:
        """Report the counters."""
        self._emit(Statistics(t=self._clock(), call=self.call, leg=self._leg, **asdict(counted)))
