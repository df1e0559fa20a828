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
    TransferChanged,
    Utterance,
)
from dtmfphone.ivr.language import LANGUAGES

MASK = "•"
_BLANK = re.compile(r"\r?\n\r?\n")
_DTMF_BODY = re.compile(r"^(?:content-type|c)\s*:\s*application/dtmf", re.IGNORECASE | re.MULTILINE)
_SIGNAL = re.compile(r"^(\s*signal\s*[=:]\s*)\S+", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(r"[0-9*#]|\b[A-D]\b")
_SAID = re.compile(rf"((?:{'|'.join(language.you_said for language in LANGUAGES.values())}) )([^.]*)")
_USER = re.compile(r"^(?:(?:sips?|tel):)?([^@;]*)", re.IGNORECASE)
_REFER = re.compile(r"^((?:refer-to|r)\s*:.*?(?:sips?|tel):)([^@;>\s]*)", re.IGNORECASE | re.MULTILINE)
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
            text = _REFER.sub(lambda found: found[1] + _mask_keys(found[2]), event.text)
            return msgspec.structs.replace(event, text=_mask_info(text))
        case IvrStep(action="key" | "send"):
            return msgspec.structs.replace(event, text=MASK * len(event.text))
        case IvrStep(action="set"):
            name, _, value = event.text.partition(" = ")
            return msgspec.structs.replace(event, text=f"{name} = {MASK * len(value)}")
        case IvrStep(action="say"):
            hidden = _SAID.sub(lambda found: found[1] + _mask_words(found[2]), event.text)
            return msgspec.structs.replace(event, text=_KEY.sub(MASK, hidden))
        case IvrStep(action="transfer"):
            return msgspec.structs.replace(event, text=_mask_user(event.text))
        case TransferChanged():
            return msgspec.structs.replace(event, target=_mask_user(event.target))
        case Utterance():
            note = _mask_digits(event.note)
            return msgspec.structs.replace(event, text=_mask_words(event.text), keys=MASK * len(event.keys), note=note)
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


def _mask_keys(text: str) -> str:
    return "".join(MASK if char in KEYS else char for char in text)


def _mask_words(text: str) -> str:
    return " ".join(MASK for _ in text.split())  # any word may be a digit, in some language


def _mask_user(target: str) -> str:
    """Hide the keys in the user or number of an address: a script may have put them there."""

    def hidden(found: re.Match[str]) -> str:
        return found[0].removesuffix(found[1]) + _mask_keys(found[1])

    return _USER.sub(hidden, target, count=1)


def _mask_info(text: str) -> str:
    """Hide the key in a SIP message whose body is one."""
    blank = _BLANK.search(text)
    if blank is None or not _DTMF_BODY.search(text, 0, blank.start()):
        return text
    head, body = text[: blank.end()], text[blank.end() :]
    if _SIGNAL.search(body):
        return head + _SIGNAL.sub(lambda found: found[1] + MASK, body)
    return head + "".join(MASK if char.upper() in KEYS else char for char in body)
