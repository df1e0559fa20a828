"""A prompt: literal text, and `{variable}` places whose values are read back, digits one by one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.ivr.language import ENGLISH, Language

SPEECH_REMEDY: Final = "Install the speech extra: pip install 'dtmfphone[speech]'"
"""What to do about a text without a voice."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LEADING = re.compile(r"^[\s.,;:!?]+")


@dataclass(frozen=True)
class ReadBack:
    """A place where the digits of a variable are read."""

    variable: str


def parse(text: str) -> tuple[str | ReadBack, ...]:
    """Return the parts of a prompt, blanks normalised; raise ValueError for a brace or name that makes no sense."""
    parts: list[str | ReadBack] = []
    end = 0
    for place in _PLACE.finditer(text):
        parts += _literal(text[end : place.start()])
        if not _NAME.fullmatch(place[1]):
            raise ValueError(f"{place[0]} does not name a variable: use small letters, digits and _, as in {{pin}}")
        parts.append(ReadBack(place[1]))
        end = place.end()
    return (*parts, *_literal(text[end:]))


def variables(text: str) -> tuple[str, ...]:
    """Return the variables that a prompt reads back."""
    return tuple(part.variable for part in parse(text) if isinstance(part, ReadBack))


def literals(text: str) -> tuple[str, ...]:
    """Return the parts that are spoken whole."""
    return tuple(part for part in parse(text) if isinstance(part, str))


def spoken(text: str, values: Mapping[str, str], language: Language = ENGLISH) -> tuple[str, ...]:
    """Return what to speak, in order: literal parts and the words of the digits."""
    out: list[str] = []
    for part in parse(text):
        out += [part] if isinstance(part, str) else read_back(values[part.variable], language)
    return tuple(out)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text that is not spoken, with the values in its places."""
    return _PLACE.sub(lambda place: values[place[1]], text)


def is_keys(value: str) -> bool:
    """Say whether a value is read key by key, not as a text."""
    return all(char in KEYS for char in value)


def written(text: str, values: Mapping[str, str], language: Language = ENGLISH) -> str:
    """Return the prompt as a person reads it, with digits in the places."""

    def shown(place: re.Match[str]) -> str:
        value = values[place[1]]
        return (" ".join(value) if is_keys(value) else value) or language.nothing

    return _PLACE.sub(shown, " ".join(text.split()))


def read_back(value: str, language: Language = ENGLISH) -> tuple[str, ...]:
    """Return what reads a value back: keys one by one, the last in the tone that ends a sentence; a text whole."""
    if not value:
        return (f"{language.nothing}.",)
    if not is_keys(value):
        return (value,)
    words = [language.keys[char] for char in value]
    return (*(f"{word}," for word in words[:-1]), f"{words[-1]}.")


def read_back_words(language: Language = ENGLISH) -> tuple[str, ...]:
    """Return every text that `read_back` may need for keys."""
    return (*(f"{word}{mark}" for word in language.keys.values() for mark in ",."), f"{language.nothing}.")


def _literal(text: str) -> tuple[str, ...]:
    if "{" in text or "}" in text:
        raise ValueError("a brace has no partner: write {name} to read a variable back")
    text = " ".join(_LEADING.sub("", text).split())
    return (text,) if text else ()
