import pytest

from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.language import LANGUAGES, Language
from dtmfphone.ivr.prompt import (
    ReadBack,
    literals,
    parse,
    read_back,
    read_back_words,
    spoken,
    variables,
    written,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello  there.\n", ("Hello there.",)),
        ("You entered: {pin}. Thank you.", ("You entered:", ReadBack("pin"), "Thank you.")),
        ("{a}{b2}", (ReadBack("a"), ReadBack("b2"))),
        ("{a}, {b}.", (ReadBack("a"), ReadBack("b"))),
        (" ... ", ()),
        ("", ()),
    ],
)
def test_parts(text: str, parts: tuple[str | ReadBack, ...]) -> None:
    assert parse(text) == parts
    assert literals(text) == tuple(part for part in parts if isinstance(part, str))
    assert variables(text) == tuple(part.variable for part in parts if isinstance(part, ReadBack))


@pytest.mark.parametrize("text", ["{", "a } b", "{a} {", "{{a}}"])
def test_a_lone_brace_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a brace has no partner: write"):
        parse(text)


@pytest.mark.parametrize("name", ["", "A", "1a", "a b", "a.b", "a" * 33])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="does not name a variable: use small letters"):
        parse(f"x {{{name}}}")


def test_digits_are_read_one_by_one_and_the_last_ends_the_sentence() -> None:
    assert read_back("12#") == ("one,", "two,", "pound.")
    assert read_back("") == ("nothing.",)
    assert set(read_back(CODES + CODES[::-1])) <= set(read_back_words())


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_reads_every_key_and_none_at_all(language: Language) -> None:
    assert len(set(language.keys.values())) == 16
    assert {*read_back(CODES, language), *read_back("", language)} <= set(read_back_words(language))
    assert not set(language.yes) & set(language.no)
    assert written("{pin}", {"pin": ""}, language) == spoken("{pin}", {"pin": ""}, language)[0].rstrip(".")


def test_a_prompt_in_german() -> None:
    german = LANGUAGES["de"]
    assert spoken("Nummer: {pin}", {"pin": "05#"}, german) == ("Nummer:", "null,", "fünf,", "Raute.")
    assert written("Nummer: {pin}", {"pin": ""}, german) == "Nummer: nichts"


def test_a_prompt_with_values() -> None:
    text = "You entered: {pin}. Thank you."
    assert spoken(text, {"pin": "40"}) == ("You entered:", "four,", "zero.", "Thank you.")
    assert written(text, {"pin": "40"}) == "You entered: 4 0. Thank you."
    assert written(text, {"pin": ""}) == "You entered: nothing. Thank you."
