"""What a run does with words: as if typed, recognised and to be confirmed, and not understood; on a virtual clock."""

from typing import Self, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivr_phone import SPEECH, Phone

from dtmfphone.ivr.collection import Transition, UserState
from dtmfphone.ivr.nodes import Collect, Menu
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.script import load, names, parse
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import CollectorStep, Heard, Step

SCRIPT = """\
title: A test
start: hello
nodes:
  hello:
    say: Hello.
    next: main
  main:
    menu: Sales or support?
    keys: {"1": sales, "2": support, "3": number, "4": digits, "5": solemn}
    words: {"1": [sales], "2": [help me]}
    variable: choice
    invalid: {say: Wrong., next: bye, limit: 1}
    time_out: {say: Nothing., next: bye, limit: 1}
  number:
    collect: Four digits.
    variable: code
    min_digits: 4
    max_digits: 4
    confirm: true
    invalid: {say: Four!, next: bye, limit: 1}
    time_out: {say: Nothing., next: bye, limit: 1}
    next: question
  digits:
    collect: Some digits.
    variable: code
    min_digits: 2
    max_digits: 4
    first_digit_seconds: 4
    inter_digit_seconds: 2
    invalid: {say: Too few., next: bye, limit: 1}
    time_out: {say: Nothing., next: bye, limit: 1}
    next: read
  read: {say: "Code {code}.", next: main}
  question:
    confirm: Are you sure?
    yes: main
    no: bye
    variable: sure
    invalid: {say: Yes or no., next: bye, limit: 1}
    time_out: {say: Nothing., next: bye, limit: 1}
  solemn:
    menu: Hear this out.
    keys: {"1": main}
    barge_in: false
    invalid: {say: No., next: bye}
    time_out: {say: No., next: bye}
  sales: {say: Sales., next: main}
  support: {say: Support., next: main}
  bye: {hang_up: Bye.}
"""
IS_IT_RIGHT = "If that is right, press 1 or say yes. To try again, press 2 or say no."


class Talker(Phone):
    """A caller who speaks."""

    def type(self, text: str) -> Self:
        self.events += self.session.heard(text, self.t)
        return self

    def speak(self, text: str) -> Self:
        """Speak for half a second, and be understood in a while."""
        self.events += self.session.user_changed("speaking", self.t)
        self.wait(0.5)
        self.events += self.session.user_changed("listening", self.t)
        self.wait(0.1)
        self.events += self.session.heard(text, self.t, source="pocketsphinx", confidence=0.7)
        return self

    def hear_out(self) -> Self:
        """Wait until nothing is said."""
        while self.session.speaking:
            self.slot()
        return self

    def heards(self) -> list[tuple[str, str, str]]:
        return [(one.node, one.keys, one.note) for one in self.events if isinstance(one, Heard)]

    def state(self) -> Transition:
        state = self.collector()
        assert state is not None
        return state


def talker(key: str = "") -> Talker:
    phone = Talker(parse(SCRIPT)).listen()
    if key:
        phone.press(key).listen()
    return phone


def test_typed_words_count_at_once() -> None:
    phone = talker().type("sales")
    assert Heard(phone.t, "main", "sales", "typed", None, "1", "to sales") in phone.events
    assert phone.nodes()[-1] == "sales"
    assert phone.steps("key") == []
    assert phone.session.variables == {"choice": "1"}


def test_a_typed_word_interrupts_the_prompt_and_the_texts_before_it() -> None:
    phone = Talker(parse(SCRIPT))
    phone.wait(0.1)
    phone.type("two")
    assert phone.nodes() == ["hello", "main", "support"]
    assert [step.node for step in phone.steps("interrupted")] == ["hello", "main"]


def test_typed_digits_go_into_the_collection_with_the_stop_key() -> None:
    phone = talker("4").type("four oh")
    assert (phone.state().state, phone.state().digits) == ("collecting", "40")
    phone.press("7")
    phone.type("pound")
    assert phone.session.variables["code"] == "407"
    assert phone.heards() == [("digits", "40", ""), ("digits", "#", "")]
    assert phone.said()[-1] == "Code 4 0 7."


def test_more_digits_than_are_wanted_are_none() -> None:
    phone = talker("4").type("one two three four five")
    assert phone.heards() == [("digits", "", "too many digits")]
    assert phone.said()[-1] == "Too few. Some digits."
    phone.listen()
    phone.type("12#3")
    assert phone.nodes()[-1] == "bye"
    assert "code" not in phone.session.variables


