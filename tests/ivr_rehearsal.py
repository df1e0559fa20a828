"""A run of an IVR script on a virtual clock, told in signs that do not depend on when a key interrupts a prompt."""

import copy
from typing import Final, NamedTuple

import numpy as np

from dtmfphone.ivr.document import Script
from dtmfphone.ivr.espeak import RATE
from dtmfphone.ivr.nodes import Asking, Play, Say, Send, Transfer
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import CollectorStep, SessionEvent, Step

SLOT: Final = 0.02
SAMPLES: Final = round(SLOT * RATE)
BRIEF: Final = np.full(400, 1000, dtype=np.int16)
"""What sounds for every text: 25 ms."""
ENDED: Final = ("done", "failed")


class Sign(NamedTuple):
    """Something that a run of a script does, whenever its prompts are interrupted."""

    what: str
    """An action of a step; or `asks`, `done` or `failed` of a collector."""
    node: str
    text: str = ""


class Signs:
    """The signs of one run, picked from its events."""

    def __init__(self, script: Script) -> None:
        self.all: list[Sign] = []
        self._script = script

    def step(self, action: str, node: str, text: str) -> None:
        """Take a step of the script."""
        if action in ("enter", "key", "set", "record", "send", "transfer", "hang-up"):
            self.all.append(Sign(action, node, text))
        elif action == "said" and not may_be_interrupted(self._script, node):
            self.all.append(Sign(action, node))

    def collector(self, state: str, node: str, digits: str, end_reason: str) -> None:
        """Take a change of the collector of a node: only its begin and its end are signs."""
        if state == "prompting":
            self.all.append(Sign("asks", node))
        elif state in ENDED:
            self.all.append(Sign(state, node, f"{digits} by {end_reason}"))


def may_be_interrupted(script: Script, node: str) -> bool:
    """Say whether a key interrupts what is said at a node."""
    one = script.node(node)
    return isinstance(one, Say | Play | Asking) and one.barge_in


class Rehearsal:
    """A call on a virtual clock: pressing keys, it goes on to where the next one is waited for."""

    def __init__(self, script: Script) -> None:
        self.signs = Signs(script)
        self.session = IvrSession(script, lambda _text: BRIEF, lambda _name: BRIEF)
        self.t = 0.0
        self.ready = 0
        """The number of signs after which the next key counts."""
        self._take(self.session.start(0.0))
        self._settle()

    def copy(self) -> "Rehearsal":
        """Return a call that can go on apart from this one."""
        other = copy.copy(self)
        other.signs = copy.copy(self.signs)
        other.signs.all = self.signs.all.copy()
        other.session = copy.deepcopy(self.session, {id(self.session.script): self.session.script})
        return other

    def press(self, keys: str) -> bool:
        """Press keys and go on to where a key is waited for; say whether the first one had an effect."""
        before = len(self.signs.all)
        for key in keys:
            self._take(self.session.key(key, self.t))
            self._slots(1)
        effects = [sign for sign in self.signs.all[before:] if sign.what != "key"]
        self._settle()
        return bool(effects) or len(keys) > 1

    def wait(self) -> float:
        """Press nothing until a timer has run out; return the seconds."""
        begin, ends = self.t, self._ends()
        while self._ends() == ends:
            due = self.session.deadline
            if due is not None and not self.session.speaking:
                self.t = max(self.t, due)
            self._slots(1)
        self._settle()
        return self.t - begin

    def _ends(self) -> int:
        return sum(sign.what in ENDED for sign in self.signs.all)

    def _settle(self) -> None:
        """Go on until a key counts for a menu or a collection, or the call is over."""
        ready: int | None = None
        while not self.session.ended:
            node = self.session.script.node(self.session.node)
            interruptible = may_be_interrupted(self.session.script, self.session.node)
            if isinstance(node, Send | Transfer) or (self.session.speaking and not interruptible):
                ready = None
            elif ready is None:
                ready = len(self.signs.all)
            if isinstance(node, Asking) and ready is not None:
                break
            if isinstance(node, Send):
                self._take(self.session.sent(self.t))
            elif isinstance(node, Transfer):
                self._take(self.session.transfer_failed(self.t))
            else:
                self._slots(1)
        self.ready = len(self.signs.all) if ready is None else ready

    def _slots(self, count: int) -> None:
        for _ in range(count):
            self.session.pull(SAMPLES, RATE, self.t)
            self._take(self.session.tick(self.t))
            self.t += SLOT

    def _take(self, events: list[SessionEvent]) -> None:
        for event in events:
            if isinstance(event, Step):
                self.signs.step(event.action, event.node, event.text)
            elif isinstance(event, CollectorStep):
                now = event.transition
                self.signs.collector(now.state, event.node, now.digits, now.end_reason)
