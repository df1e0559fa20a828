"""What a run reads back to have it confirmed: words that are not sure, and collections that want it."""

import pytest
from ivr_talker import IS_IT_RIGHT, Talker, talker

from dtmfphone.ivr.script import load
from dtmfphone.ivr.session_events import CollectorStep, Heard


def test_recognised_words_are_read_back_and_taken_by_key() -> None:
    phone = talker().speak("help me")
    assert Heard(phone.t, "main", "help me", "pocketsphinx", 0.7, "2", "not sure, to be confirmed") in phone.events
    assert phone.said()[-1] == f"You said: help me. {IS_IT_RIGHT}"
    assert phone.nodes()[-1] == "main"
    assert (phone.state().state, phone.state().digits, phone.state().paused) == ("confirming", "2", "prompt")
    phone.hear_out()
    assert phone.state().timer == "confirm"
    assert phone.state().timer_left == pytest.approx(6.0)
    expected = {one.expected for one in phone.events if isinstance(one, CollectorStep)}
    assert expected == {"one key: 1, 2, 3, 4, 5", "1 for yes, 2 for no"}
    phone.press("1")
    assert phone.steps("key")[-1].note == "confirmed, to support"
    assert phone.session.variables == {"choice": "2"}
    assert phone.nodes()[-1] == "support"


def test_recognised_words_are_taken_by_speech() -> None:
    phone = talker().speak("sales").speak("yeah")
    assert phone.heards()[-1] == ("main", "1", "confirmed, to sales")
    assert phone.nodes()[-1] == "sales"
    assert len(phone.steps("interrupted")) == 1


@pytest.mark.parametrize("by_key", [True, False])
def test_recognised_words_are_refused_and_the_menu_asks_again_without_end(by_key: bool) -> None:
    phone = talker()
    for _ in range(4):
        phone.speak("sales")
        if by_key:
            phone.press("2")
        else:
            phone.speak("no")
        assert phone.nodes()[-1] == "main"
        assert phone.said()[-1] == "Sales or support?"
        phone.listen()
    refused = [one.transition for one in phone.events if isinstance(one, CollectorStep)]
    assert [one.end_reason for one in refused if one.state == "failed"] == ["refused"] * 4
    assert phone.session.variables == {}
    assert phone.press("1").nodes()[-1] == "sales"


def test_a_read_back_that_is_not_answered_is_a_time_out() -> None:
    phone = talker().speak("sales").hear_out()
    phone.wait(6.1)
    assert phone.state().end_reason == ""
    assert phone.said()[-1] == "Nothing. Sales or support?"
    phone.listen()
    phone.speak("sales").hear_out().wait(6.1)
    assert phone.nodes()[-1] == "bye"
    assert phone.session.variables == {}


def test_another_key_of_the_menu_counts_while_words_are_read_back() -> None:
    phone = talker().speak("sales")
    phone.press("9")
    assert (phone.steps("key")[-1].note, phone.steps("key")[-1].accepted) == ("neither yes nor no", False)
    assert phone.session.speaking
    phone.press("3")
    assert phone.steps("key")[-1].note == "to number"
    assert phone.nodes()[-1] == "number"


def test_other_words_of_the_menu_are_read_back_instead() -> None:
    phone = talker().speak("sales").speak("help me")
    assert phone.said()[-1] == f"You said: help me. {IS_IT_RIGHT}"
    assert phone.state().digits == "2"
    phone.type("sales")
    assert phone.nodes()[-1] == "sales"


def test_recognised_digits_are_read_back_at_the_end_of_the_collection() -> None:
    phone = talker("4").speak("four oh")
    assert phone.heards() == [("digits", "40", "not sure, to be confirmed")]
    assert (phone.state().state, phone.state().digits) == ("collecting", "40")
    phone.press("7")
    phone.wait(2.0)
    assert phone.state().state == "confirming"
    assert phone.said()[-1] == f"You said: 4 0 7. {IS_IT_RIGHT}"
    assert "code" not in phone.session.variables
    phone.press("7#")
    assert [step.note for step in phone.steps("key")[-2:]] == ["neither yes nor no"] * 2
    phone.speak("yes")
    assert phone.session.variables["code"] == "407"


def test_surplus_digits_confirm_nothing() -> None:
    phone = talker("3").speak("four oh seven one pound")
    assert phone.state().state == "confirming"
    assert "code" not in phone.session.variables
    phone.press("#")
    assert phone.steps("key")[-1].note == "belated stop key, ignored"
    phone.type("nine")
    phone.type("one two")
    assert [note for _, _, note in phone.heards()[-2:]] == ["neither yes nor no"] * 2
    phone.press("2").listen()
    assert phone.said()[-1] == "Four digits."
    phone.speak("40711")
    assert phone.heards()[-1] == ("number", "", "too many digits")


def test_a_collection_that_wants_it_is_confirmed_by_key_or_by_speech() -> None:
    phone = talker("3").press("4071")
    assert phone.said()[-1] == f"You entered: 4 0 7 1. {IS_IT_RIGHT}"
    phone.press("2")
    assert phone.said()[-1] == "Four digits."
    phone.listen().press("4072").press("1").listen()
    assert (phone.nodes()[-1], phone.session.variables["code"]) == ("question", "4072")
    phone = talker("3").type("4073")
    assert phone.said()[-1].startswith("You entered: 4 0 7 3.")
    phone.hear_out().type("that's right")
    assert phone.session.variables["code"] == "4073"


def test_a_confirmation_that_does_not_come_is_a_time_out_of_the_collection() -> None:
    phone = talker("3").press("4071")
    phone.hear_out().wait(6.1)
    assert phone.said()[-1] == "Nothing. Four digits."
    phone.listen().press("407").wait(4.1)
    assert phone.said()[-1] == "Four! Four digits."


def test_a_read_back_that_noise_interrupts_is_said_once_more() -> None:
    phone = talker().speak("sales").speak("")
    assert phone.heards()[-1] == ("main", "", "neither yes nor no")
    assert phone.said()[-2:] == [f"You said: sales. {IS_IT_RIGHT}"] * 2
    assert phone.state().paused == "prompt"
    phone.hear_out()
    assert 0 < phone.state().timer_left <= 6
    assert phone.press("1").nodes()[-1] == "sales"


def test_a_read_back_in_the_language_of_the_script() -> None:
    phone = Talker(load("termin"))
    phone.listen()
    phone.speak("Rezept")
    assert phone.said()[-1].startswith("Sie haben gesagt: rezept. Wenn das stimmt")
    phone.speak("ja")
    assert phone.nodes()[-1] == "prescription"
