"""A caller of a script who speaks, with a virtual clock."""

from typing import Self

from ivr_phone import Phone

from dtmfphone.ivr.collection import Transition
from dtmfphone.ivr.script import parse
from dtmfphone.ivr.session_events import Heard

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
