from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivr_phone import SLOT, SPEECH, Phone

from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.collection import Transition
from dtmfphone.ivr.script import load, names, parse
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import CollectorStep, NoVoice, Step

SMALL = """\
title: Small
start: hello
nodes:
  hello:
    say: Hello.
    next: main
  main:
    menu: Press 1 or 2.
    keys: {"1": digits, "2": bye}
    invalid: {say: Wrong., next: bye, limit: 1}
    time_out: {say: Nothing., next: bye, limit: 1}
    seconds: 3
  digits:
    collect: Three digits.
    variable: code
    min_digits: 2
    max_digits: 3
    first_digit_seconds: 4
    inter_digit_seconds: 2
    invalid: {say: Too few., next: bye, limit: 1}
    time_out: {say: Nothing., next: main, limit: 0}
    next: read
  read:
    say: "Code: {code}."
    next: main
  bye:
    hang_up: Bye.
"""


def small(lookup: Callable[[str], Pcm | None] = lambda _text: SPEECH) -> Phone:
    return Phone(parse(SMALL), lookup)


def test_a_call_in_which_all_goes_well() -> None:
    phone = small().listen()
    assert [step.text for step in phone.events if isinstance(step, Step)] == ["", "Hello.", "", "", "Press 1 or 2.", ""]
    first = phone.collector()
    assert first is not None
    assert first == Transition(first.t, "collecting", "", "first-digit", 3, 3)
    assert 1.5 <= first.t < 1.5 + 2 * SLOT + 1e-9
    phone.press("1").listen().press("47#").listen()
    assert phone.session.variables == {"code": "47"}
    assert phone.said()[-2:] == ["Code: 4 7.", "Press 1 or 2."]
    phone.press("2").wait(2)
    assert phone.nodes() == ["hello", "main", "digits", "read", "main", "bye"]
    assert [step.node for step in phone.steps("hang-up")] == ["bye"]
    assert phone.session.ended
    assert phone.session.deadline is None


def test_a_menu_shows_as_a_collection_of_one_key() -> None:
    phone = small().listen().press("2")
    steps = [event for event in phone.events if isinstance(event, CollectorStep)]
    assert [(step.transition.state, step.transition.digits) for step in steps] == [
        ("prompting", ""),
        ("collecting", ""),
        ("done", "2"),
    ]
    assert {(step.node, step.expected) for step in steps} == {("main", "one key: 1, 2")}


def test_the_events_of_a_key_are_in_order() -> None:
    phone = small().wait(1.0)
    events = phone.session.key("2", phone.t)
    assert [event.action if isinstance(event, Step) else type(event).__name__ for event in events] == [
        "key",
        "interrupted",
        "CollectorStep",
        "enter",
        "say",
    ]
    key = events[0]
    assert isinstance(key, Step)
    assert (key.text, key.accepted, key.note) == ("2", True, "to bye")


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_a_key_silences_the_prompt_at_once(rate: int) -> None:
    texts = {"Press 1 or 2.": np.full(16000 * 9, 1000, dtype=np.int16)}
    session = IvrSession(parse(SMALL), lambda text: texts.get(text, np.zeros(1600, dtype=np.int16)))
    session.start(0)
    slot = rate // 50
    for place in range(100):
        pcm = session.pull(slot, rate, place * SLOT)
        session.tick(place * SLOT)
    assert pcm.any()
    session.key("1", 2.0)
    assert not session.pull(slot, rate, 2.0).any()


def test_a_key_during_a_text_counts_for_the_next_menu() -> None:
    phone = small().wait(0.1).press("1")
    assert phone.nodes() == ["hello", "main", "digits"]
    assert len(phone.steps("interrupted")) == 2
    assert phone.session.speaking


def test_wrong_keys_are_answered_and_have_a_limit() -> None:
    phone = small().listen().press("7")
    assert phone.said()[-1] == "Wrong. Press 1 or 2."
    assert (phone.steps("key")[-1].accepted, phone.steps("key")[-1].note) == (False, "no such choice")
    phone.listen().press("8")
    assert phone.nodes()[-1] == "bye"


def test_silence_is_answered_and_has_a_limit() -> None:
    phone = small().listen().wait(3.1)
    assert phone.said()[-1] == "Nothing. Press 1 or 2."
    phone.listen().wait(3.1)
    assert phone.nodes()[-1] == "bye"


def test_wrong_keys_and_silence_are_counted_apart_and_anew_in_each_visit() -> None:
    phone = small().listen().press("7").listen().wait(3.1).listen()
    assert phone.nodes()[-1] == "main"
    phone.press("1").listen().press("12#").listen().press("7").listen().wait(3.1).listen()
    assert phone.nodes() == ["hello", "main", "digits", "read", "main"]


def test_too_few_digits_are_asked_for_again_and_no_digit_is_a_time_out() -> None:
    phone = small().listen().press("1").listen().press("5").wait(2.1)
    assert phone.said()[-1] == "Too few. Three digits."
    assert phone.session.variables == {}
    phone.listen().press("#")
    assert phone.nodes()[-1] == "bye"
    phone = small().listen().press("1").listen().wait(4.1)
    assert phone.nodes()[-1] == "main"


def test_a_stop_key_after_the_count_belongs_to_that_collection() -> None:
    phone = small().listen().press("1").listen().press("123#")
    assert phone.nodes()[-1] == "read"
    assert phone.session.speaking
    assert (phone.steps("key")[-1].accepted, phone.steps("key")[-1].note) == (False, "belated stop key, ignored")
    phone.press("#")
    assert phone.said()[-1] == "Wrong. Press 1 or 2."


