"""Client transactions: our requests until their final answers (RFC 3261 section 17.1, RFC 6026)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.ingress import top_via
from dtmfphone.sip.message import Headers, Request, Response
from dtmfphone.sip.timers import LIFETIME, T1, T2, T4, Timers
from dtmfphone.sip.transaction_events import (
    FailureCause,
    ResponseReceived,
    TransactionEvent,
    TransactionFailed,
    Transmit,
)

State = Literal["calling", "trying", "proceeding", "accepted", "completed", "terminated"]


class ClientTransaction(ABC):
    """What both kinds have in common."""

    def __init__(self, name: str, request: Request, to: Flow, emit: Callable[[TransactionEvent], None]) -> None:
        self.name = name
        """The branch."""
        self.request = request
        self.to = to
        self.state: State = "trying"
        self.timers = Timers()
        self._data = bytes(request)
        self._emit = emit
        self._interval = T1

    @abstractmethod
    def start(self, t: float) -> None:
        """Send the request."""

    @abstractmethod
    def receive(self, response: Response, flow: Flow, t: float) -> None:
        """Take an answer."""

    @abstractmethod
    def fire(self, letter: str, t: float) -> None:
        """Do what a timer is for."""

    def flow_failed(self, text: str) -> None:
        """Take note that nothing can be sent to where the request went."""
        if self.state in ("calling", "trying", "proceeding"):
            self._fail("transport", text)

    def _send(self) -> None:
        self._emit(Transmit(self._data, self.to))

    def _tell(self, response: Response, flow: Flow) -> None:
        self._emit(ResponseReceived(self.name, response, flow))

    def _fail(self, cause: FailureCause, text: str) -> None:
        self._end()
        self._emit(TransactionFailed(self.name, cause, text))

    def _end(self) -> None:
        self.state = "terminated"
        self.timers.clear()

    def _complete(self, letter: str, linger: float, t: float) -> None:
        """Stay for repeated answers; over a reliable transport there are none."""
        self.timers.clear()
        if self.to.reliable:
            self._end()
        else:
            self.state = "completed"
            self.timers.start(letter, t + linger)

    def _follower(self, method: str, to: str) -> Request:
        """Return an ACK or CANCEL to this request (RFC 3261 sections 9.1 and 17.1.1.3)."""
        headers = self.request.headers
        fields = [
            ("Via", top_via(self.request)),
            *(("Route", route) for route in headers.get_all("Route")),
            ("Max-Forwards", "70"),
            ("From", headers.get("From")),
            ("To", to),
            ("Call-ID", headers.get("Call-ID")),
            ("CSeq", str(CSeq(CSeq.of(self.request).number, method))),
        ]
        return replace(self.request, method=method, headers=Headers(fields), body=b"")


class InviteClientTransaction(ClientTransaction):
    """INVITE: timers A, B, D, and M of RFC 6026."""

    def __init__(self, name: str, request: Request, to: Flow, emit: Callable[[TransactionEvent], None]) -> None:
        super().__init__(name, request, to, emit)
        self.state = "calling"
        self._cancel: Literal["unwanted", "wanted", "sent"] = "unwanted"

    def start(self, t: float) -> None:
        if not self.to.reliable:
            self.timers.start("A", t + self._interval)
        self.timers.start("B", t + LIFETIME)
        self._send()

    def receive(self, response: Response, flow: Flow, t: float) -> None:
        if response.status < 200:
            if self.state in ("calling", "proceeding"):
                self.state = "proceeding"
                self.timers.stop("A", "B")
                self._tell(response, flow)
        elif response.status < 300:
            if self.state in ("calling", "proceeding"):
                self.state = "accepted"
                self.timers.clear()
                self.timers.start("M", t + LIFETIME)
            self._tell(response, flow)
        elif self.state == "completed":
            self._acknowledge(response)
        elif self.state in ("calling", "proceeding"):
            self._acknowledge(response)
            self._complete("D", LIFETIME, t)
            self._tell(response, flow)

    def want_cancel(self) -> None:
        """Take note that the call is given up."""
        if self._cancel == "unwanted":
            self._cancel = "wanted"

    def take_cancel(self, t: float) -> Request | None:
        """Return the CANCEL, once, when it is wanted and may be sent: after a provisional answer."""
        if self._cancel != "wanted" or self.state != "proceeding":
            return None
        self._cancel = "sent"
        self.timers.start("cancelled", t + LIFETIME)
        return self._follower("CANCEL", self.request.headers.get("To"))

    def fire(self, letter: str, t: float) -> None:
        if letter == "A":
            self._interval *= 2
            self.timers.start("A", t + self._interval)
            self._send()
        elif letter == "B":
            self._fail("timeout", f"No answer came within {LIFETIME:.0f} seconds.")
        elif letter == "cancelled":
            self._fail("timeout", f"The cancelled call was not confirmed within {LIFETIME:.0f} seconds.")
        else:
            self._end()

    def _acknowledge(self, response: Response) -> None:
        self._emit(Transmit(bytes(self._follower("ACK", response.headers.get("To"))), self.to))


class NonInviteClientTransaction(ClientTransaction):
    """Any other request: timers E, F, K."""

    def start(self, t: float) -> None:
        if not self.to.reliable:
            self.timers.start("E", t + self._interval)
        self.timers.start("F", t + LIFETIME)
        self._send()

    def receive(self, response: Response, flow: Flow, t: float) -> None:
        if self.state not in ("trying", "proceeding"):
            return
        if response.status < 200:
            self.state = "proceeding"
        else:
            self._complete("K", T4, t)
        self._tell(response, flow)

    def fire(self, letter: str, t: float) -> None:
        if letter == "E":
            self._interval = T2 if self.state == "proceeding" else min(2 * self._interval, T2)
            self.timers.start("E", t + self._interval)
            self._send()
        elif letter == "F":
            self._fail("timeout", f"No answer came within {LIFETIME:.0f} seconds.")
        else:
            self._end()
