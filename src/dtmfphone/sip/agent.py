"""A SIP user agent without IO (RFC 3261): commands, bytes and time in, events out.

agent.py    commands, and which call a request is for        core.py      what all parts share
call.py     the parts of one call                            exchange.py  a request of ours, with credentials
  session.py                 dialogs, offers, the end        dialog.py    what two ends remember of each other
  invite_client.py           our call until it is answered   registration.py
  invite_server.py           a call that comes in            capabilities.py  what we understand
  renegotiation_client.py    our re-INVITE and UPDATE        transactions.py  the layer below
  renegotiation_server.py    those of the far end
  session_timer.py, reliable_provisional.py, acknowledgement.py, redirects.py, info.py, transfer.py
"""

from collections.abc import Callable
from typing import Final

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent_events import AgentEvent, IncomingCall, Unregistered
from dtmfphone.sip.body import sdp_of
from dtmfphone.sip.call import Call
from dtmfphone.sip.capabilities import ACCEPT_ALL, ALLOW, SUPPORTED, objection
from dtmfphone.sip.core import Core
from dtmfphone.sip.dialog import contact_uri
from dtmfphone.sip.flow import Flow, Transport
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.message import Request
from dtmfphone.sip.registration import Registration
from dtmfphone.sip.session_timer import too_short
from dtmfphone.sip.transaction_events import (
    CancelReceived,
    Junk,
    RequestReceived,
    ResponseReceived,
    ServerTransactionFailed,
    TransactionEvent,
    TransactionFailed,
    Transmit,
)

MAX_CALLS: Final = 256
"""How many calls there can be at a time; more that come in are refused."""


