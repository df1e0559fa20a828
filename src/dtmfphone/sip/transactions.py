"""The transaction layer (RFC 3261 section 17): messages and time in, messages and events out."""

from collections.abc import Callable
from typing import Final

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.client_transaction import (
    ClientTransaction,
    InviteClientTransaction,
    NonInviteClientTransaction,
)
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.flow import DEFAULT_PORTS, Flow
from dtmfphone.sip.ingress import SipSyntaxError, parse, top_via
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.reply import reply
from dtmfphone.sip.server_transaction import (
    InviteServerTransaction,
    NonInviteServerTransaction,
    ServerTransaction,
    origin,
)
from dtmfphone.sip.transaction_events import (
    CancelReceived,
    Junk,
    RequestReceived,
    TransactionEvent,
    Transmit,
)
from dtmfphone.sip.via import MAGIC, Via

MAX_SERVER_TRANSACTIONS: Final = 1000
RESERVE: Final = 1000
"""Further ones for requests within dialogs: a flood of new calls must not keep those that are up from ending."""
Key = tuple[str, ...]


class Transactions:
    """All transactions of one user agent, with their timers.

    Answered here, without the user agent: CANCEL, requests that are malformed or came twice, and with 100 an INVITE
    that has no answer after 200 ms.
    """

    def __init__(self, *, token: Callable[[], str]) -> None:
        self._token: Final = token
        """Makes strings that nobody can guess."""
        self._tag: Final = token()
        """Our To tag in answers that are given here."""
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        """By branch and method."""
        self._servers: dict[Key, ServerTransaction] = {}
        self._keys: dict[str, Key] = {}
        """Keys of server transactions by their names."""
        self._events: list[TransactionEvent] = []

    def request(self, request: Request, to: Flow, sent_by: str, t: float) -> str:
        """Send a request other than ACK and return the name of its transaction; Via is put on top of it here."""
        branch = MAGIC + self._token()
        request = _with_via(request, to, sent_by, branch)
        kind = InviteClientTransaction if request.method == "INVITE" else NonInviteClientTransaction
        self._begin(kind(branch, request, to, self._events.append), t)
        return branch

    def cancel(self, transaction: str, t: float) -> None:
        """Cancel an INVITE of ours; the CANCEL waits for a provisional answer (RFC 3261 section 9.1).

        The INVITE ends as always: with a final answer, which may still be a 2xx, or with TransactionFailed.
        Harmless when it has ended.
        """
        client = self._clients.get((transaction, "INVITE"))
        if isinstance(client, InviteClientTransaction):
            client.want_cancel()
            self._send_cancel(client, t)

    def acknowledge(self, request: Request, to: Flow, sent_by: str) -> None:
        """Send the ACK to a 2xx; it is no transaction (RFC 3261 section 13.2.2.4)."""
        request = _with_via(request, to, sent_by, MAGIC + self._token())
        self._events.append(Transmit(bytes(request), to))

    def respond(self, transaction: str, response: Response, t: float) -> None:
        """Answer a request. 2xx to INVITE may be repeated; what comes too late is not sent.

        Raise ValueError when the response cannot be written as bytes.
        """
        key = self._keys.get(transaction)
        if key is not None:
            server = self._servers[key]
            server.respond(response, t)
            self._drop_ended_server(key, server)

    def receive(self, data: bytes, flow: Flow, t: float) -> None:
        """Take one datagram, or one message of a stream."""
        if not data.strip(b"\r\n\0"):
            return
        try:
            message = parse(data)
        except SipSyntaxError as error:
            self._events.append(Junk(data, flow, error.reason))
            if error.request is not None and error.request.method != "ACK":
                self._refuse(_stamped(error.request, flow), flow, error.status, error.reason)
            return
        if isinstance(message, Response):
            self._receive_response(message, data, flow, t)
        else:
            self._receive_request(message, flow, t)

    def flow_failed(self, flow: Flow, text: str) -> None:
        """Take note that nothing can be sent there; `text` says why."""
        for client in list(self._clients.values()):
            if _concerns(flow, client.to):
                client.flow_failed(text)
                self._drop_ended_client(client)
        for key, server in list(self._servers.items()):
            server.flow_failed(flow, text)
            self._drop_ended_server(key, server)

    def tick(self, t: float) -> None:
        """Let the timers fire that are due."""
        for client in list(self._clients.values()):
            while letter := client.timers.due(t):
                client.fire(letter, t)
            self._drop_ended_client(client)
        for key, server in list(self._servers.items()):
            while letter := server.timers.due(t):
                server.fire(letter, t)
            self._drop_ended_server(key, server)

    @property
    def deadline(self) -> float | None:
        """When `tick` is wanted next, seconds."""
        machines: list[ClientTransaction | ServerTransaction] = [*self._clients.values(), *self._servers.values()]
        return min((at for machine in machines if (at := machine.timers.deadline) is not None), default=None)

    def take(self) -> list[TransactionEvent]:
        """Return what has happened since the last call, in order."""
        events = self._events[:]
        self._events.clear()
        return events

    def _begin(self, client: ClientTransaction, t: float) -> None:
        self._clients[client.name, client.request.method] = client
        client.start(t)

    def _send_cancel(self, client: InviteClientTransaction, t: float) -> None:
        if request := client.take_cancel(t):
            self._begin(NonInviteClientTransaction(client.name, request, client.to, self._emit_transmit), t)

    def _emit_transmit(self, event: TransactionEvent) -> None:
        """How a CANCEL goes is told by the INVITE alone."""
        if isinstance(event, Transmit):
            self._events.append(event)

    def _receive_response(self, response: Response, data: bytes, flow: Flow, t: float) -> None:
        branch = Via.parse(top_via(response)).branch
        client = self._clients.get((branch, CSeq.of(response).method))
        if client is None:
            self._events.append(Junk(data, flow, "The response belongs to no request of ours."))
            return
        client.receive(response, flow, t)
        if isinstance(client, InviteClientTransaction):
            self._send_cancel(client, t)
        self._drop_ended_client(client)

    def _receive_request(self, request: Request, flow: Flow, t: float) -> None:
        key = _key(request)
        request = _stamped(request, flow)
        server = self._servers.get(key)
        if request.method == "ACK":
            if isinstance(server, InviteServerTransaction) and server.acknowledged(t):
                self._drop_ended_server(key, server)
            else:
                self._events.append(RequestReceived(request, flow, None))
        elif request.method == "CANCEL":
            self._receive_cancel(request, server, flow)
        elif server is not None:
            server.repeated()
        elif self._merged(request):
            self._refuse(request, flow, 482)
        elif not self._make_room(RESERVE if NameAddress.parse(request.headers.get("To")).tag else 0):
            self._refuse(request, flow, 503)
        else:
            name = f"in-{self._token()}"
            to = _way_back(request, flow)
            if request.method == "INVITE":
                self._servers[key] = InviteServerTransaction(name, request, to, self._events.append, t)
            else:
                self._servers[key] = NonInviteServerTransaction(name, request, to, self._events.append)
            self._keys[name] = key
            self._events.append(RequestReceived(request, flow, name))

    def _receive_cancel(self, request: Request, server: ServerTransaction | None, flow: Flow) -> None:
        """Answer a CANCEL; it needs no transaction, because repeated ones get the same answer."""
        if not isinstance(server, InviteServerTransaction):
            self._refuse(request, flow, 481)
            return
        self._refuse(request, flow, 200)
        if server.state == "proceeding" and not server.cancelled:
            server.cancelled = True
            self._events.append(CancelReceived(server.name, request))

    def _refuse(self, request: Request, flow: Flow, status: int, reason: str = "") -> None:
        """Answer without a transaction."""
        self._events.append(Transmit(bytes(reply(request, status, reason, tag=self._tag)), _way_back(request, flow)))

    def _merged(self, request: Request) -> bool:
        """Whether another copy of the request came on another way (RFC 3261 section 8.2.2.2)."""
        if NameAddress.parse(request.headers.get("To")).tag:
            return False
        this = origin(request)
        return any(server.origin == this for server in self._servers.values())

    def _make_room(self, reserve: int) -> bool:
        """Whether there is room for one more; the oldest that only waits for repeated requests makes way."""
        if len(self._servers) < MAX_SERVER_TRANSACTIONS + reserve:
            return True
        for key, server in self._servers.items():
            if server.state in ("completed", "confirmed"):
                del self._servers[key], self._keys[server.name]
                return True
        return False

    def _drop_ended_client(self, client: ClientTransaction) -> None:
        if client.state == "terminated":
            self._clients.pop((client.name, client.request.method), None)

    def _drop_ended_server(self, key: Key, server: ServerTransaction) -> None:
        if server.state == "terminated":
            del self._servers[key], self._keys[server.name]


