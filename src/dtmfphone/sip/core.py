"""What all parts of a user agent share: who we are, transactions, credentials, alarms, news."""

import random
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent_events import AgentEvent
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.dialog import MAX_FORWARDS
from dtmfphone.sip.digest import Authenticator
from dtmfphone.sip.flow import DEFAULT_PORTS, Flow, Transport
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.message import Headers, Request, Response
from dtmfphone.sip.parameters import NO_PARAMETERS, Parameters
from dtmfphone.sip.reply import reply
from dtmfphone.sip.schedule import Schedule
from dtmfphone.sip.transaction_events import FailureCause
from dtmfphone.sip.transactions import Transactions
from dtmfphone.sip.uri import SipUri


class Waiting(Protocol):
    """Who waits for the responses of a transaction."""

    def receive(self, response: Response, flow: Flow, t: float) -> None:
        """Take a response."""
        ...

    def fail(self, cause: FailureCause, text: str, t: float) -> None:
        """Take note that there will be no final response."""
        ...


class Core:
    """What all parts of one user agent share."""

    def __init__(self, identity: Identity, *, token: Callable[[], str], product: str) -> None:
        self.identity: Final = identity
        self.token: Final = token
        self.product: Final = product
        self.local: dict[Transport, tuple[str, int]] = {}
        self.random: Final = random.Random(token())
        self.transactions: Final = Transactions(token=token)
        self.schedule: Final = Schedule()
        own = SipUri.parse(identity.address)
        user = identity.user or (own.user if identity.password else "")
        self.credentials: Final = Authenticator(user, identity.password, token=token)
        self.waiting: Final[dict[str, Waiting]] = {}
        """By the transactions of our requests."""
        self.cancelled: Final[dict[str, Callable[[Request, float], None]]] = {}
        """What to do when an INVITE that waits for its final response is cancelled, by its transaction."""
        self.news: list[AgentEvent] = []

    def tell(self, event: AgentEvent) -> None:
        """Tell of something that happened."""
        self.news.append(event)

    def sent_by(self, transport: Transport) -> str:
        """Return our own host and port for Via and Contact."""
        host, port = self._place(transport)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def _place(self, transport: Transport) -> tuple[str, int]:
        return self.local.get(transport, ("127.0.0.1", DEFAULT_PORTS[transport]))

    def contact(self, transport: Transport, *, secure: bool = False) -> str:
        """Return the URI at which we are reached over a transport; `secure`: as `sips` (section 8.1.1.8)."""
        host, port = self._place(transport)
        parameters = NO_PARAMETERS if secure or transport == "udp" else Parameters((("transport", transport),))
        user = SipUri.parse(self.identity.address).user
        return str(SipUri("sips" if secure else "sip", user, host=host, port=port, parameters=parameters))

    def outside_dialog(self, method: str, uri: str, to: str, *, call_id: str, tag: str, seq: int) -> Request:
        """Return a request outside of dialogs (section 8.1.1)."""
        own = NameAddress(self.identity.address, self.identity.display_name).with_tag(tag)
        fields = [
            ("Max-Forwards", MAX_FORWARDS),
            *(("Route", route) for route in self.identity.route),
            ("From", str(own)),
            ("To", f"<{to}>"),
            ("Call-ID", call_id),
            ("CSeq", str(CSeq(seq, method))),
        ]
        return Request(Headers(fields), method=method, uri=uri)

    def respond(
        self,
        transaction: str,
        request: Request,
        status: int,
        t: float,
        *,
        tag: str = "",
        reason: str = "",
        fields: Iterable[tuple[str, str]] = (),
        body: tuple[str, bytes] | None = None,
    ) -> None:
        """Answer a request; without `tag` To gets one of its own."""
        response = reply(
            request, status, reason, tag=tag or self.token(), fields=(*fields, ("Server", self.product)), body=body
        )
        self.transactions.respond(transaction, response, t)

    def retry_after(self) -> tuple[str, str]:
        """Return a Retry-After of up to ten seconds, for requests that came in between (section 14.2)."""
        return "Retry-After", str(self.random.randint(0, 10))
