"""Signalling messages on their way into traces: masked, with their start line and Call-ID."""

import re
from typing import Final

from dtmfphone.calls.call import Direction, WireMessage
from dtmfphone.calls.sip.local_address import place
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.masking import masked

SUMMARY_LENGTH: Final = 80
_CALL_ID: Final = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


def call_id(data: bytes) -> str:
    """Return the Call-ID of a message; empty: it has none."""
    found = _CALL_ID.search(data)
    return found[1].decode("utf-8", "replace") if found else ""


def wire_message(data: bytes, direction: Direction, flow: Flow, local: tuple[str, int], t: float) -> WireMessage:
    """Return a message as traces show it."""
    text = masked(data)
    line = text.partition("\n")[0].strip().removesuffix(" SIP/2.0").removeprefix("SIP/2.0 ")
    return WireMessage(
        t=t,
        direction=direction,
        transport=flow.transport,
        local=place(*local),
        remote=place(flow.host, flow.port),
        text=text,
        summary=line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1] + "…",
        dialog=call_id(data),
    )
