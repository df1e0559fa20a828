"""Shadow collectors on calls: whose keys they see, whom they hear, and what they tell."""

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripted_call import EVENTS, RATE, Phone, ScriptedCall

from buzz import voice
from dtmfphone.calls.call import InfoKey
from dtmfphone.calls.media import Pcm
from dtmfphone.cli.session import Session
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.tones import sequence
from dtmfphone.engine.commands import AnyCommand, Dial, HangUp, PlaceCall, Say, Serve, Shadow, ShadowCollector
from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    CollectorChanged,
    Dialing,
    Notice,
    ServerChanged,
    Utterance,
)
from dtmfphone.engine.shadow_plan import plan_of
from dtmfphone.rtp.event_receiver import EventStarted

BOTH = (ShadowCollector(), ShadowCollector(mode="standard"))
SCRIPT = """\
title: A number
start: number
nodes:
  number:
    collect: Enter it.
    variable: number
    max_digits: 4
    min_digits: 4
    inter_digit_seconds: 0.6
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
    next: thanks
  thanks: {say: Thank you very much for that number. It is kept., next: more}
  more:
    menu: One more?
    keys: {"1": bye}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  bye: {hang_up: Bye.}
"""


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE), np.int16)


def tones(keys: str) -> Pcm:
    return to_int16(np.asarray(sequence(keys, 100, 100, RATE)))


def verdicts(events: list[AnyEvent], *, call: str = "") -> list[tuple[str, int, str, str]]:
    return [
        (event.shadow, event.collection, event.state, event.result)
        for event in events
        if isinstance(event, CollectorChanged) and event.shadow and event.result and event.call.startswith(call)
    ]


class Line:
    """A phone that is in a call on a clock of its own, with shadow collectors on it."""

    def __init__(self, command: Shadow) -> None:
        self.phone = Phone(ScriptedCall())
        self.phone.leg.shadow(plan_of(command))
        self.phone.up(EVENTS)
        self._sent = 0
        self._sent_events = 0

    @property
    def events(self) -> list[AnyEvent]:
        return self.phone.events

    def pass_time(self, far_end: Pcm, near_end: Pcm | None = None) -> None:
        """Let audio pass in both directions."""
        near_end = silence(len(far_end) / RATE) if near_end is None else near_end
        for start in range(0, len(far_end), 160):
            self.phone.now += 0.02
            self.phone.leg.push(far_end[start : start + 160], RATE, self.phone.now, jump=False)
            self._sent += 160
            self.phone.leg.outgoing(near_end[start : start + 160])
            self.phone.leg.audio_sent(self._sent, RATE, self.phone.now)

    def event(self, code: int) -> None:
        """Let the first packet of a telephone-event leave."""
        self._sent_events += 1
        self.phone.leg.event_started(
            "sent",
            EventStarted(
                id=self._sent_events,
                code=code,
                start=self.phone.now,
                ssrc=1,
                timestamp=1,
                marker=True,
                volume=10,
                payload_type=101,
                clock_rate=8000,
            ),
        )

    def info(self, char: str, status: int | None) -> None:
        """Let the answer to a key in an INFO request come."""
        key = InfoKey(char=char, start=self.phone.now, duration=0.1, content_type="application/dtmf", status=status)
        self.phone.leg.info_key("sent", key)

    def end(self) -> None:
        self.phone.leg.state_changed("ended")

    def ends(self) -> dict[str, list[tuple[str, float]]]:
        """Return what each shadow came to, and when."""
        found: dict[str, list[tuple[str, float]]] = {}
        for event in self.events:
            if isinstance(event, CollectorChanged) and event.result:
                found.setdefault(event.shadow, []).append((event.result, round(event.t, 2)))
        return found


