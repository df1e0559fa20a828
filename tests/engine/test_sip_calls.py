"""Engines that call each other by SIP and plain RTP over loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dtmfphone.calls.account import Account, Method
from dtmfphone.cli.session import Session
from dtmfphone.engine.commands import (
    AnswerCall,
    CloseAccount,
    Dial,
    HangUp,
    Hold,
    OpenAccount,
    PlaceCall,
    RejectCall,
    Serve,
    StopServing,
)
from dtmfphone.engine.events import (
    AccountChanged,
    AnyEvent,
    CallChanged,
    Dialing,
    HoldChanged,
    MediaChanged,
    ServerChanged,
    Sighting,
    SignallingMessage,
)

ALICE = Account(name="alice", address="sip:alice@127.0.0.1", register=False, local="127.0.0.1", codecs=("pcmu",))


class Silent:
    def show(self, event: AnyEvent) -> None:
        pass


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    async with Session(Silent(), sound=False) as session:
        yield session


@pytest.fixture
async def other() -> AsyncIterator[Session]:
    async with Session(Silent(), sound=False) as session:
        yield session


async def serve(session: Session, *addresses: str) -> list[str]:
    """Let the echo script answer and return the addresses as callers write them."""
    session.submit(Serve(listen=addresses, ivr="echo"))

    def all_open(_: AnyEvent) -> list[ServerChanged] | None:
        found = [event for event in session.events if isinstance(event, ServerChanged)]
        return found if len(found) == len(addresses) else None

    opened = await session.wait_for(all_open, 5)
    assert {event.state for event in opened} == {"listening"}, opened
    return [event.url for event in opened]


async def phone(session: Session, *states: str, since: int = 0) -> CallChanged:
    """Return the phone's call when it comes into one of the states."""

    def came(event: AnyEvent) -> CallChanged | None:
        return event if isinstance(event, CallChanged) and event.leg == "phone" and event.state in states else None

    return await session.wait_for(came, 10, since)


async def up(session: Session, command: PlaceCall, since: int = 0) -> None:
    session.submit(command)
    state = await phone(session, "up", "ended", "failed", since=since)
    assert state.state == "up", state


async def received(session: Session, count: int, leg: str = "ivr") -> list[tuple[str, str]]:
    """Return key and method of the keys that a side received, when there are so many."""

    def enough(_: AnyEvent) -> list[tuple[str, str]] | None:
        found: list[tuple[str, str]] = [
            (event.key, event.method)
            for event in session.events
            if isinstance(event, Sighting) and (event.leg, event.direction) == (leg, "received")
        ]
        return found if len(found) >= count else None

    return await session.wait_for(enough, 10)


async def all_sent(session: Session, count: int) -> None:
    def idle(event: AnyEvent) -> int | None:
        return event.sent if isinstance(event, Dialing) and event.state == "idle" else None

    assert await session.wait_for(idle, 10) == count


@pytest.mark.parametrize("method", ["auto", "info", "info-dtmf", "inband"])
async def test_keys_reach_the_script_once_each_by_every_method(session: Session, method: Method) -> None:
    (url,) = await serve(session, "sip:127.0.0.1:0")
    await up(session, PlaceCall(target=url, method=method, account=ALICE))
    session.submit(Dial(digits="1*D9"))
    seen = "rfc4733" if method == "auto" else method.removesuffix("-dtmf")
    assert await received(session, 4) == [(char, seen) for char in "1*D9"]
    await all_sent(session, 4)
    sent = [event for event in session.events if isinstance(event, Sighting) and event.leg == "phone"]
    assert [event.key for event in sent] == list("1*D9")
    if seen == "info":
        assert {event.note for event in sent} == {"accepted (200 OK)"}


async def test_plain_rtp_both_ways(session: Session) -> None:
    (url,) = await serve(session, "rtp://127.0.0.1:0?codec=PCMA&events=101")
    await up(session, PlaceCall(target=f"{url}?codec=PCMA&events=101&local=127.0.0.1"))
    session.submit(Dial(digits="12"))
    assert await received(session, 2) == [("1", "rfc4733"), ("2", "rfc4733")]
    session.submit(HangUp())
    ended = await session.wait_for(
        lambda e: e if isinstance(e, CallChanged) and e.leg == "ivr" and e.state == "ended" else None, 5
    )
    assert ended.direction == "incoming"


async def test_several_addresses_and_several_callers_at_once(session: Session, other: Session) -> None:
    udp, tcp, http = await serve(session, "sip:127.0.0.1:0", "sip:127.0.0.1:0;transport=tcp", "http://127.0.0.1:0")
    await up(session, PlaceCall(target=udp, account=ALICE))
    await up(other, PlaceCall(target=tcp, account=ALICE))
    assert http.startswith("http://127.0.0.1:")
    session.submit(Dial(digits="1"))
    other.submit(Dial(digits="2"))
    assert sorted(await received(session, 2)) == [("1", "rfc4733"), ("2", "rfc4733")]
    seen = len(session.events)
    session.submit(StopServing())

    def all_closed(_: AnyEvent) -> set[str] | None:
        closed = {e.url for e in session.events[seen:] if isinstance(e, ServerChanged) and e.state == "closed"}
        return closed if len(closed) == 3 else None

    assert await session.wait_for(all_closed, 5) == {udp, tcp, http}
    other.submit(Dial(digits="3"))
    assert ("3", "rfc4733") in await received(session, 3), "calls that are up go on"


