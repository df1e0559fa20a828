"""What we understand, and what is said to requests that go beyond it (RFC 3261 section 8.2)."""

from typing import Final

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.body import SDP, understood
from dtmfphone.sip.message import Message, Request

METHODS: Final = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY")
EXTENSIONS: Final = ("100rel", "timer")
DTMF_TYPES: Final = ("application/dtmf-relay", "application/dtmf")

ALLOW: Final = ("Allow", ", ".join(METHODS))
SUPPORTED: Final = ("Supported", ", ".join(EXTENSIONS))
ACCEPT: Final = ("Accept", f"{SDP}, multipart/mixed")
ACCEPT_INFO: Final = ("Accept", ", ".join(DTMF_TYPES))
ACCEPT_ALL: Final = ("Accept", ", ".join((SDP, "multipart/mixed", *DTMF_TYPES, "message/sipfrag")))


def options(message: Message, name: str) -> frozenset[str]:
    """Return the tokens of a header such as Supported, Require or Allow, in lower case."""
    return frozenset(token.lower() for token in NameAddress.split_list(message.headers.get_all(name)))


def objection(request: Request) -> tuple[int, list[tuple[str, str]]] | None:
    """Return status and header fields with which a request is refused that we cannot serve; None: we can."""
    if request.method not in METHODS:
        return 405, [ALLOW]
    if request.uri.partition(":")[0].lower() not in ("sip", "sips", "tel"):
        return 416, []
    unknown = [each for each in NameAddress.split_list(request.headers.get_all("Require")) if not _known(each)]
    if unknown:
        return 420, [("Unsupported", ", ".join(unknown))]
    if request.method in ("INVITE", "UPDATE", "PRACK") and not understood(request):
        return 415, [ACCEPT, ("Accept-Encoding", "identity")]
    return None


def _known(extension: str) -> bool:
    return extension.lower() in EXTENSIONS
