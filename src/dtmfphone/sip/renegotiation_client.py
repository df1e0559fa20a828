"""Our own changes of a session that is up: re-INVITE, and UPDATE where nothing changes (RFC 3261 section 14.1).

One at a time, and none while the far end's is under way; what has to wait is sent in its turn. Of two offers that
wait the newer one counts.
"""

from functools import partial
from typing import Final

from dtmfphone.sip.acknowledgement import Acknowledgement
from dtmfphone.sip.agent_events import Note, OfferRefused, RemoteAnswer
from dtmfphone.sip.body import sdp_of
from dtmfphone.sip.capabilities import ACCEPT, ALLOW
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.exchange import Exchange
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Response
from dtmfphone.sip.reasons import reason_text
from dtmfphone.sip.schedule import Alarm
from dtmfphone.sip.session import Session, sdp_body
from dtmfphone.sip.session_timer import SessionTimer
from dtmfphone.sip.transaction_events import FailureCause

NOT_THERE: Final = (405, 501)
"""How UPDATE is refused by those who have never heard of it."""


class RenegotiationClient:
    """Our re-INVITEs and UPDATEs."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session
        self.timer: Final = SessionTimer(session, refresh=self.refresh)
        self._wanted: bytes | None = None
        """The offer that waits for its turn."""
        self._stale = False
        """The session is to be refreshed in its turn."""
        self._offer: bytes | None = None
        """The offer that was sent last; None: it was an UPDATE without one."""
        self._asked = False
        """Whether somebody waits for what becomes of it."""
        self._exchange: Exchange | None = None
        self._confirmed: tuple[Exchange, Acknowledgement] | None = None
        """The re-INVITE that was accepted last, and our ACK."""
        self._later: Alarm | None = None
        self._no_update = False

    def offer(self, sdp: bytes, t: float) -> None:
        """Offer another session as soon as it is our turn."""
        if self._session.answered:
            self._wanted = sdp
            self.proceed(t)

    def refresh(self, t: float) -> None:
        """Confirm the session as it is (RFC 4028 section 7.4)."""
        self._stale = True
        self.proceed(t)

    def proceed(self, t: float) -> None:
        """Send what waits, if it is its turn."""
        session = self._session
        dialog = session.dialog
        if dialog is None or self._exchange is not None or self._later is not None or not session.our_turn:
            return
        if self._wanted is not None:
            offer, self._wanted = self._wanted, None
            self._send(dialog, "INVITE", offer, t, asked=True)
        elif self._stale and "update" in session.far_methods and not self._no_update:
            self._send(dialog, "UPDATE", None, t, asked=False)
        elif self._stale and session.description is not None:
            self._send(dialog, "INVITE", session.description, t, asked=False)

    def _send(self, dialog: Dialog, method: str, offer: bytes | None, t: float, *, asked: bool) -> None:
        session = self._session
        self._stale = False
        self._offer = offer
        self._asked = asked
        session.offering = offer is not None
        contact = session.contact(dialog)
        self._exchange = session.request(
            dialog,
            method,
            t,
            answered=partial(self._receive, dialog),
            failed=self._fail,
            fields=[contact, ALLOW, ACCEPT, ("Supported", "timer"), *self.timer.request_fields()],
            body=sdp_body(offer),
        )

    def _receive(self, dialog: Dialog, exchange: Exchange, response: Response, flow: Flow, t: float) -> None:
        if response.status < 200:
            return
        if exchange is not self._exchange:
            if self._confirmed is not None and self._confirmed[0] is exchange:
                self._confirmed[1].repeat()
            return
        self._exchange = None
        if response.status < 300:
            self._success(dialog, exchange, response, flow, t)
        elif not self._session.leaving:
            self._failure(exchange, response, t)
        self.proceed(t)

    def _success(self, dialog: Dialog, exchange: Exchange, response: Response, flow: Flow, t: float) -> None:
        session = self._session
        dialog.refresh(response, flow)
        if exchange.request.method == "INVITE":
            ack = Acknowledgement(session, dialog, exchange.request, response)
            self._confirmed = exchange, ack
            ack.send()
        if session.leaving:
            return
        self.timer.answered(response, t)
        if self._offer is None:
            return
        session.offering = False
        answer = sdp_of(response)
        if answer is not None:
            session.description = self._offer
            session.tell(RemoteAnswer(session.handle, answer))
        elif self._asked:
            session.tell(OfferRefused(session.handle, None, "There is no session description in the answer."))

    def _failure(self, exchange: Exchange, response: Response, t: float) -> None:
        session, status = self._session, response.status
        session.offering = False
        text = reason_text(response)
        if status == 491:
            self._wait(t)
        elif status == 422 and self.timer.too_small(response):
            self._again()
        elif exchange.request.method == "UPDATE" and status in NOT_THERE:
            self._no_update = True
            self._again()
        elif session.lost(response, t):
            return
        elif self._asked:
            session.tell(OfferRefused(session.handle, status, response.reason, text))
        else:
            session.tell(Note(session.handle, f"The session could not be refreshed: {status} {response.reason}."))

    def _fail(self, cause: FailureCause, text: str, t: float) -> None:
        self._exchange = None
        self._session.bye(t, cause, text)

    def _again(self) -> None:
        """Let what was refused wait for another turn, unless something newer waits."""
        if self._asked:
            self._wanted = self._wanted or self._offer
        else:
            self._stale = True

    def _wait(self, t: float) -> None:
        """Both sides offered at once: who made the call waits longer (section 14.1)."""
        self._again()
        random = self._session.core.random
        delay = random.randint(210, 400) / 100 if self._session.caller else random.randint(0, 200) / 100
        self._later = self._session.at(t + delay, self._wake)

    def _wake(self, t: float) -> None:
        self._later = None
        self.proceed(t)
