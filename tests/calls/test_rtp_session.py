"""Two sessions in one process, over real UDP on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from observer import CHARS
from rtp_side import CODECS, Side, parameters, until

from dtmfphone.calls.rtp.session import RtpSession


@asynccontextmanager
async def two() -> AsyncIterator[tuple[tuple[Side, RtpSession], tuple[Side, RtpSession]]]:
    sides = Side(), Side()
    sessions = [await side.open() for side in sides]
    try:
        yield (sides[0], sessions[0]), (sides[1], sessions[1])
    finally:
        for session in sessions:
            await session.close()


@pytest.mark.parametrize("codec", CODECS)
async def test_audio_and_all_sixteen_digits_arrive(codec: str) -> None:
    async with two() as ((caller, out), (callee, back)):
        out.start(parameters(back, codec))
        back.start(parameters(out, codec))
        caller.dial(CHARS)
        await until(lambda: sum(way == "received" for way, _ in callee.ended) == 16)
        assert caller.keys("sent") == callee.keys("received") == CHARS
        assert [ended.duration for way, ended in callee.ended if way == "received"] == pytest.approx([0.04] * 16)
        assert all(not ended.notes and ended.lost == 0 and ended.end_packets == 3 for _, ended in callee.ended)
        pcm, rate, _, _ = caller.heard[-1]
        assert (rate, len(pcm)) == ({"opus": 48000, "g722": 16000}.get(codec, 8000), rate // 50)
        assert np.abs(pcm.astype(int)).max() == pytest.approx(8000, rel=0.1)
        assert not any(jump for *_, jump in caller.heard)
        assert callee.problems == caller.problems == []
        there = back.statistics()
        assert (there.packets_lost, there.junk_packets) == (0, 0)
        assert there.event_packets_received == out.statistics().event_packets_sent == 16 * 4
