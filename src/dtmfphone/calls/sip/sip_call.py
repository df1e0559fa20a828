"""A SIP call from its answer to its end: hold, keys by INFO, transfer, and what the far end does."""

import asyncio
from typing import Final

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallContext, CallError, CallStatistics, InfoKey, Media, WireMessage
from dtmfphone.calls.sip import info_body
from dtmfphone.calls.sip.caller import next_hop, parse_target
from dtmfphone.calls.sip.following import FollowedTransfer
from dtmfphone.calls.sip.refusals import words
from dtmfphone.calls.sip.resolver import Resolver
from dtmfphone.calls.sip.session import CallSession
from dtmfphone.calls.sip.stack import LINGERING, SipStack
from dtmfphone.sip.agent_events import (
    AgentEvent,
    Ended,
    InfoAnswered,
    InfoReceived,
    Note,
    OfferRefused,
    RemoteAnswer,
    RemoteOffer,
    TransferAsked,
    TransferProgress,
)

HANG_UP_SECONDS: Final = 2.0
"""How long the far end's answer to our goodbye is waited for; it is repeated in the background after that."""
TRANSFER_SECONDS: Final = 180.0
NOT_UP: Final = "The call is not up."


class SipCall:
    """What calls in both directions have in common; `place` differs."""

    def __init__(self, context: CallContext, account: Account) -> None:
        self._context = context
        self._observer = context.observer
        self._account = account
        self._stack: SipStack | None = None
        self._session: CallSession | None = None
        self._handle = ""
        """Of the user agent; empty: not placed yet."""
        self._up = False
        self._over = asyncio.Event()
        """The user agent has told of the end, or there was no call."""
        self._settled: asyncio.Future[None] | None = None
        """Up, or failed before; `place` waits for it."""
        self._hanging_up: asyncio.Task[None] | None = None
        self._offering = asyncio.Lock()
        self._offer_taken: asyncio.Future[None] | None = None
        self._infos: dict[str, asyncio.Future[InfoAnswered]] = {}
        self._transfer: asyncio.Future[None] | None = None
        self._following: asyncio.Task[None] | None = None
        """A transfer that the far end asked for."""
        self._follows_transfers = True
        self._resolver = Resolver()
        self._events_enabled = True

    @property
    def media(self) -> Media | None:
        """What was negotiated; None until the far end answered, or sent early media."""
        return self._session.media if self._session is not None else None

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events."""
        return self._events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._events_enabled = enabled
        if self._session is not None:
            self._session.events_enabled = enabled

    @property
    def allows_info(self) -> bool:
        """Whether the far end names INFO among what it allows, or names nothing."""
        return self._stack is None or self._stack.agent.allows(self._handle, "INFO")

    def statistics(self) -> CallStatistics:
        """Return the counters of this side."""
        return self._session.statistics() if self._session is not None else NOTHING

    async def hang_up(self) -> None:
        """End the call in whatever state; the far end's confirmation is waited for briefly."""
        await asyncio.shield(self._begin_to_hang_up())

    async def hold(self, on: bool) -> None:
        """Put the far end on hold or resume; raise CallError when it refuses: the call goes on as it was."""
        async with self._offering:
            stack, session = self._in_call()
            if session.holding == on:
                return
            session.holding = on
            self._offer_taken = asyncio.get_running_loop().create_future()
            stack.agent.offer(self._handle, session.offer(), self._context.clock())
            stack.flush()
            try:
                await self._offer_taken
            except CallError:
                session.holding = not on
                raise
            finally:
                self._offer_taken = None

    async def send_info(self, char: str, duration: float, content_type: str) -> InfoKey:
        """Send a key by INFO, in the early dialog while it rings, and return how it was answered."""
        stack = self._stack
        if stack is None:
            raise CallError(NOT_UP, "Wait until it is.")
        start = self._context.clock()
        answered: asyncio.Future[InfoAnswered] = asyncio.get_running_loop().create_future()
        request = stack.agent.info(self._handle, content_type, info_body.build(char, duration, content_type), start)
        if not request:
            raise CallError(NOT_UP, "Call again.")
        self._infos[request] = answered
        stack.flush()
        try:
            answer = await answered
        finally:
            self._infos.pop(request, None)
        key = InfoKey(
            char=char,
            start=start,
            duration=duration if content_type == info_body.RELAY else None,
            content_type=content_type,
            status=answer.status,
            reason=answer.reason,
            answered_at=self._context.clock() if answer.status is not None else None,
        )
        self._observer.info_key("sent", key)
        return key

    async def transfer(self, target: str) -> None:
        """Ask the far end to call a target, and hang up when it has; raise CallError when it fails."""
        stack, _ = self._in_call()
        if self._transfer is not None:
            raise CallError("A transfer is under way already.", "Wait for its end.")
        uri = str(parse_target(target, self._account))
        self._transfer = asyncio.get_running_loop().create_future()
        self._observer.transfer_changed("asked", uri)
        stack.agent.refer(self._handle, uri, self._context.clock())
        stack.flush()
        try:
            async with asyncio.timeout(TRANSFER_SECONDS):
                await self._transfer
        except TimeoutError as error:
            reason = f"The far end did not say within {TRANSFER_SECONDS:g} s what became of the transfer."
            self._observer.transfer_changed("failed", reason)
            raise CallError(reason, "The call goes on; hang up or try again.") from error
        except CallError as error:
            self._observer.transfer_changed("failed", error.reason)
            raise
        finally:
            self._transfer = None
        self._observer.transfer_changed("done", uri)
        if self._up:
            self._up = False
            self._observer.state_changed("ended", "The call was transferred.")
        await self.hang_up()

    def agent_event(self, event: AgentEvent) -> None:
        """Something happened on the call (see CallUser)."""
        match event:
            case RemoteOffer(sdp=sdp):
                self._take_offer(sdp)
            case RemoteAnswer(sdp=sdp):
                self._take_answer(sdp)
            case OfferRefused():
                said = words(event.status or 0, event.reason, event.text) if event.status else event.reason
                self._offer_failed(
                    CallError(f"The far end does not take the change of the call ({said}).", "The call goes on.")
                )
            case InfoReceived():
                self._take_info(event)
            case InfoAnswered(request=request):
                if (waiting := self._infos.get(request)) is not None and not waiting.done():
                    waiting.set_result(event)
            case TransferProgress():
                self._transfer_goes_on(event)
            case TransferAsked():
                self._transfer_asked(event)
            case Note(text=text):
                self._observer.notice("warning", text)
            case Ended(call=call) if call != self._handle and self._stack is not None:
                self._stack.forget(call)  # it was replaced by another one
            case Ended():
                self._ended(event)
            case _:
                pass

    def message(self, message: WireMessage) -> None:
        """A message of the call passed on the wire (see CallUser)."""
        self._observer.message(message)

    def _begin_to_hang_up(self) -> asyncio.Task[None]:
        if self._hanging_up is None:
            self._hanging_up = asyncio.create_task(self._hang_up())
            LINGERING.add(self._hanging_up)
            self._hanging_up.add_done_callback(LINGERING.discard)
        return self._hanging_up

    def _in_call(self) -> tuple[SipStack, CallSession]:
        if not self._up or self._stack is None or self._session is None:
            raise CallError(NOT_UP, "Wait until it is.")
        return self._stack, self._session

    def _use_session(self, session: CallSession) -> None:
        self._session = session
        session.events_enabled = self._events_enabled

    def _come_up(self) -> None:
        self._up = True
        self._observer.state_changed("up")
        if self._settled is not None and not self._settled.done():
            self._settled.set_result(None)

    def _fail(self, error: CallError) -> None:
        """Tell that the call came to an end that nobody asked for."""
        if self._settled is not None and not self._settled.done():
            self._settled.set_exception(error)
        elif self._up:
            self._up = False
            self._observer.state_changed("failed", error.reason, error.remedy)

    def _finish(self) -> None:
        """Take note that the user agent has ended the call."""
        error = CallError("The call has ended.")
        for waiting in (self._offer_taken, self._transfer):
            if waiting is not None and not waiting.done():
                waiting.set_exception(error)
        for request, answered in self._infos.items():
            if not answered.done():
                answered.set_result(InfoAnswered(self._handle, request, None, "the call ended"))
        if self._stack is not None:
            self._stack.forget(self._handle)
        self._over.set()

    def _ended(self, event: Ended) -> None:
        self._finish()
        if event.by == "us" or self._hanging_up is not None:
            self._fail(CallError("The call was hung up before it was up."))
            return
        was_up = self._up
        text = event.text.strip().rstrip(".")
        if event.by == "far":
            if self._up:
                self._up = False
                self._observer.state_changed("ended", f"The far end hung up{f' ({text})' if text else ''}.")
            else:
                self._fail(CallError("The far end hung up before the call was up.", "Call again."))
        elif event.by == "transport" and self._stack is not None:
            self._fail(self._stack.failure(event.text))
        else:
            self._fail(CallError(f"The far end no longer answers: {text}.", "Check the network, then call again."))
        if was_up:
            self._begin_to_hang_up()  # nothing is left to say: frees what the call has

    async def _hang_up(self) -> None:
        was_up, self._up = self._up, False
        if self._following is not None:
            self._following.cancel()
        if was_up and self._session is not None:
            await self._session.close()  # a key that sounds ends on the wire before the goodbye
        if self._handle and self._stack is not None and not self._over.is_set():
            self._stack.agent.hang_up(self._handle, self._context.clock())
            self._stack.flush()
            try:
                async with asyncio.timeout(HANG_UP_SECONDS):
                    await self._over.wait()
            except TimeoutError:
                self._stack.forget(self._handle)  # it goes on telling the far end, for as long as it lives
        await self._release()

    async def _release(self) -> None:
        """Free what the call alone has."""
        if self._session is not None:
            await self._session.close()

    def _take_offer(self, sdp: bytes | None) -> None:
        stack, session = self._stack, self._session
        assert stack is not None
        t = self._context.clock()
        if session is None:
            stack.agent.refuse_offer(self._handle, 488, t)
        elif sdp is None:
            stack.agent.accept_offer(self._handle, session.offer(), t)
        else:
            try:
                stack.agent.accept_offer(self._handle, session.answer(sdp), t)
            except CallError as error:
                stack.agent.refuse_offer(self._handle, 488, t)
                self._observer.notice("warning", f"A change that the far end wanted was refused. {error.reason}")
        stack.flush()

    def _take_answer(self, sdp: bytes) -> None:
        assert self._session is not None
        try:
            self._session.accept(sdp)
        except CallError as error:
            self._session.refused()
            self._offer_failed(error)
            return
        if self._offer_taken is not None and not self._offer_taken.done():
            self._offer_taken.set_result(None)

    def _offer_failed(self, error: CallError) -> None:
        if self._session is not None:
            self._session.refused()
        if self._offer_taken is not None and not self._offer_taken.done():
            self._offer_taken.set_exception(error)
        else:
            self._observer.notice("warning", error.reason, error.remedy)

    def _take_info(self, event: InfoReceived) -> None:
        digit = info_body.parse(event.content_type, event.body)
        if digit is None:
            body = event.body[:40].decode("utf-8", "replace")
            self._observer.notice("warning", f"An INFO request holds no key ({event.content_type}): {body!r}.")
            return
        self._observer.info_key(
            "received",
            InfoKey(char=digit.char, start=event.t, duration=digit.duration, content_type=event.content_type),
        )

    def _transfer_goes_on(self, event: TransferProgress) -> None:
        if self._transfer is None or self._transfer.done():
            return
        said = words(event.status, event.reason, "")
        if not event.final:
            self._observer.transfer_changed("trying", said)
        elif 200 <= event.status < 300:
            self._transfer.set_result(None)
        else:
            self._transfer.set_exception(
                CallError(f"The transfer failed ({said}).", "The call goes on; try another target.")
            )

    def _transfer_asked(self, event: TransferAsked) -> None:
        if self._following is None and self._up and self._follows_transfers:
            self._following = asyncio.create_task(self._follow(event.target))
            return
        assert self._stack is not None
        self._stack.agent.report_transfer(self._handle, 603, "Decline", self._context.clock())
        self._stack.flush()
        self._observer.notice(
            "warning", f"The far end asks us to call {event.target}; that was declined.", "Call it yourself."
        )

    async def _follow(self, target: str) -> None:
        """Call whom the far end wants us to call, and let that call take the place of this one."""
        stack, session = self._in_call()
        self._observer.transfer_changed("asked", target)
        other = session.another()
        transfer = FollowedTransfer(stack, self._handle, other, self._observer)
        try:
            uri = parse_target(target, self._account)
            if uri.headers:
                raise CallError("The far end wants a call with conditions that dtmfphone does not know.")
            servers = await next_hop(uri, self._account).servers(self._resolver)
            await transfer.place(str(uri), servers[0])
        except CallError as error:
            stack.agent.report_transfer(self._handle, transfer.status, transfer.reason, self._context.clock())
            stack.flush()
            self._observer.transfer_changed("failed", error.reason)
            return
        finally:
            self._following = None
        old, self._handle = self._handle, transfer.handle
        stack.adopt(self._handle, self)
        self._use_session(other)
        stack.agent.hang_up(old, self._context.clock())
        stack.flush()
        self._observer.transfer_changed("done", target)


NOTHING: Final = CallStatistics(0, 0, 0, 0, 0, 0.0, 0.0, 0.0)
