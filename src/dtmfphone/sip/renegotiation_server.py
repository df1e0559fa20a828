"""The far end's changes of a session: re-INVITE and UPDATE (RFC 3261 section 14.2, RFC 3311 section 5.2)."""

from typing import Final

from dtmfphone.sip.acknowledgement import UntilAcknowledged
from dtmfphone.sip.agent_events import RemoteAnswer, RemoteOffer
from dtmfphone.sip.body import sdp_of
from dtmfphone.sip.capabilities import ALLOW, SUPPORTED
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request
from dtmfphone.sip.renegotiation_client import RenegotiationClient
from dtmfphone.sip.reply import reply
from dtmfphone.sip.session import PendingOffer, Session, sdp_body
from dtmfphone.sip.session_timer import too_short


class RenegotiationServer:
    """The far end's re-INVITEs and UPDATEs."""

    def __init__(self, session: Session, client: RenegotiationClient) -> None:
        self._session: Final = session
        self._core: Final = session.core
        self._client: Final = client
        self._seq = 0
        """CSeq number of the re-INVITE that was accepted last."""
        self._accepted: UntilAcknowledged | None = None

    def invited(self, request: Request, transaction: str, dialog: Dialog, flow: Flow, t: float) -> None:
        """Take a re-INVITE."""
        if self._objects(request, transaction, t, offers=True):
            return
        session, offer = self._session, sdp_of(request)

        def accept(description: bytes, now: float) -> None:
            self._core.cancelled.pop(transaction, None)
            self._accept_invite(request, transaction, dialog, flow, description, now)

        def refuse(status: int, now: float) -> None:
            self._core.cancelled.pop(transaction, None)
            self._core.respond(transaction, request, status, now)

        session.pending = PendingOffer(accept, refuse)
        self._core.cancelled[transaction] = lambda _, now: session.refuse_offer(487, now)
        session.tell(RemoteOffer(session.handle, offer))

    def updated(self, request: Request, transaction: str, dialog: Dialog, flow: Flow, t: float) -> None:
        """Take an UPDATE; one without an offer only refreshes the session."""
        offer = sdp_of(request)
        if self._objects(request, transaction, t, offers=offer is not None):
            return
        session = self._session

        def respond(status: int, now: float, description: bytes | None = None) -> None:
            fields = []
            if status < 300:
                dialog.refresh(request, flow)
                session.learn(request)
                fields = [session.contact(dialog), ALLOW, SUPPORTED, *self._client.timer.answer(request, now)]
            self._core.respond(transaction, request, status, now, fields=fields, body=sdp_body(description))

        def accept(description: bytes, now: float) -> None:
            session.description = description
            respond(200, now, description)

        if offer is None:
            respond(200, t)
        else:
            session.pending = PendingOffer(accept, respond)
            session.tell(RemoteOffer(session.handle, offer))

    def acknowledged(self, ack: Request) -> None:
        """Take an ACK to our 2xx."""
        if self._accepted is None or CSeq.of(ack).number != self._seq:
            return
        self._accepted.stop()
        self._accepted = None
        session, answer = self._session, sdp_of(ack)
        session.unacknowledged = False
        if session.offering:
            session.offering = False
            if answer is not None:
                session.tell(RemoteAnswer(session.handle, answer))

    def _objects(self, request: Request, transaction: str, t: float, *, offers: bool) -> bool:
        """Refuse what comes at a bad time, or wants to be refreshed too often."""
        session = self._session
        if offers and (session.offering):
            self._core.respond(transaction, request, 491, t)
            return True
        if offers and (session.owing or session.pending is not None):
            self._core.respond(transaction, request, 500, t, fields=[self._core.retry_after()])
            return True
        fields = too_short(request)
        if fields is not None:
            self._core.respond(transaction, request, 422, t, fields=fields)
        return fields is not None

    def _accept_invite(
        self, request: Request, transaction: str, dialog: Dialog, flow: Flow, description: bytes, t: float
    ) -> None:
        session = self._session
        dialog.refresh(request, flow)
        session.learn(request)
        session.description = description
        session.offering = sdp_of(request) is None
        session.unacknowledged = True
        self._seq = CSeq.of(request).number
        timer = self._client.timer.answer(request, t)
        fields = [session.contact(dialog), ALLOW, SUPPORTED, ("Server", self._core.product), *timer]
        response = reply(request, 200, tag=session.tag, fields=fields, body=sdp_body(description))
        if self._accepted is not None:
            self._accepted.stop()
        self._accepted = UntilAcknowledged(
            session,
            transaction,
            response,
            t,
            lambda now: session.bye(now, "timeout", "The far end never confirmed the change that it asked for."),
        )
