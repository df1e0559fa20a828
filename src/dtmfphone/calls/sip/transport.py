"""All sockets of one SIP stack: messages go out where their flow says, over a connection that is open if there is one.

A request stays with UDP however long it is: RFC 3261 section 18.1.1 would have it sent over TCP from 1300 bytes on, but
many peers listen on UDP alone, while fragments arrive nearly everywhere. A notice tells of the first that is longer.
"""

import asyncio
import ssl
from collections.abc import Coroutine
from contextlib import suppress
from itertools import count
from typing import Any, Final, Protocol

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.local_address import family_of, is_address, place, toward
from dtmfphone.calls.sip.resolver import Resolver
from dtmfphone.calls.sip.socket_errors import connection_error, listen_error
from dtmfphone.calls.sip.stream import PING, StreamConnection
from dtmfphone.calls.sip.tls import Trust, explain, server_context
from dtmfphone.calls.sip.udp import UdpEndpoint
from dtmfphone.sip.flow import Flow, Transport

CONNECT_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 25.0
"""Shorter than any NAT forgets a UDP mapping (RFC 5626 section 4.4.2)."""
CLOSE_SECONDS: Final = 0.3
"""How long far ends may take to close their side."""
IDLE_SECONDS: Final = 1800.0
"""An accepted connection without a byte for so long is closed."""
FIRST_SECONDS: Final = 30.0
"""The same before the first message."""
MAX_ACCEPTED: Final = 64
"""Connections of others at a time; a further one takes the place of one that is idle."""
MAX_WAITING: Final = 32
"""Messages that wait for one connection."""
MAX_NAMES: Final = 256
FRAGMENTED_BYTES: Final = 1400
"""Longer datagrams may travel in fragments."""


class TransportUser(Protocol):
    """Who sends and receives."""

    def received(self, data: bytes, flow: Flow, local: tuple[str, int]) -> None:
        """A message came."""
        ...

    def sent(self, data: bytes, flow: Flow, local: tuple[str, int]) -> None:
        """A message went out; the flow's host is an address now."""
        ...

    def failed(self, flow: Flow, error: CallError) -> None:
        """What was to be sent there was not, or what was sent there is lost; the flow is as it was asked for."""
        ...

    def fragmented(self, length: int) -> None:
        """A datagram was longer than one packet holds."""
        ...


