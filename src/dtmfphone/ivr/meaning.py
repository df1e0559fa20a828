"""What words mean where the call is: the keys that they count as, and what may be said at all."""

from dataclasses import dataclass

from dtmfphone.ivr.asking_nodes import Asking, Collect, Confirm, Menu
from dtmfphone.ivr.collector import NO, YES
from dtmfphone.ivr.language import Language
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.spoken_digits import plain_words, spoken_keys, without_fillers


@dataclass(frozen=True)
class Meaning:
    """What words count as."""

    keys: str
    phrase: str = ""
    """The words of the script that were meant; empty: the keys themselves were named."""


def meaning(node: Asking, text: str, language: Language) -> Meaning | None:
    """Return what words mean to a node that asks, or None when they make no sense there."""
    if isinstance(node, Collect):
        keys = spoken_keys(text, language.code)
        return Meaning(keys) if keys else None
    assert isinstance(node, Menu | Confirm)
    for said in (plain_words(text), without_fillers(text, language.code)):
        for key, phrase in _phrases(node, language):
            if plain_words(phrase) == said:
                return Meaning(key, phrase)
    keys = spoken_keys(text, language.code)
    return Meaning(keys) if keys is not None and keys in node.choices() else None


def answer(text: str, language: Language) -> str:
    """Return the key that words mean after a read-back: the one for yes, the one for no, or nothing."""
    for said in (plain_words(text), without_fillers(text, language.code)):
        for key, words in ((YES, language.yes), (NO, language.no)):
            if said in map(plain_words, words):
                return key
    keys = spoken_keys(text, language.code)
    return keys if keys in (YES, NO) else ""


def grammar(node: Asking, language: Language, *, confirming: bool) -> Grammar:
    """Return what may be said at a node that asks: few phrases, as recognizers are the better the fewer there are."""
    if confirming or isinstance(node, Confirm):
        return Grammar((language.yes[0], language.no[0]), language=language.code)
    if isinstance(node, Menu):
        phrases = [phrase for words in node.words.values() for phrase in words]
        names = [language.keys[key].lower() for key in node.keys]
        return Grammar(tuple(dict.fromkeys(phrases or names)), language=language.code)
    return Grammar(digits=True, language=language.code)


def _phrases(node: Menu | Confirm, language: Language) -> list[tuple[str, str]]:
    if isinstance(node, Confirm):
        return [*((node.yes_key, word) for word in language.yes), *((node.no_key, word) for word in language.no)]
    return [(key, phrase) for key, words in node.words.items() for phrase in words]
