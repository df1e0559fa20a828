"""INFO requests, which carry keys (RFC 6086; `application/dtmf-relay` and `application/dtmf` have no RFC)."""

from collections import deque
from typing import Final

from dtmfphone.sip.agent_events import InfoAnswered, InfoReceived
from dtmfphone.sip.body import content_type
from dtmfphone.sip.capabilities import ACCEPT_INFO, DTMF_TYPES
from dtmfphone.sip.exchange import Exchange
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.session import Session
from dtmfphone.sip.transaction_events import FailureCause

MAX_QUEUE: Final = 256


class Info:
    """The INFO requests of one call, both ways. Ours go one after the other, so that none overtakes another."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session
        self._queue: deque[tuple[str, str, bytes]] = deque()
        """Name, content type and body; the first one is on its way."""

    def send(self, kind: str, body: bytes, t: float) -> str:
        """Send a request in its turn and return its name."""
        name = self._session.core.token()
        if not self._session.answered or len(self._queue) >= MAX_QUEUE:
            why = "Too many wait already." if self._session.answered else "The call is not up yet."
            self._session.tell(InfoAnswered(self._session.handle, name, None, why))
            return name
        self._queue.append((name, kind, body))
        if len(self._queue) == 1:
            self._next(t)
        return name

    def _next(self, t: float) -> None:
        session = self._session
        if self._queue and session.dialog is not None:
            _, kind, body = self._queue[0]
            session.request(session.dialog, "INFO", t, answered=self._answered, failed=self._failed, body=(kind, body))

    def _answered(self, _exchange: Exchange, response: Response, _flow: Flow, t: float) -> None:
        self._over(response.status, response.reason)
        if not self._session.lost(response, t):
            self._next(t)

    def _failed(self, _cause: FailureCause, text: str, t: float) -> None:
        self._over(None, text)
        self._next(t)

    def _over(self, status: int | None, reason: str) -> None:
        name, _, _ = self._queue.popleft()
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
