"""Calls that ring here, and what a person does with them."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from scripted_call import EVENTS, Loud, ScriptedIncoming

from dtmfphone.calls.account import Account
from dtmfphone.engine.commands import Dial, PlaceCall
from dtmfphone.engine.events import AnyEvent, CallChanged, MediaChanged, Notice
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.telephone import Telephone
from dtmfphone.ivr.voice import Voice

OFFICE = Account(name="office", address="sip:alice@example.com", method="inband")


class Desk:
    """A telephone on a desk, and all that it tells."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.sound = Loud()
        self.phone = Telephone(
            self.events.append,
            lambda: 1.0,
            self._spawn,
            sound=self.sound,
            display=None,
            voice=Voice(),
            hearing=Hearing(self.events.append, lambda: 1.0, self._spawn),
            answer_builtin=lambda _name, _call: None,
        )

    async def settle(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)

    def calls(self) -> list[tuple[str, str]]:
        return [(event.call, event.state) for event in self.events if isinstance(event, CallChanged)]

    def last(self) -> CallChanged:
        return [event for event in self.events if isinstance(event, CallChanged)][-1]

    def notices(self) -> str:
        return " ".join(event.text for event in self.events if isinstance(event, Notice))

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(job)


async def test_a_call_rings_and_is_taken_with_the_method_of_its_account() -> None:
    desk, call = Desk(), ScriptedIncoming()
    desk.phone.ring(call, OFFICE)
    ringing = desk.last()
    assert (ringing.state, ringing.direction, ringing.target, ringing.account, ringing.leg) == (
        "incoming",
        "incoming",
        "sip:bob@example.com",
        "office",
        "phone",
    )
    desk.phone.answer()
    await desk.settle()
    assert call.context is not None
    call.call.media = EVENTS
    call.context.observer.state_changed("up")
    assert desk.last().state == "up"
    assert [event.method for event in desk.events if isinstance(event, MediaChanged)] == ["inband"]
    desk.phone.hang_up()
    call.call.answered.set()
    await desk.phone.close()
    assert desk.last().state == "ended"
    assert call.call.hung_up == 1


async def test_a_call_is_declined_by_word_or_by_hanging_up() -> None:
    for by_word in (True, False):
        desk, call = Desk(), ScriptedIncoming()
        desk.phone.ring(call, OFFICE)
        if by_word:
            desk.phone.reject("declined")
        else:
            desk.phone.hang_up()
        await desk.settle()
        assert call.refusals == ["declined"]
        assert (desk.last().state, desk.last().reason) == ("ended", "You declined the call.")
        desk.phone.ring(ScriptedIncoming(), OFFICE)
        assert desk.last().state == "incoming", "the next call rings"


async def test_it_rings_until_the_call_is_taken_refused_or_withdrawn() -> None:
    for way in ("answer", "reject", "hang up", "withdraw"):
        desk, call = Desk(), ScriptedIncoming()
        desk.phone.ring(call, OFFICE)
        assert desk.sound.rings == ["ring"]
        match way:
            case "answer":
                desk.phone.answer()
            case "reject":
                desk.phone.reject("declined")
            case "hang up":
                desk.phone.hang_up()
            case _:
                desk.phone.withdraw(call, "The caller gave up.")
        await desk.settle()
        assert desk.sound.rings[-1] is None, way
        call.call.answered.set()
        await desk.phone.close()


async def test_a_call_that_is_given_up_at_once_is_over() -> None:
    desk = Desk()
    desk.phone.place(PlaceCall(target="sip:bob@127.0.0.1:9"), None)
    desk.phone.hang_up()
    await desk.settle()
    assert (desk.last().state, desk.last().reason) == ("ended", "Hung up before the call was up.")
    desk.phone.ring(ScriptedIncoming(), OFFICE)
    assert desk.last().state == "incoming", "the next call rings"


async def test_busy_by_word() -> None:
    desk, call = Desk(), ScriptedIncoming()
    desk.phone.ring(call, OFFICE)
    desk.phone.reject("busy")
    await desk.settle()
    assert call.refusals == ["busy"]


async def test_a_second_caller_is_told_that_it_is_busy() -> None:
    desk, first, second = Desk(), ScriptedIncoming(), ScriptedIncoming("sip:eve@example.com")
    desk.phone.ring(first, OFFICE)
    desk.phone.ring(second, OFFICE)
    await desk.settle()
    assert (first.refusals, second.refusals) == ([], ["busy"])
    assert desk.calls() == [("call-1", "incoming"), ("call-2", "ended")]
    missed = desk.last()
    assert (missed.leg, missed.direction, missed.target, missed.account) == (
        "phone",
        "incoming",
        "sip:eve@example.com",
        "office",
    )
    assert missed.reason == "You were on the phone; the caller heard that you are busy."
    desk.phone.answer()
    await desk.settle()
    assert first.context is not None, "the first one still rings"


async def test_a_caller_that_gives_up() -> None:
    desk, call = Desk(), ScriptedIncoming()
    desk.phone.ring(call, OFFICE)
    desk.phone.withdraw(ScriptedIncoming(), "another one")
    assert desk.last().state == "incoming"
    desk.phone.withdraw(call, "The caller gave up.")
    assert (desk.last().state, desk.last().reason) == ("ended", "The caller gave up.")
    assert call.refusals == []
    desk.phone.answer()
    assert "No call rings here." in desk.notices()


async def test_while_it_rings_no_other_call_is_placed_and_nothing_is_dialed() -> None:
    desk = Desk()
    desk.phone.ring(ScriptedIncoming(), OFFICE)
    desk.phone.place(PlaceCall(target="builtin:echo"), None)
    desk.phone.dial(Dial(digits="1"))
    desk.phone.key_down("1")
    desk.phone.key_up("1")
    desk.phone.hold(on=True)
    desk.phone.transfer("sip:carol@example.com")
    assert desk.notices() == (
        "A call is already up. There is no call to dial in. There is no call to put on hold. "
        "There is no call to transfer."
    )
    assert desk.calls() == [("call-1", "incoming")]
