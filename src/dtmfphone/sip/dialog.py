"""Dialogs: what two user agents remember of each other (RFC 3261 section 12)."""

from dataclasses import dataclass
from typing import Self

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Headers, Message, Request, Response
from dtmfphone.sip.next_hop import next_hop
from dtmfphone.sip.uri import SipUri

MAX_FORWARDS = "70"


def contact_uri(message: Message) -> str:
    """Return the URI of the Contact header; empty: there is none that can be read."""
    contacts = NameAddress.split_list(message.headers.get_all("Contact"))
    try:
        uri = NameAddress.parse(contacts[0]).uri if contacts else ""
        SipUri.parse(uri)
    except ValueError:
        return ""
    return uri


def record_route(message: Message) -> tuple[str, ...]:
    """Return the Record-Route entries, topmost first; raise ValueError when one cannot be read."""
    entries = NameAddress.split_list(message.headers.get_all("Record-Route"))
    for entry in entries:
        SipUri.parse(NameAddress.parse(entry).uri)
    return tuple(entries)


@dataclass
class Dialog:
    """One dialog, early or confirmed."""

    call_id: str
    local: NameAddress
    """From of our requests, with our tag."""
    remote: NameAddress
    """To of our requests; its tag is missing where the far end is older than RFC 3261."""
    target: str
    """Request-URI of our requests: the far end's Contact."""
    routes: tuple[str, ...]
    flow: Flow
    """How the far end came last."""
    local_seq: int
    remote_seq: int = 0

    @classmethod
    def of_client(cls, request: Request, response: Response, flow: Flow) -> Self:
        """Return the dialog that a response to our INVITE opens (section 12.1.2); raise ValueError."""
        return cls(
            call_id=request.headers.get("Call-ID"),
            local=NameAddress.parse(request.headers.get("From")),
            remote=NameAddress.parse(response.headers.get("To")),
            target=contact_uri(response) or request.uri,
            routes=record_route(response)[::-1],
            flow=flow,
            local_seq=CSeq.of(request).number,
        )

    @classmethod
    def of_server(cls, request: Request, tag: str, local_seq: int, flow: Flow) -> Self:
        """Return the dialog that our response with this tag to an INVITE opens (section 12.1.1); raise ValueError."""
        return cls(
            call_id=request.headers.get("Call-ID"),
            local=NameAddress.parse(request.headers.get("To")).with_tag(tag),
            remote=NameAddress.parse(request.headers.get("From")),
            target=contact_uri(request),
            routes=record_route(request),
            flow=flow,
            local_seq=local_seq,
            remote_seq=CSeq.of(request).number,
        )

    def confirm(self, response: Response, flow: Flow) -> None:
        """Take target and routes anew from the 2xx to our INVITE (section 13.2.2.4); raise ValueError."""
        self.routes = record_route(response)[::-1]
        self.refresh(response, flow)

    def refresh(self, message: Message, flow: Flow) -> None:
        """Take the far end's Contact anew from a target refresh request or its 2xx (section 12.2)."""
        self.target = contact_uri(message) or self.target
        self.flow = flow

    def next_seq(self) -> int:
        """Return the number of our next request."""
        self.local_seq += 1
        return self.local_seq

    def in_order(self, request: Request) -> bool:
        """Take a request of the far end; False: one that was sent after it came before it (section 12.2.2)."""
        number = CSeq.of(request).number
        if number < self.remote_seq:
            return False
        self.remote_seq = number
        return True

    def request(self, method: str, seq: int) -> Request:
        """Return a request inside the dialog (section 12.2.1.1)."""
        uri, routes = self.target, self.routes
        if routes and not self._loose():
            uri, routes = NameAddress.parse(routes[0]).uri, (*routes[1:], f"<{uri}>")
        fields = [
            ("Max-Forwards", MAX_FORWARDS),
            *(("Route", route) for route in routes),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", str(CSeq(seq, method))),
        ]
        return Request(Headers(fields), method=method, uri=uri)

    def next_hop(self) -> Flow:
        """Return where requests of the dialog go; what cannot be reached itself, by the way that it came."""
        try:
            return next_hop(NameAddress.parse(self.routes[0]).uri if self.routes else self.target, self.flow)
        except ValueError:
            return self.flow

    def _loose(self) -> bool:
        return "lr" in SipUri.parse(NameAddress.parse(self.routes[0]).uri).parameters
