"""The phone's side of a call: keys and microphone out; the far end's audio to loudspeaker, detector and display."""

import asyncio
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np

from dtmfphone.audio.ring_tone import Ring
from dtmfphone.calls.call import Call, CallError, CallState, Holdable, Transferable
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.line import Incoming
from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.activity import Activity
from dtmfphone.engine.commands import Method, Say
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent, CallChanged, Direction, Utterance
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.key_sender import KeySender
from dtmfphone.engine.leg import CallLeg, Clock, Emit, Spawn
from dtmfphone.engine.mouth import Mouth
from dtmfphone.engine.phone_ear import PhoneEar
from dtmfphone.engine.shadow_plan import ShadowPlan
from dtmfphone.engine.shadows import Shadows
from dtmfphone.ivr.voice import Voice

OVER: tuple[CallState, ...] = ("ended", "failed")
GIVEN_UP = "Hung up before the call was up."


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

    def ring(self, ring: Ring | None) -> None:
        """Let it be heard that a call rings here or at the far end; None: no longer."""
        ...


class PhoneLeg(CallLeg):
    """Source, sink and observer of the phone's call, outgoing or incoming."""

    def __init__(
        self,
        call_id: str,
        target: str,
        *,
        emit: Emit,
        clock: Clock,
        spawn: Spawn,
        sound: Sound | None,
        display: DisplayRing | None,
        method: Method,
        voice: Voice,
        hearing: Hearing,
        on_over: Callable[[], None],
        account: str = "",
        incoming: Incoming | None = None,
    ) -> None:
        """`target`: the far end. `incoming`: a call that rings here."""
        dialer = Dialer()
        far_end = Activity()
        super().__init__(call_id, "phone", emit, clock, pressed_at=dialer.pressed_at, display=display, far_end=far_end)
        self.target = target
        self.ringing_here = incoming
        """The call that waits to be answered; None for outgoing calls, and from the answer on."""
        self.state: CallState = "calling" if incoming is None else "incoming"
        self.dialer = dialer
        self.keys = KeySender(self, dialer, far_end, emit=emit, spawn=spawn, asked=method, on_sounding=self._side_tone)
        self.mouth = Mouth(call_id, voice, emit=self._tell, clock=clock, spawn=spawn)
        self._ear = PhoneEar(self, hearing, emit=self._tell, clock=clock, spawn=spawn)
        self.placing: asyncio.Task[None] | None = None
        self._plan: ShadowPlan | None = None
        self._shadows: Shadows | None = None
        self._account = account
        self._direction: Literal["outgoing", "incoming"] = "outgoing" if incoming is None else "incoming"
        self._sound = sound
        self._on_over = on_over
        self._held = False
        self._audio_came = False
        """Whether audio of the far end came."""
        if incoming is not None:
            self._report_state()
            self._ring()

    @property
    def call(self) -> Call | None:
        """The call itself, from when it is placed or answered."""
        return self.keys.call

    async def place(self, make: Callable[[], Call]) -> None:
        """Place or answer the call that `make` returns."""
        self._ring()
        try:
            call = self.keys.call = make()
            await call.place()
        except CallError as error:
            self.state_changed("failed", error.reason, error.remedy)
        except asyncio.CancelledError:
            self.state_changed("ended", GIVEN_UP)
            raise
        except Exception:  # told with its traceback by whoever runs this task
            self.state_changed("failed", "The call ended by an internal error.", "Please report it, with the log.")
            raise

    async def hold(self, on: bool) -> None:
        """Put the call on hold or resume it."""
        call: object = self.call
        if not isinstance(call, Holdable):
            self.notice("error", "This kind of call cannot be put on hold.", "Use a SIP call.")
            return
        try:
            await call.hold(on)
        except CallError as error:
            self.notice("error", error.reason, error.remedy)

    async def transfer(self, target: str) -> None:
        """Ask the far end to call somebody else; the call ends when it did."""
        call: object = self.call
        if not isinstance(call, Transferable):
            self.notice("error", "This kind of call cannot be transferred.", "Use a SIP call.")
            return
        try:
            await call.transfer(target)
        except CallError as error:
            self.notice("error", error.reason, error.remedy)
        else:
            self.state_changed("ended", "The far end was transferred.")

    def say(self, command: Say) -> None:
        """Speak words by the synthetic voice, or a notice says why not."""
        if self._held:
            self.notice("error", "The call is on hold, so nothing can be said.", "Resume it first.")
        else:
            self.mouth.say(command.text, command.voice, aloud=command.aloud)

    def shadow(self, plan: ShadowPlan | None) -> None:
        """Put shadow collectors on the call in place of those there were; they watch while it is up."""
        if self._shadows is not None:
            self._shadows.take_off()
            self._shadows = None
        self._plan = plan
        if self.state == "up":
            self._watch()

    def pressed(self, direction: Direction, char: str, _t: float) -> None:
        """A key went out or came in."""
        if self._shadows is not None:
            self._shadows.pressed(direction, char, self._clock())

    def _tell(self, event: AnyEvent) -> None:
        """Report what comes of words; those that are digits an agent would take from its user."""
        self._emit(event)
        if isinstance(event, Utterance) and event.keys and self._shadows is not None:
            self._shadows.spoken(event.direction, event.keys, event.t)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return the tone of a key, or what is said, or else microphone audio (see AudioSource); silence on hold."""
        microphone = self._sound if not self._held else None
        pcm = microphone.capture(samples, rate) if microphone is not None else np.zeros(samples, np.int16)
        if self.state == "up" and self.keys.heard_by_far_end(t):
            pcm = self.mouth.frame(pcm, rate, t)
        if self.ear is not None:
            self.ear.advance(t)
        return self.outgoing(self.keys.frame(pcm, rate, t))

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        """Take the far end's audio (see AudioSink)."""
        self.keys.heard(t)
        self.incoming(pcm, rate, t, jump=jump)
        if not self._audio_came:
            self._audio_came = True
            self._ring()
        if self._sound is not None:
            self._sound.play(pcm, rate)

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        """The call came into a state (see CallObserver); after the end nothing more happens."""
        if self.state in OVER:
            return
        self.state = state
        if state == "up":
            self.keys.open(self._clock(), by_hand_only=False)
            self._ear.open()
        if state in OVER:
            self.keys.close(self._clock())
            self.mouth.stop("the call ended")
            self._ear.close()
            if self._shadows is not None:
                self._shadows.hang_up()
                self._shadows = None
        self._ring()
        self._report_state(reason, remedy)
        if state in OVER:
            self._on_over()
        else:
            self.media_changed()
        if state == "up" and self._shadows is None:
            self._watch()

    def media_changed(self) -> None:
        """Early media began, or something was negotiated anew (see CallObserver)."""
        if self.state in OVER or self.call is None or self.call.media is None:
            return
        if self.state == "ringing":
            self.keys.open(self._clock(), by_hand_only=True)
        self.keys.choose(tell=True)

    def held(self, *, here: bool, there: bool) -> None:
        """The call is on hold by us, by the far end, by both or by none (see CallObserver)."""
        self._held = here or there
        self.keys.hold(self._held)
        if self._held:
            self.mouth.stop("the call was put on hold")
        super().held(here=here, there=there)

    def report_statistics(self) -> None:
        """Report the counters of a call that is up."""
        if self.call is not None and self.state == "up":
            self.report_counted(self.call.statistics())

    def _watch(self) -> None:
        """Let the shadow collectors begin; an IVR of ours has its own, with the keys that are sent to it."""
        if self._plan is not None and not (self._plan.keys == "sent" and self.mouth.listener is not None):
            self._shadows = Shadows(self, self._plan, self._emit, self._clock, keys=self._plan.keys)
            self._shadows.start()

    def _report_state(self, reason: str = "", remedy: str = "") -> None:
        self._emit(
            CallChanged(
                t=self._clock(),
                call=self.id,
                leg="phone",
                state=self.state,
                target=self.target,
                direction=self._direction,
                account=self._account,
                reason=reason,
                remedy=remedy,
            )
        )

    def _ring(self) -> None:
        """Ring while the call waits for its answer, here or there; a far end that sends audio is heard instead."""
        if self._sound is None:
            return
        if self.state == "incoming" and self.ringing_here is not None:
            self._sound.ring("ring")
        elif self.state == "ringing" and not self._audio_came:
            self._sound.ring("ring-back")
        else:
            self._sound.ring(None)

    def _side_tone(self, char: str | None) -> None:
        if self._sound is None:
            return
        if char is None:
            self._sound.key_up()
        else:
            self._sound.key_down(char)
