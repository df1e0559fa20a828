"""The built-in IVR's side of a call: a peer of its own that runs a script."""

import asyncio
import contextlib
from collections.abc import Callable

from dtmfphone.calls.call import CallError, CallState
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import SILENT
from dtmfphone.calls.webrtc.peer import WebRtcPeer
from dtmfphone.engine.events import CallChanged, CollectorChanged, IvrStep, Notice
from dtmfphone.engine.leg import CallLeg, Clock, Emit
from dtmfphone.ivr.nodes import Script
from dtmfphone.ivr.session import CollectorStep, IvrSession, NoVoice, SessionEvent, Step
from dtmfphone.ivr.voice import Voice

CONNECT_SECONDS = 12.0
"""How long a caller may take from our answer to a connection; meanwhile the line is taken."""


class IvrLeg(CallLeg):
    """Answers one call: source, sink and observer of its peer, and the clock of its script."""

    def __init__(
        self,
        call_id: str,
        script: Script,
        voice: Voice,
        *,
        emit: Emit,
        clock: Clock,
        loopback_only: bool,
        on_over: Callable[["IvrLeg"], None],
    ) -> None:
        super().__init__(call_id, "ivr", emit, clock, on_key=self._key)
        self._script = script
        self._voice = voice
        self._on_over = on_over
        self._session: IvrSession | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._hanging_up: asyncio.Task[None] | None = None
        self._state: CallState = "calling"
        self._peer = WebRtcPeer(
            source=self,
            sink=self,
            observer=self,
            slot=lambda _t: SILENT,
            clock=clock,
            loopback_only=loopback_only,
        )

    async def answer(self, offer: str) -> str:
        """Return the SDP answer to an offer; the script starts when the call is up. Raises CallError."""
        try:
            prompts = await self._voice.prepare(self._script)
            answer = await self._peer.answer(offer)
        except BaseException:
            await self._peer.close()
            raise
        self._session = IvrSession(self._script, prompts.lookup)
        assert self._peer.media is not None
        self.report_media(self._peer.media)
        self._connecting = asyncio.create_task(self._connect())
        return answer

    async def hang_up(self, reason: str = "The caller hung up.") -> None:
        """End the call; harmless when it has ended."""
        self.state_changed("ended", reason)
        if self._hanging_up is not None:
            await asyncio.shield(self._hanging_up)

    def report_statistics(self) -> None:
        """Report the counters of a call that is up."""
        if self._state == "up":
            self.report_counted(self._peer.statistics())

    async def _connect(self) -> None:
        try:
            await self._peer.connected(CONNECT_SECONDS)
        except CallError as error:
            self.state_changed("failed", error.reason, error.remedy)

    async def _close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
        await self._peer.close()
        self._on_over(self)

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        """The call came into a state (see CallObserver)."""
        if self._state in ("ended", "failed") or (state, reason) == (self._state, ""):
            return
        started = self._state == "up"
        self._state = state
        t = self._clock()
        over = state in ("ended", "failed")
        if over and self._session is not None:
            self._report(self._session.hang_up(t))
        self._emit(
            CallChanged(
                t=t, call=self.id, leg="ivr", state=state, target=self._script.name, reason=reason, remedy=remedy
            )
        )
        if state == "up" and not started:
            assert self._session is not None
            self._report(self._session.start(t))
        if over:
            if self._timer is not None:
                self._timer.cancel()
            self._hanging_up = asyncio.create_task(self._close())

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return what the IVR says (see AudioSource)."""
        assert self._session is not None
        pcm = self._session.pull(samples, rate, t)
        self._report(self._session.tick(t))
        return pcm

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        """Take the caller's audio (see AudioSink)."""
        self.incoming(pcm, rate, t, jump=jump)

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        """An audio packet left (see CallObserver): the IVR speaks, it sends no keys to look for."""

    def media_changed(self) -> None:
        """Report what was negotiated anew (see CallObserver)."""
        assert self._peer.media is not None
        self.report_media(self._peer.media)

    def _key(self, char: str, t: float) -> None:
        if self._session is not None and self._state == "up":
            # A tone is confirmed after its onset; the script lives in the present.
            self._report(self._session.key(char, max(t, self._clock())))

    def _tick(self) -> None:
        assert self._session is not None
        self._report(self._session.tick(self._clock()))

    def _report(self, events: list[SessionEvent]) -> None:
        for event in events:
            match event:
                case Step():
                    self._report_step(event)
                case CollectorStep():
                    self._report_collector(event)
                case NoVoice():
                    text = f"The IVR beeps where it should say “{event.text}”: no voice is installed."
                    self._emit(Notice(t=event.t, level="warning", text=text, remedy=event.remedy))
        self._arm()

    def _report_step(self, step: Step) -> None:
        self._emit(
            IvrStep(
                t=step.t,
                call=self.id,
                script=self._script.name,
                node=step.node,
                action=step.action,
                text=step.text,
                note=step.note,
            )
        )
        if step.action == "hang-up":
            # The far end learns of it by the closing handshake.
            self.state_changed("ended", "The IVR hung up.")

    def _report_collector(self, step: CollectorStep) -> None:
        now = step.transition
        self._emit(
            CollectorChanged(
                t=now.t,
                call=self.id,
                state=now.state,
                node=step.node,
                digits=now.digits,
                expected=step.expected,
                timer=now.timer,
                timer_seconds=now.timer_seconds,
                timer_left=now.timer_left,
                end_reason=now.end_reason,
            )
        )

    def _arm(self) -> None:
        """Have the script look again when its next timer ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._session.deadline if self._session is not None else None
        if deadline is not None and self._state == "up":
            delay = max(0.0, deadline - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)
