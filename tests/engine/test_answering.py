"""IVRs that take calls, whatever line they came in on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import numpy as np
import pytest
from scripted_call import EVENTS, ScriptedIncoming

from dtmfphone.calls.call import CallError, InfoKey
from dtmfphone.engine import answering
from dtmfphone.engine.answering import Answering, load_script
from dtmfphone.engine.events import AnyEvent, CallChanged, IvrStep, MediaChanged, Sighting


class Desk:
    """Scripts that answer, and all that they tell."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.answering = Answering(self.events.append, lambda: 1.0, self._spawn)

    async def call(self) -> ScriptedIncoming:
        """Return a call that the echo script has taken."""
        call = ScriptedIncoming()
        self.answering.answer(call, load_script("echo"), "office")
        await asyncio.sleep(0)
        if call.context is not None:
            call.call.media = EVENTS
            async with asyncio.timeout(5):
                await call.call.placed.wait()
            call.context.observer.state_changed("up")
            call.call.answered.set()
        return call

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(job)


async def test_the_script_speaks_when_the_call_is_up_and_hears_keys_in_info() -> None:
    desk = Desk()
    call = await desk.call()
    assert call.context is not None
    up = next(event for event in desk.events if isinstance(event, CallChanged))
    assert (up.leg, up.state, up.direction, up.target, up.account) == (
        "ivr",
        "up",
        "incoming",
        "sip:bob@example.com",
        "office",
    )
    assert [event.event_payload_type for event in desk.events if isinstance(event, MediaChanged)] == [101]
    spoken = [call.context.source.pull(160, 8000, 1.0) for _ in range(50)]
    assert np.concatenate(spoken).any()
    key = InfoKey(char="7", start=1.0, duration=0.1, content_type="application/dtmf-relay")
    call.context.observer.info_key("received", key)
    assert [(event.key, event.method) for event in desk.events if isinstance(event, Sighting)] == [("7", "info")]
    steps = [event.text for event in desk.events if isinstance(event, IvrStep) and event.action == "key"]
    assert steps == ["7"]
    await desk.answering.close()
    assert call.call.hung_up == 1


async def test_beyond_the_limit_it_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MAX_CALLS", 2)
    desk = Desk()
    calls = [await desk.call() for _ in range(3)]
    await asyncio.sleep(0)
    assert [call.refusals for call in calls] == [[], [], ["busy"]]
    first = calls[0].context
    assert first is not None
    first.observer.state_changed("ended", "The far end hung up.")
    for _ in range(5):
        await asyncio.sleep(0)
    assert calls[0].call.hung_up == 1
    assert (await desk.call()).refusals == []
    await desk.answering.close()


def test_a_script_that_is_none_is_told_with_the_remedy() -> None:
    with pytest.raises(CallError, match="nobody") as caught:
        load_script("nobody")
    assert caught.value.remedy.endswith((".", "?"))
