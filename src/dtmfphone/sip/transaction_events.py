"""What the transaction layer hands out: bytes for the wire and news for the user agent."""

from dataclasses import dataclass
from typing import Literal

from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request, Response

FailureCause = Literal["timeout", "transport"]


@dataclass(frozen=True)
class Transmit:
    """Put these bytes on the wire."""

    data: bytes
    to: Flow


@dataclass(frozen=True)
class RequestReceived:
    """A request came in, with `received` and `rport` in its Via; repeated ones are not told of."""

    request: Request
    flow: Flow
    transaction: str | None
    """To be answered under this name; None: an ACK, which is not answered."""


@dataclass(frozen=True)
class CancelReceived:
    """The caller gave up an INVITE that has no final answer yet; the CANCEL itself has been answered."""

    transaction: str
    """Of the INVITE."""
    request: Request
    """The CANCEL: its Reason header may say why."""


@dataclass(frozen=True)
class ResponseReceived:
    """A provisional or final answer to our request; 2xx to INVITE are told of as often as they come."""

    transaction: str
    response: Response
    flow: Flow


@dataclass(frozen=True)
class TransactionFailed:
    """Our request will have no answer any more."""

    transaction: str
    cause: FailureCause
    text: str


@dataclass(frozen=True)
class ServerTransactionFailed:
    """Our answer did not arrive, as far as we know."""

    transaction: str
    cause: FailureCause
    text: str


@dataclass(frozen=True)
class Junk:
    """Bytes that were dropped."""

    data: bytes
    flow: Flow
    reason: str
    """One sentence."""


TransactionEvent = (
    Transmit | RequestReceived | CancelReceived | ResponseReceived | TransactionFailed | ServerTransactionFailed | Junk
)
