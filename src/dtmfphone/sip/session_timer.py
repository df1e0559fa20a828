"""Session timers: calls that nobody confirms any more come to an end (RFC 4028)."""

import re
from collections.abc import Callable
from typing import Final

from dtmfphone.sip.capabilities import options
from dtmfphone.sip.message import Message, Request, Response
from dtmfphone.sip.parameters import Parameters
from dtmfphone.sip.schedule import Alarm
from dtmfphone.sip.session import Session

DEFAULT_INTERVAL: Final = 1800
"""Seconds (section 4)."""
LEAST_INTERVAL: Final = 90
"""Seconds (section 5)."""
MOST_INTERVAL: Final = 7 * 24 * 3600
MAX_RAISES: Final = 3
"""How often a far end may want a longer interval."""
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


class SessionTimer:
    """Has the session refreshed in time, or ends it."""

    def __init__(self, session: Session, *, refresh: Callable[[float], None]) -> None:
        self._session = session
        self._refresh = refresh
        self._interval = DEFAULT_INTERVAL
        self._least = LEAST_INTERVAL
        self._raised = 0
        self._running = False
        self._ours = False
        """Whether it is us who refresh."""
        self._alarms: list[Alarm] = []

    def request_fields(self) -> list[tuple[str, str]]:
        """Return what goes into our INVITE and UPDATE (section 7.1, 7.4)."""
        role = (";refresher=uac" if self._ours else ";refresher=uas") if self._running else ""
        return [("Session-Expires", f"{self._interval}{role}"), ("Min-SE", str(self._least))]

    def too_small(self, response: Response) -> bool:
        """Take over the interval that a 422 wants at least; False: it makes no sense (section 7.3)."""
        wanted = _seconds(response.headers.get("Min-SE"))
        self._raised += 1
        if not self._least < wanted <= MOST_INTERVAL or self._raised > MAX_RAISES:
            return False
        self._least = wanted
        self._interval = max(self._interval, wanted)
        return True

    def answered(self, response: Response, t: float) -> None:
        """Take over what a 2xx to our INVITE or UPDATE says (section 7.2)."""
        interval, refresher = _session_expires(response)
        if interval:
            self._start(interval, refresher != "uas", t)
        else:
            self._stop()

    def answer(self, request: Request, t: float) -> list[tuple[str, str]]:
        """Start over with an INVITE or UPDATE that we accept and return what goes into our 2xx (section 9)."""
        interval, refresher = _session_expires(request)
        if not interval:
            self._stop()
            return []
        theirs = "timer" in options(request, "Supported") and refresher != "uas"
        self._start(interval, not theirs, t)
        field = ("Session-Expires", f"{self._interval};refresher={'uac' if theirs else 'uas'}")
        return [field, ("Require", "timer")] if theirs else [field]

    def _start(self, interval: int, ours: bool, t: float) -> None:
        self._stop()
        self._running = True
        self._interval = min(interval, MOST_INTERVAL)
        self._ours = ours
        if ours:
            self._alarms.append(self._session.at(t + self._interval / 2, self._refresh))
        patience = min(32, self._interval / 3)
        self._alarms.append(self._session.at(t + self._interval - patience, self._expire))

    def _stop(self) -> None:
        self._running = False
        for alarm in self._alarms:
            alarm.cancel()
        self._alarms.clear()

    def _expire(self, t: float) -> None:
        self._session.bye(t, "timeout", f"The session was not refreshed within {self._interval} seconds.")


def too_short(request: Request) -> list[tuple[str, str]] | None:
    """Return the header fields of the 422 that a request gets; None: its interval is long enough (section 9)."""
    interval, _ = _session_expires(request)
    if 0 < interval < LEAST_INTERVAL and "timer" in options(request, "Supported"):
        return [("Min-SE", str(LEAST_INTERVAL))]
    return None


def _session_expires(message: Message) -> tuple[int, str]:
    """Return interval and refresher; 0: there is none that can be read."""
    value, _, parameters = message.headers.get("Session-Expires").partition(";")
    return _seconds(value), Parameters.parse(parameters).get("refresher").lower()


def _seconds(text: str) -> int:
    found = _SECONDS.fullmatch(text.partition(";")[0].strip())
    return int(found[0]) if found else 0
