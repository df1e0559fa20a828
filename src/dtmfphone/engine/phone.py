"""The phone's side of a call: dialer, microphone, tones; the far end's audio to loudspeaker, detector and display."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol

import numpy as np

from dtmfphone.calls.call import Call, CallState
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.tones import ToneGenerator
from dtmfphone.engine.commands import Method
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import CallChanged, Dialing, SendMethod
from dtmfphone.engine.leg import CallLeg, Clock, Emit

SETTLE_SECONDS = 0.5
"""After the call is up, keys wait for the far end's first audio, at most this long: before, it may drop packets."""
QUIET_SECONDS = 0.7
"""A far end that spoke and is silent for so long has come to the end of its prompt."""


OVER: tuple[CallState, ...] = ("ended", "failed")


class Sound(Protocol):
    """What the phone needs of a sound card."""

    def play(self, pcm: Pcm, rate: int) -> None:
        """Play the far end's audio."""
        ...

    def capture(self, samples: int, rate: int) -> Pcm:
        """Return microphone samples."""
        ...

    def key_down(self, char: str) -> None:
        """Begin the side-tone of a key."""
        ...

    def key_up(self) -> None:
        """End the side-tone."""
        ...


class PhoneLeg(CallLeg):
    """Source, sink and observer of the phone's call."""

    def __init__(
        self,
        call_id: str,
        target: str,
        *,
        emit: Emit,
        clock: Clock,
        sound: Sound | None,
        display: DisplayRing | None,
        method: Method,
        on_over: Callable[[], None],
    ) -> None:
        self.dialer = Dialer()
        self._far_end = Activity()
        super().__init__(
            call_id,
            "phone",
            emit,
            clock,
            pressed_at=self.dialer.pressed_at,
            display=display,
            far_end=self._far_end,
        )
        self.target = target
        self.call: Call | None = None
        self.state: CallState = "calling"
        self.method: SendMethod | None = None
        self.placing: asyncio.Task[None] | None = None
        self._sound = sound
        self._asked: Method = method
        self._on_over = on_over
        self._tones: ToneGenerator | None = None
        self._sounding: str | None = None
        self._waiting = False
        self._ready_at: float | None = None
        """From when on keys may go out; None: not up."""

    def use_method(self, asked: Method) -> None:
        """Choose how keys are sent, as far as the far end takes it, and report what and why."""
        self._asked = asked
        media = self.call.media if self.call is not None else None
        if self.call is None or media is None:
            return  # chosen again when the far end has answered
        events = media.event_payload_type is not None
        if asked == "inband":
            self.method, reason = "inband", "You chose tones in the audio."
        elif events:
            self.method = "rfc4733"
            reason = f"The far end takes telephone-events at {media.event_clock} Hz."
        elif asked == "auto":
            self.method, reason = "inband", "The far end negotiated no telephone-event, so keys are tones in the audio."
        else:
            self.method, reason = None, "The far end negotiated no telephone-event, so RFC 4733 is not available."
        self.call.events_enabled = self.method == "rfc4733"
        self.report_media(media, self.method, reason)

    def slot(self, t: float) -> Slot:
        """Return which key sounds in the packet that leaves at time `t`."""
        if self._ready_at is None or t < self._ready_at:
            return SILENT
        activity = self._far_end
        slot = self.dialer.slot(
            t,
            far_end_quiet=activity.heard and activity.quiet_for(t) >= QUIET_SECONDS,
            far_end_silent=not activity.heard,
        )
        if slot.char != self._sounding:
            self._sounding = slot.char
            self._side_tone()
        self._report_dialing()
        return slot

    def stop_dialing(self) -> None:
        """End the tone and drop the queue."""
        self.dialer.stop()
        self._report_dialing()

    def _side_tone(self) -> None:
        if self._sound is None:
            return
        if self._sounding is None:
            self._sound.key_up()
        else:
            self._sound.key_down(self._sounding)

    def _report_dialing(self) -> None:
        for change in self.dialer.changes():
            if change.state == "waiting" and not self._waiting:
                self._far_end.mark()
            self._waiting = change.state == "waiting"
            self._emit(Dialing(call=self.id, **asdict(change)))

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return microphone audio, or the tone of the key where keys are sent in-band."""
        pcm = self._sound.capture(samples, rate) if self._sound is not None else np.zeros(samples, np.int16)
        if self.method == "inband" or (self._tones is not None and self._tones.active):
            pcm = self._with_tone(pcm, rate, t)
        return self.outgoing(pcm)

    def _with_tone(self, pcm: Pcm, rate: int, t: float) -> Pcm:
        if self._tones is None:
            self._tones = ToneGenerator(rate)  # a call keeps its rate
        before = self._sounding
        wanted = self.slot(t).char if self.method == "inband" else None
        if wanted is not None and wanted != before:
            self._tones.key_down(wanted)
        elif wanted is None and before is not None:
            self._tones.key_up()
        return to_int16(self._tones.render(len(pcm))) if self._tones.active else pcm

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        """Take the far end's audio."""
        if self._ready_at is not None and t < self._ready_at:
            self._ready_at = t
        self.incoming(pcm, rate, t, jump=jump)
        if self._sound is not None:
            self._sound.play(pcm, rate)

    def media_changed(self) -> None:
        """Choose the method again (see CallObserver)."""
        self.use_method(self._asked)

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        """The call came into a state; after the end nothing more happens."""
        if self.state in OVER:
            return
        self.state = state
        t = self._clock()
        if state == "up":
            self._ready_at = t + SETTLE_SECONDS
        if state in OVER:
            self.dialer.stop()
            self._report_dialing()
            self._sounding = None
            self._side_tone()
        self._emit(
            CallChanged(t=t, call=self.id, leg="phone", state=state, target=self.target, reason=reason, remedy=remedy)
        )
        if state == "connecting":
            self.use_method(self._asked)
        if state in OVER:
            self._on_over()

    def report_statistics(self) -> None:
        """Report the counters of a call that is up."""
        if self.call is not None and self.state == "up":
            self.report_counted(self.call.statistics())
