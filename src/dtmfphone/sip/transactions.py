"""The transaction layer (RFC 3261 section 17): messages and time in, messages and events out."""

from collections.abc import Callable

from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.transaction_events import TransactionEvent


class Transactions:
    """All transactions of one user agent, with their timers."""

    def __init__(self, *, token: Callable[[], str]) -> None:
        self._token = token
        """Makes strings that nobody can guess."""
        self._events: list[TransactionEvent] = []

    def request(self, request: Request, to: Flow, sent_by: str, t: float) -> str:
        """Send a request other than ACK and return the name of its transaction; Via is put on top of it here."""
        raise NotImplementedError

    def cancel(self, transaction: str, t: float) -> None:
        """Cancel an INVITE of ours; the CANCEL waits for a provisional answer (RFC 3261 section 9.1)."""
        raise NotImplementedError

    def acknowledge(self, request: Request, to: Flow, sent_by: str, t: float) -> None:
        """Send the ACK to a 2xx; it is no transaction (RFC 3261 section 13.2.2.4)."""
        raise NotImplementedError

    def respond(self, transaction: str, response: Response, t: float) -> None:
        """Answer a request. 2xx to INVITE may be repeated; what comes too late is not sent."""
        raise NotImplementedError

    def receive(self, data: bytes, flow: Flow, t: float) -> None:
        """Take one datagram, or one message of a stream."""
        raise NotImplementedError

    def flow_failed(self, flow: Flow, text: str, t: float) -> None:
        """Take note that nothing can be sent there; `text` says why."""
        raise NotImplementedError

    def tick(self, t: float) -> None:
        """Let the timers fire that are due."""
        raise NotImplementedError

    @property
    def deadline(self) -> float | None:
        """When `tick` is wanted next, seconds."""
        raise NotImplementedError

    def take(self) -> list[TransactionEvent]:
        """Return what has happened since the last call, in order."""
        events, self._events = self._events, []
        return events
