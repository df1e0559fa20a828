"""What flows in a call and what becomes of it, in words."""

from typing import Final

from dtmfphone.engine.events import HoldChanged, MediaChanged, Statistics, TransferChanged
from dtmfphone.gui.targets import short

METHOD_NAMES: Final = {
    "rfc4733": "RFC 4733",
    "info": "SIP INFO (dtmf-relay)",
    "info-dtmf": "SIP INFO (dtmf)",
    "inband": "In-band",
    None: "No keys can be sent",
}
TRANSFERS: Final = {
    "asked": "Asking the far end to call {}",
    "trying": "The far end calls {}",
    "done": "Transferred to {}",
    "failed": "Not transferred to {}",
}
CODEC_NAMES: Final = {"opus": "Opus", "g722": "G.722", "pcmu": "PCMU", "pcma": "PCMA"}


def media_text(media: MediaChanged) -> str:
    """Return codec, payload types and clocks, e.g. `Opus 48 kHz · PT 96 · events PT 101 at 48 kHz`."""
    parts = [f"{codec_name(media.codec)} {kilohertz(media.clock)}", f"PT {media.payload_type}"]
    if media.event_payload_type is None:
        parts.append("no telephone-event")
    else:
        clock = f" at {kilohertz(media.event_clock)}" if media.event_clock is not None else ""
        parts.append(f"events PT {media.event_payload_type}{clock}")
    if media.secure:
        parts.append("encrypted")
    return " · ".join(parts)


def statistics_text(counted: Statistics) -> str:
    """Return packets, loss, jitter and what the far end says of them."""
    parts = [
        f"{counted.packets_sent} sent",
        f"{counted.packets_received} received",
        f"{loss(counted):.1f} % lost",
        f"jitter {counted.jitter_ms:.1f} ms",
    ]
    if counted.round_trip_ms is not None:
        parts.append(f"round trip {counted.round_trip_ms:.0f} ms")
    if counted.remote_lost is not None:
        parts.append(f"the far end missed {counted.remote_lost}")
    if junk := counted.junk_packets:
        parts.append(f"{junk} junk packet{'s' * (junk != 1)} dropped")
    return " · ".join(parts)


def facts(media: MediaChanged | None, counted: Statistics | None) -> dict[str, str]:
    """Return the figures of a call by title; a dash where nothing is known yet."""
    events = "–"
    if media is not None:
        clock = f" · {kilohertz(media.event_clock)}" if media.event_clock is not None else ""
        events = "none" if media.event_payload_type is None else f"{media.event_payload_type}{clock}"
    return {
        "Codec": f"{codec_name(media.codec)} {kilohertz(media.clock)}" if media else "–",
        "Event PT": events,
        "Packets": f"↑{counted.packets_sent} ↓{counted.packets_received}" if counted else "–",
        "Loss": f"{loss(counted):.1f} %" if counted else "–",
        "Jitter": f"{counted.jitter_ms:.1f} ms" if counted else "–",
    }


def loss(counted: Statistics) -> float:
    """Return the received packets that are missing, in per cent."""
    expected = counted.packets_received + counted.packets_lost
    return 100 * counted.packets_lost / expected if expected else 0.0


def method_text(media: MediaChanged) -> str:
    """Return how keys are sent, and why."""
    how = METHOD_NAMES[media.method]
    return how + (f": {media.method_reason}" if media.method_reason else "")


def hold_text(hold: HoldChanged | None) -> str:
    """Return who holds the call; empty: nobody."""
    if hold is None:
        return ""
    if hold.here and hold.there:
        return "On hold at both ends"
    return "On hold" if hold.here else "Held by far end" if hold.there else ""


def transfer_text(transfer: TransferChanged) -> str:
    """Return how a transfer goes, and why it went wrong."""
    words = TRANSFERS[transfer.state].format(short(transfer.target) or "somebody else")
    reason = "" if transfer.reason == transfer.target else transfer.reason
    return f"{words}: {reason}" if reason else words


def codec_name(codec: str) -> str:
    """Return a codec as people write it."""
    return CODEC_NAMES.get(codec.lower(), codec)


def kilohertz(clock: int) -> str:
    """Return a clock rate in kHz."""
    return f"{clock / 1000:g} kHz"
