"""Hiding digits (PINs, cards) in what is shown, logged or exported."""

import msgspec

from dtmfphone.engine.events import AnyEvent, CollectorChanged, Dialing, IvrStep, Sighting, SightingStarted

MASK = "•"


def mask(event: AnyEvent) -> AnyEvent:
    """Return the event with every digit that it names replaced, its number of digits kept."""
    match event:
        case Sighting():
            # frequencies and the event's code would give the key away
            return msgspec.structs.replace(event, key=MASK, low_hz=None, high_hz=None)
        case SightingStarted():
            return msgspec.structs.replace(event, key=MASK)
        case CollectorChanged():
            return msgspec.structs.replace(event, digits=MASK * len(event.digits))
        case Dialing():
            return msgspec.structs.replace(
                event, current=MASK * len(event.current), remaining=MASK * len(event.remaining)
            )
        case IvrStep(action="key"):
            return msgspec.structs.replace(event, text=MASK * len(event.text))
        case IvrStep(action="say" | "said" | "interrupted"):
            return msgspec.structs.replace(event, text=_mask_digits(event.text))
        case _:
            return event


def _mask_digits(text: str) -> str:
    return "".join(MASK if char.isdigit() or char in "*#" else char for char in text)
