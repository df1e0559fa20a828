"""What a row of the SIP trace says."""

import re
from dataclasses import dataclass
from typing import Final

from dtmfphone.engine.events import SignallingMessage
from dtmfphone.gui.log_rows import clock_text

_CSEQ: Final = re.compile(r"^CSeq[ \t]*:\s*\d+\s+([\w-]+)", re.IGNORECASE | re.MULTILINE)
_STATUS: Final = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)")
_REQUEST: Final = re.compile(r"([\w!%*+'`~.-]+) (\S+) SIP/2\.0")
_CHALLENGES: Final = (401, 407)
DIRECTIONS: Final = {"sent": "→", "received": "←"}


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A message with what its ladder arrow says."""

    message: SignallingMessage
    method: str
    """Of the request, or of the request that is answered; empty when it cannot be told."""
    status: int
    """Of a response; 0: a request, or what is none of both."""
    label: str
    repeated: bool
    """The same message passed the same way before."""
    haystack: str
    """What a filter looks in."""

    @property
    def tone(self) -> str:
        """The colour of its arrow."""
        if not self.status:
            return self.message.direction
        if self.status in _CHALLENGES:
            return "warn"
        return {1: "muted", 2: "good", 3: "accent"}.get(self.status // 100, "bad")

    @property
    def lane(self) -> str:
        """The far end's address, which has a lane of its own."""
        return self.message.remote

    @property
    def spoken(self) -> str:
        """The row in words."""
        m = self.message
        way = f"sent to {m.remote}" if m.direction == "sent" else f"received from {m.remote}"
        return f"{clock_text(m.t)} {self.label} {way}{', again' if self.repeated else ''}"


def trace_row(message: SignallingMessage, *, repeated: bool = False) -> TraceRow:
    """Return the row of a message."""
    first = message.text.partition("\n")[0].strip()
    method, status, label = "", 0, message.summary or first
    if match := _STATUS.match(first):
        cseq = _CSEQ.search(message.text)
        method, status = cseq[1] if cseq else "", int(match[1])
        label = " ".join(part for part in (match[1], match[2].strip()) if part)
        label += f" · {method}" if method else ""
    elif match := _REQUEST.match(first):
        method, label = match[1], f"{match[1]} {match[2].removeprefix('sip:')}"
    hay = f"{message.direction} {message.transport} {message.remote} {message.call} {message.line} {message.dialog}"
    return TraceRow(message, method, status, label, repeated, f"{hay} {label} {message.text}".lower())


def heading(message: SignallingMessage) -> str:
    """Return when, how and between whom a message passed."""
    arrow = DIRECTIONS[message.direction]
    return f"{clock_text(message.t)}  {message.transport.upper()}  {message.local} {arrow} {message.remote}"
