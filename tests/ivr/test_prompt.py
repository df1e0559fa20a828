import pytest

from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.prompt import (
    READ_BACK_WORDS,
    ReadBack,
    literals,
    parse,
    read_back,
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
    assert set(read_back(CODES + CODES[::-1])) <= set(READ_BACK_WORDS)


def test_a_prompt_with_values() -> None:
    text = "You entered: {pin}. Thank you."
    assert spoken(text, {"pin": "40"}) == ("You entered:", "four,", "zero.", "Thank you.")
    assert written(text, {"pin": "40"}) == "You entered: 4 0. Thank you."
    assert written(text, {"pin": ""}) == "You entered: nothing. Thank you."
