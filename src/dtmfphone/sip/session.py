"""What the parts of one call share: its dialogs, its offers, its end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from dtmfphone.sip.agent_events import AgentEvent, Ended, EndedBy, Refused, Withdrawn
from dtmfphone.sip.body import SDP
from dtmfphone.sip.capabilities import options
from dtmfphone.sip.core import Core
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.exchange import Answered, Exchange, Failed
from dtmfphone.sip.message import Headers, Message, Request, Response
from dtmfphone.sip.reasons import reason_text
from dtmfphone.sip.schedule import Alarm


@dataclass(frozen=True)
class PendingOffer:
    """An offer of the far end that waits for us."""

    accept: Callable[[bytes, float], None]
    refuse: Callable[[int, float], None]


class Session:
    """One call, from its INVITE to its BYE."""

    def __init__(self, core: Core, call_id: str, *, caller: bool, forget: Callable[[], None]) -> None:
        self.core: Final = core
        self.handle: Final = core.token()
        self.call_id: Final = call_id
        self.caller: Final = caller
        """Whether the call is ours."""
        self.tag: Final = core.token()
        """Our own tag, in all dialogs of the call."""
        self.dialogs: dict[str, Dialog] = {}
        """By the far end's tag; several while our call rings at several places."""
        self.dialog: Dialog | None = None
        """The one that the call is in; of a call that comes in already while it rings."""
        self.early: Dialog | None = None
        """Of a call of ours that rings: the one whose far end described its audio last."""
        self.answered = False
        """A 2xx to the INVITE was sent or has come."""
        self.far_methods: frozenset[str] = frozenset()
        """What the far end allows, in lower case; empty: it did not say."""
        self.description: bytes | None = None
        """Our session description that is in force."""
        self.offering = False
        """An offer of ours waits for its answer."""
        self.owing = False
        """The offer in the caller's INVITE waits for our answer."""
        self.pending: PendingOffer | None = None
        """Any other offer of the far end that waits for our answer."""
        self.unacknowledged = False
        """An INVITE of the far end waits for its end, the ACK."""
        self.leaving = False
        """BYE has been sent."""
        self.over = False
        self._forget = forget
        self._alarms: list[Alarm] = []

    def tell(self, event: AgentEvent) -> None:
        """Tell of something, unless the call is over."""
        if not self.over:
            self.core.tell(event)

    def at(self, when: float, action: Callable[[float], None]) -> Alarm:
        """Set an alarm that goes with the call."""
        alarm = self.core.schedule.at(when, action)
        self._alarms = [each for each in self._alarms if each in self.core.schedule.alarms]
        self._alarms.append(alarm)
        return alarm

    def learn(self, message: Message) -> None:
        """Remember what the far end says that it allows."""
        self.far_methods = options(message, "Allow") or self.far_methods

    def request(
        self,
        dialog: Dialog,
        method: str,
        t: float,
        *,
        answered: Answered,
        failed: Failed,
        fields: Iterable[tuple[str, str]] = (),
        body: tuple[str, bytes] | None = None,
    ) -> Exchange:
        """Send a request in a dialog; `body`: content type and content."""
        request = self.complete(dialog.request(method, dialog.next_seq()), fields, body)
        return Exchange(self.core, request, dialog.next_hop(), t, seq=dialog.next_seq, answered=answered, failed=failed)

    def complete(self, request: Request, fields: Iterable[tuple[str, str]], body: tuple[str, bytes] | None) -> Request:
        """Return a request with more header fields and a body."""
        added = [*fields, ("User-Agent", self.core.product)]
        if body is None:
            return replace(request, headers=Headers([*request.headers, *added]))
        return replace(request, headers=Headers([*request.headers, *added, ("Content-Type", body[0])]), body=body[1])

    def contact(self, dialog: Dialog) -> tuple[str, str]:
        """Return our Contact in a dialog."""
        secure = dialog.target.lower().startswith("sips:")
        return "Contact", f"<{self.core.contact(dialog.next_hop().transport, secure=secure)}>"

    @property
    def our_turn(self) -> bool:
        """Whether we may offer something now (section 14.1)."""
        up = self.dialog is not None and not self.leaving and not self.over
        return up and not self.unacknowledged and self.pending is None and not self.offering

    def accept_offer(self, sdp: bytes, t: float) -> None:
        """Answer the offer that waits; harmless when there is none."""
        pending, self.pending = self.pending, None
        if pending is not None:
            pending.accept(sdp, t)

    def refuse_offer(self, status: int, t: float) -> None:
        """Refuse the offer that waits; harmless when there is none."""
        pending, self.pending = self.pending, None
        if pending is not None:
            pending.refuse(status, t)

    def bye(self, t: float, by: EndedBy, text: str = "") -> None:
        """End the dialog; what we end ourselves is over when the far end has confirmed it."""
        self.refuse_offer(487, t)
        if self.dialog is None or self.leaving or self.over:
            return
        self.leaving = True
        self.drop_alarms()
        over = Ended(self.handle, by, text)
        self.request(
            self.dialog,
            "BYE",
            t,
            answered=lambda *_: self.end(over),
            failed=lambda *_: self.end(over),
        )
        if by != "us":
            self.end(over)

    def lost(self, response: Response, t: float) -> bool:
        """End the call where the far end says that it knows it no more (section 12.2.1.2); False: it does not."""
        if response.status not in (408, 481):
            return False
        self.bye(t, "far" if response.status == 481 else "timeout", reason_text(response) or response.reason)
        return True

    def end(self, event: Refused | Withdrawn | Ended) -> None:
        """Tell that the call is over."""
        if not self.over:
            self.core.tell(event)
            self.over = True
            self.drop_alarms()
            self._forget()

    def ended_by_far(self, message: Message, t: float) -> None:
        """Tell that the far end has ended the call by this message."""
        self.refuse_offer(487, t)
        self.end(Ended(self.handle, "us" if self.leaving else "far", reason_text(message)))

    def drop_alarms(self) -> None:
        """Cancel all alarms of the call."""
        for alarm in self._alarms:
            alarm.cancel()
        self._alarms.clear()


def sdp_body(sdp: bytes | None) -> tuple[str, bytes] | None:
    """Return a session description as a body."""
    return None if sdp is None else (SDP, sdp)