class UserAgent:
    """Places and takes the calls of one identity, and registers it.

    A call is named by the handle that `invite` returns or `IncomingCall` brings. Commands for a call that has ended,
    or that make no sense in its state, do nothing: the far end may have been faster. `t` is the time in seconds.
    """

    def __init__(self, identity: Identity, *, token: Callable[[], str], product: str = "dtmfphone") -> None:
        """`token` makes strings that nobody can guess. Raise ValueError when the identity's address cannot be read."""
        self._core = Core(identity, token=token, product=product)
        self._calls: dict[str, Call] = {}
        """By handle."""
        self._by_tag: dict[str, Call] = {}
        """By our own tag."""
        self._registration: Registration | None = None
        self._t = 0.0
        """When something came in last."""

    @property
    def local(self) -> dict[Transport, tuple[str, int]]:
        """Own host and port per transport, as others reach us: for Via and Contact; to be set before anything else."""
        return self._core.local

    def invite(self, target: str, sdp: bytes | None, t: float, *, to: Flow) -> str:
        """Call a URI by way of a flow and return the call's handle; ValueError.

        Without SDP the far end makes the offer."""
        return self._remember(Call.outgoing(self._core, target, sdp, to, t, self._forget))

    def hang_up(self, call: str, t: float) -> None:
        """End a call in whatever state: CANCEL, refuse with 603, or BYE, as soon as the rules allow it."""
        if found := self._calls.get(call):
            found.hang_up(t)

    def ring(self, call: str, t: float, sdp: bytes | None = None) -> None:
        """Tell the caller that it rings here (180), or that there is early media (183)."""
        if (found := self._calls.get(call)) and found.server:
            found.server.ring(t, sdp)

    def answer(self, call: str, sdp: bytes, t: float) -> None:
        """Take an incoming call, with the answer to its offer, or with an offer if it had none."""
        if (found := self._calls.get(call)) and found.server:
            found.server.answer(sdp, t)

    def refuse(self, call: str, status: int, t: float, reason: str = "") -> None:
        """Do not take an incoming call: 486, 603, 488 or another final status."""
        if (found := self._calls.get(call)) and found.server:
            found.server.refuse(status, t, reason)

    def offer(self, call: str, sdp: bytes, t: float) -> None:
        """Offer another session in a call that is up, by re-INVITE in its turn. `RemoteAnswer`, `OfferRefused`."""
        if found := self._calls.get(call):
            found.renegotiation.offer(sdp, t)

    def accept_offer(self, call: str, sdp: bytes, t: float) -> None:
        """Answer a `RemoteOffer`, or `Answered.wants_answer`."""
        if found := self._calls.get(call):
            found.accept_offer(sdp, t)

    def refuse_offer(self, call: str, status: int, t: float) -> None:
        """Refuse a `RemoteOffer` (488): the session stays as it was."""
        if found := self._calls.get(call):
            found.refuse_offer(status, t)

    def info(self, call: str, content_type: str, body: bytes, t: float) -> str:
        """Send an INFO request and return its name; one after the other, in the order asked for. `InfoAnswered`."""
        found = self._calls.get(call)
        return found.info.send(content_type, body, t) if found else ""

    def refer(self, call: str, target: str, t: float) -> None:
        """Ask the far end to call a URI (RFC 3515). `TransferProgress`."""
        if found := self._calls.get(call):
            found.transfer.refer(target, t)

    def report_transfer(self, call: str, status: int, reason: str, t: float) -> None:
        """Tell the far end how far we have come with what it asked (`TransferAsked`): 180, 200, or 603 to decline."""
        if found := self._calls.get(call):
            found.transfer.report(status, reason, t)

    def register(self, registrar: str, expires: int, t: float, *, to: Flow) -> None:
        """Register at a registrar's URI for so many seconds, and renew it until `unregister`; ValueError."""
        registration = Registration(self._core, registrar, expires, to, t)
        if self._registration:
            self._registration.drop()
        self._registration = registration

    def renew(self, t: float) -> None:
        """Register again now, after `local` has changed."""
        if self._registration:
            self._registration.renew(t)

    def unregister(self, t: float) -> None:
        """Take the registration back. `Unregistered`."""
        if self._registration:
            self._registration.leave(t)
        else:
            self._core.tell(Unregistered())

    def call_id(self, call: str) -> str:
        """Return the Call-ID of a call, which joins its messages; empty: there is no such call."""
        found = self._calls.get(call)
        return found.session.call_id if found else ""

    def allows(self, call: str, method: str) -> bool:
        """Return whether the far end of a call allows a method (section 20.5); True as long as it has said nothing."""
        found = self._calls.get(call)
        return found is None or not found.session.far_methods or method.lower() in found.session.far_methods

    def receive(self, data: bytes, flow: Flow, t: float) -> None:
        """Take a datagram, or a message from a stream."""
        self._core.transactions.receive(data, flow, t)
        self._work(t)

    def flow_failed(self, flow: Flow, text: str, t: float) -> None:
        """What was to be sent there could not be, or the connection is closed: `text` says why."""
        self._core.transactions.flow_failed(flow, text)
        self._work(t)

    def tick(self, t: float) -> None:
        """Do what is due."""
        self._core.transactions.tick(t)
        self._work(t)
        self._core.schedule.run(t)
        self._work(t)

    @property
    def deadline(self) -> float | None:
        """When `tick` is due; None: never."""
        times = (self._core.transactions.deadline, self._core.schedule.deadline)
        return min((time for time in times if time is not None), default=None)

    def take(self) -> list[AgentEvent]:
        """Return what happened and what is to be sent since the last time."""
        self._work(self._t)
        news, self._core.news = self._core.news, []
        return news

    def _work(self, t: float) -> None:
        """Take what the transactions tell, until they have nothing more to tell."""
        self._t = t
        while events := self._core.transactions.take():
            for event in events:
                self._handle(event, t)

    def _handle(self, event: TransactionEvent, t: float) -> None:
        core = self._core
        match event:
            case Transmit() | Junk():
                core.tell(event)
            case RequestReceived(request, _, None):
                if call := self._call_of(request):
                    call.acknowledged(request, t)
            case RequestReceived(request, flow, str(transaction)):
                self._request(request, transaction, flow, t)
            case CancelReceived(transaction, request):
                if cancelled := core.cancelled.get(transaction):
                    cancelled(request, t)
            case ResponseReceived(transaction, response, flow):
                if waiting := core.waiting.get(transaction):
                    waiting.receive(response, flow, t)
            case TransactionFailed(transaction, cause, text):
                if waiting := core.waiting.get(transaction):
                    waiting.fail(cause, text, t)
            case ServerTransactionFailed():
                pass  # what waits for an ACK or for more requests has time limits of its own

    def _call_of(self, request: Request) -> Call | None:
        """Return the call that a request in a dialog is for."""
        tag = NameAddress.parse(request.headers.get("To")).tag
        call = self._by_tag.get(tag)
        return call if call is not None and call.session.call_id == request.headers.get("Call-ID") else None

    def _request(self, request: Request, transaction: str, flow: Flow, t: float) -> None:
        core = self._core
        refused = objection(request)
        if refused is not None:
            status, fields = refused
            core.respond(transaction, request, status, t, fields=fields)
        elif NameAddress.parse(request.headers.get("To")).tag:
            if call := self._call_of(request):
                call.receive(request, transaction, flow, t)
            else:
                core.respond(transaction, request, 481, t)
        elif request.method == "INVITE":
            self._invited(request, transaction, flow, t)
        elif request.method == "OPTIONS":
            status = 200 if len(self._by_tag) < MAX_CALLS else 486
            core.respond(transaction, request, status, t, fields=[ALLOW, SUPPORTED, ACCEPT_ALL])
        elif request.method == "REFER":
            core.respond(transaction, request, 603, t)
        else:
            core.respond(transaction, request, 481, t)

    def _invited(self, request: Request, transaction: str, flow: Flow, t: float) -> None:
        core = self._core
        if len(self._by_tag) >= MAX_CALLS:
            core.respond(transaction, request, 486, t)
            return
        if not contact_uri(request):
            core.respond(transaction, request, 400, t, reason="Contact Missing")
            return
        if (fields := too_short(request)) is not None:
            core.respond(transaction, request, 422, t, fields=fields)
            return
        try:
            call = Call.incoming(core, request, transaction, flow, self._forget)
        except ValueError:
            core.respond(transaction, request, 400, t, reason="Record-Route Unreadable")
            return
        self._remember(call)
        caller = NameAddress.parse(request.headers.get("From"))
        core.tell(
            IncomingCall(
                call.session.handle, caller.uri, caller.display, request.uri, sdp_of(request), call.session.call_id
            )
        )

    def _remember(self, call: Call) -> str:
        self._calls[call.session.handle] = self._by_tag[call.session.tag] = call
        return call.session.handle

    def _forget(self, call: Call) -> None:
        self._calls.pop(call.session.handle, None)
        self._by_tag.pop(call.session.tag, None)
