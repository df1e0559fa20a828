"""Our own changes of a session that is up: re-INVITE, and UPDATE where nothing changes (RFC 3261 section 14.1).

One at a time, and none while the far end's is under way; what has to wait is sent in its turn. Of two offers that
wait the newer one counts.
"""

from typing import Final

from dtmfphone.sip.acknowledgement import Acknowledgement
from dtmfphone.sip.agent_events import Note, OfferRefused, RemoteAnswer
from dtmfphone.sip.body import sdp_of
from dtmfphone.sip.capabilities import ACCEPT, ALLOW
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
        """The offer on its way; None: nothing, or an UPDATE without one."""
        self._asked = False
        """Whether somebody waits for what becomes of it."""
        self._exchange: Exchange | None = None
        self._ack: Acknowledgement | None = None
        self._later: Alarm | None = None
        self._no_update = False

    def offer(self, sdp: bytes, t: float) -> None:
        """Offer another session as soon as it is our turn."""
        self._wanted = sdp
        self.proceed(t)

    def refresh(self, t: float) -> None:
        """Confirm the session as it is (RFC 4028 section 7.4)."""
        self._stale = True
        self.proceed(t)

    def proceed(self, t: float) -> None:
        """Send what waits, if it is its turn."""
        session = self._session
        if self._exchange is not None or self._later is not None or not session.our_turn:
            return
        if self._wanted is not None:
            self._offer, self._asked, self._wanted = self._wanted, True, None
            self._invite(t)
        elif self._stale and "update" in session.far_methods and not self._no_update:
            self._update(t)
        elif self._stale and session.description is not None:
            self._offer, self._asked = session.description, False
            self._invite(t)

    def _invite(self, t: float) -> None:
        self._session.offering = True
        self._send("INVITE", [ACCEPT], t)

    def _update(self, t: float) -> None:
        self._offer, self._asked = None, False
        self._send("UPDATE", [], t)

    def _send(self, method: str, fields: list[tuple[str, str]], t: float) -> None:
        session = self._session
        if session.dialog is None:
            return
        self._stale = False
        self._exchange = session.request(
            session.dialog,
            method,
            t,
            answered=self._receive,
            failed=self._fail,
            fields=[
                session.contact(session.dialog),
                ALLOW,
                ("Supported", "timer"),
                *fields,
                *self.timer.request_fields(),
            ],
            body=sdp_body(self._offer),
        )

    def _receive(self, response: Response, flow: Flow, t: float) -> None:
        if response.status < 200:
            return
        if self._exchange is None:
            if self._ack is not None and response.status < 300:
                self._ack.repeat()
            return
        exchange, self._exchange = self._exchange, None
        if response.status < 300:
            self._success(exchange, response, flow, t)
        elif not self._session.leaving:
            self._failure(exchange, response, t)
        self.proceed(t)

    def _success(self, exchange: Exchange, response: Response, flow: Flow, t: float) -> None:
        session = self._session
        if session.dialog is None:
            return
        session.dialog.refresh(response, flow)
        if exchange.request.method == "INVITE":
            self._ack = Acknowledgement(session, session.dialog, exchange.request, response)
            self._ack.send()
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
        method = exchange.request.method
        if self._offer is not None:
            session.offering = False
        text = reason_text(response)
        if status == 491:
            self._wait(t)
        elif status == 422 and self.timer.too_small(response):
            self._again()
        elif method == "UPDATE" and status in NOT_THERE:
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
