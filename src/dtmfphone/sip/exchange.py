"""A request of ours until its final response, sent once more where it is challenged (RFC 3261 section 22)."""

from collections.abc import Callable
from typing import Final

from dtmfphone.sip.core import Core
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.digest import AuthenticationError
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.timers import LIFETIME
from dtmfphone.sip.transaction_events import FailureCause

MAX_CHALLENGES: Final = 5
Answered = Callable[["Exchange", Response, Flow, float], None]
"""Takes the final response; of INVITE also provisional ones, and 2xx as often as they come."""
Failed = Callable[[FailureCause, str, float], None]
"""Takes why there is no final response."""


class Exchange:
    """One request and its responses."""

    def __init__(
        self,
        core: Core,
        request: Request,
        to: Flow,
        t: float,
        *,
        seq: Callable[[], int],
        answered: Answered,
        failed: Failed,
    ) -> None:
        """`seq` gives the number of the request that is sent instead of a challenged one."""
        self._core = core
        self._to = to
        self._seq = seq
        self._answered = answered
        self._failed = failed
        self._challenges = 0
        self._done = False
        self.abandoned = False
        """A challenge is not answered any more."""
        self.unproved: AuthenticationError | None = None
        """Why a challenge was not answered."""
        self._send(core.credentials.authorise(request), t)

    @property
    def request(self) -> Request:
        """The request as it was sent last."""
        return self._request

    @property
    def transaction(self) -> str:
        """The transaction in which it was sent last."""
        return self._transaction

    def _send(self, request: Request, t: float) -> None:
        self._request = request
        own = self._core.sent_by(self._to.transport)
        self._transaction = self._core.transactions.request(request, self._to, own, t)
        self._core.waiting[self._transaction] = self

    def receive(self, response: Response, flow: Flow, t: float) -> None:
        """Take a response."""
        invite = self._request.method == "INVITE"
        if response.status < 200:
            if invite:
                self._answered(self, response, flow, t)
            return
        if not invite or response.status >= 300:
            self._core.waiting.pop(self._transaction, None)
        elif not self._done:
            self._done = True
            self._core.schedule.at(t + LIFETIME + 1, self._forget)
        proved = self._prove(response) if response.status in (401, 407) else None
        if proved is not None:
            self._send(proved, t)
        else:
            self._answered(self, response, flow, t)

    def _forget(self, _t: float) -> None:
        self._core.waiting.pop(self._transaction, None)

    def fail(self, cause: FailureCause, text: str, t: float) -> None:
        """Take note that there will be no response."""
        self._core.waiting.pop(self._transaction, None)
        self._failed(cause, text, t)

    def _prove(self, response: Response) -> Request | None:
        """Return the request with what a challenge asks for; None: it is left at that."""
        self._challenges += 1
        if self.abandoned or self._challenges > MAX_CHALLENGES:
            return None
        try:
            proved = self._core.credentials.answer(self._request, response)
        except AuthenticationError as error:
            self.unproved = error
            return None
        return proved.with_headers(proved.headers.replaced("CSeq", str(CSeq(self._seq(), proved.method))))
