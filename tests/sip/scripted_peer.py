"""One user agent with a fake clock, and in place of its far end a script that may break every rule."""

from collections.abc import Iterable
from typing import TypeVar

from agent_link import tokens

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent import UserAgent
from dtmfphone.sip.agent_events import AgentEvent
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.ingress import SipSyntaxError, parse
from dtmfphone.sip.message import Headers, Request, Response
from dtmfphone.sip.reply import reply
from dtmfphone.sip.transaction_events import Transmit

PROXY = Flow("udp", "192.0.2.9", 5060)
CONTACT = "<sip:bob@192.0.2.2:5070>"
SDP_TYPE = "application/sdp"
E = TypeVar("E")
Fields = Iterable[tuple[str, str]]


class ScriptedPeer:
    """The far end of a user agent: sees what it sends, and says what it likes."""

    def __init__(self, *, route: tuple[str, ...] = (), user: str = "alice", password: str = "secret") -> None:
        self.t = 1000.0
        identity = Identity("sip:alice@example.com", "Alice", user=user, password=password, route=route)
        self.agent = UserAgent(identity, token=tokens("a"))
        self.agent.local["udp"] = ("192.0.2.1", 5060)
        self.agent.local["tcp"] = ("192.0.2.1", 5060)
        self.events: list[AgentEvent] = []
        self.sent: list[tuple[Request | Response, Flow]] = []
        self.handles: list[str] = []
        """Of the calls that the user agent made."""
        self._seq = 100
        self._branch = 0

    def collect(self) -> None:
        """Take what the user agent sent and told."""
        for event in self.agent.take():
            if isinstance(event, Transmit):
                try:
                    self.sent.append((parse(event.data), event.to))
                except SipSyntaxError:
                    if not event.data.startswith(b"SIP/2.0 400 "):  # which copies what made the request a bad one
                        raise
            else:
                self.events.append(event)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self.t + seconds
        while (due := self.agent.deadline) is not None and due <= end:
            self.t = max(self.t, due)
            self.agent.tick(self.t)
        self.t = end
        self.collect()

    def seen(self, kind: type[E]) -> list[E]:
        """Return the events of a kind so far."""
        self.collect()
        return [event for event in self.events if isinstance(event, kind)]

    def requests(self, method: str) -> list[Request]:
        """Return the requests of a method that the user agent sent, each as often as it was sent."""
        self.collect()
        return [message for message, _ in self.sent if isinstance(message, Request) and message.method == method]

    def request(self, method: str) -> Request:
        """Return the last request of a method."""
        return self.requests(method)[-1]

    def responses(self, method: str) -> list[Response]:
        """Return the responses to a method that the user agent sent."""
        self.collect()
        responses = [message for message, _ in self.sent if isinstance(message, Response)]
        return [response for response in responses if CSeq.of(response).method == method]

    def statuses(self, method: str) -> list[int]:
        """Return their statuses."""
        return [response.status for response in self.responses(method)]

    def flow_of(self, message: Request | Response) -> Flow:
        """Return where a message was sent."""
        return next(flow for each, flow in self.sent if each is message)

    def receive(self, message: Request | Response | bytes, flow: Flow = PROXY) -> None:
        """Let the user agent receive something."""
        self.agent.receive(bytes(message), flow, self.t)
        self.collect()

    def respond(
        self,
        request: Request,
        status: int,
        *,
        tag: str = "far",
        reason: str = "",
        contact: str = CONTACT,
        fields: Fields = (),
        sdp: bytes | None = None,
    ) -> Response:
        """Answer a request of the user agent."""
        body = None if sdp is None else (SDP_TYPE, sdp)
        response = reply(request, status, reason, tag=tag, fields=[("Contact", contact), *fields], body=body)
        self.receive(response)
        return response

    def invite(
        self, *, fields: Fields = (), sdp: bytes | None = None, contact: str = CONTACT, uri: str = ""
    ) -> Request:
        """Call the user agent."""
        headers = [
            ("Via", f"SIP/2.0/UDP 192.0.2.9;branch={self.branch()};rport"),
            ("Max-Forwards", "70"),
            ("From", "<sip:bob@example.com>;tag=far"),
            ("To", "<sip:alice@example.com>"),
            ("Call-ID", f"call{self._branch}"),
            ("CSeq", f"{self._seq} INVITE"),
            ("Contact", contact),
            *fields,
        ]
        request = Request(Headers(headers), method="INVITE", uri=uri or "sip:alice@192.0.2.1")
        request = with_body(request, SDP_TYPE, sdp)
        self.receive(request)
        return request

    def in_dialog(
        self,
        method: str,
        own: Request,
        *,
        seq: int | None = None,
        fields: Fields = (),
        body: tuple[str, bytes] | None = None,
        tag: str = "",
    ) -> Request:
        """Send a request in the dialog of a request that the user agent sent, or that it was sent.

        `tag`: the user agent's own, where `own` was sent to it.
        """
        if seq is None:
            self._seq += 1
            seq = self._seq
        ends = [NameAddress.parse(own.headers.get(name)) for name in ("From", "To")]
        local, remote = ends if tag else ends[::-1]
        if tag:
            remote = remote.with_tag(tag)
        elif not local.tag:
            local = local.with_tag("far")
        headers = [
            ("Via", f"SIP/2.0/UDP 192.0.2.9;branch={self.branch()};rport"),
            ("Max-Forwards", "70"),
            ("From", str(local)),
            ("To", str(remote)),
            ("Call-ID", own.headers.get("Call-ID")),
            ("CSeq", f"{seq} {method}"),
            *fields,
        ]
        request = Request(Headers(headers), method=method, uri="sip:alice@192.0.2.1:5060")
        request = with_body(request, *(body or ("", None)))
        self.receive(request)
        return request

    def branch(self) -> str:
        """Return a branch that was not used before."""
        self._branch += 1
        return f"z9hG4bKpeer{self._branch}"

    def call(self, sdp: bytes | None, *, target: str = "sip:bob@example.com") -> str:
        """Let the user agent call and return the handle."""
        handle = self.agent.invite(target, sdp, self.t, to=PROXY)
        self.handles.append(handle)
        self.collect()
        return handle


def with_body(request: Request, media_type: str, body: bytes | None) -> Request:
    """Return a request with a body."""
    if body is None:
        return request
    return Request(request.headers.appended("Content-Type", media_type), body, request.method, request.uri)


def tag_of(response: Response) -> str:
    """Return the To tag."""
    return NameAddress.parse(response.headers.get("To")).tag
