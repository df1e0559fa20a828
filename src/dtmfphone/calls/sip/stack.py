"""One SIP user agent on real sockets and real time, with the calls that it carries."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final, Literal, Protocol

from dtmfphone.calls.call import CallError, WireMessage
from dtmfphone.calls.guarded import guarded
from dtmfphone.calls.sip.local_address import place
from dtmfphone.calls.sip.resolver import Resolver, Server
from dtmfphone.calls.sip.tls import Trust
from dtmfphone.calls.sip.trace import wire_message
from dtmfphone.calls.sip.transport import SipTransport
from dtmfphone.sip.agent import UserAgent
from dtmfphone.sip.agent_events import (
    AgentEvent,
    IncomingCall,
    Note,
    Registered,
    RegistrationFailed,
    Unregistered,
)
from dtmfphone.sip.flow import DEFAULT_PORTS, Flow, Transport
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.transaction_events import Junk, Transmit

LINGER_SECONDS: Final = 40.0
"""How long a stack without calls may take to finish its transactions: longer than any of their timers (64 * T1)."""
JUNK_SECONDS: Final = 10.0
"""Between notices of dropped datagrams."""
MAX_DIALOGS: Final = 256
MAX_FAILURES: Final = 16
LINGERING: Final[set[asyncio.Task[None]]] = set()
"""Stacks that finish their transactions after their last call."""
Level = Literal["info", "warning", "error"]
RegistrationEvent = Registered | RegistrationFailed | Unregistered


class CallUser(Protocol):
    """Who has a call on a stack."""

    def agent_event(self, event: AgentEvent) -> None:
        """Something happened on the call."""
        ...

    def message(self, message: WireMessage) -> None:
        """A message of the call passed on the wire."""
        ...


class StackUser(Protocol):
    """Who has a stack; told what belongs to no call."""

    def incoming(self, event: IncomingCall) -> CallUser | None:
        """Somebody calls; None: nobody is here to take it."""
        ...

    def registration(self, event: RegistrationEvent) -> None:
        """The registration came into a state."""
        ...

    def flow_lost(self, flow: Flow, error: CallError) -> None:
        """Messages to a flow are lost."""
        ...

    def message(self, message: WireMessage) -> None:
        """A message that belongs to no call passed on the wire."""
        ...

    def notice(self, level: Level, text: str, remedy: str = "") -> None:
        """Something that a person should read."""
        ...


class SipStack:
    """A user agent, its sockets and its timer.

    After commands to `agent`, `flush` sends what they led to. The stack lives until it is `released` and its last call
    and transaction are over.
    """

    def __init__(
        self, identity: Identity, trust: Trust, resolver: Resolver, user: StackUser, clock: Callable[[], float]
    ) -> None:
        self.agent = UserAgent(identity, token=lambda: secrets.token_hex(12))
        self.transport = SipTransport(self, trust, resolver)
        self.clock = clock
        self.arrival: tuple[str, int] | None = None
        """Own host and port, as the far end reaches them, of the message that is being handled."""
        self._user = user
        self._calls: dict[str, CallUser] = {}
        self._dialogs: dict[str, CallUser] = {}
        """By Call-ID; kept after the end of a call, for the messages that follow."""
        self._failures: dict[str, CallError] = {}
        """By reason, to find the remedy again."""
        self._seen_as: dict[Transport, tuple[str, int]] = {}
        """Our own address as a NAT shows it."""
        self._timer: asyncio.TimerHandle | None = None
        self._flushing = False
        self._junk = 0
        """Messages that were dropped and not told of yet."""
        self._last_junk: Junk | None = None
        self._junk_timer: asyncio.TimerHandle | None = None
        self._fragments_told = False
        self._released = False
        self._linger_seconds = LINGER_SECONDS
        self._closing: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()

    async def bind(self, kind: Transport, host: str, port: int) -> None:
        """Open sockets at our own address for calls that begin with that transport; raise CallError.

        UDP is always there, for far ends that change to it; TCP and TLS listen only at a port that was chosen.
        """
        _, udp_port = await self.transport.bind_udp(host, port if kind == "udp" else 0)
        if kind != "udp" and port:
            await self.transport.listen(kind, host, port)
        for each in DEFAULT_PORTS:
            self.agent.local[each] = self.transport.local(Flow(each, host, 0)) or (host, udp_port)

    async def reach(self, server: Server) -> tuple[str, int]:
        """Have a way to a server open and return our own host and port on it; raise CallError."""
        self.transport.remember(server.flow, server.name)
        await self.transport.connect(server.flow)
        self._use(server.flow)
        return self.agent.local[server.flow.transport]

    def invite(self, target: str, sdp: bytes, flow: Flow, user: CallUser) -> str:
        """Call a URI and return the call's handle; raise CallError for one that cannot be called."""
        self._use(flow)
        try:
            call = self.agent.invite(target, sdp, self.clock(), to=flow)
        except ValueError as error:
            raise CallError(str(error), "Write it as sip:user@host.") from error
        self.adopt(call, user)
        self.flush()
        return call

    def flush(self) -> None:
        """Send what is to be sent, and tell what has happened."""
        self._flush(None)

    def _flush(self, untold: WireMessage | None) -> None:
        """`untold`: a received message that may begin a call; it is told to the call then."""
        if self._flushing:
            return  # whoever is at it takes this along
        self._flushing = True
        try:
            while (events := self.agent.take()) or untold is not None:
                events.sort(key=lambda event: not isinstance(event, IncomingCall))
                for event in events:
                    if untold is not None and not isinstance(event, IncomingCall):
                        self._tell(untold)
                        untold = None
                    guarded(self._handle, event)
                if untold is not None:
                    self._tell(untold)
                    untold = None
        finally:
            self._flushing = False
            self._set_timer()

    def adopt(self, call: str, user: CallUser) -> None:
        """Let a user have the events and messages of a call from now on."""
        self._calls[call] = user
        self._dialogs[self.agent.call_id(call)] = user
        if len(self._dialogs) > MAX_DIALOGS:
            over = next((each for each, user in self._dialogs.items() if user not in self._calls.values()), None)
            if over is not None:
                del self._dialogs[over]

    def forget(self, call: str) -> None:
        """Let a call go that is over."""
        self._calls.pop(call, None)
        self._end_if_idle()

    def failure(self, text: str) -> CallError:
        """Return the error whose reason the user agent was told as the cause of a failure."""
        return self._failures.get(text) or CallError(f"The message could not be sent: {text}", "Check the network.")

    async def release(self, *, at_once: bool = False) -> None:
        """Close the stack in the background as soon as its calls and transactions are over.

        `at_once`: transactions are not waited for, and where no call is up it is closed on return.
        """
        self._released = True
        self._linger_seconds = 0.0 if at_once else LINGER_SECONDS
        self._end_if_idle()
        if at_once and self._closing is not None:
            await asyncio.shield(self._closing)

    async def close(self) -> None:
        """Close the stack now; harmless when repeated."""
        self._stop_timers()
        await self.transport.close()

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._junk_timer):
            if timer is not None:
                timer.cancel()

    def _end_if_idle(self) -> None:
        if self._released and not self._calls and self._closing is None:
            self._closing = asyncio.create_task(self._linger())
            LINGERING.add(self._closing)
            self._closing.add_done_callback(self._lingered)

    def _lingered(self, task: asyncio.Task[None]) -> None:
        LINGERING.discard(task)
        self._stop_timers()
        self.transport.abort()  # also where the task was cancelled before it began

    async def _linger(self) -> None:
        """Answer and repeat what transactions still want answered and repeated, then close."""
        try:
            async with asyncio.timeout(self._linger_seconds):
                while self.agent.deadline is not None:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            pass  # whoever still waits for us gets no answer
        finally:
            await self.close()

    def be_seen_as(self, flow: Flow, address: tuple[str, int]) -> bool:
        """Let our Contact say how the far end of a flow sees us, behind a NAT; False: it does so already."""
        if self.agent.local.get(flow.transport) == address:
            return False
        self._seen_as[flow.transport] = address
        self._use(flow)
        return True

    def _use(self, flow: Flow) -> None:
        """Let Via and Contact say how the far end of a flow reaches us."""
        local = self._seen_as.get(flow.transport) or self.transport.local(flow)
        if local is not None:
            self.agent.local[flow.transport] = local

    def _handle(self, event: AgentEvent) -> None:
        match event:
            case Transmit(data=data, to=flow):
                self.transport.send(data, flow)
            case Junk():
                self._count_junk(event)
            case IncomingCall(call=call):
                user = self._user.incoming(event)
                if user is None:
                    self.agent.refuse(call, 480, self.clock())
                else:
                    self.adopt(call, user)
            case Registered() | RegistrationFailed() | Unregistered():
                self._user.registration(event)
            case Note(call=call, text=text) if call not in self._calls:
                self._user.notice("warning", text)
            case _:
                user = self._calls.get(event.call)
                if user is not None:
                    user.agent_event(event)

    def _tell(self, message: WireMessage) -> None:
        guarded((self._dialogs.get(message.dialog) or self._user).message, message)

    def _count_junk(self, junk: Junk) -> None:
        self._junk += 1
        self._last_junk = junk
        if self._junk_timer is None:
            self._tell_junk()

    def _tell_junk(self) -> None:
        """Tell of what was dropped since the last time; the next time comes after a while."""
        self._junk_timer = None
        junk, count = self._last_junk, self._junk
        if junk is None or not count:
            return
        self._junk = 0
        messages = "A message" if count == 1 else f"{count} messages"
        self._user.notice(
            "warning", f"{messages} dropped, the last from {place(junk.flow.host, junk.flow.port)}: {junk.reason}"
        )
        self._junk_timer = asyncio.get_running_loop().call_later(JUNK_SECONDS, self._tell_junk)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self.agent.deadline
        if deadline is not None:
            delay = max(0.0, deadline - self.clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)
        else:
            self._idle.set()

    def _tick(self) -> None:
        self._timer = None
        self.agent.tick(self.clock())
        self.flush()

    def received(self, data: bytes, flow: Flow, local: tuple[str, int]) -> None:
        """Take a message from the wire (see TransportUser)."""
        t = self.clock()
        message = wire_message(data, "received", flow, local, t)
        untold = None if message.dialog in self._dialogs else message
        if untold is None:
            self._tell(message)
        self._use(flow)
        self.arrival = self.transport.local(flow) or local
        self.agent.receive(data, flow, t)
        self._flush(untold)

    def sent(self, data: bytes, flow: Flow, local: tuple[str, int]) -> None:
        """Trace a message that left (see TransportUser)."""
        self._tell(wire_message(data, "sent", flow, local, self.clock()))

    def failed(self, flow: Flow, error: CallError) -> None:
        """Tell the user agent that messages are lost (see TransportUser)."""
        asyncio.get_running_loop().call_soon(self._fail, flow, error)

    def _fail(self, flow: Flow, error: CallError) -> None:
        self._failures[error.reason] = error
        if len(self._failures) > MAX_FAILURES:
            del self._failures[next(iter(self._failures))]
        self.agent.flow_failed(flow, error.reason, self.clock())
        self._user.flow_lost(flow, error)
        self.flush()

    def fragmented(self, length: int) -> None:
        """Tell of the first long datagram (see TransportUser)."""
        if self._fragments_told:
            return
        self._fragments_told = True
        self._user.notice(
            "info",
            f"A SIP message of {length} bytes travels in fragments over UDP.",
            "If no answer comes, use TCP or offer fewer codecs.",
        )
