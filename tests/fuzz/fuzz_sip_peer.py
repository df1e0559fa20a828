"""A far end that answers what a user agent sends, mostly as the rules say."""

from random import Random
from typing import Final

from fuzz_samples import CHALLENGES, SDP

from dtmfphone.sip.ingress import SipSyntaxError, parse
from dtmfphone.sip.message import Headers, Message, Request, Response

STATUSES: Final = (100, 180, 183, 183, 200, 200, 200, 202, 302, 401, 407, 422, 423, 481, 486, 487, 488, 491, 500, 603)
METHODS: Final = ("BYE", "INVITE", "UPDATE", "INFO", "REFER", "OPTIONS", "NOTIFY", "PRACK", "CANCEL", "MESSAGE", "ACK")


class Peer:
    """Makes requests and responses that belong to what it has seen."""

    def __init__(self, random: Random, place: str = "192.0.2.9:5070", name: str = "") -> None:
        """`place`: its host and port; `name`: tells its calls from those of other peers."""
        self._random = random
        self._place = place
        self._name = name
        self._contact = ("Contact", f"<sip:peer@{place}>")
        self._seen: list[Message] = []
        """Messages of the user agent."""
        self._count = 0

    def see(self, data: bytes) -> None:
        """Take what the user agent sent: it must be right, unless it refuses what was not and copies from it."""
        try:
            self._seen.append(parse(data))
        except SipSyntaxError:
            assert data.startswith((b"SIP/2.0 400 ", b"SIP/2.0 505 ")), data
        del self._seen[:-30]

    def message(self) -> bytes:
        """Return the next message."""
        if not self._seen or self._random.random() < 0.03:
            return bytes(self._call())
        message = self._random.choice((self._seen[-1], self._random.choice(self._seen)))
        if isinstance(message, Request) and self._random.random() < 0.9:
            return bytes(self._response(message))
        if isinstance(message, Response) and message.status >= 200 and self._random.random() < 0.4:
            return bytes(self._request(message, "ACK"))
        return bytes(self._request(message, self._random.choice(METHODS)))

    def _call(self) -> Request:
        """Return an INVITE that begins a call."""
        self._count += 1
        number = self._count if self._random.random() < 0.8 else self._random.randrange(5)
        fields = [
            ("Via", f"SIP/2.0/UDP {self._place};branch=z9hG4bK{self._name}call{number};rport"),
            ("From", f"<sip:peer@example.com>;tag=p{number}"),
            ("To", "<sip:us@example.com>"),
            ("Call-ID", f"{self._name}call-{number}"),
            ("CSeq", "1 INVITE"),
            self._contact,
            *self._extras(),
        ]
        return Request(Headers(fields), self._body(), "INVITE", "sip:us@192.0.2.1")

    def _response(self, request: Request) -> Response:
        kind = request.method if self._random.random() < 0.7 else ""
        status = self._random.choice({"INVITE": (180, 183, 200, 200), "": STATUSES}.get(kind, (200,)))
        to = request.headers.get("To")
        if status > 100 and ";tag=" not in to:
            to += f";tag=far{self._random.randrange(3)}"
        fields = [
            *(("Via", value) for value in request.headers.get_all("Via")),
            ("From", request.headers.get("From")),
            ("To", to),
            ("Call-ID", request.headers.get("Call-ID")),
            ("CSeq", request.headers.get("CSeq")),
            self._contact,
            *self._extras(),
        ]
        if status in (401, 407):
            name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
            fields += [(name, self._random.choice(CHALLENGES).decode())]
        if status in (183, 180) and self._random.random() < 0.4:
            fields += [("Require", "100rel"), ("RSeq", str(self._random.randrange(1, 5)))]
        if status in (422, 423):
            fields += [("Min-SE", "1800"), ("Min-Expires", "3600")]
        return Response(Headers(fields), self._body(), status, "Words")

    def _request(self, seen: Message, method: str) -> Request:
        """Return a request in the dialog of a message."""
        ours, theirs = ("To", "From") if isinstance(seen, Request) else ("From", "To")
        self._count += 1
        number = seen.headers.get("CSeq").split()[0] if method in ("ACK", "CANCEL") else str(self._count)
        via = f"SIP/2.0/UDP {self._place};branch=z9hG4bK{self._name}{self._count};rport"
        if method in ("ACK", "CANCEL") and isinstance(seen, Response):
            via = seen.headers.get("Via")
        fields = [
            ("Via", via),
            ("From", seen.headers.get(ours)),
            ("To", seen.headers.get(theirs)),
            ("Call-ID", seen.headers.get("Call-ID")),
            ("CSeq", f"{number} {method}"),
            self._contact,
            ("RAck", f"{self._random.randrange(4)} 1 INVITE"),
            ("Refer-To", "<sip:carol@example.com>"),
            ("Event", "refer"),
            ("Subscription-State", "terminated"),
            *self._extras(),
        ]
        return Request(Headers(fields), self._body(), method, "sip:us@192.0.2.1:5060")

    def _extras(self) -> list[tuple[str, str]]:
        extras = [
            ("Supported", "100rel, timer"),
            ("Require", "100rel"),
            ("Require", "what"),
            ("Session-Expires", "90;refresher=uac"),
            ("Session-Expires", "1800;refresher=uas"),
            ("Session-Expires", "1"),
            ("Allow", "INVITE, ACK, BYE, UPDATE, INFO"),
            ("Retry-After", "1"),
            ("Expires", "60"),
            ("Reason", 'Q.850;cause=16;text="over"'),
            ("Record-Route", f"<sip:{self._place};lr>"),
            ("Contact", "<sip:other@192.0.2.10>;q=0.5;expires=30"),
        ]
        return self._random.sample(extras, self._random.choice((0, 0, 1, 2, 4)))

    def _body(self) -> bytes:
        return SDP if self._random.random() < 0.6 else b""
