import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.dtmf.dial_string import DialStringError, Pause, Press, Wait, normalise, parse
from dtmfphone.dtmf.keys import KEYS


def test_keys_pauses_and_waits() -> None:
    assert parse("1w2,p#d") == (
        Press("1"), Wait(), Press("2"), Pause(2.0), Pause(0.5), Press("#"), Press("D"),
    )  # fmt: skip


def test_all_keys_in_both_cases() -> None:
    assert parse("0123456789*#ABCDabcd") == tuple(Press(char) for char in "0123456789*#ABCDABCD")
    assert {step.char for step in parse("".join(KEYS)) if isinstance(step, Press)} == set(KEYS)


def test_separators_have_no_meaning() -> None:
    assert parse("(030) 12-34.5\t6\u00a0\n") == tuple(map(Press, "030123456"))
    assert parse("") == parse(" -().") == ()


@pytest.mark.parametrize(
    ("text", "position", "char"),
    [
        ("12x3", 2, "x"),
        ("+49", 0, "+"),
        ("1W2", 1, "W"),
        ("1P2", 1, "P"),
        ("E", 0, "E"),
        ("１", 0, "１"),
        ("1;2", 1, ";"),
    ],
)
def test_other_characters_are_refused_with_place_and_remedy(text: str, position: int, char: str) -> None:
    with pytest.raises(DialStringError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.char) == (position, char)
    message = str(caught.value)
    assert message.startswith(f"{char!r} at position {position + 1} ")
    assert "use 0-9, *, #, A-D" in message
    assert isinstance(caught.value, ValueError)


def test_normalise() -> None:
    assert normalise("(12) a-b, p w") == "12AB,pw"
    with pytest.raises(DialStringError):
        normalise("1!")


@given(st.text(alphabet="0123456789*#ABCDabcd,pw -()."))
def test_normalise_keeps_the_meaning(text: str) -> None:
    plain = normalise(text)
    assert parse(plain) == parse(text)
    assert normalise(plain) == plain
    assert "".join(map(str, parse(text))) == plain


@given(
    st.text(alphabet=st.characters(exclude_characters="0123456789*#ABCDabcd,pw-()." + string.whitespace), min_size=1)
)
def test_no_other_character_passes(text: str) -> None:
    visible = [char for char in text if not char.isspace()]
    if visible:
        with pytest.raises(DialStringError) as caught:
            parse(text)
        assert caught.value.char == visible[0]
