"""What a run does in nodes that neither only speak nor ask for one key or digits."""

import numpy as np
import pytest
from ivr_phone import SPEECH, Phone

from dtmfphone.ivr.script import parse
from dtmfphone.ivr.session_events import NoVoice
from dtmfphone.ivr.speech import nothing

READ_BACK = """\
title: A test
start: ask
nodes:
  ask:
    collect: Two keys?
    variable: two
    max_digits: 2
    next: bye
    invalid: {say: No., next: sorry}
    time_out: {say: No key., next: sorry}
  sorry: {hang_up: Sorry.}
  bye: {hang_up: "You pressed {two}."}
"""
SCRIPT = """\
title: A test
start: consent
tasks:
  consent:
    start: ask
    nodes:
      ask:
        confirm: May we record?
        yes: given
        no: refused
        variable: recording_ok
        invalid: {say: One or two., next: refused, limit: 1}
        time_out: {say: Hello., next: refused, limit: 1}
      given: {result: given}
      refused: {result: refused}
nodes:
  consent:
    run: consent
    results: {given: note, refused: other}
  note:
    set: {desk: "10", team: sales}
    next: record
  other:
    set: {desk: "20", team: support, recording_ok: "no"}
    next: record
  record:
    record: start
    consent: recording_ok
    next: main
  main:
    menu: "Desk {desk} of {team}."
    keys: {"1": by_team, "2": keys, "3": again, "4": transfer, "5": solemn, "6": copy}
    words: {"1": [sales, help me], "4": [transfer]}
    variable: choice
    invalid: {say: No., next: bye}
    time_out: {say: No key., next: bye}
  copy:
    set: {desk: "9{choice}{desk}"}
    next: main
  by_team:
    branch: team
    cases: {sales: solemn}
    otherwise: main
  solemn:
    say: Hear this out.
    barge_in: false
    next: question
  question:
    confirm: Also this.
    yes: main
    no: bye
    barge_in: false
    invalid: {say: No., next: bye}
    time_out: {say: No key., next: bye}
  transfer:
    transfer: "sip:{desk}@example.com"
    failed: main
  keys:
    send: "{desk}w#"
    next: stop
  stop:
    record: stop
    next: main
  again:
    repeat: consent
    limit: 1
    next: bye
  bye:
    hang_up: Bye.
"""


def caller() -> Phone:
    return Phone(parse(SCRIPT)).listen()


def test_consent_leads_to_a_recording_and_a_refusal_to_none() -> None:
    phone = caller().press("1").listen()
    assert phone.nodes() == ["consent", "consent.ask", "consent.given", "note", "record", "main"]
    assert [(step.text, step.accepted) for step in phone.steps("record")] == [("start", True)]
    assert phone.session.variables["recording_ok"] == "yes"
    assert phone.said()[-1] == "Desk 1 0 of sales."
    phone = caller().press("2").listen()
    record = phone.steps("record")[0]
    assert (record.accepted, record.note) == (False, "no consent: nothing is recorded")
    assert phone.said()[-1] == "Desk 2 0 of support."


def test_an_answer_that_is_none_is_no_consent() -> None:
    phone = caller().press("7").listen().press("7").listen()
    assert phone.nodes()[:4] == ["consent", "consent.ask", "consent.refused", "other"]
    assert not phone.steps("record")[0].accepted


def test_what_is_set_is_told_and_joined() -> None:
    phone = caller().press("1").listen().press("6").listen()
    assert [step.text for step in phone.steps("set")] == [
        "recording_ok = yes",
        "desk = 10",
        "team = sales",
        "choice = 6",
        "desk = 9610",
    ]
    for _ in range(40):
        phone.press("6").listen()
    assert len(phone.session.variables["desk"]) == 64


def test_a_branch_goes_by_the_value() -> None:
    assert caller().press("1").listen().press("1").nodes()[-2:] == ["by_team", "solemn"]
    assert caller().press("2").listen().press("1").nodes()[-2:] == ["by_team", "main"]


