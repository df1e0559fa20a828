"""A caller of a script, with a virtual clock."""

from collections.abc import Callable
from typing import Self

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.collection import Transition
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.nodes import Send, Transfer
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import CollectorStep, SessionEvent, Step

SLOT = 0.02
SPEECH: Pcm = np.full(8000, 1000, dtype=np.int16)
"""Half a second for every text."""


class Phone:
    """Pulls a slot every 20 ms, ticks as the engine does."""

    def __init__(
        self,
        script: Script,
        lookup: Callable[[str], Pcm | None] = lambda _text: SPEECH,
        recording: Callable[[str], Pcm | None] = lambda _name: None,
    ) -> None:
        self.session = IvrSession(script, lookup, recording)
        self.t = 0.0
        self.events: list[SessionEvent] = self.session.start(0.0)
        self.heard: list[Pcm] = []

    def slot(self) -> Pcm:
        pcm = self.session.pull(320, 16000, self.t)
        self.heard.append(pcm)
        self.events += self.session.tick(self.t)
        self.t += SLOT
        while (due := self.session.deadline) is not None and due < self.t:
            self.events += self.session.tick(due)
        return pcm

    def wait(self, seconds: float) -> Self:
        end = self.t + seconds
        while self.t < end - 1e-9:
            self.slot()
        return self

    def listen(self) -> Self:
        """Wait until a menu or a collection has finished its prompt, or the call is to end or to do something."""
        for _ in range(10_000):
            state = self.collector()
            if self.session.ended or isinstance(self.session.script.node(self.session.node), Send | Transfer):
                return self
            if not self.session.speaking and state is not None and state.state == "collecting":
                return self
            self.slot()
        raise AssertionError("it speaks for ever")

    def press(self, keys: str) -> Self:
        for key in keys:
            self.events += self.session.key(key, self.t)
            self.wait(0.1)
        return self

    def collector(self) -> Transition | None:
        steps = [event.transition for event in self.events if isinstance(event, CollectorStep)]
        return steps[-1] if steps else None

    def nodes(self) -> list[str]:
        return [event.node for event in self.events if isinstance(event, Step) and event.action == "enter"]

    def steps(self, action: str) -> list[Step]:
        return [event for event in self.events if isinstance(event, Step) and event.action == action]

    def said(self) -> list[str]:
        return [step.text for step in self.steps("say")]
