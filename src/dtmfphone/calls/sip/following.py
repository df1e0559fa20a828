"""The call that a far end asks us to place in its stead (REFER, RFC 3515), with the media of the one that it ends."""

import asyncio
from typing import Final

from dtmfphone.calls.call import CallError, CallObserver, WireMessage
from dtmfphone.calls.sip.refusals import refused
from dtmfphone.calls.sip.resolver import Server
from dtmfphone.calls.sip.session import CallSession
from dtmfphone.calls.sip.stack import SipStack
from dtmfphone.sip.agent_events import AgentEvent, Answered, Ended, Provisional, Refused

RING_SECONDS: Final = 60.0


class FollowedTransfer:
    """Places the new call and tells who asked how it goes."""

    def __init__(self, stack: SipStack, asked_in: str, session: CallSession, observer: CallObserver) -> None:
        """`asked_in`: the handle of the call whose far end asks; `session`: for the new call."""
        self.handle = ""
        """Of the new call."""
        self.status, self.reason = 603, "Decline"
        """With which it failed."""
        self._stack = stack
        self._asked_in = asked_in
        self._session = session
        self._observer = observer
        self._target = ""
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def place(self, target: str, server: Server) -> None:
        """Call and return when the new far end has answered and its audio flows; raise CallError."""
        self._target = target
        try:
            await self._stack.reach(server)
            self.handle = self._stack.invite(target, self._session.offer(), server.flow, self)
            async with asyncio.timeout(RING_SECONDS):
                await self._answered
        except BaseException as error:
            if self.handle:
                self._stack.agent.hang_up(self.handle, self._stack.clock())
            if isinstance(error, TimeoutError):
                raise CallError(f"{target} did not answer within {RING_SECONDS:g} s.") from error
            raise
        self._report(200, "OK")

    def agent_event(self, event: AgentEvent) -> None:
        """Something happened on the new call (see CallUser)."""
        match event:
            case Provisional(status=status, reason=reason):
                self._observer.transfer_changed("trying", f"{status} {reason}".strip())
                self._report(status, reason)
            case Answered(sdp=sdp) if not self._answered.done():
                try:
                    if sdp is None:
                        raise CallError(f"{self._target} answered without a description of its audio.")
                    self._session.accept(sdp)
                except CallError as error:
                    self._answered.set_exception(error)
                else:
                    self._answered.set_result(None)
            case Refused(status=status, reason=reason, text=text):
                self.status, self.reason = status, reason
                self._fail(refused(self._target, status, reason, text, password=False))
            case Ended(text=text):
                self._fail(CallError(f"{self._target} could not be called: {text}".rstrip(": .") + "."))
            case _:
                pass

    def message(self, message: WireMessage) -> None:
        """A message of the new call passed on the wire (see CallUser)."""
        self._observer.message(message)

    def _fail(self, error: CallError) -> None:
        self._stack.forget(self.handle)
        if not self._answered.done():
            self._answered.set_exception(error)

    def _report(self, status: int, reason: str) -> None:
        self._stack.agent.report_transfer(self._asked_in, status, reason, self._stack.clock())
        self._stack.flush()
