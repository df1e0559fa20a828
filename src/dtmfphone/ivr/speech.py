"""What a prompt sounds like: its pieces of audio with the pauses between them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import prompt
from dtmfphone.ivr.language import ENGLISH, Language
from dtmfphone.ivr.playback import beep, pause

PIECE_PAUSE: Final = 0.08
"""Seconds between the pieces of a prompt: text and read-back digits."""
TEXT_PAUSE: Final = 0.35
"""Seconds between two texts."""
TAIL_PAUSE: Final = 0.25
"""Seconds of silence that end a prompt, before the timers start or the next node speaks."""

Lookup = Callable[[str], Pcm | None]
"""Returns the audio of a text or of a recording, or None where there is none."""


def nothing(_: str) -> Pcm | None:
    """Return no audio, whatever is asked for."""
    return None


def speech(
    texts: Iterable[str], values: Mapping[str, str], lookup: Lookup, language: Language = ENGLISH
) -> tuple[list[Pcm], list[str]]:
    """Return the audio of texts, and the pieces that have none, values as "": a beep sounds in their place."""
    audio: list[Pcm] = []
    missing: list[str] = []
    for text in texts:
        literals = prompt.literals(text)
        audio += [pause(TEXT_PAUSE)] if audio else []
        for place, piece in enumerate(prompt.spoken(text, values, language)):
            pcm = lookup(piece)
            told = piece if piece in literals else ""
            if pcm is None and told not in missing:
                missing.append(told)
            audio += [pause(PIECE_PAUSE)] if place else []
            audio.append(beep() if pcm is None else pcm)
    return [*audio, pause(TAIL_PAUSE)], missing
