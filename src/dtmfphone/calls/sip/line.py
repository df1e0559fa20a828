"""Addresses at which SIP calls come in: one that we listen at, or an account that is registered."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError, WireMessage
from dtmfphone.calls.line import LineChange, LineObserver, LineState
from dtmfphone.calls.sip.caller import ANONYMOUS, TRANSPORTS, identity, next_hop, registrar_uri
from dtmfphone.calls.sip.incoming import IncomingSipCall
from dtmfphone.calls.sip.local_address import is_address, own, place
from dtmfphone.calls.sip.refusals import registration_refused
from dtmfphone.calls.sip.resolver import Resolver, Server, addresses
from dtmfphone.calls.sip.stack import Level, RegistrationEvent, SipStack
from dtmfphone.calls.sip.tls import Trust
from dtmfphone.sip.agent_events import IncomingCall, Registered, RegistrationFailed, Unregistered
from dtmfphone.sip.flow import DEFAULT_PORTS, Flow, Transport
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.uri import SipUri

PORT_TRIES: Final = 20
"""How often a port is looked for that is free for UDP and TCP."""
UNREGISTER_SECONDS: Final = 2.0
MAX_MOVES: Final = 8
RETRY_SECONDS: Final = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""After a lost connection or an unknown registrar, until it is tried again; the last one stays."""


class SipLine:
    """What both kinds have in common: a stack, and calls that come in on it."""

    def __init__(self, account: Account, observer: LineObserver, clock: Callable[[], float]) -> None:
        self.account = account
        self.stack: SipStack | None = None
        """While the line is open."""
        self._observer = observer
        self._clock = clock
        self._resolver = Resolver()

    def incoming(self, event: IncomingCall) -> IncomingSipCall | None:
        """Somebody calls (see StackUser)."""
        stack = self.stack
        if stack is None or stack.arrival is None:
            return None
        call = IncomingSipCall(
            stack, event, stack.arrival[0], self.account, self._observer.withdrawn, self._observer.message
        )
        stack.agent.ring(event.call, self._clock())
        self._observer.incoming(call)
        return call

    def registration(self, event: RegistrationEvent) -> None:
        """The registration came into a state (see StackUser)."""

    def flow_lost(self, flow: Flow, error: CallError) -> None:
        """Messages to a flow are lost (see StackUser)."""

    def message(self, message: WireMessage) -> None:
        """A message that belongs to no call passed on the wire (see StackUser)."""
        self._observer.message(message)

    def notice(self, level: Level, text: str, remedy: str = "") -> None:
        """Something about the stack that a person should read (see StackUser)."""
        self._observer.notice(level, text, remedy)


class ListeningLine(SipLine):
    """An address of ours at which calls come in, without a registration."""

    def __init__(
        self, uri: SipUri, kinds: tuple[Transport, ...], observer: LineObserver, clock: Callable[[], float]
    ) -> None:
        super().__init__(Account(security="optional"), observer, clock)
        self._uri = uri
        self._kinds = kinds

    async def open(self) -> None:
        """Begin to listen; raise CallError."""
        uri = self._uri
        host = uri.host if is_address(uri.host) else (await addresses(uri.host))[0]
        stack = SipStack(Identity(str(SipUri("sip", ANONYMOUS, host=host))), Trust(), self._resolver, self, self._clock)
        try:
            port = await self._bind(stack, host)
        except BaseException:
            await stack.close()
            raise
        self.stack = stack
        only = f";transport={self._kinds[0]}" if len(self._kinds) == 1 else ""
        self._observer.line_changed(LineChange(state="ready", address=f"sip:{place(uri.host, port)}{only}"))

    async def _bind(self, stack: SipStack, host: str) -> int:
        """Open a socket for each transport, all at one port, and return it."""
        wanted = self._uri.port if self._uri.port is not None else DEFAULT_PORTS[self._kinds[0]]
        for number in range(1, PORT_TRIES + 1):
            port = wanted
            try:
                for kind in self._kinds:
                    port = await self._bind_one(stack, kind, host, port)
            except CallError:
                if wanted or number == PORT_TRIES:
                    raise
                await stack.transport.unbind()
            else:
                break
        return port

    async def _bind_one(self, stack: SipStack, kind: Transport, host: str, port: int) -> int:
        if kind == "udp":
            return (await stack.transport.bind_udp(host, port))[1]
        parameters = self._uri.parameters
        cert, key = parameters.get("cert"), parameters.get("key")
        if kind == "tls" and not cert:
            self._observer.notice(
                "info",
                "TLS uses a certificate that was made just now and signed by nobody.",
                "Add ;cert=FILE;key=FILE to the address so that callers can check it.",
            )
        return (await stack.transport.listen(kind, host, port, cert=cert, key=key))[1]

    async def close(self) -> None:
        """Stop listening; calls that are up go on."""
        stack, self.stack = self.stack, None
        if stack is not None:
            await stack.release(at_once=True)
            self._observer.line_changed(LineChange(state="closed"))