def test_a_stop_key_late_in_the_read_back_is_belated_and_in_the_next_menu_it_is_not() -> None:
    long: Pcm = np.full(16000 * 9, 1000, dtype=np.int16)
    phone = small(lambda text: long if text == "Code:" else SPEECH).listen().press("1").listen().press("123").wait(7)
    assert phone.press("#").nodes()[-1] == "read"
    phone = small(lambda text: SPEECH[:100]).listen().press("1").listen().press("123").wait(4)
    assert phone.nodes()[-1] == "main"
    assert phone.press("#").said()[-1] == "Wrong. Press 1 or 2."


def test_the_caller_hangs_up_in_mid_collection() -> None:
    phone = small().listen().press("1").listen().press("12")
    assert phone.session.hang_up(phone.t) == [
        CollectorStep("digits", "2 to 3 digits, then #", Transition(phone.t, "failed", "12", end_reason="hang-up"))
    ]
    assert phone.session.hang_up(phone.t) == []
    assert phone.session.key("1", phone.t) == []
    assert phone.session.deadline is None
    assert not phone.slot().any()


def test_the_caller_hangs_up_in_mid_prompt() -> None:
    phone = small().wait(0.1)
    assert [event.action for event in phone.session.hang_up(phone.t) if isinstance(event, Step)] == ["interrupted"]
    assert not phone.slot().any()


def test_a_key_during_the_good_bye_changes_nothing() -> None:
    phone = small().listen().press("2").press("1")
    assert phone.steps("key")[-1].note == "the call is ending"
    assert phone.session.speaking
    assert len(phone.wait(1).steps("hang-up")) == 1


def test_timers_end_on_time_when_no_audio_flows() -> None:
    session = IvrSession(parse(SMALL), lambda _text: np.zeros(0, dtype=np.int16))
    session.start(0)
    t = 0.0
    while session.node != "main" or session.speaking:
        session.pull(160, 8000, t)
        t += SLOT
        session.tick(t)
    due = session.deadline
    assert due is not None
    assert session.tick(due - 0.001) == []
    events = session.tick(due + 50)
    assert isinstance(events[0], CollectorStep)
    assert (events[0].t, events[0].transition.end_reason) == (due, "first-digit time-out")


def test_a_text_without_a_voice_is_a_beep_and_the_call_goes_on() -> None:
    phone = small(lambda text: None if text == "Hello." else SPEECH)
    missing = phone.events[-1]
    assert missing == NoVoice(0.0, "hello", "Hello.")
    assert isinstance(missing, NoVoice)
    assert "dtmfphone[speech]" in missing.remedy
    assert np.abs(phone.wait(0.2).heard[-1]).max() > 3000
    assert phone.listen().nodes() == ["hello", "main"]


def test_a_read_back_is_made_of_single_keys() -> None:
    asked: list[str] = []

    def lookup(text: str) -> Pcm:
        asked.append(text)
        return SPEECH

    small(lookup).listen().press("1").listen().press("1*0").listen()
    assert [text for text in asked if text != "Press 1 or 2."][2:] == ["Code:", "one,", "star,", "zero."]


def test_it_starts_once_and_takes_only_keys() -> None:
    session = IvrSession(parse(SMALL), lambda _text: SPEECH)
    assert session.key("1", 0) == []
    assert session.hang_up(0) == []
    session.start(1)
    with pytest.raises(RuntimeError, match="make a new one for each call"):
        session.start(2)
    with pytest.raises(ValueError, match="not a DTMF key"):
        session.key("x", 3)


@pytest.mark.parametrize("name", names())
def test_a_silent_caller_of_a_built_in_script_is_hung_up_on(name: str) -> None:
    phone = Phone(load(name), lambda _text: SPEECH[:800])
    while not phone.session.ended and phone.t < 300:
        phone.wait(1)
    assert len(phone.steps("hang-up")) == 1


@pytest.mark.parametrize("key", CODES)
@pytest.mark.parametrize("name", names())
def test_every_key_is_answered_from_the_first_input_on(name: str, key: str) -> None:
    phone = Phone(load(name), lambda _text: SPEECH[:800]).listen()
    before = len(phone.said())
    phone.press(key).wait(9)
    assert len(phone.said()) > before


def test_reception_reads_a_patient_number_back() -> None:
    phone = Phone(load("reception"), lambda _text: SPEECH[:800]).listen().press("4").listen().press("4711#").listen()
    assert "Thank you. Your patient number is: 4 7 1 1. We have found your file." in phone.said()
    assert phone.nodes() == ["welcome", "main", "patient", "patient_read_back", "main"]


def test_echo_reads_back_32_keys() -> None:
    phone = Phone(load("echo"), lambda _text: SPEECH[:800]).listen()
    keys = "1234567890*ABCD" * 2 + "12"
    phone.press(keys).listen()
    assert f"You pressed: {' '.join(keys)}." in phone.said()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(names()),
    st.lists(st.tuples(st.sampled_from([*CODES, "wait", "wait", "hang"]), st.floats(0, 4)), max_size=25),
)
def test_whatever_the_caller_does_the_run_stays_sound(name: str, inputs: list[tuple[str, float]]) -> None:
    phone = Phone(load(name), lambda _text: SPEECH[:800])
    for key, seconds in inputs:
        if key == "hang":
            phone.events += phone.session.hang_up(phone.t)
        elif key != "wait":
            phone.events += phone.session.key(key, phone.t)
        phone.wait(seconds)
    times = [event.t for event in phone.events]
    assert times == sorted(times)
    assert len(phone.steps("hang-up")) <= 1
    open_says = 0
    for event in phone.events:
        if isinstance(event, Step) and event.action in ("say", "said", "interrupted"):
            open_says += 1 if event.action == "say" else -1
            assert open_says in (0, 1)
    assert bool(open_says) == phone.session.speaking