def test_a_key_does_not_interrupt_where_barge_in_is_off() -> None:
    phone = caller().press("1").listen().press("5")
    assert phone.session.speaking
    phone.press("1").wait(0.1)
    assert phone.session.speaking
    assert (phone.steps("key")[-1].note, phone.steps("key")[-1].accepted) == ("not while this is said", False)
    phone.wait(0.8)
    assert phone.nodes()[-1] == "question"
    phone.press("2")
    assert phone.nodes()[-1] == "question"
    assert phone.listen().press("1").nodes()[-1] == "main"


def test_a_word_counts_as_its_key() -> None:
    phone = caller()
    phone.events += phone.session.heard("Yes", phone.t)
    phone.listen()
    assert phone.nodes()[-1] == "main"
    phone.events += phone.session.heard("perhaps", phone.t)
    assert phone.nodes()[-1] == "main"
    phone.events += phone.session.heard("help me", phone.t)
    assert phone.nodes()[-2:] == ["by_team", "solemn"]


def test_a_repeat_has_a_limit() -> None:
    phone = caller().press("1").listen().press("3").listen()
    assert phone.nodes()[-3:] == ["again", "consent", "consent.ask"]
    phone.press("1").listen().press("3").listen()
    assert phone.nodes()[-2:] == ["again", "bye"]
    assert phone.session.ended


def test_keys_are_sent_and_the_script_waits_for_it() -> None:
    phone = caller().press("1").listen().press("2")
    assert [step.text for step in phone.steps("send")] == ["10w#"]
    assert phone.session.deadline is None
    phone.wait(3).press("1")
    assert phone.steps("key")[-1].note == "keys are being sent"
    assert phone.session.transfer_failed(phone.t) == []
    phone.events += phone.session.sent(phone.t)
    assert phone.nodes()[-2:] == ["stop", "main"]
    assert phone.steps("record")[-1].text == "stop"
    assert phone.session.sent(phone.t) == []


def test_a_transfer_that_fails_leads_on() -> None:
    phone = caller().press("1").listen().press("4")
    assert [step.text for step in phone.steps("transfer")] == ["sip:10@example.com"]
    phone.press("1")
    assert phone.steps("key")[-1].note == "the call is being transferred"
    phone.events += phone.session.transfer_failed(phone.t)
    assert phone.nodes()[-1] == "main"
    phone.listen().press("4")
    assert phone.session.hang_up(phone.t) == []
    assert phone.session.ended
    assert phone.session.transfer_failed(phone.t) == []


PLAY = """\
title: Plays
start: ring
nodes:
  ring: {play: ring.wav, next: main}
  main:
    menu: Press 1.
    keys: {"1": bye}
    invalid: {say: No., next: bye}
    time_out: {say: No., next: bye}
  bye: {hang_up: Bye.}
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_sound_file_is_played_and_a_key_interrupts_it(there: bool) -> None:
    text = PLAY.replace("ring.wav", "test_session_nodes.py")
    script = parse(text, folder=__file__.rpartition("/")[0])
    phone = Phone(script, recording=lambda _name: np.repeat(SPEECH, 4) if there else None)
    assert [event.text for event in phone.events if isinstance(event, NoVoice)] == (
        [] if there else ["test_session_nodes.py"]
    )
    phone.wait(0.1)
    assert phone.heard[-1].any()
    assert phone.said() == ["[test_session_nodes.py]"]
    phone.press("1")
    assert phone.nodes() == ["ring", "main", "bye"]


def test_what_was_entered_is_not_told_where_there_is_no_voice_for_it() -> None:
    phone = Phone(parse(READ_BACK), nothing).press("77").wait(1.0)
    told = [event.text for event in phone.events if isinstance(event, NoVoice)]
    assert told == ["Two keys?", "You pressed", ""]