class AccountLine(SipLine):
    """An account whose calls come in where it is registered."""

    def __init__(self, account: Account, observer: LineObserver, clock: Callable[[], float]) -> None:
        super().__init__(account, observer, clock)
        self._registrar = registrar_uri(account)
        self._hop = next_hop(self._registrar, account)
        self._turn = 0
        """Which of several servers is used."""
        self._flow: Flow | None = None
        self._moves = 0
        """How often a NAT showed another address."""
        self._tries = 0
        """In vain, since it last went well."""
        self._again = asyncio.Event()
        """The server or the connection is gone."""
        self._unregistered = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to register; where that fails it is tried again by itself. Raise CallError for a wrong setting."""
        if self._keeping is None:
            own(self.account.local, "127.0.0.1")  # a mistake in it will not mend itself
            if self.account.register:
                self._change("registering")
            self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            self._again.clear()
            try:
                await self._register()
            except CallError as error:
                self._change("failed", reason=error.reason, remedy=error.remedy)
            else:
                await self._again.wait()
            await asyncio.sleep(RETRY_SECONDS[min(self._tries, len(RETRY_SECONDS) - 1)])
            self._tries += 1

    async def _register(self) -> None:
        servers = await self._hop.servers(self._resolver)
        server = servers[self._turn % len(servers)]
        self._turn += 1
        stack = self.stack or await self._open_stack(server)
        await stack.reach(server)
        self._flow = server.flow
        if self.account.register:
            try:
                stack.agent.register(str(self._registrar), self.account.expires, self._clock(), to=server.flow)
            except ValueError as error:
                raise CallError(str(error), "Correct the account's registrar.") from error
            stack.flush()
        else:
            local = stack.agent.local.get(server.flow.transport)
            user = SipUri.parse(self.account.address).user
            self._change("ready", contact=f"sip:{user}@{place(*local)}" if local is not None else "")

    async def _open_stack(self, server: Server) -> SipStack:
        account = self.account
        host, port = own(account.local, server.flow.host)
        trust = Trust(account.ca_file, account.insecure)
        stack = SipStack(identity(account, host), trust, self._resolver, self, self._clock)
        try:
            await stack.bind(server.flow.transport, host, port)
        except BaseException:
            await stack.close()
            raise
        if account.insecure and server.flow.transport == "tls":
            self._observer.notice(
                "warning", f"The certificate of {server.name} is not checked.", "Do so in tests only."
            )
        self.stack = stack
        return stack

    def registration(self, event: RegistrationEvent) -> None:
        """The registration came into a state (see StackUser)."""
        stack, flow = self.stack, self._flow
        match event:
            case Registered() if stack is not None and flow is not None:
                self._tries = 0
                if not flow.reliable:
                    stack.transport.keep_alive(flow, on=True)
                if event.seen_as is not None and self._moves < MAX_MOVES and stack.be_seen_as(flow, event.seen_as):
                    self._moves += 1
                    stack.agent.renew(self._clock())
                self._change("registered", contact=event.contact, expires=round(event.expires))
            case RegistrationFailed(status=status) if stack is not None:
                error = registration_refused(
                    self._registrar.host_port,
                    status,
                    event.text,
                    password=bool(self.account.password),
                    unproved=event.unproved,
                )
                if status is None:
                    error = stack.failure(event.text)
                    self._again.set()
                self._change("failed", reason=error.reason, remedy=error.remedy)
            case Unregistered():
                self._unregistered.set()
            case _:
                pass

    def flow_lost(self, flow: Flow, error: CallError) -> None:
        """Messages to a flow are lost (see StackUser)."""
        lost = self._flow is not None and flow.reliable and (flow.host, flow.port) == (self._flow.host, self._flow.port)
        if lost and not self._again.is_set():
            self._again.set()
            self._change("failed", reason=error.reason, remedy="It is tried again by itself.")

    async def close(self) -> None:
        """Unregister; calls that are up go on."""
        keeping, self._keeping = self._keeping, None
        if keeping is None:
            return
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        stack, flow = self.stack, self._flow
        if stack is not None:
            if self.account.register:
                stack.agent.unregister(self._clock())
                stack.flush()
                with suppress(TimeoutError):
                    async with asyncio.timeout(UNREGISTER_SECONDS):
                        await self._unregistered.wait()
            if flow is not None:
                stack.transport.keep_alive(flow, on=False)
            self.stack = None
            await stack.release(at_once=True)
        self._change("closed")

    def _change(
        self, state: LineState, *, contact: str = "", expires: int = 0, reason: str = "", remedy: str = ""
    ) -> None:
        self._observer.line_changed(
            LineChange(
                state=state,
                address=self.account.address,
                contact=contact,
                expires=expires,
                reason=reason,
                remedy=remedy,
            )
        )


def open_line(address: str, observer: LineObserver, clock: Callable[[], float]) -> ListeningLine:
    """Return a line at `sip:host:port`, for UDP and TCP, or for what `;transport=` says; raise CallError.

    TLS takes its certificate from the files in `;cert=` and `;key=`.
    """
    try:
        uri = SipUri.parse(address)
    except ValueError as error:
        raise CallError(f"{address!r} is no address to listen at.", "Write it as sip:127.0.0.1:5060.") from error
    if uri.scheme == "tel" or uri.user:
        raise CallError(f"{address!r} is no address to listen at.", "Write it as sip:127.0.0.1:5060.")
    name = "tls" if uri.scheme == "sips" else uri.parameters.get("transport").lower()
    if name and name not in TRANSPORTS:
        raise CallError(f"The transport {name} is not one that dtmfphone knows.", "Use udp, tcp or tls.")
    return ListeningLine(uri, (TRANSPORTS[name],) if name else ("udp", "tcp"), observer, clock)


def open_account(account: Account, observer: LineObserver, clock: Callable[[], float]) -> AccountLine:
    """Return the line of an account, not open yet; raise CallError for settings that cannot work."""
    if not account.address:
        raise CallError("The account has no address.", "Write it as sip:user@domain.")
    return AccountLine(account, observer, clock)
