"""The real `GetDtmfTask` on a virtual clock: cases in, outcomes out, one JSON object per line.

It runs in the environment that has livekit-agents. Session and end of the task are stubs: the session only counts
interruptions, and a read-back ends when the case says so: `{"t", "read_back": "ended"}`. From an event
`{"t", "interruptible": false}` on, what the agent says may not be interrupted.
"""

import asyncio
import json
import re
import selectors
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from typing import Any

from livekit.agents.beta.workflows.dtmf_inputs import GetDtmfTask
from livekit.agents.beta.workflows.utils import DtmfEvent
from livekit.agents.voice.events import AgentStateChangedEvent, UserStateChangedEvent
from livekit.rtc import SipDTMF

CHANGED = {"user": UserStateChangedEvent, "agent": AgentStateChangedEvent}


class Clock(selectors.DefaultSelector):
    """A selector that does not wait: the time that it is asked to wait has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.when_idle: Callable[[], object] = lambda: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass; with nothing left to wait for, say so."""
        if timeout is None:
            self.when_idle()
        else:
            self.now += max(0.0, timeout)
        return super().select(0)


class Session:
    """What the task sees of its session, and what became of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.task: Any = None
        self.outcome = "waiting"
        self.at: float | None = None
        self.user_input: str | None = None
        self.keys = ""
        self.interruptions = 0
        self.interruptible = True
        self.read_back: asyncio.Future[None] = loop.create_future()
        self.ends: list[tuple[str, str, float]] = []

    def interrupt(self) -> None:
        """The agent shall be silent."""
        if not self.interruptible:
            raise RuntimeError("what the agent says may not be interrupted")
        self.interruptions += 1

    def generate_reply(self, **_: object) -> asyncio.Future[None]:
        """The agent reads the digits back."""
        self._note("confirming")
        self.read_back = self._loop.create_future()
        return self.read_back

    def complete(self, result: Any) -> None:
        """The task is over."""
        if isinstance(result, Exception):
            self._note("failed")
            got = re.search(r"got (\d+)", str(result))
            assert got
            assert int(got[1]) == len(self.keys)
        else:
            self._note("done")
            self.user_input = result.user_input

    def _note(self, outcome: str) -> None:
        assert self.outcome in ("waiting", "confirming"), f"{outcome} after {self.outcome}"
        self.outcome, self.at = outcome, self._loop.time()
        self.keys = pressed(self.task)
        self.ends.append((outcome, self.keys, self.at))


def pressed(task: Any) -> str:
    """Return the keys that a task holds."""
    return "".join(key.value for key in task._curr_dtmf_inputs)


def deliver(task: Any, session: Session, states: dict[str, str], events: list[dict[str, Any]]) -> None:
    """Tell the task what happens in one turn of the loop, as room and session do."""
    if session.outcome in ("done", "failed"):
        return
    for event in events:
        if "key" in event:
            with suppress(ValueError):  # the room logs it
                task._on_sip_dtmf_received(SipDTMF(code=0, digit=event["key"]))
            continue
        if "interruptible" in event:
            session.interruptible = event["interruptible"]
            continue
        if "read_back" in event:
            if not session.read_back.done():
                session.read_back.set_result(None)
            continue
        side = "user" if "user" in event else "agent"
        if event[side] != states[side]:
            change = CHANGED[side](old_state=states[side], new_state=event[side])
            states[side] = event[side]
            handler = task._on_user_state_changed if side == "user" else task._on_agent_state_changed
            handler(change)


def play(case: dict[str, Any]) -> dict[str, Any]:
    """Return what the real class makes of a case."""
    clock = Clock()
    loop = asyncio.SelectorEventLoop(clock)
    loop.set_exception_handler(lambda _loop, _context: None)  # of the task that may not interrupt
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    clock.when_idle = lambda: loop.call_soon(loop.stop)
    session = Session(loop)

    async def begin() -> Any:
        members = {"session": session, "complete": lambda _, result: session.complete(result)}
        return type("Task", (GetDtmfTask,), members)(
            num_digits=case["num_digits"],
            ask_for_confirmation=case["confirm"],
            dtmf_input_timeout=case["timeout"],
            dtmf_stop_event=DtmfEvent(case["stop_key"]),
        )

    task = session.task = loop.run_until_complete(begin())
    states = {"user": "listening", "agent": "listening"}
    for t, group in groupby(case["events"], lambda event: event["t"]):
        loop.call_at(t, deliver, task, session, states, list(group))
    loop.run_forever()
    if session.outcome == "waiting":
        session.keys = pressed(task)
    task._generate_dtmf_reply.cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    return {
        "id": case["id"],
        "outcome": session.outcome,
        "user_input": session.user_input,
        "digits": session.keys,
        "at": session.at,
        "got": len(session.keys),
        "interruptions": session.interruptions,
        "ends": session.ends,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(play(json.loads(line))), flush=True)