async def test_keys_that_are_sent_count_once_however_they_are_seen() -> None:
    line = Line(Shadow(collectors=BOTH))
    line.pass_time(silence(1.0))
    line.event(4)
    line.pass_time(silence(0.6), np.concatenate([tones("4"), silence(0.4)]))
    line.pass_time(silence(0.6), np.concatenate([tones("0"), silence(0.4)]))
    line.info("9", 405)
    line.info("9", None)
    line.info("7", 200)
    line.phone.leg.info_key("received", InfoKey(char="5", start=2.0, duration=0.1, content_type="application/dtmf"))
    line.pass_time(np.concatenate([tones("55"), silence(0.1)]))
    last = round(line.phone.now, 2)
    line.event(1)
    line.pass_time(silence(5.0))
    line.end()
    assert line.ends() == {"Standard": [("4071", last)], "LiveKit": [("4 0 7 1", last + 4)]}


async def test_an_answer_to_a_key_that_comes_after_the_call_begins_nothing() -> None:
    line = Line(Shadow(collectors=BOTH))
    line.pass_time(silence(0.1))
    line.end()
    told = len(line.events)
    line.info("7", 200)
    assert not [event for event in line.events[told:] if isinstance(event, CollectorChanged)]


async def test_received_keys_on_request_and_their_tones_are_no_speech() -> None:
    line = Line(Shadow(collectors=BOTH, keys="received"))
    line.pass_time(silence(1.0), tones("99999"))
    line.pass_time(np.concatenate([tones("40"), silence(1.0), tones("71"), silence(5.0)]))
    line.end()
    ((standard, at),), ((livekit, later),) = line.ends()["Standard"], line.ends()["LiveKit"]
    assert (standard, livekit) == ("4071", "4 0 7 1")
    assert at == pytest.approx(2.84, abs=0.03)
    assert later == pytest.approx(at + 4, abs=0.011)


@pytest.mark.parametrize("keys", ["sent", "received"])
async def test_what_the_far_end_says_pauses_the_timers(keys: Any) -> None:
    line = Line(Shadow(collectors=BOTH, keys=keys))
    typed = np.concatenate([tones("40"), silence(0.2)])
    quiet = silence(len(typed) / RATE)
    line.pass_time(*((quiet, typed) if keys == "sent" else (typed, quiet)))
    line.pass_time(voice(6.0))
    paused = [event for event in line.events if isinstance(event, CollectorChanged) and event.paused]
    assert {(event.shadow, event.paused) for event in paused} == {
        ("Standard", "prompt" if keys == "sent" else "user speaking"),
        ("LiveKit", "agent speaking" if keys == "sent" else "user speaking"),
    }
    line.pass_time(silence(6.0))
    line.end()
    hang = 0.7 if keys == "sent" else 0.55
    (error, at), *_ = line.ends()["LiveKit"]
    assert error == "Digits input not fully received. Expect 4 digits, got 2"
    assert at == pytest.approx(6.6 + hang + 4, abs=0.15)
    (reason, sooner), *_ = line.ends()["Standard"]
    assert reason == "inter-digit time-out after 2 digits"
    assert sooner < at - 0.2, "its timer only paused"


async def test_what_we_say_ourselves_pauses_the_timers_for_our_keys() -> None:
    line = Line(Shadow(collectors=(ShadowCollector(),)))
    line.event(4)
    line.pass_time(silence(3.0), voice(3.0))
    line.pass_time(silence(5.0))
    line.end()
    ((_, at),) = line.ends()["LiveKit"]
    assert at == pytest.approx(3.0 + 0.55 + 4, abs=0.15)


async def test_digits_that_are_said_are_what_an_agent_takes() -> None:
    line = Line(Shadow(collectors=BOTH))
    line.event(4)
    words: dict[str, Any] = {"t": line.phone.now, "call": "call-1", "leg": "phone", "start": 0.0}
    for said in (
        Utterance(**words, direction="received", text="nine nine", source="ear", keys="99"),
        Utterance(**words, direction="sent", text="please wait", source="espeak-ng"),
        Utterance(**words, direction="sent", text="nine nine", source="espeak-ng", note="cut short: you hung up"),
        Utterance(**words, direction="sent", text="oh seven one", source="espeak-ng", keys="071"),
    ):
        line.phone.leg._tell(said)
    assert {shadow: ends[0][0] for shadow, ends in line.ends().items()} == {"Standard": "4071", "LiveKit": "0 7 1"}


