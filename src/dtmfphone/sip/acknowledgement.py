"""The ACK to a 2xx, and the 2xx that waits for one (RFC 3261 sections 13.2.2.4 and 13.3.1.4)."""

from collections.abc import Callable
from typing import Final

from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.session import Session, sdp_body
from dtmfphone.sip.timers import LIFETIME, T1, T2

CREDENTIALS: Final = ("Authorization", "Proxy-Authorization")


class Acknowledgement:
    """Our ACK to a 2xx: sent once, and again for each time that the 2xx is repeated."""

    def __init__(self, session: Session, dialog: Dialog, invite: Request, response: Response) -> None:
        self._session: Final = session
        request = dialog.request("ACK", CSeq.of(response).number)
        self._fields: Final = [field for field in invite.headers if field[0] in CREDENTIALS]
        """An ACK cannot be challenged, so it proves what the INVITE proved (section 22.1)."""
        self._request = request
        self._to: Final = dialog.next_hop()
        self._sent = False

    def send(self, sdp: bytes | None = None) -> None:
        """Send it for the first time; `sdp`: the answer to an offer in the 2xx."""
        self._request = self._session.complete(self._request, self._fields, sdp_body(sdp))
        self._sent = True
        self.repeat()

    def repeat(self) -> None:
        """Send it again if it was sent."""
        if self._sent:
            core = self._session.core
            core.transactions.acknowledge(self._request, self._to, core.sent_by(self._to.transport))


class UntilAcknowledged:
    """Our 2xx to an INVITE, repeated until its ACK comes."""

    def __init__(
        self, session: Session, transaction: str, response: Response, t: float, missing: Callable[[float], None]
    ) -> None:
        """`missing`: called when no ACK comes within 64 T1."""
        self._session: Final = session
        self._transaction: Final = transaction
        self._response: Final = response
        self._interval = T1
        self._given_up = session.at(t + LIFETIME, lambda now: self._miss(missing, now))
        session.core.transactions.respond(transaction, response, t)
        self._repetition = session.at(t + T1, self._repeat)

    def stop(self) -> None:
        """The ACK came."""
        self._given_up.cancel()
        self._repetition.cancel()

    def _repeat(self, t: float) -> None:
        self._session.core.transactions.respond(self._transaction, self._response, t)
        self._interval = min(2 * self._interval, T2)
        self._repetition = self._session.at(t + self._interval, self._repeat)

    def _miss(self, missing: Callable[[float], None], t: float) -> None:
        self._repetition.cancel()
        missing(t)
