"""Streams that come to a line, over real UDP on loopback."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from observer import CHARS
from rtp_side import Side, until

from dtmfphone.calls.call import Call, WireMessage
from dtmfphone.calls.line import Incoming, LineChange
from dtmfphone.calls.rtp.call import open_call
from dtmfphone.calls.rtp.line import RtpLine, open_line


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