def test_a_stop_key_after_the_count_is_belated_also_when_it_is_said() -> None:
    phone = talker("4").type("4071")
    assert phone.nodes()[-1] == "read"
    phone.wait(0.2)
    phone.type("pound sign")
    assert phone.heards()[-1] == ("read", "", "belated stop key, ignored")
    assert phone.nodes()[-1] == "read"


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


def test_yes_and_no_to_a_question_count_at_once_from_any_source() -> None:
    phone = talker("3").press("40711").listen()
    phone.speak("yep")
    assert phone.heards() == [("question", "1", "to main")]
    assert (phone.nodes()[-1], phone.session.variables["sure"]) == ("main", "yes")
    other = talker("3").press("40711").listen()
    other.speak("perhaps")
    assert other.said()[-1] == "Yes or no. Are you sure?"
    other.speak("nope")
    assert other.session.variables["sure"] == "no"


@pytest.mark.parametrize("spoken", [True, False])
def test_words_that_are_no_choice_are_answered_and_have_a_limit(spoken: bool) -> None:
    phone = talker()
    for _ in range(2):
        assert phone.nodes()[-1] == "main"
        if spoken:
            phone.speak("pizza")
        else:
            phone.type("pizza")
        assert phone.heards()[-1] == ("main", "", "no such choice")
        phone.wait(0.1)
    assert "Wrong. Sales or support?" in phone.said()
    assert phone.nodes()[-1] == "bye"
    last = phone.state()
    assert (last.state, last.end_reason) == ("failed", "")


def test_what_was_not_understood_is_asked_for_once_more_and_does_not_count() -> None:
    phone = talker().speak("")
    assert phone.heards() == [("main", "", "not understood")]
    assert phone.said()[-1] == "Wrong. Sales or support?"
    said = len(phone.said())
    for _ in range(3):
        phone.listen()
        phone.speak("")
    assert len(phone.said()) == said
    phone.press("9")
    assert phone.said()[-1] == "Wrong. Sales or support?"
    assert phone.nodes()[-1] == "main"


def test_a_read_back_that_noise_interrupts_is_said_once_more() -> None:
    phone = talker().speak("sales").speak("")
    assert phone.heards()[-1] == ("main", "", "neither yes nor no")
    assert phone.said()[-2:] == [f"You said: sales. {IS_IT_RIGHT}"] * 2
    assert phone.state().paused == "prompt"
    phone.hear_out()
    assert 0 < phone.state().timer_left <= 6
    assert phone.press("1").nodes()[-1] == "sales"


def test_words_that_are_no_digits_keep_what_was_typed() -> None:
    phone = talker("4").press("12")
    phone.speak("well hello")
    assert phone.heards() == [("digits", "", "no digits")]
    assert phone.state().digits == "12"
    phone.wait(2.0)
    assert phone.session.variables["code"] == "12"


def test_speech_interrupts_the_prompt_and_pauses_the_timers() -> None:
    phone = talker("4").press("1")
    phone.wait(1.0)
    phone.events += phone.session.user_changed("speaking", phone.t)
    assert phone.collector() == Transition(phone.t, "collecting", "1", timer_left=0.0, paused="user speaking")
    phone.wait(10)
    assert phone.nodes()[-1] == "digits"
    phone.events += phone.session.user_changed("listening", phone.t)
    left = phone.collector()
    assert left is not None
    assert left.timer_left == pytest.approx(0.9, abs=0.021)
    prompting = Talker(parse(SCRIPT))
    prompting.wait(0.8)
    assert prompting.nodes()[-1] == "main"
    prompting.events += prompting.session.user_changed("speaking", prompting.t)
    assert not prompting.session.speaking
    assert not prompting.slot().any()
    assert prompting.state().paused == "user speaking"
    assert prompting.session.deadline is None


def test_speech_skips_what_only_speaks() -> None:
    phone = Talker(parse(SCRIPT))
    phone.wait(0.1)
    assert phone.session.grammar == Grammar()
    phone.speak("sales")
    assert phone.nodes() == ["hello", "main"]
    assert phone.state().state == "confirming"


