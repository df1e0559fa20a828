"""What callers say, into the session of an IVR."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from scripted_ears import Lending, ScriptedEars

from dtmfphone.engine.ear import Words
from dtmfphone.engine.events import AnyEvent, Notice, Utterance
from dtmfphone.engine.ivr_ear import IvrEar
from dtmfphone.engine.leg import CallLeg
from dtmfphone.ivr.recognition import Grammar, Recognised
from dtmfphone.ivr.script import parse
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import CollectorStep, SessionEvent, Step

SCRIPT = """\
title: A test
start: main
nodes:
  main:
    confirm: Go on?
    yes: number
    no: bye
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  number:
    collect: Your number?
    variable: number
    max_digits: 2
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
    next: bye
  bye: {hang_up: Bye.}
"""


class Answered:
    """A call that a script has taken."""

    def __init__(self) -> None:
        self.now = 1.0
        self.events: list[AnyEvent] = []
        self.told: list[SessionEvent] = []
        self.leg = CallLeg("ivr-1", "ivr", self.events.append, lambda: self.now)
        self.hearing = Lending(ScriptedEars(Recognised("yes")), self.events.append, lambda: self.now, self._spawn)
        self.ear = IvrEar(
            self.leg,
            self.hearing,
            self.told.extend,
            emit=self.events.append,
            clock=lambda: self.now,
            spawn=self._spawn,
        )
        self.session = self.ear.session = IvrSession(parse(SCRIPT), lambda _: None)
        self.session.start(self.now)

    @property
    def utterances(self) -> list[Utterance]:
        return [event for event in self.events if isinstance(event, Utterance)]

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(job)


def test_words_go_to_the_session_and_what_came_of_them_is_told() -> None:
    call = Answered()
    assert call.ear.expected() == ("main", call.session.grammar)
    call.now = 3.0
    call.ear.told("yes", start=2.0, duration=0.5)
    (heard,) = call.utterances
    assert (heard.t, heard.start, heard.duration) == (3.0, 2.0, 0.5)
    assert (heard.call, heard.leg, heard.text, heard.source, heard.keys) == ("ivr-1", "ivr", "yes", "typed", "1")
    assert any(isinstance(event, Step) and (event.node, event.action) == ("number", "enter") for event in call.told)
    assert call.ear.expected() == ("number", Grammar(digits=True))


def test_words_that_come_too_late_are_told_and_have_no_effect() -> None:
    call = Answered()
    call.ear.heard(Words("parrot", 2.0, 0.5, "yes", 0.7, late="welcome"))
    (heard,) = call.utterances
    assert (heard.text, heard.source, heard.confidence, heard.keys) == ("yes", "parrot", 0.7, "")
    assert heard.note == "too late: said at welcome"
    assert call.told == []
    assert call.session.node == "main"


def test_the_timers_know_who_speaks() -> None:
    call = Answered()
    call.ear.user_changed("speaking")
    assert [event.transition.paused for event in call.told if isinstance(event, CollectorStep)][-1] == "user speaking"


async def test_a_recognizer_is_borrowed_for_as_long_as_the_call_lasts() -> None:
    call = Answered()
    states = [(call.ear.listens, call.hearing.lent)]
    await call.ear.open()
    states.append((call.ear.listens, call.hearing.lent))
    assert call.leg.ear is not None
    call.leg.ear.works = False  # the recognizer has failed: typed words count
    states.append((call.ear.listens, call.hearing.lent))
    call.ear.close()
    states.append((call.ear.listens, call.hearing.lent))
    assert states == [(False, 0), (True, 1), (False, 1), (False, 0)]


@pytest.mark.parametrize("level", ["warning", "error"])
def test_notices_are_those_of_the_leg(level: Any) -> None:
    call = Answered()
    call.ear.notice(level, "Text.", "Remedy.")
    assert call.events == [Notice(t=1.0, level=level, text="Text.", remedy="Remedy.")]
