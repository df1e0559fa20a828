"""What the caller does once the call is up, in the order of the flags: keys and words."""

import argparse
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from dtmfphone.cli.call_state import over
from dtmfphone.dtmf.dial_string import DialStringError, Press, parse
from dtmfphone.engine.commands import Dial, Say
from dtmfphone.engine.events import AnyEvent, Dialing, MediaChanged, Notice, Utterance

if TYPE_CHECKING:
    from dtmfphone.cli.session import Session

WAIT = "w"
"""Dial string that waits until the far end has spoken."""
Outcome = Literal["done", "failed", "no-method"]
"""`no-method`: keys cannot be sent by the method that was asked for."""


@dataclass(frozen=True)
class Keys:
    """A dial string."""

    digits: str
    presses: int
    """How many keys it has."""


@dataclass(frozen=True)
class Speech:
    """Words, said when the far end has spoken and is quiet."""

    text: str
    aloud: bool


Turn = Keys | Speech


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags; each may be repeated, and they are taken in their order."""
    turns = parser.add_argument_group("keys and words, in the order of these flags; they may be repeated")
    turns.add_argument(
        "--digits",
        action="append",
        dest="turns",
        default=[],
        type=_keys,
        metavar="KEYS",
        help="dial string: 0-9 * # A-D, ',' 2 s pause, 'w' waits",
    )
    turns.add_argument(
        "--say",
        action="append",
        dest="turns",
        type=_spoken,
        metavar="TEXT",
        help="speak words when the far end has spoken and is quiet; a builtin: IVR that has no ear gets the text",
    )
    turns.add_argument(
        "--type",
        action="append",
        dest="turns",
        type=_typed,
        metavar="TEXT",
        help="the same without a sound, for a builtin: IVR",
    )
    turns.add_argument("--voice", default="", metavar="NAME", help="who speaks, as espeak-ng names it: en-gb, de, ...")


def chosen(args: argparse.Namespace) -> list[Turn]:
    """Return what is to be done; an empty dial string is nothing."""
    return [turn for turn in args.turns if isinstance(turn, Speech) or turn.digits.strip()]


async def take(session: "Session", turns: list[Turn], *, voice: str, duration_ms: int, gap_ms: int) -> Outcome:
    """Do all of them, or stop at the first that fails; the call is up."""
    pressed = 0
    for turn in turns:
        if isinstance(turn, Speech):
            outcome = await _say(session, turn, voice, pressed)
        else:
            pressed += turn.presses
            outcome = await _dial(session, Dial(digits=turn.digits, duration_ms=duration_ms, gap_ms=gap_ms), pressed)
        if outcome != "done":
            return outcome
    return "done"


async def _dial(session: "Session", dial: Dial, presses: int) -> Outcome:
    """Send keys; `presses`: how many will have been sent in this call then."""
    await session.wait_for(_phone_media)
    media = [event for event in session.events if _phone_media(event)][-1]
    assert isinstance(media, MediaChanged)
    if media.method is None:
        return "no-method"
    since = len(session.events)
    session.submit(dial)
    outcome = await session.wait_for(partial(dialed_or_over, presses), since=since)
    return "done" if outcome == "sent" else "failed"


async def _say(session: "Session", speech: Speech, voice: str, pressed: int) -> Outcome:
    if (outcome := await _dial(session, Dial(digits=WAIT), pressed)) != "done":
        return outcome
    since = len(session.events)
    session.submit(Say(text=speech.text, voice=voice, aloud=speech.aloud))
    said = await session.wait_for(partial(_said_or_over, speech.aloud), since=since)
    return "done" if said == "said" else "failed"


def dialed_or_over(presses: int, event: AnyEvent) -> str | None:
    """Return what became of the keys; `refused`: the far end did not take all of them."""
    match event:
        case Dialing(state="idle", sent=sent):
            return "sent" if sent >= presses else "refused"
        case Dialing(state="stopped", sent=sent):
            return "sent" if sent >= presses else "stopped"
        case Notice(level="error"):
            return "error"
    return over(event)


def _said_or_over(aloud: bool, event: AnyEvent) -> str | None:
    match event:
        case Utterance(leg="phone", direction="sent", note=note) if aloud:
            return "said" if not note else "cut short"
        case Utterance(leg="ivr", source="typed") if not aloud:
            return "said"
        case Notice(level="error"):
            return "error"
    return over(event)


def _phone_media(event: AnyEvent) -> bool | None:
    return True if isinstance(event, MediaChanged) and event.leg == "phone" else None


def _keys(text: str) -> Keys:
    try:
        steps = parse(text)
    except DialStringError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return Keys(text, sum(isinstance(step, Press) for step in steps))


def _spoken(text: str) -> Speech:
    return _words(text, aloud=True)


def _typed(text: str) -> Speech:
    return _words(text, aloud=False)


def _words(text: str, *, aloud: bool) -> Speech:
    if not text.strip():
        raise argparse.ArgumentTypeError("there are no words to say")
    return Speech(text, aloud)