async def test_an_address_that_cannot_be_had_does_not_hinder_the_others(session: Session) -> None:
    session.submit(Serve(listen=("sip:127.0.0.1:0", "gopher://127.0.0.1", "rtp://127.0.0.1:0?codec=smoke"), ivr="echo"))

    def all_told(_: AnyEvent) -> list[ServerChanged] | None:
        found = [event for event in session.events if isinstance(event, ServerChanged)]
        return found if len(found) == 3 else None

    good, unknown, wrong = await session.wait_for(all_told, 5)
    assert [good.state, unknown.state, wrong.state] == ["listening", "failed", "failed"]
    assert unknown.url == "gopher://127.0.0.1"
    assert all(event.reason and event.remedy for event in (unknown, wrong))


async def test_hold_and_what_went_over_the_wire(session: Session) -> None:
    (url,) = await serve(session, "sip:127.0.0.1:0")
    await up(session, PlaceCall(target=url, account=ALICE))
    for on in (True, False):
        seen = len(session.events)
        session.submit(Hold(on=on))

        def both_know(_: AnyEvent, seen: int = seen, on: bool = on) -> bool | None:
            held = [(e.here or e.there) == on for e in session.events[seen:] if isinstance(e, HoldChanged)]
            return held == [True, True] or None

        await session.wait_for(both_know, 5)
    session.submit(Dial(digits="5"))
    assert await received(session, 1) == [("5", "rfc4733")]
    call = next(e.call for e in session.events if isinstance(e, CallChanged) and e.leg == "phone")
    messages = [e for e in session.events if isinstance(e, SignallingMessage) and e.call == call]
    assert [e.summary.split()[0] for e in messages if e.direction == "sent"].count("INVITE") == 3
    assert len({e.dialog for e in messages}) == 1


async def ringing(session: Session, other: Session) -> CallChanged:
    """Let the other engine call an account that is open in this one."""
    session.submit(OpenAccount(account=ALICE))
    account = await session.wait_for(
        lambda e: e if isinstance(e, AccountChanged) and e.state == "ready" and e.contact else None, 5
    )
    other.submit(PlaceCall(target=account.contact, account=Account(codecs=("pcmu",), register=False)))
    return await phone(session, "incoming")


async def test_a_call_to_an_account_rings_and_is_taken_and_both_sides_hear_keys(
    session: Session, other: Session
) -> None:
    rings = await ringing(session, other)
    assert (rings.direction, rings.account) == ("incoming", "alice")
    assert rings.target
    assert (await phone(other, "ringing")).state == "ringing"
    session.submit(AnswerCall())
    await phone(session, "up")
    await phone(other, "up")
    session.submit(Dial(digits="1"))
    other.submit(Dial(digits="2"))
    assert await received(other, 1, "phone") == [("1", "rfc4733")]
    assert await received(session, 1, "phone") == [("2", "rfc4733")]
    other.submit(HangUp())
    assert (await phone(session, "ended")).reason
    seen = len(session.events)
    session.submit(CloseAccount(name="alice"))
    closed = await session.wait_for(lambda e: e if isinstance(e, AccountChanged) else None, 5, since=seen)
    assert (closed.account, closed.state) == ("alice", "closed")


async def test_a_call_to_an_account_is_declined(session: Session, other: Session) -> None:
    await ringing(session, other)
    session.submit(RejectCall())
    assert (await phone(session, "ended")).reason == "You declined the call."
    assert (await phone(other, "failed")).remedy


async def test_a_caller_gives_up(session: Session, other: Session) -> None:
    await ringing(session, other)
    other.submit(HangUp())
    assert (await phone(session, "ended")).reason
    assert (await phone(other, "ended")).reason


async def test_an_account_with_a_script_does_not_ring(session: Session, other: Session) -> None:
    session.submit(OpenAccount(account=ALICE, ivr="echo"))
    account = await session.wait_for(
        lambda e: e if isinstance(e, AccountChanged) and e.state == "ready" and e.contact else None, 5
    )
    await up(other, PlaceCall(target=account.contact))
    other.submit(Dial(digits="7"))
    assert await received(session, 1) == [("7", "rfc4733")]
    leg = next(e for e in session.events if isinstance(e, CallChanged) and e.leg == "ivr")
    assert leg.account == "alice"


async def test_an_account_that_cannot_work_is_told(session: Session) -> None:
    session.submit(OpenAccount(account=Account(name="odd", address="mailto:alice@example.com")))
    session.submit(OpenAccount(account=ALICE, ivr="nobody"))

    def both(_: AnyEvent) -> list[AccountChanged] | None:
        found = [event for event in session.events if isinstance(event, AccountChanged)]
        return found if len(found) == 2 else None

    for event in await session.wait_for(both, 5):
        assert (event.state, bool(event.reason), bool(event.remedy)) == ("failed", True, True)


async def test_secrets_do_not_reach_the_stream(session: Session) -> None:
    (url,) = await serve(session, "sip:127.0.0.1:0")
    account = Account(user="bob", password="very-secret", register=False, security="required")
    await up(session, PlaceCall(target=url, account=account))
    media = await session.wait_for(lambda e: e if isinstance(e, MediaChanged) and e.leg == "phone" else None, 1)
    assert media.secure
    await asyncio.sleep(0)
    texts = [event.text for event in session.events if isinstance(event, SignallingMessage)]
    assert any("a=crypto" in text for text in texts)
    keys = [line for text in texts for line in text.splitlines() if "inline:" in line]
    assert keys
    assert all(line.partition("inline:")[2].startswith("***") for line in keys)
    assert "very-secret" not in "".join(texts)
