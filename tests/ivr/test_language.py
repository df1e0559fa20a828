import pytest

from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.language import ENGLISH, LANGUAGES, Language, language_of


@pytest.mark.parametrize(
    ("voice", "code"),
    [("", "en"), ("en-gb", "en"), ("de", "de"), ("de+f2", "de"), ("es-419", "es"), ("fr-ch+m3", "fr"), ("sv", "en")],
)
def test_the_language_of_a_voice(voice: str, code: str) -> None:
    assert language_of(voice).code == code


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_is_whole(language: Language) -> None:
    assert tuple(language.keys) == tuple(CODES)
    assert all(word == word.lower() for word in (*language.yes, *language.no))
    assert language.yes[0] in language.is_it_right
    assert language.no[0] in language.is_it_right
    assert language is ENGLISH or language.keys["5"] != "five"
