"""What recognises spoken words: the interface that every engine for it implements."""

from dataclasses import dataclass
from typing import Protocol

from dtmfphone.dtmf.levels import Pcm


@dataclass(frozen=True)
class Grammar:
    """What a caller may say now."""

    phrases: tuple[str, ...] = ()
    """Whole utterances, in small letters."""
    digits: bool = False
    """Whether any number of spoken keys may be said too, as `spoken_digits` understands them."""
    language: str = "en"
    """Two letters, as in ISO 639-1."""


@dataclass(frozen=True)
class Recognised:
    """What an engine understood."""

    text: str = ""
    """In small letters; empty: nothing that the grammar has."""
    score: float | None = None
    """How sure the engine says it is, 0 to 1; None: it does not say."""


class RecognizerError(Exception):
    """An engine cannot be used: why, and the remedy, one sentence each."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(f"{reason} {remedy}".strip())
        self.reason = reason
        self.remedy = remedy


class GrammarError(RecognizerError):
    """An engine works, but not with this grammar."""


class Recognizer(Protocol):
    """An engine with its model loaded; used by one thread at a time."""

    name: str
    most_phrases: int | None
    """It is of no use with more phrases than this; None: any number."""
    takes_digits: bool
    """Whether it is any good for strings of digits."""

    def recognise(self, pcm: Pcm, grammar: Grammar) -> Recognised:
        """Return what one utterance means: mono int16 samples at 16 kHz; raise RecognizerError. Blocks."""
        ...
