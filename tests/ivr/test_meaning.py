import pytest

from dtmfphone.ivr.asking_nodes import Asking, Collect, Confirm, Menu, Retry
from dtmfphone.ivr.language import LANGUAGES
from dtmfphone.ivr.meaning import Meaning, answer, grammar, meaning
from dtmfphone.ivr.recognition import Grammar

AGAIN = Retry(say="Again.", next="bye")
ENGLISH, GERMAN = LANGUAGES["en"], LANGUAGES["de"]
DESK = Menu(
    invalid=AGAIN,
    time_out=AGAIN,
    menu="Who?",
    keys={"1": "sales", "2": "help", "#": "bye"},
    words={"1": ("sales", "my number"), "2": ("help me",)},
)
PLAIN = Menu(invalid=AGAIN, time_out=AGAIN, menu="Who?", keys={"1": "a", "0": "b", "*": "c"})
QUESTION = Confirm(invalid=AGAIN, time_out=AGAIN, confirm="Sure?", yes="a", no="b", yes_key="5", no_key="6")
DIGITS = Collect(invalid=AGAIN, time_out=AGAIN, collect="Digits?", variable="x", next="a", max_digits=4)


@pytest.mark.parametrize(
    ("node", "text", "found"),
    [
        (DESK, "sales", Meaning("1", "sales")),
        (DESK, "Um, Sales, please.", Meaning("1", "sales")),
        (DESK, "my number", Meaning("1", "my number")),
        (DESK, "Help me!", Meaning("2", "help me")),
        (DESK, "two", Meaning("2")),
        (DESK, "press the pound key", Meaning("#")),
        (DESK, "three", None),
        (DESK, "one two", None),
        (DESK, "sales help", None),
        (DESK, "", None),
        (QUESTION, "Yes", Meaning("5", "yes")),
        (QUESTION, "yeah", Meaning("5", "yeah")),
        (QUESTION, "that's right", Meaning("5", "right")),
        (QUESTION, "nope", Meaning("6", "nope")),
        (QUESTION, "wrong", Meaning("6", "wrong")),
        (QUESTION, "five", Meaning("5")),
        (QUESTION, "one", None),
        (QUESTION, "maybe", None),
        (DIGITS, "four oh seven one pound", Meaning("4071#")),
        (DIGITS, "sales", None),
    ],
)
def test_what_words_mean_at_a_node(node: Asking, text: str, found: Meaning | None) -> None:
    assert meaning(node, text, ENGLISH) == found


def test_the_language_is_that_of_the_script() -> None:
    assert meaning(QUESTION, "Ja", GERMAN) == Meaning("5", "ja")
    assert meaning(QUESTION, "yes", GERMAN) is None
    assert meaning(DIGITS, "zwo Raute", GERMAN) == Meaning("2#")


@pytest.mark.parametrize(
    ("text", "key"),
    [("yes", "1"), ("Yep!", "1"), ("one", "1"), ("no", "2"), ("2", "2"), ("three", ""), ("sales", ""), ("", "")],
)
def test_the_answer_to_a_read_back(text: str, key: str) -> None:
    assert answer(text, ENGLISH) == key


def test_what_may_be_said() -> None:
    assert grammar(DESK, ENGLISH, confirming=False) == Grammar(("sales", "my number", "help me"))
    assert grammar(PLAIN, GERMAN, confirming=False) == Grammar(("eins", "null", "stern"), language="de")
    assert grammar(QUESTION, ENGLISH, confirming=False) == Grammar(("yes", "no"))
    assert grammar(DIGITS, ENGLISH, confirming=False) == Grammar(digits=True)
    for node in (DESK, DIGITS):
        assert grammar(node, GERMAN, confirming=True) == Grammar(("ja", "nein"), language="de")