async def test_collectors_come_and_go_in_mid_call() -> None:
    line = Line(Shadow())
    line.event(4)
    line.pass_time(voice(1.0))
    assert not any(isinstance(event, CollectorChanged) for event in line.events)
    line.phone.leg.shadow(plan_of(Shadow(collectors=(ShadowCollector(), *BOTH))))
    idle = [event for event in line.events if isinstance(event, CollectorChanged)]
    assert [(event.shadow, event.state, event.collection) for event in idle] == [
        ("LiveKit 1", "idle", 0),
        ("LiveKit 2", "idle", 0),
        ("Standard", "idle", 0),
    ]
    line.event(5)
    line.phone.leg.shadow(None)
    assert {shadow: ends[-1][0] for shadow, ends in line.ends().items()} == dict.fromkeys(
        ("LiveKit 1", "LiveKit 2", "Standard"), "taken off"
    )
    seen = len(line.events)
    line.event(6)
    line.end()
    assert not any(isinstance(event, CollectorChanged) for event in line.events[seen:])


@pytest.mark.parametrize(
    ("collector", "words"),
    [
        (ShadowCollector(digits=0), "digits is 0: use a whole number above 0"),
        (ShadowCollector(seconds=-1), "seconds is -1: use"),
        (ShadowCollector(stop_keys="x"), "stop_keys is 'x': use one of"),
        (ShadowCollector(stop_keys=""), "stop_keys is '': use one of"),
        (ShadowCollector(mode="standard", digits=65), "digits is 65: use 1 to 64"),
        (ShadowCollector(mode="standard", min_digits=5), "min_digits is 5: use 0 to digits, which is 4"),
        (ShadowCollector(mode="standard", seconds=0), "seconds is 0: use"),
        (ShadowCollector(mode="standard", first_digit_seconds=0), "first_digit_seconds is 0: use"),
        (ShadowCollector(mode="standard", total_seconds=-2), "total_seconds is -2: use"),
        (ShadowCollector(mode="standard", stop_keys="##"), "stop_keys '##' names a key twice"),
    ],
)
def test_settings_that_make_no_sense_are_named(collector: ShadowCollector, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words.replace('.', '[.]')}"):
        plan_of(Shadow(collectors=(collector,)))


def test_there_are_not_too_many() -> None:
    with pytest.raises(ValueError, match="collectors holds 9: use at most 8"):
        plan_of(Shadow(collectors=(ShadowCollector(),) * 9))


class Silent:
    def show(self, event: AnyEvent) -> None:
        pass


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    async with Session(Silent(), sound=False) as session:
        yield session


