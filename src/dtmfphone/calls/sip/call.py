"""Outgoing calls by SIP: where to, by which servers, and what becomes of it until it is up."""

import asyncio
from typing import Final

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallContext, CallError
from dtmfphone.calls.sip.caller import identity, next_hop, parse_target
from dtmfphone.calls.sip.line import SipLine
from dtmfphone.calls.sip.local_address import own
from dtmfphone.calls.sip.refusals import refused
from dtmfphone.calls.sip.resolver import Server
from dtmfphone.calls.sip.session import CallSession
from dtmfphone.calls.sip.sip_call import SipCall
from dtmfphone.calls.sip.stack import Level, RegistrationEvent, SipStack
from dtmfphone.calls.sip.tls import Trust
from dtmfphone.sip.agent_events import AgentEvent, Answered, Ended, IncomingCall, Provisional, Refused
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.uri import SipUri

RING_SECONDS: Final = 180.0
TRY_NEXT: Final = (408, 503)
"""Statuses of a server that does not work, so that the next one may (RFC 3263 section 4.3)."""


class OutgoingCall(SipCall):
    """A call to a SIP URI, on the stack of an open line or on one of its own."""

    def __init__(self, target: SipUri, context: CallContext, account: Account, line: SipLine | None) -> None:
        super().__init__(context, account)
        self._target = target
        self._name = f"{target.scheme}:{target.user}{'@' if target.user else ''}{target.host_port}"
        self._line = line
        self._own_stack: SipStack | None = None
        self._rings = ""
        """What the far end said last of its ringing."""
        self._answered_at_all = False
        """Whether anything came back from the server that is tried."""

    async def place(self) -> None:
        """Call and return when the far end has answered; raise CallError when it does not."""
        self._observer.state_changed("calling")
        try:
            await self._try_all(await next_hop(self._target, self._account).servers(self._resolver))
        except asyncio.CancelledError:
            self._begin_to_hang_up()  # CANCEL, and whatever crosses it, goes on in the background
            raise
        except BaseException:
            await self.hang_up()
            raise

    async def _try_all(self, servers: list[Server]) -> None:
        for number, server in enumerate(servers, 1):
            self._answered_at_all = False
            try:
                await self._try(server)
            except CallError as error:
                if self._answered_at_all or number == len(servers):
                    raise
                self._observer.notice("info", f"{error.reason} The next server is tried.")
                if self._session is not None:
                    await self._session.close()
            else:
                return

    async def _try(self, server: Server) -> None:
        stack = self._stack = await self._stack_for(server)
        host, _ = await stack.reach(server)
        self._use_session(await CallSession.open(host, self._context, self._account))
        assert self._session is not None
        self._over.clear()
        self._settled = asyncio.get_running_loop().create_future()
        self._handle = stack.invite(str(self._target), self._session.offer(), server.flow, self)
        try:
            async with asyncio.timeout(RING_SECONDS):
                await self._settled
        except TimeoutError as error:
            self._answered_at_all = True
            raise CallError(
                f"{self._name} did not answer within {RING_SECONDS:g} s.", "Nobody may be there; call again later."
            ) from error

    async def _stack_for(self, server: Server) -> SipStack:
        if self._line is not None and self._line.stack is not None:
            return self._line.stack
        if self._own_stack is not None:
            return self._own_stack
        account = self._account
        host, port = own(account.local, server.flow.host)
        stack = self._own_stack = SipStack(
            identity(account, host, self._target),
            Trust(account.ca_file, account.insecure),
            self._resolver,
            self,
            self._context.clock,
        )
        await stack.bind(server.flow.transport, host, port)
        if account.insecure and server.flow.transport == "tls":
            self._observer.notice(
                "warning", f"The certificate of {server.name} is not checked.", "Do so in tests only."
            )
        return stack

    async def _release(self) -> None:
        await super()._release()
        if self._own_stack is not None:
            await self._own_stack.release()

    def agent_event(self, event: AgentEvent) -> None:
        """Something happened on the call (see CallUser)."""
        match event:
            case Provisional():
                self._provisional(event)
            case Answered():
                self._answered(event)
            case Refused(status=status):
                self._answered_at_all = status not in TRY_NEXT
                self._finish()
                password = bool(self._account.password)
                self._fail(
                    refused(self._name, status, event.reason, event.text, password=password, unproved=event.unproved)
                )
            case Ended(by="timeout") if not self._up and not self._answered_at_all:
                self._finish()
                self._fail(
                    CallError(
                        f"{self._name} did not answer at all.",
                        "Check the address and the transport, and that no firewall stands between.",
                    )
                )
            case _:
                super().agent_event(event)

    def _provisional(self, event: Provisional) -> None:
        self._answered_at_all = True
        if self._hanging_up is not None or self._session is None:
            return
        said = f"{event.status} {event.reason}".strip()
        if said != self._rings:
            self._rings = said
            self._observer.state_changed("ringing", said)
        if event.sdp is not None:
            try:
                self._session.accept(event.sdp, early=True)
            except CallError as error:
                self._observer.notice("warning", f"Early media cannot be heard. {error.reason}", error.remedy)

    def _answered(self, event: Answered) -> None:
        self._answered_at_all = True
        if self._hanging_up is not None or self._session is None:
            return
        try:
            if event.sdp is None:
                raise CallError("The far end answered without a description of its audio.", "Check the far end.")
            if self._session.waits:  # else the far end changed the session already (UPDATE)
                self._session.accept(event.sdp)
        except CallError as error:
            self._fail(error)
            return
        self._observer.state_changed("connecting")
        self._come_up()

    def incoming(self, event: IncomingCall) -> None:
        """Refuse calls to the stack of a single call (see StackUser)."""

    def registration(self, event: RegistrationEvent) -> None:
        """Nothing is registered by a call (see StackUser)."""

    def flow_lost(self, flow: Flow, error: CallError) -> None:
        """The call itself is told by its events (see StackUser)."""

    def notice(self, level: Level, text: str, remedy: str = "") -> None:
        """Something about the stack that a person should read (see StackUser)."""
        self._observer.notice(level, text, remedy)


def open_call(target: str, context: CallContext) -> OutgoingCall:
    """Return a call to a SIP or telephone URI, not placed yet; raise CallError."""
    line = context.line if isinstance(context.line, SipLine) else None
    account = context.account or (line.account if line is not None else Account())
    return OutgoingCall(parse_target(target, account), context, account, line)
