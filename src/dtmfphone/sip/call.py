"""One call of a user agent: which part of it does what."""

from collections.abc import Callable
from typing import Final, Self

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.capabilities import ACCEPT_ALL, ALLOW, SUPPORTED
from dtmfphone.sip.core import Core
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.info import Info
from dtmfphone.sip.invite_client import InviteClient
from dtmfphone.sip.invite_server import InviteServer
from dtmfphone.sip.message import Request
from dtmfphone.sip.renegotiation_client import RenegotiationClient
from dtmfphone.sip.renegotiation_server import RenegotiationServer
from dtmfphone.sip.session import Session
from dtmfphone.sip.transfer import Transfer


class Call:
    """The parts of one call, and the requests that come in for it."""

    def __init__(self, session: Session) -> None:
        self.session: Final = session
        self.renegotiation: Final = RenegotiationClient(session)
        self._changes: Final = RenegotiationServer(session, self.renegotiation)
        self.info: Final = Info(session)
        self.transfer: Final = Transfer(session)
        self._client: InviteClient | None = None
        self.server: InviteServer | None = None

    @classmethod
    def outgoing(
        cls, core: Core, target: str, sdp: bytes | None, to: Flow, t: float, forget: Callable[["Call"], None]
    ) -> Self:
        """Call a URI."""
        call: Self
        call = cls(Session(core, core.token(), caller=True, forget=lambda: forget(call)))
        call._client = InviteClient(call.session, call.renegotiation.timer, target, sdp, to, t)
        return call

    @classmethod
    def incoming(
        cls, core: Core, request: Request, transaction: str, flow: Flow, forget: Callable[["Call"], None]
    ) -> Self:
        """Take an INVITE that begins a call; raise ValueError when no dialog can come of it."""
        call: Self
        session = Session(core, request.headers.get("Call-ID"), caller=False, forget=lambda: forget(call))
        call = cls(session)
        dialog = Dialog.of_server(request, session.tag, core.random.randint(1, 2**15), flow)
        session.dialog = dialog
        session.dialogs = {dialog.remote.tag: dialog}
        session.learn(request)
        call.server = InviteServer(session, call.renegotiation.timer, dialog, request, transaction)
        return call

    def hang_up(self, t: float) -> None:
        """End the call, in whatever state it is."""
        if self.server is not None:
            self.server.hang_up(t)
        elif self.session.dialog is not None:
            self.session.bye(t, "us")
        elif self._client is not None:
            self._client.hang_up(t)

    def accept_offer(self, sdp: bytes, t: float) -> None:
        """Answer the offer that waits, then send what had to wait for that."""
        self.session.accept_offer(sdp, t)
        self.renegotiation.proceed(t)

    def refuse_offer(self, status: int, t: float) -> None:
        """Refuse the offer that waits, then send what had to wait for that."""
        self.session.refuse_offer(status, t)
        self.renegotiation.proceed(t)

    def acknowledged(self, ack: Request, t: float) -> None:
        """Take an ACK to a 2xx of ours."""
        if self.server is None or not self.server.acknowledged(ack, t):
            self._changes.acknowledged(ack)
        self.renegotiation.proceed(t)

    def receive(self, request: Request, transaction: str, flow: Flow, t: float) -> None:
        """Take a request in a dialog of the call."""
        core, session = self.session.core, self.session
        dialog = session.dialogs.get(NameAddress.parse(request.headers.get("From")).tag)
        if dialog is None:
            core.respond(transaction, request, 481, t)
            return
        if not dialog.in_order(request) and request.method != "BYE":
            core.respond(transaction, request, 500, t, reason="Request Out of Order", fields=[core.retry_after()])
            return
        dialog.flow = flow
        early = session.dialog is not dialog or (self.server is not None and self.server.ringing)
        match request.method:
            case "BYE":
                self._bye(request, transaction, t)
            case "OPTIONS":
                core.respond(transaction, request, 200, t, fields=[ALLOW, SUPPORTED, ACCEPT_ALL])
            case "NOTIFY":
                self.transfer.notified(request, transaction, t)
            case _ if session.leaving:
                core.respond(transaction, request, 481, t)
            case "INVITE" if early:
                core.respond(transaction, request, 500, t, fields=[core.retry_after()])
            case "INVITE":
                self._changes.invited(request, transaction, dialog, flow, t)
            case "UPDATE":
                self._changes.updated(request, transaction, dialog, flow, t)
            case "PRACK" if self.server is not None:
                self.server.pracked(request, transaction, t)
            case "INFO":
                self.info.received(request, transaction, t)
            case "REFER" if not early:
                self.transfer.asked(request, transaction, t)
            case _:
                core.respond(transaction, request, 481, t)

    def _bye(self, request: Request, transaction: str, t: float) -> None:
        self.session.core.respond(transaction, request, 200, t)
        if self.server is not None and self.server.ringing:
            self.server.withdrawn(request, t)
        else:
            self.session.ended_by_far(request, t)
