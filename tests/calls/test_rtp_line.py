"""Streams that come to a line, over real UDP on loopback."""

import asyncio
import base64
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import pytest
from observer import CHARS
from rtp_side import Side, until

from dtmfphone.calls.call import Call, CallError, WireMessage
from dtmfphone.calls.line import Incoming, LineChange
from dtmfphone.calls.rtp import line as line_module
from dtmfphone.calls.rtp.call import RtpCall, open_call
from dtmfphone.calls.rtp.incoming import RtpIncoming
from dtmfphone.calls.rtp.line import RtpLine, open_line
from dtmfphone.calls.rtp.ports import bind_pair
from dtmfphone.rtp.packet import RtpPacket


class LineSide:
    """The observer of a line."""

    def __init__(self) -> None:
        self.calls: list[Incoming] = []
        self.gone: list[tuple[Incoming, str]] = []
        self.changes: list[LineChange] = []
        self.notices: list[str] = []

    def incoming(self, call: Incoming) -> None:
        self.calls.append(call)

    def withdrawn(self, call: Incoming, reason: str) -> None:
        self.gone.append((call, reason))

    def line_changed(self, change: LineChange) -> None:
        self.changes.append(change)

    def message(self, message: WireMessage) -> None:
        raise AssertionError

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        self.notices.append(text)


@asynccontextmanager
async def listening(
    query: str = "", clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[tuple[RtpLine, LineSide]]:
    observer = LineSide()
    line = open_line(f"rtp://127.0.0.1:0{query}", observer, clock)
    await line.open()
    try:
        yield line, observer
    finally:
        await line.close()


async def test_two_callers_are_two_calls_with_all_keys() -> None:
    async with listening() as (line, observer):
        callers, callees = [Side(), Side()], [Side(), Side()]
        outgoing: list[Call] = [open_call(f"rtp://127.0.0.1:{line.port}", side.context()) for side in callers]
        incoming: list[Call] = []
        for call in outgoing:
            await call.place()
            await until(lambda: len(observer.calls) > len(incoming))
            incoming.append(observer.calls[-1].open(callees[len(incoming)].context()))
            await incoming[-1].place()
        callers[0].dial(CHARS)
        callees[1].dial("4711")
        await until(lambda: callees[0].keys("received") == CHARS and callers[1].keys("received") == "4711")
        assert callees[1].keys("received") == callers[0].keys("received") == ""
        assert callees[0].states == ["connecting", "up"]
        assert callers[0].states == ["calling", "connecting", "up"]
        assert all(side.heard for side in callers + callees)
        for call in [*outgoing, *incoming]:
            await call.hang_up()
        assert line.junk == 0


async def placed(line: RtpLine, observer: LineSide, caller: Side, query: str = "") -> tuple[RtpCall, RtpIncoming]:
    """Return a call to the line, and what came of it there."""
    count = len(observer.calls)
    call = open_call(f"rtp://127.0.0.1:{line.port}{query}", caller.context())
    await call.place()
    await until(lambda: len(observer.calls) > count)
    incoming = observer.calls[-1]
    assert isinstance(incoming, RtpIncoming)
    return call, incoming


async def test_the_line_says_where_it_listens() -> None:
    async with listening() as (line, observer):
        assert [(change.state, change.address) for change in observer.changes] == [
            ("ready", f"rtp://127.0.0.1:{line.port}")
        ]
        with pytest.raises(CallError, match=f"UDP ports {line.port} and {line.port + 1} cannot be used"):
            await open_line(f"rtp://127.0.0.1:{line.port}", observer, time.monotonic).open()
    with pytest.raises(CallError, match="is no address of an RTP stream"):
        open_line("rtp://nowhere", LineSide(), time.monotonic)


async def test_a_caller_that_nobody_answers_and_that_gives_up_is_withdrawn() -> None:
    now = [100.0]
    async with listening(clock=lambda: now[0]) as (line, observer):
        call, incoming = await placed(line, observer, Side())
        assert incoming.caller.startswith("127.0.0.1:")
        now[0] += 4.9
        await asyncio.sleep(0.05)
        line._watch()
        assert observer.gone == []
        await call.hang_up()
        now[0] += 5.0
        line._watch()
        assert observer.gone == [(incoming, f"Nothing came from {incoming.caller} for 5 s.")]
        with pytest.raises(CallError, match="sends no more"):
            await incoming.open(Side().context()).place()
        await incoming.refuse("declined")


async def test_a_refused_caller_is_told_and_is_no_other_call_as_long_as_it_sends() -> None:
    now = [100.0]
    async with listening(clock=lambda: now[0]) as (line, observer):
        caller = Side()
        call, incoming = await placed(line, observer, caller, "?ptime=20")
        await asyncio.sleep(0.05)
        assert caller.states[-1] == "up"
        await incoming.refuse("busy")
        await until(lambda: caller.states[-1] == "ended")
        assert caller.reason == "The far end ended its stream (RTCP BYE): busy."
        stranger = packets(*incoming.source)
        for _ in range(5):
            line._datagram(next(stranger), incoming.source)
        assert (len(observer.calls), line.junk) == (1, 0)
        await call.hang_up()
        now[0] += 5.1
        line._watch()
        for _ in range(5):
            line._datagram(next(stranger), incoming.source)
        assert len(observer.calls) == 2


def packets(host: str, port: int, *, kind: int = 0) -> Iterator[bytes]:
    """Yield the packets of a stream of its own for each address."""
    for n in range(1000):
        yield bytes(
            RtpPacket(payload_type=kind, marker=False, sequence=n, timestamp=n * 160, ssrc=port, payload=b"\xff" * 160)
        )


async def test_the_number_of_calls_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "MAX_CALLS", 3)
    async with listening() as (line, observer):
        for port in range(5000, 5010):
            stream = packets("192.0.2.1", port)
            for _ in range(3):
                line._datagram(next(stream), ("192.0.2.1", port))
        assert [call.caller for call in observer.calls] == [f"192.0.2.1:{port}" for port in (5000, 5001, 5002)]
        assert observer.notices == ["3 RTP streams are here: the one from 192.0.2.1:5003 is not taken."]
        assert line.junk == 7


