"""Calls that come in by SIP: they wait for their answer, are taken or refused."""

import asyncio
from collections.abc import Callable
from typing import Final

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallContext, CallError, WireMessage
from dtmfphone.calls.line import Refusal
from dtmfphone.calls.sip.session import CallSession
from dtmfphone.calls.sip.sip_call import SipCall
from dtmfphone.calls.sip.stack import SipStack
from dtmfphone.sip.agent_events import AgentEvent, Confirmed, Ended, IncomingCall, Withdrawn

STATUS: Final[dict[Refusal, int]] = {"busy": 486, "declined": 603, "unavailable": 480}


class IncomingSipCall:
    """A call that came in and waits for its answer (see Incoming)."""

    def __init__(
        self,
        stack: SipStack,
        event: IncomingCall,
        host: str,
        account: Account,
        on_withdrawn: Callable[["IncomingSipCall", str], None],
        tell: Callable[[WireMessage], None],
    ) -> None:
        """`host`: our own address as the caller reaches it; `on_withdrawn`: the caller gave up, nobody had answered.

        `tell` takes the messages as long as nobody has taken the call.
        """
        self.event = event
        self.withdrawn: str | None = None
        """Why the caller gave up."""
        self._stack = stack
        self._host = host
        self._account = account
        self._on_withdrawn = on_withdrawn
        self._tell = tell
        self._refused = False
        self._call: AnsweredCall | None = None

    @property
    def caller(self) -> str:
        """Who calls, for a person to read."""
        name, uri = self.event.caller_name, self.event.caller
        return f"{name} <{uri}>" if name else uri

    def open(self, context: CallContext) -> "AnsweredCall":
        """Return the call, not answered yet."""
        self._call = AnsweredCall(self._stack, self.event, self._host, context, self._account)
        if self.withdrawn is not None:
            self._call.agent_event(Withdrawn(self.event.call, self.withdrawn))
        return self._call

    async def refuse(self, refusal: Refusal) -> None:
        """Do not take the call; harmless when the caller has given up."""
        self._refused = True
        self._stack.agent.refuse(self.event.call, STATUS[refusal], self._stack.clock())
        self._stack.flush()

    def agent_event(self, event: AgentEvent) -> None:
        """Something happened on the call (see CallUser)."""
        if self._call is not None:
            self._call.agent_event(event)
        elif isinstance(event, Withdrawn | Ended):
            self.withdrawn = event.text
            self._stack.forget(self.event.call)
            if not self._refused:
                self._on_withdrawn(self, event.text)

    def message(self, message: WireMessage) -> None:
        """A message of the call passed on the wire (see CallUser)."""
        if self._call is not None:
            self._call.message(message)
        else:
            self._tell(message)


class AnsweredCall(SipCall):
    """An incoming call that we take."""

    def __init__(self, stack: SipStack, event: IncomingCall, host: str, context: CallContext, account: Account) -> None:
        super().__init__(context, account)
        self._stack = stack
        self._handle = event.call
        self._event = event
        self._host = host
        self._follows_transfers = bool(account.address)
        """Not where anybody may call: who does could let us call anybody."""
        self._withdrawn: CallError | None = None

    async def place(self) -> None:
        """Answer, and return when the caller has heard of it; raise CallError when that cannot be."""
        assert self._stack is not None
        self._settled = asyncio.get_running_loop().create_future()
        try:
            if self._withdrawn is not None:
                raise self._withdrawn
            session = await CallSession.open(self._host, self._context, self._account)
            self._use_session(session)
            sdp = self._event.sdp
            try:
                ours = session.offer() if sdp is None else session.answer(sdp)
            except CallError as error:
                self._stack.agent.refuse(self._handle, 488, self._context.clock(), error.reason.partition(":")[0])
                self._stack.flush()
                raise
            if sdp is not None:
                self._observer.state_changed("connecting")
            self._stack.agent.answer(self._handle, ours, self._context.clock())
            self._stack.flush()
            await self._settled
        except asyncio.CancelledError:
            self._begin_to_hang_up()
            raise
        except BaseException:
            self._settled.cancel()  # nobody waits for it any more
            await self.hang_up()
            raise

    def agent_event(self, event: AgentEvent) -> None:
        """Something happened on the call (see CallUser)."""
        match event:
            case Confirmed(sdp=sdp) if self._session is not None and self._hanging_up is None:
                self._confirmed(self._session, sdp)
            case Withdrawn(text=text):
                self._finish()
                said = f" ({text.strip().rstrip('.')})" if text.strip() else ""
                self._withdrawn = CallError(f"The caller gave up{said}.")
                self._fail(self._withdrawn)
            case _:
                super().agent_event(event)

    def _confirmed(self, session: CallSession, sdp: bytes | None) -> None:
        if self._event.sdp is None:
            try:
                if sdp is None:
                    raise CallError("The caller never said where its audio goes.", "Check the far end.")
                session.accept(sdp)
            except CallError as error:
                self._fail(error)
                return
            self._observer.state_changed("connecting")
        self._come_up()
