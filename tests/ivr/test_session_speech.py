"""What a run does with words: as if typed, recognised, and not understood; on a virtual clock."""

from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivr_phone import SPEECH
from ivr_talker import SCRIPT, Talker, talker

from dtmfphone.ivr.collection import Transition, UserState
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.journey import Journey
from dtmfphone.ivr.nodes import Collect, Menu
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.script import load, names, parse
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import CollectorStep, Heard, Step


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


def test_the_dental_reception_by_typed_words_only() -> None:
    phone = Talker(load("dental"), lambda _text: SPEECH[:400])
    for words in ("yes", "appointments", "four oh seven one pound", "yes"):
        phone.listen()
        phone.type(words)
    phone.listen()
    assert phone.session.variables == {"recording_ok": "yes", "patient_id": "4071"}
    assert phone.nodes()[-3:] == ["patient.check", "patient.known", "appointment"]
    assert [keys for _, keys, _ in phone.heards()] == ["1", "1", "4071#", "1"]


def test_digits_that_the_script_itself_asks_about_are_not_read_back_twice() -> None:
    phone = Talker(load("dental"), lambda _text: SPEECH[:400])
    phone.listen().speak("yes").listen().speak("appointments").hear_out().speak("yes").listen()
    phone.speak("four oh seven one")
    assert phone.nodes()[-1] == "patient.check"
    assert phone.said()[-1] == "You entered: 4 0 7 1. If that is right, press 1. To try again, press 2."
    phone.listen()
    phone.speak("no")
    assert phone.nodes()[-1] == "patient.ask"


def asked_next(script: Script, name: str) -> bool:
    """Whether a node's answer is confirmed by the node after it."""
    journey = Journey(script)
    journey.name = name
    return journey.asked_next


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
            asks = asks and heard is not None and not asked_next(session.script, heard.node)
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
