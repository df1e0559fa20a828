"""One timer for several streams."""

import asyncio
from functools import partial

import pytest

from dtmfphone.calls.rtp.pacemaker import GRID_SECONDS, Pacemaker, pacemaker


class Stream:
    """Notes when it is called, and wants to be called every 20 ms."""

    def __init__(self) -> None:
        self.begin = 0.0
        self.times: list[float] = []
        self.played = 0

    def tick(self, now: float) -> float:
        self.times.append(now)
        return self.begin + 0.02 * len(self.times)

    def play(self) -> None:
        self.played += 1


async def test_streams_are_called_when_due_and_begin_on_the_grid() -> None:
    pace = pacemaker()
    assert pacemaker() is pace
    streams = [Stream() for _ in range(5)]
    for stream in streams:
        stream.begin = pace.join(stream.tick, stream.play)
        await asyncio.sleep(0.003)
    await asyncio.sleep(0.15)
    for stream in streams:
        pace.leave(stream.tick)
        assert stream.begin / GRID_SECONDS == pytest.approx(round(stream.begin / GRID_SECONDS))
        late = [t - stream.begin - 0.02 * n for n, t in enumerate(stream.times)]
        assert len(late) >= 6
        assert min(late) >= -0.0006
    counts = [len(stream.times) for stream in streams]
    assert [stream.played for stream in streams] == counts
    await asyncio.sleep(0.05)
    assert [len(stream.times) for stream in streams] == counts


async def test_a_fault_of_one_stream_does_not_hold_up_the_others() -> None:
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["exception"]))
    pace, stream = Pacemaker(), Stream()

    def broken(now: float) -> float:
        raise ZeroDivisionError

    pace.join(broken, stream.play)
    stream.begin = pace.join(stream.tick, stream.play)
    await asyncio.sleep(0.1)
    pace.leave(broken)
    pace.leave(stream.tick)
    assert len(stream.times) >= 4
    assert 3 <= len(faults) <= 7


async def test_a_stream_may_leave_and_bring_in_another_while_it_is_called() -> None:
    pace = Pacemaker()
    other = Stream()

    def once(now: float) -> float:
        pace.leave(once)
        other.begin = pace.join(other.tick, other.play)
        return now + 0.02

    pace.join(once, other.play)
    await asyncio.sleep(0.07)
    pace.leave(other.tick)
    pace.leave(once)
    assert len(other.times) >= 2


async def test_all_is_sent_before_anything_is_played() -> None:
    pace, calls = Pacemaker(), list[str]()

    def send(name: str, now: float) -> float:
        calls.append(name)
        return now + 1.0

    sends = [partial(send, name) for name in ("one", "two")]
    for number, each in enumerate(sends):
        pace.join(each, partial(calls.append, f"play {number}"))
    await asyncio.sleep(0.02)
    for each in sends:
        pace.leave(each)
    assert calls == ["one", "two", "play 0", "play 1"]
