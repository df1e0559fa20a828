"""Two transaction layers over a link that loses, doubles and delays; and one that is fed with anything."""

import heapq
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sip_samples import INVITE, OK, OPTIONS, THEM, US
from transaction_bench import Bench, request

from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.reply import reply
from dtmfphone.sip.transaction_events import (
    CancelReceived,
    RequestReceived,
    ResponseReceived,
    ServerTransactionFailed,
    TransactionEvent,
    TransactionFailed,
    Transmit,
)
from dtmfphone.sip.transactions import Transactions


class LossyLink:
    """A caller and a callee; `plan` answers requests: after so many seconds each status."""

    def __init__(self, seed: int, loss: float, plan: dict[str, list[tuple[float, int]]]) -> None:
        self.random = random.Random(seed)
        self.loss = loss
        self.plan = plan
        counter = itertools.count()
        self.caller = Transactions(token=lambda: f"caller{next(counter)}")
        self.callee = Transactions(token=lambda: f"callee{next(counter)}")
        self.t = 0.0
        self.order = itertools.count()
        self.pending: list[tuple[float, int, str, object]] = []
        self.told: dict[str, list[TransactionEvent]] = {"caller": [], "callee": []}
        self.cancelled: set[str] = set()

    def at(self, t: float, what: str, *values: object) -> None:
        heapq.heappush(self.pending, (t, next(self.order), what, values))

    def run(self, until: float) -> None:
        while True:
            self.collect()
            deadlines = [at for layer in (self.caller, self.callee) if (at := layer.deadline) is not None]
            if self.pending:
                deadlines.append(self.pending[0][0])
            if not deadlines or min(deadlines) > until:
                return
            self.t = max(self.t, min(deadlines))
            self.caller.tick(self.t)
            self.callee.tick(self.t)
            while self.pending and self.pending[0][0] <= self.t:
                _, _, what, values = heapq.heappop(self.pending)
                getattr(self, what)(*values)  # type: ignore[misc]

    def collect(self) -> None:
        for name, layer, other in (("caller", self.caller, "to_callee"), ("callee", self.callee, "to_caller")):
            for event in layer.take():
                if isinstance(event, Transmit):
                    copies = self.random.choice((1, 1, 1, 2))
                    for _ in range(copies):
                        if self.random.random() > self.loss:
                            self.at(self.t + self.random.uniform(0.01, 0.3), other, event.data)
                    continue
                self.told[name].append(event)
                if isinstance(event, RequestReceived) and event.transaction:
                    for delay, status in self.plan[event.request.method]:
                        self.at(self.t + delay, "answer", event.transaction, event.request, status)
                if isinstance(event, CancelReceived):
                    self.cancelled.add(event.transaction)
                    asked = next(
                        each.request
                        for each in self.told["callee"]
                        if isinstance(each, RequestReceived) and each.transaction == event.transaction
                    )
                    self.callee.respond(event.transaction, reply(asked, 487, tag="x"), self.t)

    def to_callee(self, data: bytes) -> None:
        self.callee.receive(data, US, self.t)

    def to_caller(self, data: bytes) -> None:
        self.caller.receive(data, THEM, self.t)

    def answer(self, name: str, asked: Request, status: int) -> None:
        if name not in self.cancelled:
            self.callee.respond(name, reply(asked, status, tag="x"), self.t)

    def finals(self) -> list[Response]:
        return [
            event.response
            for event in self.told["caller"]
            if isinstance(event, ResponseReceived) and event.response.status >= 200
        ]


def failures(link: LossyLink) -> list[TransactionEvent]:
    events = link.told["caller"] + link.told["callee"]
    return [event for event in events if isinstance(event, TransactionFailed | ServerTransactionFailed)]


@pytest.mark.parametrize("seed", range(20))
def test_a_refused_call_over_a_bad_link(seed: int) -> None:
    link = LossyLink(seed, 0.3, {"INVITE": [(0.0, 100), (0.1, 180), (40.0, 180), (45.0, 486)]})
    link.caller.request(request("INVITE"), THEM, "192.0.2.1:5060", 0)
    link.run(200)
    assert [response.status for response in link.finals()] == [486]
    assert len([event for event in link.told["callee"] if isinstance(event, RequestReceived)]) == 1
    assert failures(link) == []
    assert link.caller.deadline is None
    assert link.callee.deadline is None


@pytest.mark.parametrize("seed", range(20))
def test_a_cancelled_call_over_a_bad_link(seed: int) -> None:
    link = LossyLink(seed, 0.3, {"INVITE": [(0.0, 100), (0.1, 180), (0.5, 180), (1.0, 180), (2.0, 180)]})
    name = link.caller.request(request("INVITE"), THEM, "192.0.2.1:5060", 0)
    link.caller.cancel(name, 0)
    link.run(200)
    assert [response.status for response in link.finals()] == [487]
    assert len(link.cancelled) == 1
    assert failures(link) == []


@pytest.mark.parametrize("seed", range(20))
def test_another_request_over_a_bad_link(seed: int) -> None:
    link = LossyLink(seed, 0.5, {"BYE": [(0.3, 200)]})
    link.caller.request(request("BYE"), THEM, "192.0.2.1:5060", 0)
    link.run(200)
    assert [response.status for response in link.finals()] == [200]
    assert failures(link) == []


def test_a_dead_link_fails_after_32_seconds_and_leaves_nothing_behind() -> None:
    link = LossyLink(1, 1.0, {})
    link.caller.request(request("INVITE"), THEM, "192.0.2.1:5060", 0)
    link.run(200)
    assert len(failures(link)) == 1
    assert link.t == 32
    assert link.caller.deadline is None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_that_is_received_raises(data: st.DataObject) -> None:
    bench = Bench()
    name = bench.send("INVITE")
    ours = bench.sent()[0]
    own_ok = bytes(reply(bench.last_request(), 200, tag="b"))
    for _ in range(data.draw(st.integers(1, 8))):
        sample = bytearray(data.draw(st.sampled_from([INVITE, OPTIONS, OK, ours, own_ok])))
        method = data.draw(st.sampled_from([b"INVITE", b"ACK", b"CANCEL", b"BYE"]))
        sample = sample.replace(b"INVITE", method)
        for _ in range(data.draw(st.integers(0, 3))):
            place = data.draw(st.integers(0, len(sample)))
            sample[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
        bench.receive(bytes(sample), data.draw(st.sampled_from([THEM, US])))
        bench.layer.cancel(name, bench.t)
        bench.run(bench.t + data.draw(st.sampled_from([0.0, 0.3, 5.0, 40.0])))
    for event in bench.events(RequestReceived):
        if event.transaction is not None:
            bench.layer.respond(event.transaction, reply(event.request, 200, tag="x"), bench.t)
    bench.run(bench.t + 200)
    assert bench.layer.deadline is None
