"""Why, in words: Reason and Warning headers (RFC 3326, RFC 3261 section 20.43), and others that people should see."""

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.grammar import split, unquote
from dtmfphone.sip.message import Message
from dtmfphone.sip.parameters import Parameters


def reason_text(message: Message) -> str:
    """Return what the headers of a message say about its reason, joined by semicolons; empty: nothing."""
    return "; ".join([*_warnings(message), *_reasons(message)])


def _warnings(message: Message) -> list[str]:
    texts = []
    for value in NameAddress.split_list(message.headers.get_all("Warning")):
        words = split(value, " ", 2)
        if len(words) == 3 and words[2]:
            texts.append(unquote(words[2]))
    return texts


def _reasons(message: Message) -> list[str]:
    texts = []
    for value in NameAddress.split_list(message.headers.get_all("Reason")):
        protocol, _, rest = value.partition(";")
        parameters = Parameters.parse(rest)
        cause = parameters.get("cause")
        texts.append(parameters.get("text") or f"{protocol.strip()} {cause}".strip())
    return [text for text in texts if text]
