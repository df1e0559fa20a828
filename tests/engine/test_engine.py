"""The engine with its own built-in IVR: two real WebRTC peers over UDP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dtmfphone.cli.session import Session
from dtmfphone.engine.commands import (
    AnyCommand,
    Dial,
    HangUp,
    KeyDown,
    KeyUp,
    PlaceCall,
    Serve,
    SetMethod,
    StopDialing,
    StopServing,
)
from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    CollectorChanged,
    Dialing,
    IvrStep,
    MediaChanged,
    Notice,
    ServerChanged,
    Sighting,
)


class Silent:
    def show(self, event: AnyEvent) -> None:
        pass


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    async with Session(Silent(), sound=False) as session:
        yield session


async def call_up(session: Session, command: AnyCommand) -> MediaChanged:
    session.submit(command)
    state = await session.wait_for(phone_settled, 10)
    assert state.state == "up", state
    media = await session.wait_for(lambda e: e if isinstance(e, MediaChanged) and e.leg == "phone" else None, 1)
    assert isinstance(media, MediaChanged)
    return media


def phone_settled(event: AnyEvent) -> CallChanged | None:
    if isinstance(event, CallChanged) and event.leg == "phone" and event.state in ("up", "ended", "failed"):
        return event
    return None


def over(event: AnyEvent) -> CallChanged | None:
    return (
        event
        if isinstance(event, CallChanged) and event.leg == "phone" and event.state in ("ended", "failed")
        else None
    )


def sightings(session: Session, leg: str, direction: str) -> list[Sighting]:
    return [e for e in session.events if isinstance(e, Sighting) and (e.leg, e.direction) == (leg, direction)]


async def dialed(session: Session, count: int) -> None:
    def enough(event: AnyEvent) -> bool | None:
        return True if isinstance(event, Dialing) and event.state == "idle" and event.sent >= count else None

    await session.wait_for(enough, 60)


async def received(session: Session, count: int) -> list[str]:
    def enough(_: AnyEvent) -> bool | None:
        return len(sightings(session, "ivr", "received")) >= count or None

    await session.wait_for(enough, 5)
    return [each.key for each in sightings(session, "ivr", "received")]


@pytest.mark.parametrize(
    ("codec", "method", "clock"),
    [("auto", "auto", 48000), ("pcmu", "rfc4733", 8000), ("g722", "auto", 8000), ("opus", "inband", None)],
)
async def test_dialed_digits_arrive_once_each_in_order(session: Session, codec: str, method: str, clock: int) -> None:
    media = await call_up(session, PlaceCall(target="builtin:echo", codec=codec, method=method))  # type: ignore[arg-type]
    assert media.method == ("inband" if method == "inband" else "rfc4733")
    session.submit(Dial(digits="0123456789*ABCD11"))
    await dialed(session, 17)
    assert await received(session, 17) == list("0123456789*ABCD11")
    sent = sightings(session, "phone", "sent")
    assert [each.key for each in sent] == list("0123456789*ABCD11")
    for each in sent:
        assert each.clock == clock
        assert each.duration == pytest.approx(0.1, abs=0.011)
        if method != "inband":
            assert (each.end_packets, each.marker) == (3, True)
        else:
            assert each.twist_db == pytest.approx(0, abs=0.5)


async def test_a_held_key_sounds_as_long_as_it_is_held(session: Session) -> None:
    await call_up(session, PlaceCall(target="builtin:echo"))
    await asyncio.sleep(0.6)
    session.submit(KeyDown(key="5"))
    await asyncio.sleep(0.5)
    session.submit(KeyUp(key="5"))
    session.submit(KeyDown(key="6"))
    session.submit(KeyUp(key="6"))
    assert await received(session, 2) == ["5", "6"]
    held, clicked = sightings(session, "phone", "sent")
    assert 0.4 <= held.duration <= 0.7
    assert clicked.duration == pytest.approx(0.08)
    assert held.press_to_wire is not None
    assert 0 <= held.press_to_wire < 0.5


async def test_the_collector_shows_what_the_ivr_makes_of_the_keys(session: Session) -> None:
    await call_up(session, PlaceCall(target="builtin:reception"))
    session.submit(Dial(digits="4w4071#"))

    def done(event: AnyEvent) -> CollectorChanged | None:
        return (
            event if isinstance(event, CollectorChanged) and event.state == "done" and len(event.digits) == 4 else None
        )

    assert (await session.wait_for(done, 30)).digits == "4071"

    def read_back(event: AnyEvent) -> str | None:
        if isinstance(event, IvrStep) and event.action == "say" and "patient number is" in event.text:
            return event.text
        return None

    assert "4 0 7 1" in await session.wait_for(read_back, 10)
    await dialed(session, 6)
    await asyncio.sleep(0.5)
    assert sum(isinstance(e, CallChanged) and e.state == "ended" for e in session.events) == 0, "# must not hang up"


async def test_the_method_can_change_during_a_call(session: Session) -> None:
    await call_up(session, PlaceCall(target="builtin:echo"))
    session.submit(Dial(digits="1"))
    await dialed(session, 1)
    session.submit(SetMethod(method="inband"))
    session.submit(Dial(digits="2"))
    await received(session, 2)  # tones take the way through the jitter buffer, events do not
    session.submit(SetMethod(method="rfc4733"))
    session.submit(Dial(digits="3"))
    await dialed(session, 3)
    assert await received(session, 3) == ["1", "2", "3"]
    assert [each.method for each in sightings(session, "ivr", "received")] == ["rfc4733", "inband", "rfc4733"]


async def test_hanging_up_ends_both_sides_and_another_call_works(session: Session) -> None:
    await call_up(session, PlaceCall(target="builtin:echo"))
    session.submit(HangUp())
    ended = await session.wait_for(over, 5)
    assert ended.state == "ended"
    await session.wait_for(
        lambda e: e if isinstance(e, CallChanged) and e.leg == "ivr" and e.state == "ended" else None, 5
    )
    seen = len(session.events)
    session.submit(PlaceCall(target="builtin:reception"))
    assert (await session.wait_for(phone_settled, 10, since=seen)).state == "up"


async def test_the_ivr_hangs_up(session: Session) -> None:
    await call_up(session, PlaceCall(target="builtin:reception"))
    session.submit(Dial(digits="#"))
    ended = await session.wait_for(over, 20)
    assert ended.state == "ended"
    assert ended.reason


async def test_stop_drops_the_queue(session: Session) -> None:
    await call_up(session, PlaceCall(target="builtin:echo"))
    session.submit(Dial(digits="123456789"))
    await session.wait_for(lambda e: e if isinstance(e, Dialing) and e.current == "2" else None, 5)
    session.submit(StopDialing())
    await session.wait_for(lambda e: e if isinstance(e, Dialing) and e.state == "stopped" else None, 5)
    await asyncio.sleep(0.5)
    assert [each.key for each in sightings(session, "phone", "sent")] == ["1", "2"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("", "not a target"),
        ("nonsense", "not a target"),
        ("ftp://example.org", "not a target"),
        ("builtin:nobody", "nobody"),
        ("http://127.0.0.1:1/offer", "refused"),
        ("http://no-such-host.invalid/offer", "no-such-host.invalid"),
    ],
)
async def test_a_target_that_cannot_be_called_fails_with_reason_and_remedy(
    session: Session, target: str, words: str
) -> None:
    session.submit(PlaceCall(target=target))
    failed = await session.wait_for(phone_settled, 15)
    assert failed.state == "failed"
    assert words in failed.reason.lower()
    assert failed.remedy
    seen = len(session.events)
    session.submit(PlaceCall(target="builtin:echo"))
    assert (await session.wait_for(phone_settled, 10, since=seen)).state == "up"


async def test_what_cannot_be_done_is_said(session: Session) -> None:
    session.submit(Dial(digits="1"))
    notice = await session.wait_for(lambda e: e if isinstance(e, Notice) else None, 1)
    assert "no call" in notice.text
    await call_up(session, PlaceCall(target="builtin:echo"))
    seen = len(session.events)
    session.submit(Dial(digits="12x"))
    notice = await session.wait_for(lambda e: e if isinstance(e, Notice) else None, 1, since=seen)
    assert "'x'" in notice.text
    seen = len(session.events)
    session.submit(PlaceCall(target="builtin:echo"))
    notice = await session.wait_for(lambda e: e if isinstance(e, Notice) else None, 1, since=seen)
    assert "already" in notice.text


async def test_serve_reports_its_address_and_the_faults(session: Session, tmp_path: Path) -> None:
    def server(event: AnyEvent) -> ServerChanged | None:
        return event if isinstance(event, ServerChanged) else None

    session.submit(Serve(listen=("http://127.0.0.1:0",), ivr="echo"))
    listening = await session.wait_for(server, 5)
    assert (listening.state, listening.ivr) == ("listening", "echo")
    session.submit(
        PlaceCall(target=listening.url + "offer" if listening.url.endswith("/") else listening.url + "/offer")
    )
    assert (await session.wait_for(phone_settled, 10)).state == "up"
    seen = len(session.events)
    session.submit(StopServing())
    assert (await session.wait_for(server, 5, since=seen)).state == "closed"
    broken = tmp_path / "broken.yaml"
    broken.write_text("title: x\nstart: a\nnodes:\n  a: {say: hi, next: b}\n")
    for listen, ivr, words in (
        ("127.0.0.1:x", "echo", "address"),
        ("127.0.0.1:0", "nobody", "nobody"),
        ("127.0.0.1:0", str(broken), "broken.yaml:4"),
    ):
        seen = len(session.events)
        session.submit(Serve(listen=(f"http://{listen}",), ivr=ivr))
        failed = await session.wait_for(server, 5, since=seen)
        assert failed.state == "failed"
        assert words in failed.reason
        assert failed.remedy