def test_speech_does_not_interrupt_where_barge_in_is_off() -> None:
    phone = talker().press("5")
    phone.events += phone.session.user_changed("speaking", phone.t)
    assert phone.session.speaking
    phone.type("one")
    assert phone.heards() == [("solemn", "", "not while this is said")]
    phone.hear_out()
    phone.type("one")
    assert phone.nodes()[-1] == "main"


def test_what_may_be_said_follows_the_call() -> None:
    phone = talker()
    assert phone.session.grammar == Grammar(("sales", "help me"))
    phone.speak("sales")
    assert phone.session.grammar == Grammar(("yes", "no"))
    phone.press("3").listen()
    assert phone.session.grammar == Grammar(digits=True)


def test_before_and_after_the_call_nothing_is_heard() -> None:
    phone = talker()
    phone.session.hang_up(phone.t)
    assert phone.session.grammar is None
    assert phone.session.heard("sales", phone.t) == []
    assert phone.session.user_changed("speaking", phone.t) == []
    fresh = IvrSession(parse(SCRIPT), lambda _text: SPEECH)
    assert fresh.grammar is None
    assert fresh.heard("sales", 0) == []


def test_words_during_the_good_bye_change_nothing() -> None:
    phone = talker().type("pizza")
    phone.type("pizza")
    phone.type("sales")
    assert phone.heards()[-1] == ("bye", "", "the call is ending")
    assert phone.session.grammar is None
    phone.wait(1)
    assert phone.session.ended


def test_a_read_back_in_the_language_of_the_script() -> None:
    phone = Talker(load("termin"))
    phone.listen()
    phone.speak("Rezept")
    assert phone.said()[-1].startswith("Sie haben gesagt: rezept. Wenn das stimmt")
    phone.speak("ja")
    assert phone.nodes()[-1] == "prescription"


def test_the_dental_reception_by_typed_words_only() -> None:
    phone = Talker(load("dental"), lambda _text: SPEECH[:400])
    for words in ("yes", "appointments", "four oh seven one pound", "yes"):
        phone.listen()
        phone.type(words)
    phone.listen()
    assert phone.session.variables == {"recording_ok": "yes", "patient_id": "4071"}
    assert phone.nodes()[-3:] == ["patient.check", "patient.known", "appointment"]
    assert [keys for _, keys, _ in phone.heards()] == ["1", "1", "4071#", "1"]


WORDS = ("yes", "no", "sales", "appointments", "four oh seven one", "pound", "12", "one", "pizza", "", "123456", "Ja")
DOINGS = st.one_of(
    st.tuples(st.just("key"), st.sampled_from("0123*#")),
    st.tuples(st.sampled_from(["typed", "vosk"]), st.sampled_from(WORDS)),
    st.tuples(st.just("user"), st.sampled_from(["speaking", "listening", "away"])),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(names()), st.lists(st.tuples(DOINGS, st.floats(0, 4)), max_size=25))
def test_whatever_is_said_the_run_stays_sound_and_what_is_not_sure_changes_nothing(
    name: str, doings: list[tuple[tuple[str, str], float]]
) -> None:
    phone = Talker(load(name), lambda _text: SPEECH[:800])
    for (what, text), seconds in doings:
        session = phone.session
        state = phone.collector()
        confirming = state is not None and state.state == "confirming"
        if what == "key":
            phone.events += session.key(text, phone.t)
        elif what == "user":
            phone.events += session.user_changed(cast(UserState, text), phone.t)
        else:
            variables = dict(session.variables)
            events = session.heard(text, phone.t, source=what)
            phone.events += events
            heard = next((one for one in events if isinstance(one, Heard)), None)
            asks = heard is not None and isinstance(session.script.node(heard.node), Menu | Collect)
            if heard is not None and asks and what != "typed" and not confirming:
                assert session.variables == variables
                assert all(one.transition.state != "done" for one in events if isinstance(one, CollectorStep))
        phone.wait(seconds)
    times = [event.t for event in phone.events]
    assert times == sorted(times)
    assert len(phone.steps("hang-up")) <= 1
    spoken = [one for one in phone.events if isinstance(one, Step) and one.action in ("say", "said", "interrupted")]
    assert all((one.action == "say") == (place % 2 == 0) for place, one in enumerate(spoken))
    assert phone.session.speaking == (len(spoken) % 2 == 1)
