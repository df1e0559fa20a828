"""Where a redirected call goes on (RFC 3261 section 8.1.3.4)."""

from dataclasses import replace

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.message import Response
from dtmfphone.sip.next_hop import next_hop
from dtmfphone.sip.uri import SipUri

MAX_TARGETS = 6
"""How many URIs one call is tried at, the first included."""


class Redirects:
    """The URIs that a call was sent to and those that are left."""

    def __init__(self, first: str) -> None:
        self._known = [first]
        self._secure = first.lower().startswith("sips:")
        self._left: list[str] = []

    def learn(self, response: Response) -> None:
        """Take the contacts of a 3xx, best first; those that cannot be called are left out."""
        found: list[tuple[float, str]] = []
        for part in NameAddress.split_list(response.headers.get_all("Contact")):
            try:
                contact = NameAddress.parse(part)
                target = replace(SipUri.parse(contact.uri), headers="")
                next_hop(str(target))
                quality = float(contact.parameters.get("q", "1"))
            except ValueError:
                continue
            if target.scheme == "sips" or not self._secure:
                found.append((quality, str(target)))
        found.sort(key=lambda each: each[0], reverse=True)
        self._left[:0] = [uri for _, uri in found]

    def next(self) -> str | None:
        """Return the next URI to try; None: there is none."""
        while self._left and len(self._known) < MAX_TARGETS:
            uri = self._left.pop(0)
            if uri not in self._known:
                self._known.append(uri)
                return uri
        return None
