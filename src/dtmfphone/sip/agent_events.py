"""What a user agent tells: what to send, and what happened on calls and on the registration.

Every call ends with exactly one of `Refused`, `Withdrawn` and `Ended`.
"""

from dataclasses import dataclass
from typing import Literal

from dtmfphone.sip.digest import AuthenticationError
from dtmfphone.sip.transaction_events import Junk, Transmit

EndedBy = Literal["far", "us", "timeout", "transport"]


@dataclass(frozen=True)
class Provisional:
    """The far end works on our call: 101 to 199."""

    call: str
    status: int
    reason: str
    sdp: bytes | None
    """Early media: the answer to our offer."""
    reliable: bool
    """Whether it came reliably (RFC 3262): the answer is then final for its branch."""
    branch: str
    """Which of several far ends (RFC 3261 section 12.1: the To tag); empty: it did not say."""


@dataclass(frozen=True)
class Answered:
    """The far end took our call."""

    call: str
    sdp: bytes | None
    """The answer to our offer, also where it came before, in a provisional response. None: there is none."""
    wants_answer: bool
    """We had made no offer: `sdp` is one, `accept_offer` answers it."""
    branch: str


@dataclass(frozen=True)
class Refused:
    """The far end did not take our call."""

    call: str
    status: int
    reason: str
    text: str
    """What Reason and Warning headers say; often empty."""
    unproved: AuthenticationError | None = None
    """Of a 401 or 407: why the challenge was not answered once more."""


@dataclass(frozen=True)
class Ended:
    """A call is over; with a `hang_up` of ours it is told of when the far end has confirmed it, or did not in time."""

    call: str
    by: EndedBy
    """`timeout`: no answer came, or the session expired; `transport`: the message could not be sent."""
    text: str = ""
    """What a Reason header says, or what went wrong."""


@dataclass(frozen=True)
class IncomingCall:
    """Somebody calls: `ring`, then `answer` or `refuse`."""

    call: str
    caller: str
    """URI of the From header."""
    caller_name: str
    """Display name of the From header; often empty."""
    called: str
    """Request-URI."""
    sdp: bytes | None
    """None: `ring` or `answer` makes the offer, `Confirmed` or `RemoteAnswer` brings its answer."""
    call_id: str


@dataclass(frozen=True)
class Withdrawn:
    """The caller gave up before we answered (CANCEL)."""

    call: str
    text: str
    """What the Reason header says; often empty."""


@dataclass(frozen=True)
class Confirmed:
    """The caller has heard of our answer (ACK): the call is up."""

    call: str
    sdp: bytes | None
    """The answer, where our 200 made the offer."""


@dataclass(frozen=True)
class RemoteOffer:
    """The far end wants to change the session: `accept_offer` or `refuse_offer`, soon."""

    call: str
    sdp: bytes | None
    """None: it wants an offer of ours, `RemoteAnswer` brings its answer."""


@dataclass(frozen=True)
class RemoteAnswer:
    """The far end took an offer of ours; also when a session was refreshed with the offer that was in force."""

    call: str
    sdp: bytes


@dataclass(frozen=True)
class OfferRefused:
    """The far end did not take our `offer`: the call goes on as it was."""

    call: str
    status: int | None
    """None: there was no usable answer."""
    reason: str
    text: str = ""
    """What Reason and Warning headers say; often empty."""


@dataclass(frozen=True)
class InfoReceived:
    """Keys in an INFO request, which is answered with 200 already."""

    call: str
    content_type: str
    body: bytes
    t: float


@dataclass(frozen=True)
class InfoAnswered:
    """What became of an `info` of ours."""

    call: str
    request: str
    """What `info` returned."""
    status: int | None
    """None: there was no answer. 2xx: accepted, which is no proof that it was heard."""
    reason: str


@dataclass(frozen=True)
class TransferProgress:
    """How far the far end has come with our `refer` (RFC 3515)."""

    call: str
    status: int
    reason: str
    final: bool


@dataclass(frozen=True)
class TransferAsked:
    """The far end asks us to call somebody else; `report_transfer` tells it what becomes of it."""

    call: str
    target: str
    """URI."""
    by: str
    """URI of the Referred-By header; often empty."""


@dataclass(frozen=True)
class Registered:
    """The registrar knows where we are; told of each time that it is renewed."""

    expires: int
    """Seconds that it lasts."""
    contact: str
    """Our URI."""
    seen_as: tuple[str, int] | None
    """Host and port from which the registrar saw the request come (RFC 3581), if it says so."""


@dataclass(frozen=True)
class RegistrationFailed:
    """The registrar did not take us."""

    status: int | None
    """None: there was no answer."""
    text: str
    final: bool
    """False: it is tried again by itself."""
    unproved: AuthenticationError | None = None
    """Of a 401 or 407: why the challenge was not answered once more."""


@dataclass(frozen=True)
class Unregistered:
    """Nothing is registered any more, or the registrar did not answer when told so."""


@dataclass(frozen=True)
class Note:
    """Something odd that a person should read."""

    call: str
    """Empty: it belongs to none."""
    text: str


AgentEvent = (
    Transmit
    | Junk
    | Provisional
    | Answered
    | Refused
    | Ended
    | IncomingCall
    | Withdrawn
    | Confirmed
    | RemoteOffer
    | RemoteAnswer
    | OfferRefused
    | InfoReceived
    | InfoAnswered
    | TransferProgress
    | TransferAsked
    | Registered
    | RegistrationFailed
    | Unregistered
    | Note
)
