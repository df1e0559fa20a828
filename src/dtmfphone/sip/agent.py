"""A SIP user agent without IO (RFC 3261): commands, bytes and time in, events out."""

from collections.abc import Callable

from dtmfphone.sip.agent_events import AgentEvent
from dtmfphone.sip.flow import Flow, Transport
from dtmfphone.sip.identity import Identity


class UserAgent:
    """Places and takes the calls of one identity, and registers it.

    A call is named by the handle that `invite` returns or `IncomingCall` brings. Commands for a call that has ended,
    or that make no sense in its state, do nothing: the far end may have been faster. `t` is the time in seconds.
    """

    def __init__(self, identity: Identity, *, token: Callable[[], str], product: str = "dtmfphone") -> None:
        self.local: dict[Transport, tuple[str, int]] = {}
        """Own host and port per transport, as others reach us: for Via and Contact."""

    def invite(self, target: str, sdp: bytes | None, t: float, *, to: Flow) -> str:
        """Call a URI by way of a flow and return the call's handle; without SDP the far end makes the offer."""
        raise NotImplementedError

    def hang_up(self, call: str, t: float) -> None:
        """End a call in whatever state: CANCEL, refuse with 603, or BYE, as soon as the rules allow it."""

    def ring(self, call: str, t: float, sdp: bytes | None = None) -> None:
        """Tell the caller that it rings here (180), or that there is early media (183)."""

    def answer(self, call: str, sdp: bytes, t: float) -> None:
        """Take an incoming call, with the answer to its offer, or with an offer if it had none."""

    def refuse(self, call: str, status: int, t: float, reason: str = "") -> None:
        """Do not take an incoming call: 486, 603, 488 or another final status."""

    def offer(self, call: str, sdp: bytes, t: float) -> None:
        """Offer another session in a call that is up, by re-INVITE in its turn. `RemoteAnswer`, `OfferRefused`."""

    def accept_offer(self, call: str, sdp: bytes, t: float) -> None:
        """Answer a `RemoteOffer`, or `Answered.wants_answer`."""

    def refuse_offer(self, call: str, status: int, t: float) -> None:
        """Refuse a `RemoteOffer` (488): the session stays as it was."""

    def info(self, call: str, content_type: str, body: bytes, t: float) -> str:
        """Send an INFO request and return its name; one after the other, in the order asked for. `InfoAnswered`."""
        raise NotImplementedError

    def refer(self, call: str, target: str, t: float) -> None:
        """Ask the far end to call a URI (RFC 3515). `TransferProgress`."""

    def report_transfer(self, call: str, status: int, reason: str, t: float) -> None:
        """Tell the far end how far we have come with what it asked (`TransferAsked`): 180, 200, or 603 to decline."""

    def register(self, registrar: str, expires: int, t: float, *, to: Flow) -> None:
        """Register at a registrar's URI for so many seconds, and renew it until `unregister`."""

    def unregister(self, t: float) -> None:
        """Take the registration back. `Unregistered`."""

    def call_id(self, call: str) -> str:
        """Return the Call-ID of a call, which joins its messages; empty: there is no such call."""
        raise NotImplementedError

    def receive(self, data: bytes, flow: Flow, t: float) -> None:
        """Take a datagram, or a message from a stream."""

    def flow_failed(self, flow: Flow, text: str, t: float) -> None:
        """What was to be sent there could not be: `text` says why."""

    def tick(self, t: float) -> None:
        """Do what is due."""

    @property
    def deadline(self) -> float | None:
        """When `tick` is due; None: never."""
        raise NotImplementedError

    def take(self) -> list[AgentEvent]:
        """Return what happened and what is to be sent since the last time, in order."""
        raise NotImplementedError
