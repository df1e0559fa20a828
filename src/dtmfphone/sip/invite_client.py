"""A call of ours until it is answered (RFC 3261 sections 9.1 and 13.2).

INVITE --> 18x (one early dialog per far end that rings) --> 2xx --> ACK          the first 2xx is the call
       |                                                 \\-> 2xx --> ACK, BYE     any other far end that answers
       |-> 3xx: the next URI     401, 407, 422: once more (exchange.py, session_timer.py)
       \\-> other final: refused                     hang_up: CANCEL; a 2xx that crosses it: ACK, BYE
"""

from dataclasses import dataclass
from typing import Final

from dtmfphone.sip.acknowledgement import Acknowledgement
from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent_events import Answered, Ended, Note, Provisional, Refused, RemoteOffer
from dtmfphone.sip.body import sdp_of
from dtmfphone.sip.capabilities import ACCEPT, ALLOW, SUPPORTED
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.exchange import Exchange
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.next_hop import next_hop
from dtmfphone.sip.reasons import reason_text
from dtmfphone.sip.redirects import Redirects
from dtmfphone.sip.reliable_provisional import acknowledge_provisional, reliable_number
from dtmfphone.sip.session import PendingOffer, Session, sdp_body
from dtmfphone.sip.session_timer import SessionTimer
from dtmfphone.sip.transaction_events import FailureCause

MAX_BRANCHES: Final = 16
"""How many far ends of one call we deal with."""


@dataclass
class _Early:
    """One far end that rings."""

    dialog: Dialog
    sdp: bytes | None = None
    """The session description that it sent last."""
    number: int | None = None
    """RSeq of its last reliable response."""


