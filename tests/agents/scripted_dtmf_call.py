"""A call that a test plays, and an event loop whose time passes at once."""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from dtmfphone.agents import DtmfEvent, Listener, ToolError
from dtmfphone.ivr.collection import AgentState, UserState
from dtmfphone.ivr.spoken_digits import spoken_keys

T = TypeVar("T")


class _Clock(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing will ever happen"
        self.now += max(0.0, timeout)
        return super().select(0)


def run(job: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns; waiting takes no time."""
    clock = _Clock()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(job)
    finally:
        loop.close()


class ScriptedCall:
    """Keys come at the times that the test says; it notes what is sent."""

    def __init__(self, script: str = "", every: float = 1.0, words: Mapping[float, str] | None = None) -> None:
        """`script`: a key at `every`, 2 * `every`, ... seconds; a space is none; `u`, `l`: the user speaks, listens.

        `words`: what is said, by the time when it is over.
        """
        self.user_state: UserState = "listening"
        self.agent_state: AgentState = "listening"
        self.over = ""
        self.interruptions = 0
        self.sent: list[tuple[str, float]] = []
        self.refused = ""
        """Keys that cannot be sent."""
        self._listeners: list[Listener] = []
        loop = asyncio.get_running_loop()
        for place, what in enumerate(script):
            loop.call_later(every * (place + 1), self.happen, what)
        for t, text in (words or {}).items():
            loop.call_later(t, self.say, text)

    def say(self, text: str) -> None:
        for listener in (*self._listeners,):
            listener.words_heard(text, spoken_keys(text) or "", 0.9)

    def happen(self, what: str) -> None:
        for listener in (*self._listeners,):
            match what:
                case " ":
                    pass
                case "u":
                    listener.user_changed("speaking")
                case "l":
                    listener.user_changed("listening")
                case "!":
                    listener.call_ended("The far end hung up.")
                case key:
                    listener.key_pressed(DtmfEvent(key))

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def interrupt(self) -> None:
        self.interruptions += 1

    async def send_key(self, key: DtmfEvent) -> None:
        if key.value in self.refused:
            raise ToolError("The far end takes no such key.")
        self.sent.append((key.value, round(asyncio.get_running_loop().time(), 6)))
