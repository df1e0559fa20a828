"""A WebRTC call that came in: an SDP offer that waits for its answer."""

import asyncio

from dtmfphone.calls.call import CallContext, CallStatistics, Media
from dtmfphone.calls.line import Refusal
from dtmfphone.calls.webrtc.peer import WebRtcPeer

CONNECT_SECONDS = 12.0
"""How long a caller may take from our answer to a connection; meanwhile the line is taken."""


class Busy(Exception):
    """The call is not taken: one sentence."""


REFUSALS: dict[Refusal, str] = {
    "busy": "The line is busy with another call.",
    "declined": "The call was declined.",
    "unavailable": "Nobody takes calls here now.",
}


class WebRtcIncoming:
    """An offer; `answer` waits for who takes it (see Incoming)."""

    def __init__(self, offer: str, caller: str, *, loopback_only: bool = False) -> None:
        self._offer = offer
        self._caller = caller
        self._loopback_only = loopback_only
        self._call: AnsweringCall | None = None
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def caller(self) -> str:
        """Who calls, for a person to read."""
        return self._caller

    @property
    def over(self) -> bool:
        """Whether the call was refused, or has ended."""
        return self._call.over if self._call is not None else self._answer.done()

    def open(self, context: CallContext) -> "AnsweringCall":
        """Return the call, not answered yet."""
        self._call = AnsweringCall(self._offer, self._answer, context, loopback_only=self._loopback_only)
        return self._call

    async def refuse(self, refusal: Refusal) -> None:
        """Do not take the call."""
        _fail(self._answer, Busy(REFUSALS[refusal]))

    async def answer(self) -> str:
        """Return the SDP answer; raise Busy, SdpError or CallError where there is none."""
        return await self._answer

    async def ended_by_caller(self) -> None:
        """The caller hung up."""
        if self._call is not None:
            await self._call.ended_by_caller()


class AnsweringCall:
    """The answering side of one WebRTC call."""

    def __init__(self, offer: str, answer: "asyncio.Future[str]", context: CallContext, *, loopback_only: bool) -> None:
        self.over = False
        self._offer = offer
        self._answer = answer
        self._observer = context.observer
        self._peer = WebRtcPeer(
            source=context.source,
            sink=context.sink,
            observer=context.observer,
            slot=context.slot,
            clock=context.clock,
            loopback_only=loopback_only,
        )

    @property
    def media(self) -> Media | None:
        """What was negotiated; None until the answer is made."""
        return self._peer.media

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events."""
        return self._peer.events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._peer.events_enabled = enabled

    async def place(self) -> None:
        """Answer the offer and return when the call is up; raise CallError."""
        try:
            answer = await self._peer.answer(self._offer)
        except Exception as error:
            _fail(self._answer, error)
            await self.hang_up()
            raise
        except asyncio.CancelledError:
            await self.hang_up()
            raise
        if not self._answer.done():
            self._answer.set_result(answer)
        try:
            await self._peer.connected(CONNECT_SECONDS)
        except BaseException:
            await self.hang_up()
            raise

    async def hang_up(self) -> None:
        """End the call; the far end learns of it by the closing handshake."""
        self.over = True
        _fail(self._answer, Busy(REFUSALS["unavailable"]))
        await self._peer.close()

    async def ended_by_caller(self) -> None:
        """The caller hung up, as its signalling says."""
        self._observer.state_changed("ended", "The caller hung up.")
        await self.hang_up()

    def statistics(self) -> CallStatistics:
        """Return the counters of this side."""
        return self._peer.statistics()


def _fail(answer: "asyncio.Future[str]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # a caller that has gone does not ask for it
