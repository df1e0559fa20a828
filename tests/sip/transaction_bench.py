"""A transaction layer under a fake clock, with all that it gave out."""

import itertools
from typing import TypeVar

from sip_samples import THEM, US

from dtmfphone.sip.flow import Flow
from dtmfphone.sip.ingress import parse
from dtmfphone.sip.message import Headers, Request, Response
from dtmfphone.sip.reply import reply
from dtmfphone.sip.transaction_events import TransactionEvent, Transmit
from dtmfphone.sip.transactions import Transactions

E = TypeVar("E", bound=TransactionEvent)


def request(method: str, *, seq: int = 1, uri: str = "sip:bob@example.com") -> Request:
    return Request(
        Headers(
            [
                ("Route", "<sip:proxy.example.com;lr>"),
                ("Max-Forwards", "70"),
                ("From", "<sip:alice@example.com>;tag=a1"),
                ("To", "<sip:bob@example.com>"),
                ("Call-ID", "call-1"),
                ("CSeq", f"{seq} {method}"),
                ("Subject", "x"),
            ]
        ),
        b"",
        method,
        uri,
    )


class Bench:
    """Everything happens at `t`; time passes by `run`."""

    def __init__(self) -> None:
        counter = itertools.count()
        self.layer = Transactions(token=lambda: f"token{next(counter)}")
        self.t = 0.0
        self.log: list[tuple[float, TransactionEvent]] = []

    def run(self, until: float) -> None:
        """Let time pass."""
        self.collect()
        while (deadline := self.layer.deadline) is not None and deadline <= until:
            assert deadline >= self.t
            self.t = deadline
            self.layer.tick(self.t)
            self.collect()
        self.t = until

    def collect(self) -> None:
        self.log += [(self.t, event) for event in self.layer.take()]

    def events(self, kind: type[E]) -> list[E]:
        """Return what of a kind came out so far."""
        self.collect()
        return [event for _, event in self.log if isinstance(event, kind)]

    def sent(self) -> list[bytes]:
        """Return all that went out so far."""
        return [event.data for event in self.events(Transmit)]

    def last_request(self) -> Request:
        message = parse(self.sent()[-1])
        assert isinstance(message, Request)
        return message

    def last_response(self) -> Response:
        message = parse(self.sent()[-1])
        assert isinstance(message, Response)
        return message

    def times(self) -> list[float]:
        """Return when something went out."""
        self.collect()
        return [round(t, 6) for t, event in self.log if isinstance(event, Transmit)]

    def send(self, method: str, to: Flow = THEM) -> str:
        return self.layer.request(request(method), to, "192.0.2.1:5060", self.t)

    def receive(self, message: bytes | Request | Response, flow: Flow = THEM) -> None:
        self.layer.receive(bytes(message), flow, self.t)

    def answer(self, status: int, to_tag: str = "b1", flow: Flow = THEM, first: int = 0) -> None:
        """Let the far end answer the first request that went out, or another."""
        asked = parse(self.sent()[first])
        assert isinstance(asked, Request)
        self.receive(reply(asked, status, tag=to_tag), flow)


__all__ = ["THEM", "US", "Bench", "request"]
