"""Shadow collectors beside the collector of a script, on a clock of the test's own."""

from typing import Any

import pytest
from scripted_caller import Caller

from buzz import voice
from dtmfphone.engine.commands import Shadow, ShadowCollector
from dtmfphone.engine.events import CollectorChanged
from dtmfphone.engine.shadow_plan import plan_of

BOTH = (ShadowCollector(), ShadowCollector(mode="standard"))
SCRIPT = """\
title: A test
start: number
nodes:
  number:
    collect: Enter it.
    variable: number
    max_digits: 4
    min_digits: 4
    inter_digit_seconds: 3.0
    first_digit_seconds: 7.0
    stop_keys: "*#"
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
    next: thanks
  thanks: {say: Thank you very much for that number., next: main}
  main:
    menu: Press one.
    keys: {"1": number}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  bye: {hang_up: Bye.}
"""


async def watched(**more: Any) -> Caller:
    caller = Caller(SCRIPT)
    caller.answering.shadow(plan_of(Shadow(collectors=BOTH, **more)))
    return await caller.up()


def of(caller: Caller, shadow: str) -> list[CollectorChanged]:
    return [event for event in caller.events if isinstance(event, CollectorChanged) and event.shadow == shadow]


def verdicts(caller: Caller, shadow: str) -> list[tuple[int, str, float]]:
    return [(event.collection, event.result, round(event.t, 2)) for event in of(caller, shadow) if event.result]


async def silence_after_the_prompt(caller: Caller) -> float:
    """Let the prompt end, and return when it did."""
    for _ in range(1000):
        await caller.run(0.02)
        last = of(caller, "")[-1]
        if last.state == "collecting":
            return last.t
    raise AssertionError("the prompt does not end")


async def test_they_begin_with_the_scripts_settings_and_states() -> None:
    caller = await watched()
    idle, began = of(caller, "Standard")[:2]
    assert (idle.state, idle.collection, began.collection, began.node) == ("idle", 0, 1, "number")
    assert (began.state, began.expected) == ("prompting", "4 digits, then * or #")
    assert of(caller, "LiveKit")[1].expected == "4 digits, then * or a pause of 3 s"
    said = await silence_after_the_prompt(caller)
    now = of(caller, "Standard")[-1]
    assert (now.t, now.timer, now.timer_seconds) == (said, "first-digit", 7.0)
    await caller.answering.close()


async def test_the_standard_does_what_the_scripts_own_does() -> None:
    caller = await watched()
    for wait, key in ((0.1, "4"), (0.5, "0"), (2.9, "7"), (1.0, "1"), (0.4, "#"), (2.0, "9"), (0.5, "1"), (3.0, "5")):
        await caller.run(wait)
        caller.press(key)
    await caller.run(12.0)
    kept = ("t", "state", "digits", "timer", "timer_left", "end_reason", "paused", "node")
    own, shadow = ([[getattr(event, name) for name in kept] for event in of(caller, name)] for name in ("", "Standard"))
    assert shadow[1 : len(own) + 1] == own
    await caller.answering.close()


async def test_the_stop_key_behind_the_count_is_livekits() -> None:
    caller = await watched()
    for key in "4071":
        await caller.run(0.2)
        caller.press(key)
    counted = caller.now
    await caller.run(0.6)
    caller.press("*")
    await caller.run(0.1)
    assert verdicts(caller, "Standard") == [(1, "4071", round(counted, 2))]
    await caller.answering.close()
    assert verdicts(caller, "LiveKit") == [(1, "4 0 7 1", round(counted + 0.6, 2))]


async def test_a_script_that_goes_on_before_livekit_ends() -> None:
    caller = await watched()
    for key in "4071":
        await caller.run(0.2)
        caller.press(key)
    counted = caller.now
    await caller.run(0.5)
    caller.press("1")
    await caller.run(0.02)
    assert verdicts(caller, "LiveKit")[:2] == [
        (1, "the script went on; this one would be done 2.5 s later", round(counted + 0.5, 2)),
        (2, "the script went on; this one would be done 4.0 s later", round(counted + 0.5, 2)),
    ]
    assert verdicts(caller, "Standard") == [(1, "4071", round(counted, 2)), (2, "1", round(counted + 0.5, 2))]
    assert [of(caller, name)[-1].node for name in ("LiveKit", "Standard")] == ["number", "number"]
    await caller.answering.close()


async def test_the_stop_key_behind_the_count_is_no_answer_to_what_follows_at_once() -> None:
    thanks = "  thanks: {say: Thank you very much for that number., next: main}\n"
    caller = Caller(SCRIPT.replace("next: thanks", "next: main").replace(thanks, ""))
    caller.answering.shadow(plan_of(Shadow(collectors=BOTH)))
    await caller.up()
    for key in "4071*":
        await caller.run(0.2)
        caller.press(key)
    assert [event.node for event in of(caller, "")][-1] == "main"
    ended = next(event for event in of(caller, "LiveKit") if event.state == "done")
    assert (ended.collection, ended.node, ended.result, ended.t) == (1, "number", "4 0 7 1", caller.now)
    for shadow in ("LiveKit", "Standard"):
        last = [event for event in of(caller, shadow) if event.collection == 2][-1]
        assert (last.collection, last.node, last.digits, last.result) == (2, "main", "", "")
    await caller.answering.close()


async def test_a_yes_to_a_read_back_is_no_digit() -> None:
    caller = Caller(SCRIPT.replace("    min_digits: 4", "    min_digits: 4\n    confirm: true"))
    caller.answering.shadow(plan_of(Shadow(collectors=(ShadowCollector(),))))
    await caller.up()
    for key in "4071":
        await caller.run(0.2)
        caller.press(key)
    await caller.run(0.4)
    assert of(caller, "")[-1].state == "confirming"
    caller.say("yes")
    assert of(caller, "")[-1].state == "done"
    assert verdicts(caller, "LiveKit") == []
    assert of(caller, "LiveKit")[-1].digits == "4071"
    await caller.answering.close()


async def test_speech_of_the_caller_pauses_them() -> None:
    caller = await watched()
    await silence_after_the_prompt(caller)
    caller.press("4")
    await caller.run(2.0, voice(2.0))
    assert [of(caller, name)[-1].paused for name in ("LiveKit", "Standard")] == ["user speaking", "user speaking"]
    await caller.answering.close()


@pytest.mark.parametrize("typed", ["", "4"])
async def test_one_that_comes_late_follows_from_where_no_key_is_lost(typed: str) -> None:
    caller = await Caller(SCRIPT).up()
    await silence_after_the_prompt(caller)
    for key in typed:
        caller.press(key)
    caller.answering.shadow(plan_of(Shadow(collectors=BOTH)))
    for key in "4071"[len(typed) :]:
        await caller.run(0.2)
        caller.press(key)
    if typed:
        assert {event.state for event in of(caller, "Standard")} == {"idle"}
    else:
        assert of(caller, "Standard")[-1].result == "4071"
    await caller.run(0.2)
    caller.press("1")
    assert ("main", "1") in [(event.node, event.result) for event in of(caller, "Standard")]
    await caller.answering.close()


async def test_each_call_has_its_own_and_they_can_be_taken_off() -> None:
    caller = await watched()
    caller.answering.shadow(None)
    assert verdicts(caller, "Standard") == [(1, "taken off", caller.now)]
    seen = len(caller.events)
    caller.press("4")
    assert not any(isinstance(event, CollectorChanged) and event.shadow for event in caller.events[seen:])
    await caller.answering.close()
