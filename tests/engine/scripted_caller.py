"""A caller of an IVR of ours, on a clock of the test's own."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import numpy as np
from scripted_call import EVENTS, PlainCall, ScriptedIncoming

from dtmfphone.calls.call import CallContext, InfoKey, Media
from dtmfphone.calls.media import Pcm
from dtmfphone.engine.answering import Answering
from dtmfphone.engine.events import AnyEvent, CallChanged, IvrStep
from dtmfphone.ivr.script import parse


class Caller:
    """A call that a script has taken, on a clock of its own."""

    def __init__(self, script: str, call: PlainCall | None = None) -> None:
        self.now = 1.0
        self.events: list[AnyEvent] = []
        self.incoming = ScriptedIncoming()
        self.incoming.call = call or PlainCall()
        self.answering = Answering(self.events.append, lambda: self.now, self._spawn)
        self.leg = self.answering.answer(self.incoming, parse(script.replace('menu: ""', "menu: Press one.")))
        self.keys = ""
        self.frames: list[Any] = []

    @property
    def context(self) -> CallContext:
        assert self.incoming.context is not None
        return self.incoming.context

    async def up(self, media: Media = EVENTS) -> "Caller":
        self.incoming.call.media = media
        async with asyncio.timeout(5):
            await self.incoming.call.placed.wait()
        self.context.observer.state_changed("up")
        self.incoming.call.answered.set()
        return self

    async def run(self, seconds: float, says: Pcm | None = None) -> None:
        """Let packets pass, in which the caller says something."""
        last = None
        for slot in range(round(seconds / 0.02)):
            self.now += 0.02
            said = np.full(160, 500, np.int16) if says is None else says[160 * slot : 160 * (slot + 1)]
            self.context.sink.push(said, 8000, self.now, jump=False)
            self.frames.append(self.context.source.pull(160, 8000, self.now))
            if self.incoming.call.events_enabled:
                char = self.context.slot(self.now).char
                self.keys += char if char is not None and char != last else ""
                last = char
            await asyncio.sleep(0)

    def press(self, char: str) -> None:
        key = InfoKey(char=char, start=self.now, duration=0.1, content_type="application/dtmf")
        self.context.observer.info_key("received", key)

    def say(self, words: str) -> None:
        """Say words that need not be recognised."""
        assert self.leg is not None
        self.leg.listener.told(words, start=self.now, duration=0.0)

    def texts(self, kind: type[Any]) -> list[str]:
        return [event.text for event in self.events if isinstance(event, kind)]

    def nodes(self) -> list[str]:
        return [event.node for event in self.events if isinstance(event, IvrStep) and event.action == "enter"]

    def state(self) -> tuple[str, str]:
        last = [event for event in self.events if isinstance(event, CallChanged)][-1]
        return last.state, last.reason

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(job)
