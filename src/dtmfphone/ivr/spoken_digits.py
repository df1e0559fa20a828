"""Spoken words into keys: `double five oh pound` is `550#`; what might mean anything else is refused, never guessed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from dtmfphone.ivr.language import ENGLISH, LANGUAGES, Language

Phrase = tuple[str, ...]
CHARACTERS: Final = "0123456789*#"
"""Those that are keys wherever they stand; A to D stand alone."""
_TOKEN = re.compile(r"[^\W\d_]+|[0-9*#]+|[^\s.,;:()/!?¡¿\"“”–-]")
_SMALL_A = re.compile(r"(?<!\w)a(?!\w)")
"""A word of many languages: the key where it is capital, alone, or called a letter."""
_APOSTROPHES = str.maketrans("", "", "'’`´")


@dataclass(frozen=True)
class _Vocabulary:
    """The words of a language beyond how its keys are read back; those with blanks are whole phrases."""

    also: Mapping[str, str]
    """Other words for a key, and for numbers of two digits."""
    times: Mapping[str, int]
    """Words that repeat the key after them, and how often it is meant."""
    fillers: tuple[str, ...]
    """What people say around digits, and which says nothing."""
    letter: str = ""
    """What may stand before A to D."""


def _tens(tens: Iterable[str], ones: Iterable[str], form: str) -> Iterator[tuple[str, str]]:
    """Yield the numbers from 20 to 99 that a language forms regularly, and the tens."""
    for ten, word in enumerate(tens, 2):
        yield word, f"{ten}0"
        for one, digit in enumerate(ones, 1):
            yield form.format(ten=word, one=digit), f"{ten}{one}"


def _listed(phrases: str) -> tuple[str, ...]:
    return tuple(phrases.split(", "))


def _signs(star: str, pound: str) -> dict[str, str]:
    return dict.fromkeys(_listed(star), "*") | dict.fromkeys(_listed(pound), "#")


def _numbers(first: int, words: str) -> dict[str, str]:
    """Return the words of consecutive numbers."""
    return {word: str(number) for number, word in enumerate(words.split(), first)}


_EN_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DE_TENS = ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_DE_ONES = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_ES_TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_ES_ONES = LANGUAGES["es"].digits[1:]
_FR_TEENS = ("dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf")
_FR_ONES = LANGUAGES["fr"].digits[1:]


def _french() -> Iterator[tuple[str, str]]:
    for ten, word in enumerate(("vingt", "trente", "quarante", "cinquante", "soixante"), 2):
        yield word, f"{ten}0"
        for one, digit in enumerate(_FR_ONES, 1):
            yield f"{word} et un" if one == 1 else f"{word} {digit}", f"{ten}{one}"
    for teen, word in enumerate(_FR_TEENS):
        yield word, str(10 + teen)
        yield f"soixante {'et ' if teen == 1 else ''}{word}", str(70 + teen)
        yield f"quatre-vingt {word}", str(90 + teen)
    yield from (("quatre-vingts", "80"), ("quatre-vingt", "80"))
    for one, digit in enumerate(_FR_ONES, 1):
        yield f"quatre-vingt {digit}", str(80 + one)


_VOCABULARIES: Final = {
    "en": _Vocabulary(
        also={
            **dict.fromkeys(("oh", "o", "nought", "naught"), "0"),
            **_signs(
                "asterisk, star key, star sign, asterisk key",
                "hash, hashtag, hash key, hash sign, pound key, pound sign, number sign",
            ),
            **_numbers(10, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
            **dict(_tens(_EN_TENS, ENGLISH.digits[1:], "{ten} {one}")),
        },
        times={"double": 2, "triple": 3, "treble": 3},
        fillers=_listed(
            "um, uh, er, erm, please, my, number, is, its, it is, thats, that is, then, and then, followed "
            "by, press, the, okay, ok, well"
        ),
        letter="letter",
    ),
    "de": _Vocabulary(
        also={
            "zwo": "2",
            "fuenf": "5",
            "zwoelf": "12",
            **dict.fromkeys(("ein", "eine", "einen"), "1"),
            **_signs("sterntaste, sternchen", "rautetaste, doppelkreuz, nummernzeichen, rautezeichen"),
            **_numbers(10, "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"),
            **dict(_tens(_DE_TENS, _DE_ONES, "{one}und{ten}")),
            **dict(_tens(_DE_TENS, _DE_ONES, "{one} und {ten}")),
        },
        times={"doppel": 2, "doppelt": 2, "doppelte": 2, "zweimal": 2, "dreifach": 3, "dreimal": 3},
        fillers=_listed("äh, ähm, hm, bitte, meine, nummer, ist, lautet, die, das, es, und dann, dann, also, taste"),
        letter="buchstabe",
    ),
    "es": _Vocabulary(
        also={
            "un": "1",
            **_signs("estrella", "numeral, gato, tecla numeral"),
            **_numbers(10, "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte"),
            **_numbers(21, "veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete"),
            **_numbers(28, "veintiocho veintinueve"),
            **{words: str(int(keys) + 10) for words, keys in _tens(_ES_TENS, _ES_ONES, "{ten} y {one}")},
        },
        times={"doble": 2, "triple": 3},
        fillers=_listed("eh, por favor, mi, número, es, el, la, luego, y luego, tecla, pues"),
        letter="letra",
    ),
    "fr": _Vocabulary(
        also={"une": "1", **_signs("astérisque", "carré"), **dict(_french())},
        times={"double": 2, "triple": 3},
        fillers=_listed("euh, s'il vous plaît, mon, numéro, est, c'est, le, la, puis, et puis, ensuite, touche"),
        letter="lettre",
    ),
}
"""By language code; the other languages know only the words by which their keys are read back."""
_PLAIN: Final = _Vocabulary({}, {}, ())


@dataclass(frozen=True)
class _Words:
    keys: Mapping[Phrase, str]
    times: Mapping[str, int]
    fillers: frozenset[Phrase]
    longest: int


def spoken_keys(text: str, language: str = "en") -> str | None:
    """Return the keys that words of a language (two letters) mean, or None where any of them is no key.

    Characters count too (`4-0-7-1#`), numbers up to 99 are their digits, and `um` or `please` are passed over.
    """
    tokens = plain_words(text)
    article = len(tokens) > 1 and _SMALL_A.search(_without_accents(text)) is not None
    words = _words(language)
    keys: list[str] = []
    place = 0
    times = 1
    while place < len(tokens):
        phrase = _longest(tokens[place:], words)
        key = words.keys.get(phrase) or (tokens[place] if tokens[place][0] in CHARACTERS else "")
        if article and phrase == ("a",):
            return None
        place += max(1, len(phrase))
        if key:
            if times > 1 and len(key) > 1:
                return None  # `double twenty`, `double 55`: nobody knows
            keys.append(key * times)
            times = 1
        elif phrase and phrase[0] in words.times and times == 1:
            times = words.times[phrase[0]]
        elif times > 1 or phrase not in words.fillers:
            return None
    return "".join(keys) if keys and times == 1 else None


def plain_words(text: str) -> Phrase:
    """Return words in small letters without accents, apostrophes and punctuation, and runs of other characters."""
    return tuple(_TOKEN.findall(_without_accents(text.lower().replace("ß", "ss").translate(_APOSTROPHES))))


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def without_fillers(text: str, language: str = "en") -> Phrase:
    """Return the plain words of a text without those around it that say nothing: `um, the hours please` is `hours`."""
    said = plain_words(text)
    fillers = sorted(_words(language).fillers, key=len, reverse=True)
    while filler := next((one for one in fillers if said[: len(one)] == one), ()):
        said = said[len(filler) :]
    while filler := next((one for one in fillers if said[-len(one) :] == one), ()):
        said = said[: -len(filler)]
    return said


def _longest(tokens: Phrase, words: _Words) -> Phrase:
    """Return the longest phrase that is known at the beginning of some tokens; empty: none is."""
    for length in range(min(words.longest, len(tokens)), 0, -1):
        phrase = tokens[:length]
        if phrase in words.keys or phrase in words.fillers or (length == 1 and phrase[0] in words.times):
            return phrase
    return ()


@cache
def _words(code: str) -> _Words:
    language: Language = LANGUAGES.get(code, ENGLISH)
    vocabulary = _VOCABULARIES.get(language.code, _PLAIN)
    keys = {char: char for char in "ABCD"} | {word: key for key, word in language.keys.items()}
    keys |= vocabulary.also
    keys |= {f"{vocabulary.letter} {char}": char for char in "ABCD"}
    phrases = {plain_words(words): key for words, key in keys.items()}
    fillers = frozenset(plain_words(words) for words in vocabulary.fillers)
    times = {plain_words(word)[0]: count for word, count in vocabulary.times.items()}
    return _Words(phrases, times, fillers, max(map(len, (*phrases, *fillers))))
