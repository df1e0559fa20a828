"""The built-in IVR's side of a call: a peer of its own that runs a script, and does what the script wants done."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Literal

import msgspec

from dtmfphone.calls.call import Call, CallContext, CallError, CallState, Transferable
from dtmfphone.calls.line import Incoming
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import SILENT
from dtmfphone.dtmf.activity import Activity
from dtmfphone.engine.events import CallChanged, Direction, IvrGraph
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.ivr_ear import IvrEar
from dtmfphone.engine.ivr_graph import ivr_graph
from dtmfphone.engine.ivr_keys import IvrKeys
from dtmfphone.engine.ivr_recording import IvrRecording
from dtmfphone.engine.ivr_report import collector_event, step_event
from dtmfphone.engine.ivr_shadows import IvrShadows
from dtmfphone.engine.leg import CallLeg, Clock, Emit, Spawn
from dtmfphone.engine.shadow_plan import ShadowPlan
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.nodes import Send
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import RECORDING_REMEDY, CollectorStep, NoVoice, SessionEvent, Step
from dtmfphone.ivr.voice import Voice

OVER: tuple[CallState, ...] = ("ended", "failed")


class IvrLeg(CallLeg):
    """Answers one call: source, sink and observer of it, and the clock of its script."""

    def __init__(
        self,
        call_id: str,
        incoming: Incoming,
        script: Script,
        voice: Voice,
        hearing: Hearing,
        *,
        emit: Emit,
        clock: Clock,
        spawn: Spawn,
        on_over: Callable[["IvrLeg"], None],
        account: str = "",
    ) -> None:
        far_end = Activity()
        sends = any(isinstance(node, Send) for _, node in script.all_nodes())
        super().__init__(call_id, "ivr", emit, clock, far_end=far_end if sends else None)
        self._keys = IvrKeys(self, far_end, spawn=spawn, on_sent=self._sent) if sends else None
        self._recording = IvrRecording(self)
        self._script = script
        self._voice = voice
        self.listener = IvrEar(self, hearing, self._report, emit=emit, clock=clock, spawn=spawn)
        """Takes what the caller says."""
        self._caller = incoming.caller
        self._account = account
        self._spawn = spawn
        self._on_over = on_over
        self._session: IvrSession | None = None
        self._graph: IvrGraph | None = None
        self._plan: ShadowPlan | None = None
        self._shadows: IvrShadows | None = None
        self._collecting: CollectorStep | None = None
        """What the script's collector did last."""
        self._timer: asyncio.TimerHandle | None = None
        self._answering: asyncio.Task[None] | None = None
        self._hanging_up: asyncio.Task[None] | None = None
        self._state: CallState = "incoming"
        self._call: Call = incoming.open(
            CallContext(
                source=self,
                sink=self,
                observer=self,
                slot=self._keys.slot if self._keys is not None else lambda _: SILENT,
                clock=clock,
                answer_builtin=lambda _name, _call: None,
            )
        )
        if self._keys is not None:
            self._keys.call = self._call

    def answer(self) -> None:
        """Begin to answer; the script starts when the call is up."""
        self._answering = self._spawn(self._answer())

    def shadow(self, plan: ShadowPlan | None) -> None:
        """Put shadow collectors on the call in place of those there were; they watch while it is up."""
        if self._shadows is not None:
            self._shadows.take_off()
            self._shadows = None
        self._plan = plan
        if self._state == "up":
            self._watch()

    async def hang_up(self, reason: str) -> None:
        """End the call; harmless when it has ended."""
        self.state_changed("ended", reason)
        if self._hanging_up is not None:
            await asyncio.shield(self._hanging_up)

    def report_statistics(self) -> None:
        """Report the counters of a call that is up."""
        if self._state == "up":
            self.report_counted(self._call.statistics())

    async def _answer(self) -> None:
        try:
            prompts = await self._voice.prepare(self._script)
            self._session = IvrSession(self._script, prompts.lookup, prompts.recording)
            self.listener.session = self._session
            self._graph = await asyncio.to_thread(ivr_graph, self._script, self.id)
            await self.listener.open()
            await self._call.place()
        except CallError as error:
            self.state_changed("failed", error.reason, error.remedy)

    async def _close(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._answering
        try:
            await self._call.hang_up()
        except CallError as error:
            self.notice("warning", f"The caller was not told of the end of the call. {error.reason}", error.remedy)
        await self._recording.stop()
        self.listener.close()
        self._on_over(self)

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        """The call came into a state (see CallObserver)."""
        if self._state in OVER or (state, reason) == (self._state, ""):
            return
        started = self._state == "up"
        self._state = state
        t = self._clock()
        over = state in OVER
        if over and self._session is not None:
            self._report(self._session.hang_up(t))
        if over and self._shadows is not None:
            self._shadows.hang_up()
            self._shadows = None
        if self._keys is not None and state == "up":
            self._keys.open(t)
        elif self._keys is not None and over:
            self._keys.close(t)
        self._emit(
            CallChanged(
                t=t,
                call=self.id,
                leg="ivr",
                state=state,
                target=self._caller,
                direction="incoming",
                account=self._account,
                reason=reason,
                remedy=remedy,
            )
        )
        if not over:
            self.media_changed()
        if state == "up" and not started:
            assert self._session is not None
            assert self._graph is not None
            self._emit(msgspec.structs.replace(self._graph, t=t))
            self._watch()
            self._report(self._session.start(t))
        if over:
            if self._timer is not None:
                self._timer.cancel()
            self._hanging_up = self._spawn(self._close())

    def media_changed(self) -> None:
        """Report what was negotiated, if it is new (see CallObserver)."""
        if self._keys is not None:
            self._keys.choose()
        elif (media := self._call.media) is not None:
            self.report_media(media)

    def held(self, *, here: bool, there: bool) -> None:
        """The call is on hold by the far end, or not (see CallObserver)."""
        if self._keys is not None:
            self._keys.hold(here or there)
        super().held(here=here, there=there)

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Report something that a person should read, with whose call it is about: there may be many."""
        super().notice(level, f"Call of {self._caller}: {text}", remedy)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return what the IVR says (see AudioSource)."""
        assert self._session is not None
        pcm = self._session.pull(samples, rate, t)
        self._report(self._session.tick(t))
        if self.ear is not None:
            self.ear.advance(t)
        if self._keys is not None:
            pcm = self.outgoing(self._keys.frame(pcm, rate, t))
        self._recording.spoken(pcm, rate)
        return pcm

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        """Take the caller's audio (see AudioSink)."""
        if self._keys is not None:
            self._keys.heard(t)
        self._recording.heard(pcm, rate)
        self.incoming(pcm, rate, t, jump=jump)

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        """An audio packet left (see CallObserver); a script that sends no keys only speaks: nothing to look for."""
        if self._keys is not None:
            super().audio_sent(position, rate, t)

    def pressed(self, direction: Direction, char: str, t: float) -> None:
        """The caller pressed a key, or the script sent one."""
        if direction == "received" and self._session is not None and self._state == "up":
            if self._shadows is not None:
                self._shadows.pressing(char)
            # A tone is confirmed after its onset; the script lives in the present.
            self._report(self._session.key(char, max(t, self._clock())))

    def _watch(self) -> None:
        if self._plan is not None and self._session is not None:
            self._shadows = IvrShadows(self, self._plan, self._emit, self._clock, self._script)
            self._shadows.join(self._collecting, speaking=self._session.speaking)

    def _sent(self) -> None:
        if self._session is not None:
            self._report(self._session.sent(self._clock()))

    def _tick(self) -> None:
        assert self._session is not None
        self._report(self._session.tick(self._clock()))

    def _report(self, events: list[SessionEvent]) -> None:
        for event in events:
            if self._shadows is not None:
                self._shadows.told(event)
            match event:
                case Step():
                    self._report_step(event)
                case CollectorStep():
                    self._collecting = event
                    self._emit(collector_event(self.id, event))
                case NoVoice(remedy=remedy) if remedy == RECORDING_REMEDY:
                    self.notice(
                        "warning", f"The IVR beeps where it should play {event.text}: no sound is there.", remedy
                    )
                case NoVoice():
                    what = f"say “{event.text}”" if event.text else "read something back"
                    text = f"The IVR beeps where it should {what}: no voice is installed."
                    self.notice("warning", text, event.remedy)
        self._arm()

    def _report_step(self, step: Step) -> None:
        self._emit(step_event(self.id, self._script.name, step))
        match step.action:
            case "hang-up":
                self.state_changed("ended", "The IVR hung up.")
            case "send" if self._keys is not None:
                self._keys.dial(self._script.node(step.node), step.text, step.t)
            case "transfer":
                self._spawn(self._transfer(step.text))
            case "record" if step.accepted and step.text == "start":
                self._recording.start()
            case "record" if step.text == "stop":
                self._spawn(self._recording.stop())

    async def _transfer(self, target: str) -> None:
        call: object = self._call
        try:
            if not isinstance(call, Transferable):
                raise CallError("This kind of call cannot be transferred.", "Let the caller use SIP.")
            await call.transfer(target)
        except CallError as error:
            self.notice("warning", error.reason, error.remedy)
            if self._session is not None:
                self._report(self._session.transfer_failed(self._clock()))
        else:
            self.state_changed("ended", "The caller was transferred.")

    def _arm(self) -> None:
        """Have the script look again when its next timer ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._session.deadline if self._session is not None else None
        if deadline is not None and self._state == "up":
            delay = max(0.0, deadline - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)
