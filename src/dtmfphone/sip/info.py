"""INFO requests, which carry keys (RFC 6086; `application/dtmf-relay` and `application/dtmf` have no RFC)."""

from collections import deque
from typing import Final

from dtmfphone.sip.agent_events import InfoAnswered, InfoReceived
from dtmfphone.sip.body import content_type
from dtmfphone.sip.capabilities import ACCEPT_INFO, DTMF_TYPES
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.exchange import Exchange
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.session import Session
from dtmfphone.sip.transaction_events import FailureCause

MAX_QUEUE: Final = 256
PATIENCE: Final = 4.0
"""Seconds after which a request without an answer lets the next one go out; it is repeated nevertheless."""


class Info:
    """The INFO requests of one call, both ways. Ours go one after the other, so that none overtakes another.

    While a call of ours rings, they go in the early dialog.
    """

    def __init__(self, session: Session) -> None:
        self._session: Final = session
        self._queue: deque[tuple[str, str, bytes]] = deque()
        """Name, content type and body of those that wait."""
        self._awaited = ""
        """The one on its way whose answer the next one waits for."""

    def send(self, kind: str, body: bytes, t: float) -> str:
        """Send a request in its turn and return its name."""
        name = self._session.core.token()
        if self._dialog is None or len(self._queue) >= MAX_QUEUE:
            why = "Too many wait already." if self._dialog is not None else "The call is not up."
            self._session.tell(InfoAnswered(self._session.handle, name, None, why))
            return name
        self._queue.append((name, kind, body))
        self._next(t)
        return name

    @property
    def _dialog(self) -> Dialog | None:
        session = self._session
        if session.leaving or session.over:
            return None
        return session.dialog if session.answered else session.early

    def _next(self, t: float) -> None:
        if self._awaited or not self._queue or self._dialog is None:
            return
        name, kind, body = self._queue.popleft()
        self._awaited = name

        def answered(_exchange: Exchange, response: Response, _flow: Flow, now: float) -> None:
            self._over(name, response.status, response.reason)
            if not self._session.answered or not self._session.lost(response, now):
                self._go_on(name, now)

        def failed(_cause: FailureCause, text: str, now: float) -> None:
            self._over(name, None, text)
            self._go_on(name, now)

        self._session.request(self._dialog, "INFO", t, answered=answered, failed=failed, body=(kind, body))
        self._session.at(t + PATIENCE, lambda now: self._go_on(name, now))

    def _go_on(self, name: str, t: float) -> None:
        if self._awaited == name:
            self._awaited = ""
            self._next(t)

    def _over(self, name: str, status: int | None, reason: str) -> None:
        self._session.tell(InfoAnswered(self._session.handle, name, status, reason))

    def received(self, request: Request, transaction: str, t: float) -> None:
        """Take a request of the far end."""
        core, kind = self._session.core, content_type(request)
        if "Info-Package" in request.headers:
            core.respond(transaction, request, 469, t, fields=[("Recv-Info", "")])
        elif not request.body:
            core.respond(transaction, request, 200, t)
        elif kind in DTMF_TYPES:
            core.respond(transaction, request, 200, t)
            self._session.tell(InfoReceived(self._session.handle, kind, request.body, t))
        else:
            core.respond(transaction, request, 415, t, fields=[ACCEPT_INFO])