@contextlib.contextmanager
def deaf_far_end() -> Iterator[str]:
    """Return the address of somebody who takes RTP and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taker:
        taker.bind(("127.0.0.1", 0))
        yield f"rtp://127.0.0.1:{taker.getsockname()[1]}?codec=PCMU&events=101&local=127.0.0.1"


async def call_up(session: Session, command: AnyCommand) -> None:
    session.submit(command)

    def settled(event: AnyEvent) -> str | None:
        if isinstance(event, CallChanged) and event.leg == "phone" and event.state in ("up", "ended", "failed"):
            return event.state
        return None

    assert await session.wait_for(settled, 10) == "up"


async def ended(session: Session, count: int) -> list[tuple[str, int, str, str]]:
    """Return the verdicts when there are so many."""

    def enough(_: AnyEvent) -> list[tuple[str, int, str, str]] | None:
        found = verdicts(session.events)
        return found if len(found) >= count else None

    return await session.wait_for(enough, 30)


async def test_on_a_plain_rtp_call_a_pause_fails_livekit(session: Session) -> None:
    session.submit(Shadow(collectors=(ShadowCollector(seconds=0.6), ShadowCollector(mode="standard", seconds=0.6))))
    with deaf_far_end() as target:
        await call_up(session, PlaceCall(target=target))
        session.submit(Dial(digits="40,71"))
        error = "Digits input not fully received. Expect 4 digits, got 2"
        assert sorted(await ended(session, 4)) == [
            ("LiveKit", 1, "failed", error),
            ("LiveKit", 2, "failed", error),
            ("Standard", 1, "failed", "inter-digit time-out after 2 digits"),
            ("Standard", 2, "failed", "inter-digit time-out after 2 digits"),
        ]
        session.submit(Dial(digits="5"))
        await session.wait_for(lambda e: True if isinstance(e, Dialing) and e.state == "idle" else None, 5)
        await session.wait_for(
            lambda e: True if isinstance(e, CollectorChanged) and e.shadow and e.collection == 3 else None, 5
        )
        session.submit(HangUp())
        assert (await ended(session, 6))[-1] == ("Standard", 3, "failed", "hang-up after 1 digit")


async def test_on_a_call_to_our_own_ivr_they_follow_its_script(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "number.yaml"
    path.write_text(SCRIPT)
    session.submit(Shadow(collectors=BOTH))
    await call_up(session, PlaceCall(target=f"builtin:{path}"))
    session.submit(Dial(digits="4071"))
    found = await ended(session, 2)
    assert found == [("Standard", 1, "done", "4071"), ("LiveKit", 1, "done", "4 0 7 1")]
    changes = [event for event in session.events if isinstance(event, CollectorChanged)]
    assert {event.call for event in changes} == {"ivr-1"}, "the phone's side sees the same keys: it need not watch"
    done = {event.shadow: event.t for event in changes if event.state == "done"}
    assert done[""] == done["Standard"]
    assert done["LiveKit"] == pytest.approx(done["Standard"] + 0.6, abs=0.2)
    session.submit(Dial(digits="1"))
    assert (await ended(session, 4))[2:] == [
        ("Standard", 2, "done", "1"),
        ("LiveKit", 2, "failed", "hang-up after 1 digit"),
    ]


async def test_words_that_an_ivr_of_ours_takes_are_taken(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "number.yaml"
    path.write_text(SCRIPT)
    session.submit(Shadow(collectors=BOTH))
    await call_up(session, PlaceCall(target=f"builtin:{path}"))
    session.submit(Say(text="four oh seven one", aloud=False))
    assert (await ended(session, 2))[:2] == [("LiveKit", 1, "done", "4 0 7 1"), ("Standard", 1, "done", "4071")]
    reasons = {event.shadow: event.end_reason for event in session.events if isinstance(event, CollectorChanged)}
    assert reasons["LiveKit"] == "speech"


async def test_without_following_each_goes_its_own_way(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "number.yaml"
    path.write_text(SCRIPT)
    await call_up(session, PlaceCall(target=f"builtin:{path}"))
    session.submit(Shadow(collectors=(ShadowCollector(digits=2),), follow=False, keys="received"))
    session.submit(Dial(digits="40#71#"))
    assert await ended(session, 2) == [("LiveKit", 1, "done", "4 0"), ("LiveKit", 2, "done", "7 1")]
    assert {event.call for event in session.events if isinstance(event, CollectorChanged) and event.digits} == {"ivr-1"}


async def test_a_served_call_is_watched_too(session: Session) -> None:
    session.submit(Shadow(collectors=BOTH, follow=False))
    session.submit(Serve(listen=("rtp://127.0.0.1:0?codec=PCMU&events=101",), ivr="echo"))
    server = await session.wait_for(lambda e: e if isinstance(e, ServerChanged) else None, 5)
    await call_up(session, PlaceCall(target=f"{server.url}?codec=PCMU&events=101&local=127.0.0.1"))
    session.submit(Dial(digits="4071#"))
    await ended(session, 4)
    for call in ("call", "ivr"):
        assert verdicts(session.events, call=call) == [
            ("Standard", 1, "done", "4071"),
            ("LiveKit", 1, "done", "4 0 7 1"),
        ]


async def test_settings_that_make_no_sense_change_nothing(session: Session) -> None:
    session.submit(Shadow(collectors=BOTH))
    session.submit(Shadow(collectors=(ShadowCollector(digits=0),)))
    notice = await session.wait_for(lambda e: e if isinstance(e, Notice) else None, 1)
    assert (notice.level, notice.remedy) == ("error", "Nothing was changed.")
    assert "digits is 0" in notice.text
    with deaf_far_end() as target:
        await call_up(session, PlaceCall(target=target))
        idle = [event.shadow for event in session.events if isinstance(event, CollectorChanged)]
    assert idle == ["LiveKit", "Standard"]
