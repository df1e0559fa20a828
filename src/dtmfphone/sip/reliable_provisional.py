"""Provisional responses that are repeated until a PRACK comes (RFC 3262)."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from dtmfphone.sip.capabilities import options
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.dialog import Dialog
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.schedule import Alarm
from dtmfphone.sip.session import Session, sdp_body
from dtmfphone.sip.timers import LIFETIME, T1

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_RACK: Final = re.compile(r"([0-9]{1,10})\s+([0-9]{1,10})\s+(\S+)")
MAX_QUEUE: Final = 8


def reliable_number(response: Response) -> int | None:
    """Return the RSeq of a provisional response that wants a PRACK; None: it wants none."""
    found = _NUMBER.fullmatch(response.headers.get("RSeq").strip())
    return int(found[0]) if found and "100rel" in options(response, "Require") else None


def acknowledge_provisional(
    session: Session, dialog: Dialog, number: int, seq: int, sdp: bytes | None, t: float
) -> None:
    """Send PRACK for a provisional response to our INVITE of that CSeq number; `sdp`: the answer to its offer."""
    session.request(
        dialog,
        "PRACK",
        t,
        answered=lambda *_: None,
        failed=lambda *_: None,
        fields=[("RAck", f"{number} {CSeq(seq, 'INVITE')}")],
        body=sdp_body(sdp),
    )


class ReliableProvisionals:
    """Our reliable responses to one INVITE: one at a time is on its way (section 3)."""

    def __init__(self, session: Session, transaction: str, invite: Request, missing: Callable[[float], None]) -> None:
        """`missing`: called when no PRACK comes within 64 T1."""
        self._session: Final = session
        self._transaction: Final = transaction
        self._invite: Final = CSeq.of(invite)
        self._missing: Final = missing
        self._number = session.core.random.randint(1, 2**30)
        self._queue: deque[Response] = deque()
        """The first one is on its way."""
        self._interval = T1
        self._alarms: tuple[Alarm, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether a PRACK is still to come."""
        return bool(self._queue)

    def send(self, response: Response, t: float) -> None:
        """Send a response in its turn; those that nobody takes are dropped."""
        if len(self._queue) < MAX_QUEUE:
            self._queue.append(response)
            if len(self._queue) == 1:
                self._begin(t)

    def acknowledged(self, prack: Request, t: float) -> bool:
        """Take a PRACK; False: it is for none that is on its way."""
        found = _RACK.fullmatch(prack.headers.get("RAck").strip())
        expected = (self._number, *self._invite)
        if not self._queue or not found or (int(found[1]), int(found[2]), found[3]) != expected:
            return False
        self.stop()
        self._queue.popleft()
        if self._queue:
            self._begin(t)
        return True

    def stop(self) -> None:
        """Repeat nothing any more."""
        for alarm in self._alarms:
            alarm.cancel()

    def _begin(self, t: float) -> None:
        self._number += 1
        response = self._queue[0]
        fields = response.headers.appended("Require", "100rel").appended("RSeq", str(self._number))
        self._queue[0] = replace(response, headers=fields)
        self._interval = T1
        end = self._session.at(t + LIFETIME, self._miss)
        self._alarms = (end, self._session.at(t + T1, self._repeat))
        self._transmit(t)

    def _transmit(self, t: float) -> None:
        self._session.core.transactions.respond(self._transaction, self._queue[0], t)

    def _repeat(self, t: float) -> None:
        self._transmit(t)
        self._interval *= 2
        self._alarms = (self._alarms[0], self._session.at(t + self._interval, self._repeat))

    def _miss(self, t: float) -> None:
        self.stop()
        self._missing(t)
