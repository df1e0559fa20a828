"""User agents joined in memory: a fake clock, and a wire that loses, delays and doubles messages."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from dtmfphone.sip.agent import UserAgent
from dtmfphone.sip.agent_events import AgentEvent
from dtmfphone.sip.flow import Flow, Transport
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.ingress import parse
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.transaction_events import Transmit

OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
ANSWER = OFFER.replace(b"192.0.2.1", b"192.0.2.2")
HELD = OFFER + b"a=sendonly\r\n"
E = TypeVar("E")
Lost = Callable[[Request | Response], bool]


def tokens(prefix: str) -> Callable[[], str]:
    """Return a source of names that are unlike, and the same in every run."""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers):08}"


class Party:
    """One user agent on the link."""

    def __init__(self, link: "Link", name: str, host: str, transport: Transport, password: str) -> None:
        self.link = link
        self.flow = Flow(transport, host, 5060)
        self.uri = f"sip:{name}@[{host}]" if ":" in host else f"sip:{name}@{host}"
        self.agent = UserAgent(Identity(self.uri, name.capitalize(), password=password), token=tokens(name))
        self.agent.local[transport] = (host, 5060)
        self.events: list[AgentEvent] = []
        self._waited = Counter[type]()

    def seen(self, kind: type[E]) -> list[E]:
        """Return the events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def wait(self, kind: type[E], seconds: float = 120.0) -> E:
        """Let time pass until there is an event of a kind that nobody has waited for yet, and return it."""
        number = self._waited[kind]
        self.link.run(seconds, until=lambda: len(self.seen(kind)) > number)
        assert len(self.seen(kind)) > number, f"no {kind.__name__} in {self.events}"
        self._waited[kind] += 1
        return self.seen(kind)[number]


class Link:
    """The wire and the clock."""

    def __init__(
        self, *, seed: int = 0, loss: float = 0.0, doubled: float = 0.0, delay: float = 0.01, jitter: float = 0.0
    ) -> None:
        self.t = 1000.0
        self.wire: list[Request | Response] = []
        """All messages that were sent, lost ones too."""
        self.lost: Lost = lambda message: self._random.random() < self._loss
        self._random = random.Random(seed)
        self._loss = loss
        self._doubled = doubled
        self._delay = delay
        self._jitter = jitter
        self._parties: dict[tuple[str, int], Party] = {}
        self._flying: list[tuple[float, int, bytes, Flow, Flow]] = []
        self._numbers = count()

    def join(self, name: str, host: str, *, transport: Transport = "udp", password: str = "") -> Party:
        """Put a user agent on the link."""
        party = Party(self, name, host, transport, password)
        self._parties[host, 5060] = party
        return party

    def call(self, caller: Party, called: Party, sdp: bytes | None = OFFER) -> str:
        """Let one call the other and return the caller's handle."""
        return caller.agent.invite(called.uri, sdp, self.t, to=called.flow)

    def sent(self, method: str) -> list[Request]:
        """Return the requests of a method that were sent."""
        return [message for message in self.wire if isinstance(message, Request) and message.method == method]

    def run(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass."""
        end = self.t + seconds
        while True:
            self._collect()
            if until():
                return
            due = [party.agent.deadline for party in self._parties.values()]
            times = [at for at in due if at is not None] + [flight[0] for flight in self._flying[:1]]
            if not times or min(times) > end:
                self.t = end
                return
            self.t = max(self.t, min(times))
            while self._flying and self._flying[0][0] <= self.t:
                _, _, data, source, target = heapq.heappop(self._flying)
                if party := self._parties.get((target.host, target.port)):
                    party.agent.receive(data, source, self.t)
            for party in self._parties.values():
                if (at := party.agent.deadline) is not None and at <= self.t:
                    party.agent.tick(self.t)

    def _collect(self) -> None:
        for party in self._parties.values():
            for event in party.agent.take():
                if isinstance(event, Transmit):
                    self._send(event, party)
                else:
                    party.events.append(event)

    def _send(self, event: Transmit, source: Party) -> None:
        message = parse(event.data)
        self.wire.append(message)
        if self.lost(message):
            return
        for _ in range(2 if self._random.random() < self._doubled else 1):
            at = self.t + self._delay + self._jitter * self._random.random()
            heapq.heappush(self._flying, (at, next(self._numbers), event.data, source.flow, event.to))


def lose_first(*kinds: str) -> Lost:
    """Lose the first message of each kind: a method, or a status with the method that it answers."""
    left = list(kinds)

    def lost(message: Request | Response) -> bool:
        kind = message.method if isinstance(message, Request) else f"{message.status} {message.headers.get('CSeq')}"
        words = kind.split()
        name = f"{words[0]} {words[2]}" if len(words) == 3 else kind
        if name in left:
            left.remove(name)
            return True
        return False

    return lost
