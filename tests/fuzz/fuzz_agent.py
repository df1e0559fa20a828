"""A user agent, and a transaction layer, whose far end is hostile."""

import itertools
from typing import Final

from fuzz_mutator import Mutator
from fuzz_samples import INVITE, MESSAGES, SDP
from fuzz_sip_peer import Peer
from fuzz_size import size_of

from dtmfphone.sip.agent import UserAgent
from dtmfphone.sip.agent_events import (
    AgentEvent,
    Answered,
    Ended,
    IncomingCall,
    Refused,
    RemoteOffer,
    TransferAsked,
    Withdrawn,
)
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.reply import reply
from dtmfphone.sip.transaction_events import Junk, RequestReceived, Transmit
from dtmfphone.sip.transactions import Transactions

THEM: Final = Flow("udp", "192.0.2.9", 5070)
CONNECTION: Final = Flow("tcp", "192.0.2.9", 5070, 3)
STEPS: Final = (0.0, 0.0, 0.01, 0.01, 0.6, 5.0)
LONG: Final = 8 * 3600.0
"""Seconds after which nothing goes on: longer than any session timer that is fed."""


class Agent:
    """A user agent that places and takes calls, and registers.

    What it sends is well-formed, each call ends with exactly one event, and nothing is left behind.
    """

    LIMIT: Final = 6_000_000

    def __init__(self) -> None:
        numbers = itertools.count()
        identity = Identity("sip:us@example.com", user="us", password="SECRET-WORD", route=("<sip:192.0.2.8;lr>",))
        self._agent = UserAgent(identity, token=lambda: f"token{next(numbers)}")
        self._agent.local.update({"udp": ("192.0.2.1", 5060), "tcp": ("192.0.2.1", 5060), "tls": ("192.0.2.1", 5061)})
        self._peer: Peer | None = None
        self._t = 0.0
        self._calls: dict[str, str] = {}
        """Those that go on, and what they wait for."""
        self._over: set[str] = set()

    def step(self, mutator: Mutator) -> None:
        """Do something, hear something, or let time pass."""
        random = mutator.random
        self._peer = self._peer or Peer(random)
        self._t += random.choice(STEPS)
        match random.randrange(12):
            case 0 | 1 | 2:
                self._command(mutator)
            case 3:
                self._agent.tick(self._t)
            case 4 if random.random() < 0.1:
                self._agent.flow_failed(random.choice((THEM, CONNECTION)), "It is closed.", self._t)
            case _:
                data = self._peer.message()
                if random.random() < 0.25:
                    data = mutator.mutate(data)
                self._agent.receive(data, random.choice((THEM, THEM, CONNECTION)), self._t)
        self._hear()

    def end(self) -> None:
        """Hang up; when all timers have run out, no call is left and nothing waits."""
        assert size_of(self._agent) < self.LIMIT
        self._agent.unregister(self._t)
        for call in list(self._calls):
            self._agent.hang_up(call, self._t)
        self._hear()
        end = self._t + LONG
        while (deadline := self._agent.deadline) is not None and deadline < end:
            self._t = max(self._t, deadline)
            self._agent.tick(self._t)
            self._hear()
            for call in list(self._calls):
                self._agent.hang_up(call, self._t)
        assert not self._calls, self._calls
        assert deadline is None, deadline

    def _command(self, mutator: Mutator) -> None:
        random, agent, t = mutator.random, self._agent, self._t
        call = random.choice([*self._calls] if self._calls and random.random() < 0.9 else [*self._over, "none"])
        match random.randrange(13):
            case 0 | 1:
                flow = random.choice((THEM, CONNECTION))
                self._calls[agent.invite("sip:peer@example.com", random.choice((SDP, None)), t, to=flow)] = ""
            case 2:
                agent.hang_up(call, t)
            case 3:
                agent.ring(call, t, random.choice((SDP, None)))
            case 4 | 5:
                agent.answer(call, SDP, t)
            case 6:
                agent.refuse(call, 486, t)
            case 7:
                agent.offer(call, SDP, t)
            case 8:
                agent.info(call, "application/dtmf-relay", b"Signal=1\r\nDuration=100\r\n", t)
            case 9:
                agent.refer(call, "sip:carol@example.com", t)
            case 10:
                agent.report_transfer(call, random.choice((180, 200, 603)), "Words", t)
            case 11:
                agent.register("sip:example.com", 60, t, to=THEM)
            case _:
                agent.refuse_offer(call, 488, t)

    def _hear(self) -> None:
        assert self._peer is not None
        for event in self._agent.take():
            self._check(event)
            match event:
                case Transmit(data):
                    assert b"SECRET-WORD" not in data
                    self._peer.see(data)
                case IncomingCall(call):
                    assert call not in self._over
                    self._calls[call] = ""
                case Refused(call) | Ended(call) | Withdrawn(call):
                    assert call in self._calls, event
                    del self._calls[call]
                    self._over.add(call)
                case RemoteOffer(call):
                    self._agent.accept_offer(call, SDP, self._t)
                case Answered(call) if event.wants_answer:
                    self._agent.accept_offer(call, SDP, self._t)
                case TransferAsked(call):
                    self._agent.report_transfer(call, 100, "Trying", self._t)

    def _check(self, event: AgentEvent) -> None:
        """A call that is over has nothing more to tell."""
        call = getattr(event, "call", "")
        assert call not in self._over, event


class TransactionLayer:
    """The transaction layer under a flood of requests that nobody answers, or somebody does."""

    LIMIT: Final = 12_000_000

    def __init__(self) -> None:
        numbers = itertools.count()
        self._transactions = Transactions(token=lambda: f"token{next(numbers)}")
        self._t = 0.0
        self._count = 0

    def step(self, mutator: Mutator) -> None:
        """Take a damaged message, and some requests that are good."""
        random = mutator.random
        self._t += random.choice(STEPS)
        self._transactions.receive(mutator.mutate(random.choice(MESSAGES)), THEM, self._t)
        for _ in range(8):
            self._count += 1
            fresh = INVITE.replace(b"z9hG4bKabc", b"z9hG4bK%d" % self._count).replace(b"call-1", b"%d" % self._count)
            self._transactions.receive(fresh, THEM, self._t)
        self._transactions.tick(self._t)
        for event in self._transactions.take():
            assert not isinstance(event, Junk) or event.reason.endswith(".")
            if isinstance(event, RequestReceived) and event.transaction and random.random() < 0.1:
                answer = reply(event.request, random.choice((180, 200, 486)))
                self._transactions.respond(event.transaction, answer, self._t)

    def end(self) -> None:
        """What is kept is bounded."""
        assert size_of(self._transactions) < self.LIMIT
