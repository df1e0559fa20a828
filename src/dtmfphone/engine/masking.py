"""Hiding digits (PINs, cards) in what is shown, logged or exported."""

import re
from typing import TypeVar

import msgspec

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.engine.events import (
    CollectorChanged,
    Dialing,
    Event,
    IvrGraph,
    IvrStep,
    RecordedKey,
    RecordedRejection,
    Sighting,
    SightingRejected,
    SightingStarted,
    SignallingMessage,
    Utterance,
)

MASK = "•"
_BLANK = re.compile(r"\r?\n\r?\n")
_DTMF_BODY = re.compile(r"^(?:content-type|c)\s*:\s*application/dtmf", re.IGNORECASE | re.MULTILINE)
_SIGNAL = re.compile(r"^(\s*signal\s*[=:]\s*)\S+", re.IGNORECASE | re.MULTILINE)
E = TypeVar("E", bound=Event)


def mask(event: E) -> E:
    """Return the event with every digit that it names replaced, its number of digits kept; a file keeps its name."""
    match event:
        case Sighting() | RecordedKey():
            # frequencies and the event's code would give the key away
            return msgspec.structs.replace(event, key=MASK, low_hz=None, high_hz=None)
        case SightingRejected() | RecordedRejection():
            detail = "" if "Hz" in event.detail else event.detail
            return msgspec.structs.replace(event, key=MASK, low_hz=None, high_hz=None, detail=detail)
        case SightingStarted():
            return msgspec.structs.replace(event, key=MASK)
        case CollectorChanged():
            # errors name counts of keys, but no keys
            result = "".join(MASK if char != " " else char for char in event.result)
            result = result if event.state == "done" else event.result
            return msgspec.structs.replace(event, digits=MASK * len(event.digits), result=result)
        case Dialing():
            return msgspec.structs.replace(
                event, current=MASK * len(event.current), remaining=MASK * len(event.remaining)
            )
        case SignallingMessage():
            return msgspec.structs.replace(event, text=_mask_info(event.text))
        case IvrStep(action="key" | "send"):
            return msgspec.structs.replace(event, text=MASK * len(event.text))
        case IvrStep(action="set"):
            name, _, value = event.text.partition(" = ")
            return msgspec.structs.replace(event, text=f"{name} = {MASK * len(value)}")
        case IvrStep(action="say" | "said" | "interrupted" | "transfer"):
            return msgspec.structs.replace(event, text=_mask_digits(event.text))
        case Utterance():
            hidden = " ".join(MASK for _ in event.text.split())  # any word may be a digit, in some language
            return msgspec.structs.replace(
                event, text=hidden, keys=MASK * len(event.keys), note=_mask_digits(event.note)
            )
        case IvrGraph():
            replace = msgspec.structs.replace
            return replace(
                event,
                boxes=tuple(
                    replace(box, line=_mask_digits(box.line), text=_mask_digits(box.text)) for box in event.boxes
                ),
                ways=tuple(replace(way, label=_mask_digits(way.label)) for way in event.ways),
            )
        case _:
            return event


def _mask_digits(text: str) -> str:
    return "".join(MASK if char.isdigit() or char in "*#" else char for char in text)


def _mask_info(text: str) -> str:
    """Hide the key in a SIP message whose body is one."""
    blank = _BLANK.search(text)
    if blank is None or not _DTMF_BODY.search(text, 0, blank.start()):
        return text
    head, body = text[: blank.end()], text[blank.end() :]
    if _SIGNAL.search(body):
        return head + _SIGNAL.sub(lambda found: found[1] + MASK, body)
    return head + "".join(MASK if char.upper() in KEYS else char for char in body)