class InviteClient:
    """The INVITE of a call of ours."""

    def __init__(
        self, session: Session, timer: SessionTimer, target: str, sdp: bytes | None, to: Flow, t: float
    ) -> None:
        self._session: Final = session
        self._core: Final = session.core
        self._timer: Final = timer
        self._sdp: Final = sdp
        self._target: Final = target
        self._to = to
        self._uri = target
        self._redirects: Final = Redirects(target)
        self._seq = self._core.random.randint(1, 2**15)
        self._early: dict[str, _Early] = {}
        self._acks: dict[str, Acknowledgement] = {}
        """By the tags of those who answered."""
        self._given_up = False
        session.description = sdp
        self._send(t)

    def _send(self, t: float) -> None:
        session = self._session
        self._early.clear()
        session.dialogs.clear()
        session.early = None
        session.offering = self._sdp is not None
        secure = self._uri.lower().startswith("sips:")
        request = self._core.outside_dialog(
            "INVITE", self._uri, self._target, call_id=session.call_id, tag=session.tag, seq=self._seq
        )
        contact = ("Contact", f"<{self._core.contact(self._to.transport, secure=secure)}>")
        fields = [contact, ALLOW, SUPPORTED, ACCEPT, *self._timer.request_fields()]
        self._exchange = Exchange(
            self._core,
            session.complete(request, fields, sdp_body(self._sdp)),
            self._to,
            t,
            seq=self._next_seq,
            answered=self._receive,
            failed=self._fail,
        )
        self._exchange.abandoned = self._given_up

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def hang_up(self, t: float) -> None:
        """Give up before the call is answered (section 9.1)."""
        self._given_up = True
        self._exchange.abandoned = True
        self._core.transactions.cancel(self._exchange.transaction, t)

    def _receive(self, exchange: Exchange, response: Response, flow: Flow, t: float) -> None:
        if response.status < 200:
            self._provisional(response, flow, t)
        elif response.status < 300:
            self._success(exchange.request, response, flow, t)
        elif not self._session.over:
            self._failure(response, t)

    def _fail(self, cause: FailureCause, text: str, t: float) -> None:
        if self._given_up:
            self._session.end(Ended(self._session.handle, "us"))
        elif not self._try_next(t):
            self._session.end(Ended(self._session.handle, cause, text))

    def _failure(self, response: Response, t: float) -> None:
        session = self._session
        if self._given_up:
            session.end(Ended(session.handle, "us", reason_text(response)))
            return
        if response.status == 422 and self._timer.too_small(response):
            self._next_seq()
            self._send(t)
            return
        if response.status < 400:
            self._redirects.learn(response)
        if response.status >= 600 or not self._try_next(t):
            text, why = reason_text(response), self._exchange.unproved
            session.end(Refused(session.handle, response.status, response.reason, text, unproved=why))

    def _try_next(self, t: float) -> bool:
        uri = self._redirects.next()
        if uri is None:
            return False
        self._uri = uri
        if not self._core.identity.route:
            self._to = next_hop(uri)
        self._next_seq()
        self._send(t)
        return True

    def _provisional(self, response: Response, flow: Flow, t: float) -> None:
        session = self._session
        tag = NameAddress.parse(response.headers.get("To")).tag
        if response.status == 100 or self._given_up or session.dialog is not None or session.over:
            return
        early = self._ringing(tag, response, flow)
        number = reliable_number(response)
        if number is not None:
            if early is None or (early.number is not None and number != early.number + 1):
                return
            early.number = number
        sdp = sdp_of(response)
        reliable = number is not None
        media = sdp if self._sdp is not None else None
        if early is not None and sdp is not None and (media is not None or reliable):
            early.sdp = sdp
        if early is not None and (session.early is None or sdp is not None):
            session.early = early.dialog
        session.tell(Provisional(session.handle, response.status, response.reason, media, reliable, tag))
        if early is None or number is None:
            return
        if self._sdp is None and sdp is not None and session.pending is None:
            self._offered_early(early, number, sdp)
            return
        if sdp is not None:
            session.offering = False
        acknowledge_provisional(session, early.dialog, number, self._seq, None, t)

    def _ringing(self, tag: str, response: Response, flow: Flow) -> _Early | None:
        """Return who sent a provisional response; None: it does not say, or is one too many."""
        early = self._early.get(tag)
        if early is None and tag and len(self._early) < MAX_BRANCHES:
            try:
                early = self._early[tag] = _Early(Dialog.of_client(self._exchange.request, response, flow))
            except ValueError as error:
                self._session.tell(Note(self._session.handle, f"A far end that rings cannot be reached: {error}"))
                return None
            self._session.dialogs[tag] = early.dialog
            self._session.learn(response)
        elif early is not None:
            early.dialog.refresh(response, flow)
        return early

    def _offered_early(self, early: _Early, number: int, sdp: bytes) -> None:
        """A far end makes its offer in a provisional response: PRACK takes the answer (RFC 3262 section 5)."""
        session = self._session

        def accept(answer: bytes, t: float) -> None:
            session.description = answer
            acknowledge_provisional(session, early.dialog, number, self._seq, answer, t)

        session.pending = PendingOffer(accept, lambda _, t: self.hang_up(t))
        session.tell(RemoteOffer(session.handle, sdp))

    def _success(self, invite: Request, response: Response, flow: Flow, t: float) -> None:
        session = self._session
        tag = NameAddress.parse(response.headers.get("To")).tag
        if tag in self._acks:
            self._acks[tag].repeat()
            return
        if len(self._acks) == MAX_BRANCHES:
            return
        early = self._early.get(tag)
        try:
            dialog = early.dialog if early else Dialog.of_client(invite, response, flow)
            dialog.confirm(response, flow)
        except ValueError as error:
            session.end(Ended(session.handle, "transport", f"The answer cannot be acknowledged: {error}"))
            return
        ack = self._acks[tag] = Acknowledgement(session, dialog, invite, response)
        if session.dialog is not None or session.over:
            ack.send()
            session.request(dialog, "BYE", t, answered=lambda *_: None, failed=lambda *_: None)
            return
        session.dialog = dialog
        session.answered = True
        session.dialogs = {tag: dialog}
        session.pending = None
        session.offering = False
        session.learn(response)
        if self._given_up:
            ack.send()
            session.bye(t, "us")
            return
        self._timer.answered(response, t)
        self._answered(tag, ack, sdp_of(response), early.sdp if early else None)

    def _answered(self, tag: str, ack: Acknowledgement, sdp: bytes | None, before: bytes | None) -> None:
        """The first far end took the call; `before`: what it sent while it rang."""
        session = self._session

        def accept(answer: bytes, _: float) -> None:
            session.description = answer
            ack.send(answer)

        def refuse(_: int, now: float) -> None:
            ack.send()
            session.bye(now, "us")

        wants_answer = self._sdp is None and before is None and sdp is not None
        if wants_answer:
            session.pending = PendingOffer(accept, refuse)
        else:
            ack.send()
        session.tell(Answered(session.handle, sdp if sdp is not None else before, wants_answer, tag))