async def test_what_is_no_stream_begins_no_call() -> None:
    async with listening() as (line, observer):
        audio, other, bye = packets("", 1), packets("", 1, kind=96), bytes.fromhex("81cb000100000001")
        junk = [b"", b"\x80", bytes(1500), b"REGISTER sip:x SIP/2.0\r\n\r\n", bye, next(other), next(other)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for data in junk:
                stranger.sendto(data, (line.host, line.port))
            stranger.sendto(bye, (line.host, line.rtcp_port))
            await until(lambda: line.junk == len(junk) + 1)
        for port in range(1000, 1900):
            line._datagram(next(audio), ("192.0.2.1", port))
        assert observer.calls == []
        assert len(line._candidates) <= line_module.MAX_CANDIDATES


async def test_an_encrypted_line_takes_only_streams_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHT", base64.b64encode(bytes(range(30))).decode())
    monkeypatch.setenv("WRONG", base64.b64encode(bytes(30)).decode())
    async with listening("?srtp=RIGHT") as (line, observer):
        wrong = open_call(f"rtp://127.0.0.1:{line.port}?srtp=WRONG", Side().context())
        await wrong.place()
        await until(lambda: line.junk > 3)
        assert observer.calls == []
        await wrong.hang_up()
        caller, callee = Side(), Side()
        call, incoming = await placed(line, observer, caller, "?srtp=RIGHT")
        answered = incoming.open(callee.context())
        await answered.place()
        caller.dial("8")
        await until(lambda: callee.keys("received") == "8" and caller.heard)
        assert answered.media is not None
        assert answered.media.secure
        await answered.hang_up()
        await until(lambda: caller.states[-1] == "ended")
        unanswered, incoming = await placed(line, observer, caller, "?srtp=RIGHT")
        await incoming.refuse("unavailable")
        await until(lambda: "nobody takes calls" in caller.reason)
        await unanswered.hang_up()
        await call.hang_up()


async def test_a_call_goes_on_when_the_line_closes_and_frees_the_ports_at_its_end() -> None:
    async with listening() as (line, observer):
        caller, callee = Side(), Side()
        call, incoming = await placed(line, observer, caller)
        answered = incoming.open(callee.context())
        await answered.place()
        await until(lambda: caller.heard)
        await line.close()
        caller.dial("3")
        await until(lambda: callee.keys("received") == "3")
        late = open_call(f"rtp://127.0.0.1:{line.port}", Side().context())
        await late.place()
        await asyncio.sleep(0.1)
        assert len(observer.calls) == 1
        await call.hang_up()
        await until(lambda: callee.states[-1] == "ended")
        assert callee.reason == "The far end ended its stream (RTCP BYE)."
        for sock in await bind_pair("127.0.0.1", line.port):
            sock.close()
        await late.hang_up()


async def test_a_caller_that_falls_silent_has_gone() -> None:
    async with listening() as (line, observer):
        caller, callee = Side(), Side()
        call, incoming = await placed(line, observer, caller)
        await incoming.open(callee.context()).place()
        await until(lambda: callee.heard)
        assert incoming.session is not None
        assert incoming.session.silence_seconds == 5.0
        incoming.session.silence_seconds = 0.1
        session = call._session
        assert session is not None
        session.start(replace(line.target.parameters(line.host, line.port), sending=False))
        await until(lambda: callee.states[-1] == "ended")
        assert callee.reason.startswith(f"Nothing has come from {incoming.caller} for ")
        await until(lambda: caller.states[-1] == "ended")


async def test_a_call_that_is_hung_up_before_its_answer_is_forgotten() -> None:
    now = [100.0]
    async with listening(clock=lambda: now[0]) as (line, observer):
        call, incoming = await placed(line, observer, Side())
        answered = incoming.open(Side().context())
        await answered.hang_up()
        await call.hang_up()
        await asyncio.sleep(0.05)
        now[0] += 5.1
        line._watch()
        assert observer.gone == []
        assert line._calls == {}