class SipTransport:
    """The sockets and connections of one stack."""

    def __init__(self, user: TransportUser, trust: Trust, resolver: Resolver) -> None:
        self._user = user
        self._resolver = resolver
        self._trust = trust
        self._client_tls: ssl.SSLContext | None = None
        self._endpoints: list[UdpEndpoint] = []
        self._servers: dict[Transport, asyncio.Server] = {}
        self._connections: dict[int, StreamConnection] = {}
        self._numbers = count(1)
        self._waiting: dict[Flow, list[tuple[bytes, Flow]]] = {}
        """Messages by the address to which a connection is being opened, with the flow as it was asked for."""
        self._names: dict[tuple[str, int], str] = {}
        """Address and port to the name that the certificate must be for."""
        self._looked_up: dict[Flow, tuple[str, int]] = {}
        """Address and port of flows to names."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._pinged: set[Flow] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False

    async def bind_udp(self, host: str, port: int) -> tuple[str, int]:
        """Open a UDP socket and return its address; raise CallError."""
        try:
            endpoint = await UdpEndpoint.open(host, port, self._datagram, self._refused)
        except (OSError, ValueError) as error:
            raise listen_error(host, port, error) from error
        self._endpoints.append(endpoint)
        return endpoint.host, endpoint.port

    async def listen(self, kind: Transport, host: str, port: int, *, cert: str = "", key: str = "") -> tuple[str, int]:
        """Take TCP or TLS connections and return the address; raise CallError."""
        context = server_context(host, cert, key) if kind == "tls" else None
        try:
            server = await asyncio.get_running_loop().create_server(
                lambda: StreamConnection(self, kind, next(self._numbers), incoming=True),
                host,
                port,
                ssl=context,
                ssl_handshake_timeout=CONNECT_SECONDS if context is not None else None,
            )
        except (OSError, OverflowError) as error:
            raise listen_error(host, port, error) from error
        self._servers[kind] = server
        self._keep_watch()
        name = server.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    async def unbind(self) -> None:
        """Close what was bound, before anything is sent."""
        self._close_bound()
        await asyncio.sleep(0)  # asyncio closes sockets in the next round of its loop

    def remember(self, flow: Flow, name: str) -> None:
        """Take note that the server at a flow's address must prove to be `name`."""
        self._names[flow.host, flow.port] = name

    async def connect(self, flow: Flow) -> None:
        """Have a way to a literal address open before anything is sent there; raise CallError."""
        if flow.reliable:
            if self._open_connection(flow) is None:
                await self._open(flow)
        elif self._endpoint(flow.host) is None:
            await self.bind_udp(toward(flow.host), 0)

    def local(self, flow: Flow) -> tuple[str, int] | None:
        """Return our own host and port as the far end of a flow reaches them; None while there are none.

        Without a listener, TCP and TLS have the port of the connection: those who look for a connection to it find it.
        """
        host = flow.host if is_address(flow.host) else ""
        if flow.transport == "udp":
            endpoint = self._endpoint(host) if host else next(iter(self._endpoints), None)
            found = (endpoint.host, endpoint.port) if endpoint is not None else None
        elif (server := self._servers.get(flow.transport)) is not None and server.sockets:
            name = server.sockets[0].getsockname()
            found = str(name[0]), int(name[1])
        else:
            connection = self._open_connection(flow)
            found = connection.local if connection is not None else None
        if found is not None and found[0] in ("0.0.0.0", "::") and host:
            with suppress(CallError):  # no way leads there: what is sent will fail, and be told of
                return toward(host), found[1]
        return found

    def keep_alive(self, flow: Flow, on: bool) -> None:
        """Send an empty line along a UDP flow now and then, so that a NAT on the way does not forget it."""
        (self._pinged.add if on else self._pinged.discard)(flow)
        self._keep_watch()

    def send(self, data: bytes, flow: Flow) -> None:
        """Send a message along a flow, as soon as there is a way; what goes wrong is told by `failed`."""
        if self._closed:
            return
        if is_address(flow.host):
            self._send(data, flow, flow)
        elif (found := self._looked_up.get(flow)) is not None:
            self._send(data, Flow(flow.transport, *found, flow.connection), flow)
        else:
            self._spawn(self._look_up_and_send(data, flow))

    async def close(self) -> None:
        """Close all sockets; what was sent before still goes out where it can within a moment."""
        self._closed = True
        tasks = [*self._tasks, *([self._keeper] if self._keeper is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        connections = list(self._connections.values())
        for connection in connections:
            connection.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for connection in connections:
                    await connection.ended.wait()
        self.abort()
        await asyncio.sleep(0)  # asyncio closes sockets in the next round of its loop

    def abort(self) -> None:
        """Close all sockets at once."""
        self._closed = True
        for task in (*self._tasks, *([self._keeper] if self._keeper is not None else [])):
            task.cancel()
        self._close_bound()
        for connection in list(self._connections.values()):
            connection.abort()

    def _close_bound(self) -> None:
        endpoints, self._endpoints = self._endpoints, []
        for endpoint in endpoints:
            endpoint.close()
        servers, self._servers = self._servers, {}
        for server in servers.values():
            server.close()

    async def _look_up_and_send(self, data: bytes, asked: Flow) -> None:
        try:
            servers = await self._resolver.servers(asked.host, asked.port or None, asked.transport)
        except CallError as error:
            self._user.failed(asked, error)
            return
        found = servers[0].flow
        if len(self._looked_up) < MAX_NAMES:
            self._looked_up[asked] = found.host, found.port
        self._names.setdefault((found.host, found.port), asked.host)
        self._send(data, Flow(asked.transport, found.host, found.port, asked.connection), asked)

    def _send(self, data: bytes, flow: Flow, asked: Flow) -> None:
        if not flow.reliable:
            self._send_datagram(data, flow, asked)
            return
        connection = self._open_connection(flow)
        if connection is not None:
            self._write(connection, data, asked)
            return
        address = Flow(flow.transport, flow.host, flow.port)
        waiting = self._waiting.get(address)
        if waiting is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append((data, asked))
            else:
                where = place(flow.host, flow.port)
                self._user.failed(asked, CallError(f"Too many messages wait for {where}.", "Call again later."))
            return
        self._waiting[address] = [(data, asked)]
        self._spawn(self._open_and_send(address))

    def _send_datagram(self, data: bytes, flow: Flow, asked: Flow) -> None:
        endpoint = self._endpoint(flow.host)
        if endpoint is None:
            self._user.failed(
                asked,
                CallError(
                    f"There is no UDP socket from which {place(flow.host, flow.port)} could be reached.",
                    "Use an address of the same kind (IPv4 or IPv6) on both sides.",
                ),
            )
            return
        if len(data) > FRAGMENTED_BYTES and not flow.host.startswith("127."):
            self._user.fragmented(len(data))
        self._user.sent(data, flow, (endpoint.host, endpoint.port))
        endpoint.send(data, flow.host, flow.port)

    def _write(self, connection: StreamConnection, data: bytes, asked: Flow) -> None:
        connection.flows.add(asked)
        self._user.sent(data, connection.flow, connection.local)
        connection.send(data)

    async def _open_and_send(self, address: Flow) -> None:
        error: CallError | None = None
        try:
            connection: StreamConnection | None = await self._open(address)
        except CallError as failure:
            error, connection = failure, self._other_connection(address)
        for data, asked in self._waiting.pop(address):
            if connection is not None:
                self._write(connection, data, asked)
            elif error is not None:
                self._user.failed(asked, error)

    async def _open(self, address: Flow) -> StreamConnection:
        """Open a connection; raise CallError."""
        name = self._names.get((address.host, address.port), address.host)
        where = place(name, address.port)
        context = None
        if address.transport == "tls":
            context = self._client_tls = self._client_tls or self._trust.context()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: StreamConnection(self, address.transport, next(self._numbers), incoming=False),
                    address.host,
                    address.port,
                    ssl=context,
                    server_hostname=name if context is not None else None,
                )
        except TimeoutError as error:
            raise CallError(
                f"{where} did not take a connection within {CONNECT_SECONDS:g} s.",
                "Check the address and that no firewall stands between.",
            ) from error
        except ssl.SSLError as error:
            raise explain(name, error) from error
        except (OSError, ValueError) as error:
            raise connection_error(where, error) from error
        return connection

    def _open_connection(self, flow: Flow) -> StreamConnection | None:
        if flow.connection is not None and flow.connection in self._connections:
            return self._connections[flow.connection]
        return next(
            (
                each
                for each in self._connections.values()
                if (each.kind, each.host, each.port) == (flow.transport, flow.host, flow.port)
            ),
            None,
        )

    def _other_connection(self, flow: Flow) -> StreamConnection | None:
        """Return a connection that the far end opened from another port: one without a listener is reached there."""
        return next(
            (each for each in self._connections.values() if (each.kind, each.host) == (flow.transport, flow.host)), None
        )

    def _endpoint(self, host: str) -> UdpEndpoint | None:
        family = family_of(host)
        return next((each for each in self._endpoints if each.family == family), None)

    def _datagram(self, data: bytes, host: str, port: int) -> None:
        endpoint = self._endpoint(host)
        assert endpoint is not None
        if data.strip(b"\r\n\0"):  # not a keep-alive
            self._user.received(data, Flow("udp", host, port), (endpoint.host, endpoint.port))

    def _refused(self, host: str, port: int, error: OSError) -> None:
        flow = Flow("udp", host, port)
        names = [each for each, found in self._looked_up.items() if found == (host, port)]
        for each in (flow, *names):
            self._user.failed(each, connection_error(place(host, port), error))

    def opened(self, connection: StreamConnection) -> None:
        """Take a connection in (see StreamUser)."""
        if self._closed:
            connection.close()
            return
        self._connections[connection.number] = connection
        accepted = [each for each in self._connections.values() if each.incoming]
        if len(accepted) > MAX_ACCEPTED:
            # Who has said nothing yet makes way first, then who was silent for longest.
            min(accepted[:-1], key=lambda each: (each.messages > 0, each.last_heard)).close()
        self._keep_watch()

    def stream_message(self, connection: StreamConnection, data: bytes) -> None:
        """Pass a message on (see StreamUser)."""
        connection.messages += 1
        self._user.received(data, connection.flow, connection.local)

    def closed(self, connection: StreamConnection, reason: str) -> None:
        """Let a connection go (see StreamUser)."""
        if self._connections.pop(connection.number, None) is None or not reason or self._closed:
            return
        error = CallError(
            f"{place(connection.host, connection.port)}: {reason.rstrip('.')}.", "Check the port and the transport."
        )
        for flow in {connection.flow, *connection.flows}:
            self._user.failed(flow, error)

    def _keep_watch(self) -> None:
        if self._keeper is None and not self._closed:
            self._keeper = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Keep flows alive, and close connections that nobody uses."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            for flow in self._pinged:
                endpoint = self._endpoint(flow.host)
                if endpoint is not None:
                    endpoint.send(PING, flow.host, flow.port)
            for connection in list(self._connections.values()):
                if not connection.incoming:
                    connection.send(PING)
                elif loop.time() - connection.last_heard > (IDLE_SECONDS if connection.messages else FIRST_SECONDS):
                    connection.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
