"""Registration: telling a registrar where we are, again and again (RFC 3261 section 10)."""

import re
from typing import Final, Literal

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent_events import Registered, RegistrationFailed, Unregistered
from dtmfphone.sip.capabilities import ALLOW, SUPPORTED
from dtmfphone.sip.core import Core
from dtmfphone.sip.exchange import Exchange
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.ingress import top_via
from dtmfphone.sip.message import Headers, Response
from dtmfphone.sip.reasons import reason_text
from dtmfphone.sip.schedule import Alarm
from dtmfphone.sip.transaction_events import FailureCause
from dtmfphone.sip.uri import SipUri
from dtmfphone.sip.via import Via

FIRST_PAUSE: Final = 30.0
"""Seconds before the first further attempt (RFC 5626 section 4.5)."""
LONGEST_PAUSE: Final = 1800.0
LONGEST_EXPIRES: Final = 7 * 24 * 3600
MAX_RAISES: Final = 3
"""How often a registrar may want us to register for longer."""
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


class Registration:
    """One address of record at one registrar, as long as it is wanted."""

    def __init__(self, core: Core, registrar: str, expires: int, to: Flow, t: float) -> None:
        """Raise ValueError when the registrar's URI cannot be read."""
        SipUri.parse(registrar)
        self._core: Final = core
        self._registrar: Final = registrar
        self._wanted = expires
        self._to: Final = to
        self._call_id: Final = core.token()
        self._tag: Final = core.token()
        self._seq = 0
        self._state: Literal["wanted", "leaving", "over"] = "wanted"
        self._contact = ""
        """Our URI in the REGISTER that was sent last."""
        self._bound = ""
        """Our URI that the registrar took last."""
        self._exchange: Exchange | None = None
        self._alarm: Alarm | None = None
        self._failures = 0
        """Attempts in a row that failed."""
        self._raised = 0
        self._send(t)

    def renew(self, t: float) -> None:
        """Register again now, with the address at which we are reached by now."""
        if self._state == "wanted" and self._exchange is None:
            self._send(t)

    def leave(self, t: float) -> None:
        """Take the registration back."""
        if self._state == "over":
            self._over()
        elif self._state == "wanted":
            self._state = "leaving"
            if self._exchange is None:
                self._send(t)
            else:
                self._exchange.abandoned = True

    def drop(self) -> None:
        """Do nothing any more and tell nothing: another registration takes its place."""
        self._state = "over"
        if self._alarm is not None:
            self._alarm.cancel()

    def _send(self, t: float) -> None:
        core = self._core
        if self._alarm is not None:
            self._alarm.cancel()
        expires = self._wanted if self._state == "wanted" else 0
        if self._state == "wanted" or not self._contact:
            secure = self._registrar.lower().startswith("sips:")
            self._contact = core.contact(self._to.transport, secure=secure)
        contact = f"<{self._contact}>"
        if core.identity.instance:
            contact += f';+sip.instance="<{core.identity.instance}>"'
        request = core.outside_dialog(
            "REGISTER",
            self._registrar,
            core.identity.address,
            call_id=self._call_id,
            tag=self._tag,
            seq=self._next_seq(),
        )
        former = [("Contact", f"<{self._bound}>;expires=0")] if self._bound not in ("", self._contact) else []
        fields = [
            ("Contact", f"{contact};expires={expires}"),
            *former,
            ("Expires", str(expires)),
            ALLOW,
            SUPPORTED,
            ("User-Agent", core.product),
        ]
        request = request.with_headers(Headers([*request.headers, *fields]))
        self._exchange = Exchange(
            core, request, self._to, t, seq=self._next_seq, answered=self._answered, failed=self._failed
        )

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _answered(self, exchange: Exchange, response: Response, _flow: Flow, t: float) -> None:
        self._exchange = None
        if self._state == "over":
            return
        if self._state == "leaving":
            self._left(response, t)
        elif response.status < 300:
            self._registered(response, t)
        elif response.status == 423 and self._longer(response):
            self._send(t)
        else:
            text = reason_text(response) or response.reason
            passing = response.status >= 500 or response.status in (408, 480)
            if passing and response.status < 600:
                self._try_again(response.status, text, t, _seconds(response.headers.get("Retry-After")))
            else:
                self._state = "over"
                self._core.tell(RegistrationFailed(response.status, text, True, unproved=exchange.unproved))

    def _failed(self, _cause: FailureCause, text: str, t: float) -> None:
        self._exchange = None
        if self._state == "leaving":
            self._over()
        elif self._state == "wanted":
            self._try_again(None, text, t, 0)

    def _left(self, response: Response, t: float) -> None:
        """While leaving, an answer came: to the last REGISTER but one, or to the last."""
        if response.status < 300 and self._own_expires(response) != 0:
            self._send(t)
        else:
            self._over()

    def _over(self) -> None:
        self._state = "over"
        self._core.tell(Unregistered())

    def _registered(self, response: Response, t: float) -> None:
        self._failures = 0
        self._bound = self._contact
        own = self._own_expires(response)
        asked = _seconds(response.headers.get("Expires")) or self._wanted
        expires = min(max(asked if own is None else own, 1), LONGEST_EXPIRES)
        self._alarm = self._core.schedule.at(t + max(expires - 60, expires / 2), self._send)
        self._core.tell(Registered(expires, self._contact, _seen_as(response)))

    def _own_expires(self, response: Response) -> int | None:
        """Return for how long our own contact is among those that are registered; None: it does not say."""
        own = SipUri.parse(self._contact)
        found: list[int] = []
        for part in NameAddress.split_list(response.headers.get_all("Contact")):
            try:
                contact = NameAddress.parse(part)
                if not SipUri.parse(contact.uri).matches(own):
                    continue
            except ValueError:
                continue
            if "expires" in contact.parameters:
                found.append(_seconds(contact.parameters.get("expires")))
            else:
                found.append(_seconds(response.headers.get("Expires")) or self._wanted)
        if found:
            return min(found)
        return 0 if self._state == "leaving" else None

    def _longer(self, response: Response) -> bool:
        """Take over what a 423 wants at least (section 10.2.8); False: it makes no sense."""
        least = _seconds(response.headers.get("Min-Expires"))
        self._raised += 1
        if not self._wanted < least <= LONGEST_EXPIRES or self._raised > MAX_RAISES:
            return False
        self._wanted = least
        return True

    def _try_again(self, status: int | None, text: str, t: float, least: float) -> None:
        pause = min(FIRST_PAUSE * 2.0 ** min(self._failures, 16), LONGEST_PAUSE) * self._core.random.uniform(0.5, 1.0)
        self._failures += 1
        self._alarm = self._core.schedule.at(t + max(pause, min(least, LONGEST_PAUSE)), self._send)
        self._core.tell(RegistrationFailed(status, text, False))


def _seen_as(response: Response) -> tuple[str, int] | None:
    """Return from where our request came, as the far end says in our Via."""
    via = Via.parse(top_via(response))
    host, port = via.parameters.get("received"), _seconds(via.parameters.get("rport"))
    return (host or via.host, port) if port else None


def _seconds(text: str) -> int:
    found = _SECONDS.match(text.strip())
    return int(found[0]) if found else 0