def _with_via(request: Request, to: Flow, sent_by: str, branch: str) -> Request:
    via = f"SIP/2.0/{to.transport.upper()} {sent_by};branch={branch};rport"
    return request.with_headers(request.headers.prepended("Via", via))


def _stamped(request: Request, flow: Flow) -> Request:
    """Note in the topmost Via where a request came from (RFC 3261 section 18.2.1, RFC 3581 section 4)."""
    top, *others = Via.split_list(request.headers.get_all("Via"))
    via = Via.parse(top)
    parameters = via.parameters
    if "rport" in parameters or via.host.lower() != flow.host.lower():
        parameters = parameters.replaced("received", flow.host)
    if "rport" in parameters:
        parameters = parameters.replaced("rport", str(flow.port))
    stamped = Via(via.transport, via.host, via.port, parameters)
    return request.with_headers(request.headers.replaced("Via", str(stamped), *others))


def _way_back(request: Request, flow: Flow) -> Flow:
    """Return where answers go (RFC 3261 section 18.2.2, RFC 3581 section 4)."""
    via = Via.parse(top_via(request))
    if flow.reliable or "rport" in via.parameters:
        return flow
    return Flow(flow.transport, flow.host, via.port or DEFAULT_PORTS[flow.transport])


def _key(request: Request) -> Key:
    """Return what a request has in common with its repetitions, its ACK and its CANCEL (RFC 3261 section 17.2.3)."""
    text = top_via(request)
    via = Via.parse(text)
    method = "INVITE" if request.method in ("ACK", "CANCEL") else request.method
    if via.branch.startswith(MAGIC) and via.branch != MAGIC:
        return method, via.branch, via.sent_by.lower()
    call_id, tag, cseq = origin(request)
    return method, request.uri, tag, call_id, str(cseq.number), text


def _concerns(failed: Flow, used: Flow) -> bool:
    """Whether a failure hits what was sent to `used`; a closed connection may have been opened for it."""
    same_place = (failed.transport, failed.host, failed.port) == (used.transport, used.host, used.port)
    return same_place and (used.connection is None or used.connection == failed.connection)
