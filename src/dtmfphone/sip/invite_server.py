"""A call that comes in until it is up (RFC 3261 section 13.3).

INVITE --> 100 if we are slow --> 180 or 183, reliably where the caller wants it --> 200, repeated until ACK --> up
       |                     \\-> refused by us         \\-> CANCEL: 487                   \\-> no ACK: BYE
"""

from typing import Final

from dtmfphone.sip.acknowledgement import UntilAcknowledged
from dtmfphone.sip.agent_events import Confirmed, Ended, RemoteAnswer, RemoteOffer, Withdrawn
from dtmfphone.sip.body import sdp_of
from dtmfphone.sip.capabilities import ALLOW, SUPPORTED, options
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.reasons import reason_text
from dtmfphone.sip.reliable_provisional import ReliableProvisionals
from dtmfphone.sip.reply import reply
from dtmfphone.sip.schedule import Alarm
from dtmfphone.sip.session import PendingOffer, Session, sdp_body
from dtmfphone.sip.session_timer import SessionTimer

REMIND: Final = 60.0
"""Seconds between two provisional responses, so that no proxy gives up (section 13.3.1.1)."""


class InviteServer:
    """The INVITE of a call that comes in."""

    def __init__(
        self, session: Session, timer: SessionTimer, dialog: Dialog, request: Request, transaction: str
    ) -> None:
        self._session: Final = session
        self._core: Final = session.core
        self._timer: Final = timer
        self._dialog: Final = dialog
        self._request: Final = request
        self.transaction: Final = transaction
        self._offer: Final = sdp_of(request)
        session.owing = self._offer is not None
        session.unacknowledged = True
        self.ringing = True
        """No final response has been sent."""
        self.up = False
        self._leave = False
        """Hang up as soon as the ACK has come."""
        self._described = False
        """Our session description is with the caller already, in a reliable response."""
        self._taken: bytes | None = None
        """What `answer` was given while a PRACK was still to come."""
        self._accepted: UntilAcknowledged | None = None
        self._reliable = ReliableProvisionals(session, transaction, request, self._no_prack)
        self._reminder: Alarm | None = None
        self._core.cancelled[transaction] = self._cancelled

    def ring(self, t: float, sdp: bytes | None = None) -> None:
        """Send 180, or 183 with early media."""
        if not self.ringing:
            return
        reliable = self._wants_reliable(sdp)
        if self._described or (self._offer is None and not reliable):
            sdp = None
        response = self._response(183 if sdp is not None else 180, sdp)
        if reliable:
            self._reliable.send(response, t)
            self._describe(sdp)
        else:
            self._core.transactions.respond(self.transaction, response, t)
        if self._reminder is not None:
            self._reminder.cancel()
        self._reminder = self._session.at(t + REMIND, lambda now: self.ring(now, sdp))

    def answer(self, sdp: bytes, t: float) -> None:
        """Take the call; while a PRACK is still to come, that has to wait (RFC 3262 section 3)."""
        if not self.ringing:
            return
        if self._reliable.waiting:
            self._taken = sdp
            return
        body = None if self._described else sdp
        self._over_with_ringing()
        self._session.answered = True
        self._describe(body)
        response = self._response(200, body, self._timer.answer(self._request, t))
        self._accepted = UntilAcknowledged(self._session, self.transaction, response, t, self._no_ack)

    def refuse(self, status: int, t: float, reason: str = "") -> None:
        """Do not take the call."""
        if self.ringing:
            self._finish(status, t, reason)
            self._session.end(Ended(self._session.handle, "us"))

    def hang_up(self, t: float) -> None:
        """Refuse the call, or end it; not before the ACK to our 200 (section 15)."""
        if self.ringing:
            self.refuse(603, t)
        elif self.up:
            self._session.bye(t, "us")
        else:
            self._leave = True

    def withdrawn(self, request: Request, t: float) -> None:
        """The caller gave up: by CANCEL, or by BYE in the early dialog."""
        self._finish(487, t)
        self._session.end(Withdrawn(self._session.handle, reason_text(request)))

    def acknowledged(self, ack: Request, t: float) -> bool:
        """Take an ACK; False: it is not for our 200."""
        if self._accepted is None or CSeq.of(ack).number != CSeq.of(self._request).number:
            return False
        self._accepted.stop()
        if self.up:
            return True
        self.up = True
        session = self._session
        sdp = sdp_of(ack) if session.offering else None
        session.offering = session.unacknowledged = False
        session.tell(Confirmed(session.handle, sdp))
        if self._leave:
            session.bye(t, "us")
        return True

    def pracked(self, prack: Request, transaction: str, t: float) -> None:
        """Take a PRACK, with an answer or a new offer (RFC 3262 section 5)."""
        session, sdp = self._session, sdp_of(prack)
        if not self._reliable.acknowledged(prack, t):
            self._core.respond(transaction, prack, 481, t)
            return
        if sdp is None:
            self._core.respond(transaction, prack, 200, t)
        elif session.offering:
            session.offering = False
            self._core.respond(transaction, prack, 200, t)
            session.tell(RemoteAnswer(session.handle, sdp))
        elif self._described and session.pending is None:
            self._offered(prack, transaction, sdp)
        else:
            self._core.respond(transaction, prack, 488, t)
        if self._taken is not None and not self._reliable.waiting:
            self.answer(self._taken, t)

    def _offered(self, prack: Request, transaction: str, offer: bytes) -> None:
        session = self._session

        def accept(answer: bytes, t: float) -> None:
            session.description = answer
            self._core.respond(transaction, prack, 200, t, body=sdp_body(answer))

        session.pending = PendingOffer(accept, lambda status, t: self._core.respond(transaction, prack, status, t))
        session.tell(RemoteOffer(session.handle, offer))

    def _wants_reliable(self, sdp: bytes | None) -> bool:
        """Whether a provisional response is sent reliably: where the caller insists, or an offer has no other way."""
        if "100rel" in options(self._request, "Require"):
            return True
        return sdp is not None and self._offer is None and "100rel" in options(self._request, "Supported")

    def _describe(self, sdp: bytes | None) -> None:
        """Remember that our session description is on its way."""
        if sdp is not None:
            self._session.description = sdp
            self._session.offering = self._offer is None
            self._session.owing = False
            self._described = True

    def _response(self, status: int, sdp: bytes | None, fields: list[tuple[str, str]] | None = None) -> Response:
        session = self._session
        common = [
            *(("Record-Route", value) for value in self._request.headers.get_all("Record-Route")),
            session.contact(self._dialog),
            ALLOW,
            SUPPORTED,
            ("Server", self._core.product),
        ]
        return reply(self._request, status, tag=session.tag, fields=[*common, *(fields or ())], body=sdp_body(sdp))

    def _cancelled(self, cancel: Request, t: float) -> None:
        if self.ringing:
            self.withdrawn(cancel, t)

    def _finish(self, status: int, t: float, reason: str = "") -> None:
        """Send a final response that is no 2xx."""
        self._over_with_ringing()
        self._core.respond(self.transaction, self._request, status, t, tag=self._session.tag, reason=reason)

    def _over_with_ringing(self) -> None:
        self.ringing = False
        self._core.cancelled.pop(self.transaction, None)
        if self._reminder is not None:
            self._reminder.cancel()
        self._reliable.stop()

    def _no_prack(self, t: float) -> None:
        self._finish(504, t)
        text = "The caller never confirmed a provisional response that it wanted to confirm."
        self._session.end(Ended(self._session.handle, "timeout", text))

    def _no_ack(self, t: float) -> None:
        self._session.bye(t, "us" if self._leave else "timeout", "The caller never confirmed that we answered.")
