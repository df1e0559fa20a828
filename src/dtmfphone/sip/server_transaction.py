"""Server transactions: requests of others until our answers are safe (RFC 3261 section 17.2, RFC 6026)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.flow import DEFAULT_PORTS, Flow
from dtmfphone.sip.ingress import top_via
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.reply import reply
from dtmfphone.sip.timers import LIFETIME, T1, T2, T4, Timers
from dtmfphone.sip.transaction_events import FailureCause, ServerTransactionFailed, TransactionEvent, Transmit
from dtmfphone.sip.via import Via

State = Literal["trying", "proceeding", "accepted", "completed", "confirmed", "terminated"]
TRYING_AFTER: Final = 0.2
"""Seconds after which an INVITE without an answer is answered with 100 (RFC 3261 section 17.2.1)."""

Origin = tuple[str, str, CSeq]
"""Call-ID, From tag and CSeq: the same in all copies of a request that was forked (RFC 3261 section 8.2.2.2)."""


def origin(request: Request) -> Origin:
    """Return what copies of a request have in common."""
    headers = request.headers
    return headers.get("Call-ID"), NameAddress.parse(headers.get("From")).tag, CSeq.of(request)


class ServerTransaction(ABC):
    """What both kinds have in common."""

    def __init__(self, name: str, request: Request, flow: Flow, emit: Callable[[TransactionEvent], None]) -> None:
        self.name = name
        self.request = request
        self.origin = origin(request)
        self.flow = flow
        """Where answers go."""
        self.state: State = "trying"
        self.timers = Timers()
        self._data = b""
        """The answer sent last."""
        self._emit = emit

    def repeated(self) -> None:
        """Take the request once more."""
        if self.state in ("proceeding", "completed"):
            self._repeat()

    @abstractmethod
    def respond(self, response: Response, t: float) -> None:
        """Send an answer; one that comes too late is not sent."""

    def fire(self, _letter: str, _t: float) -> None:
        """Do what a timer is for: most end the transaction."""
        self._end()

    def flow_failed(self, failed: Flow, text: str) -> None:
        """Take note that nothing can be sent there.

        Answers for a closed connection go to a new one, to where the caller takes requests (RFC 3261 section 18.2.2).
        """
        if failed.connection is not None and self.flow.connection == failed.connection:
            port = Via.parse(top_via(self.request)).port or DEFAULT_PORTS[failed.transport]
            self.flow = replace(self.flow, port=port, connection=None)
        elif failed == self.flow and self.state != "terminated":
            self._fail("transport", text)

    def _send(self, data: bytes) -> None:
        self._data = data
        self._emit(Transmit(data, self.flow))

    def _repeat(self) -> None:
        if self._data:
            self._emit(Transmit(self._data, self.flow))

    def _fail(self, cause: FailureCause, text: str) -> None:
        self._end()
        self._emit(ServerTransactionFailed(self.name, cause, text))

    def _end(self) -> None:
        self.state = "terminated"
        self.timers.clear()

    def _linger(self, state: State, letter: str, seconds: float, t: float) -> None:
        """Stay for repeated requests; over a reliable transport there are none."""
        self.timers.clear()
        if self.flow.reliable:
            self._end()
        else:
            self.state = state
            self.timers.start(letter, t + seconds)


class InviteServerTransaction(ServerTransaction):
    """INVITE: timers G, H, I, and L of RFC 6026."""

    def __init__(
        self, name: str, request: Request, flow: Flow, emit: Callable[[TransactionEvent], None], t: float
    ) -> None:
        super().__init__(name, request, flow, emit)
        self.state = "proceeding"
        self.cancelled = False
        self._interval = T1
        self.timers.start("trying", t + TRYING_AFTER)

    def respond(self, response: Response, t: float) -> None:
        status = response.status
        if self.state == "accepted" and 200 <= status < 300:
            self._send(bytes(response))
        elif self.state == "proceeding":
            self.timers.stop("trying")
            self._send(bytes(response))
            if 200 <= status < 300:
                self.state = "accepted"
                self.timers.start("L", t + LIFETIME)
            elif status >= 300:
                self.state = "completed"
                self.timers.start("H", t + LIFETIME)
                if not self.flow.reliable:
                    self.timers.start("G", t + self._interval)

    def acknowledged(self, t: float) -> bool:
        """Take an ACK; return whether it was for us, not for the user agent."""
        if self.state == "completed":
            self._linger("confirmed", "I", T4, t)
            return True
        return self.state == "confirmed"

    def fire(self, letter: str, t: float) -> None:
        if letter == "trying":
            self._send(bytes(reply(self.request, 100)))
        elif letter == "G":
            self._interval = min(2 * self._interval, T2)
            self.timers.start("G", t + self._interval)
            self._repeat()
        elif letter == "H":
            self._fail("timeout", f"The caller did not confirm our answer within {LIFETIME:.0f} seconds.")
        else:
            super().fire(letter, t)


class NonInviteServerTransaction(ServerTransaction):
    """Any other request: timer J."""

    def respond(self, response: Response, t: float) -> None:
        if self.state not in ("trying", "proceeding"):
            return
        self._send(bytes(response))
        if response.status < 200:
            self.state = "proceeding"
        else:
            self._linger("completed", "J", LIFETIME, t)
