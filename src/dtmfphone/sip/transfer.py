"""Blind transfer, both ways: REFER, and the NOTIFY requests that tell of its progress (RFC 3515, RFC 6665)."""

import re
from typing import Final

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent_events import TransferAsked, TransferProgress
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.exchange import Exchange
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.grammar import decoded
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.reasons import reason_text
from dtmfphone.sip.schedule import Alarm
from dtmfphone.sip.session import Session
from dtmfphone.sip.transaction_events import FailureCause

SIPFRAG: Final = "message/sipfrag;version=2.0"
EXPIRES: Final = 180
"""Seconds that we keep a far end informed."""
_STATUS_LINE: Final = re.compile(rb"\s*SIP/2\.0[ \t]+([1-6][0-9]{2})[ \t]*([^\r\n]*)", re.IGNORECASE)


class Transfer:
    """The transfers of one call: at most one each way at a time."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session
        self._referred = False
        """Whether we have sent a REFER in this call."""
        self._patience: Alarm | None = None
        """Our REFER is not done yet; when this is due, nothing more is expected."""
        self._last = (100, "Trying")
        """What the far end told of it last."""
        self._received: str | None = None
        """CSeq number of the far end's REFER that we tell of."""

    def refer(self, target: str, t: float) -> None:
        """Ask the far end to call a URI."""
        session = self._session
        if session.dialog is None or not session.answered:
            return
        own = session.core.identity.address
        self._referred = True
        self._last = (100, "Trying")
        if self._patience is not None:
            self._patience.cancel()
        self._patience = session.at(t + EXPIRES, lambda _: self._progress(408, "No more news came.", final=True))
        session.request(
            session.dialog,
            "REFER",
            t,
            answered=self._answered,
            failed=self._failed,
            fields=[session.contact(session.dialog), ("Refer-To", f"<{target}>"), ("Referred-By", f"<{own}>")],
        )

    def _answered(self, _exchange: Exchange, response: Response, _flow: Flow, t: float) -> None:
        silent = response.headers.get("Refer-Sub").strip().lower() == "false"
        if response.status >= 300 or silent:
            reason = reason_text(response) or response.reason
            self._progress(response.status, reason, final=True)
        self._session.lost(response, t)

    def _failed(self, cause: FailureCause, text: str, _t: float) -> None:
        self._progress(408 if cause == "timeout" else 503, text, final=True)

    def _progress(self, status: int, reason: str, *, final: bool) -> None:
        if self._patience is None:
            return
        self._last = (status, reason)
        if final:
            self._patience.cancel()
            self._patience = None
        self._session.tell(TransferProgress(self._session.handle, status, reason, final))

    def notified(self, request: Request, transaction: str, t: float) -> None:
        """Take news of our REFER."""
        core = self._session.core
        event = request.headers.get("Event").partition(";")[0]
        if event.strip().lower() != "refer":
            core.respond(transaction, request, 489, t, fields=[("Allow-Events", "refer")])
            return
        if not self._referred:
            core.respond(transaction, request, 481, t)
            return
        core.respond(transaction, request, 200, t)
        line = _STATUS_LINE.match(request.body)
        status, reason = (int(line[1]), decoded(line[2])) if line else self._last
        over = request.headers.get("Subscription-State").partition(";")[0].strip().lower() == "terminated"
        self._progress(status, reason, final=over or status >= 200)

    def asked(self, request: Request, transaction: str, t: float) -> None:
        """Take a REFER; it is accepted at once, what becomes of it is told later."""
        session = self._session
        try:
            (target,) = NameAddress.parse_list(request.headers.get_all("Refer-To"))
        except ValueError:
            session.core.respond(transaction, request, 400, t, reason="One Refer-To Needed")
            return
        if self._received is not None:
            session.core.respond(transaction, request, 491, t)
            return
        session.core.respond(transaction, request, 202, t, tag=session.tag, fields=self._contact())
        self._received = str(CSeq.of(request).number)
        self._notify(100, "Trying", t)
        session.tell(TransferAsked(session.handle, target.uri, _uri(request.headers.get("Referred-By"))))

    def report(self, status: int, reason: str, t: float) -> None:
        """Tell the far end how far we have come with its REFER."""
        if self._received is not None:
            self._notify(status, reason, t)
            if status >= 200:
                self._received = None

    def _notify(self, status: int, reason: str, t: float) -> None:
        session = self._session
        if session.dialog is None:
            return
        state = "terminated;reason=noresource" if status >= 200 else f"active;expires={EXPIRES}"
        session.request(
            session.dialog,
            "NOTIFY",
            t,
            answered=lambda *_: None,
            failed=lambda *_: None,
            fields=[*self._contact(), ("Event", f"refer;id={self._received}"), ("Subscription-State", state)],
            body=(SIPFRAG, f"SIP/2.0 {status} {reason}\r\n".encode()),
        )

    def _contact(self) -> list[tuple[str, str]]:
        dialog = self._session.dialog
        return [] if dialog is None else [self._session.contact(dialog)]


def _uri(value: str) -> str:
    try:
        return NameAddress.parse(value).uri
    except ValueError:
        return ""
