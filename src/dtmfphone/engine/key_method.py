"""By which method keys are sent, and why."""

from collections.abc import Mapping
from typing import Final

from dtmfphone.calls.call import Media
from dtmfphone.engine.commands import Method
from dtmfphone.engine.events import SendMethod

INFO_TYPES: Final[dict[SendMethod, str]] = {
    "info": "application/dtmf-relay",
    "info-dtmf": "application/dtmf",
}
"""Content type by method."""


def choose(
    asked: Method, media: Media, *, info: bool, refused: Mapping[SendMethod, str]
) -> tuple[SendMethod | None, str]:
    """Return the method for a call and why, in one sentence; None where the one that was asked for is not there.

    `info`: the call's signalling carries keys. `refused`: what the far end did not take during this call, and what it
    said.
    """
    events = media.event_payload_type is not None
    no_events = f"The {'far end negotiated' if media.negotiated else 'address names'} no telephone-event"
    match asked:
        case "inband":
            return "inband", "You chose tones in the audio."
        case "info" | "info-dtmf" if info:
            return asked, f"You chose SIP INFO with {INFO_TYPES[asked]}; whether the far end hears it, nothing tells."
        case "info" | "info-dtmf":
            return None, "This kind of call has no SIP INFO."
        case "rfc4733" if not events:
            return None, f"{no_events}, so RFC 4733 is not available."
    if events and not media.negotiated:
        return "rfc4733", f"The address says telephone-events at {media.event_clock} Hz; the far end agreed to nothing."
    if events:
        return "rfc4733", f"The far end takes telephone-events at {media.event_clock} Hz."
    if not info:
        return "inband", f"{no_events}, so keys are tones in the audio."
    if "info" not in refused:
        return "info", f"{no_events}, so keys go in SIP INFO requests."
    return "inband", f"{no_events} and takes no SIP INFO ({refused['info']}), so keys are tones in the audio."


def beside_events(asked: Method, *, info: bool, refused: Mapping[SendMethod, str]) -> SendMethod | None:
    """Return the method for a key that is none of the events that the far end takes, where others go as events."""
    if asked != "auto":
        return None
    return "info" if info and "info" not in refused else "inband"


def event_range(codes: frozenset[int]) -> str:
    """Return event codes as `a=fmtp` has them, such as `0-9,11`."""
    runs: list[tuple[int, int]] = []
    for code in sorted(codes):
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs) or "none"
