"""Events of both directions, with packets that stay away."""

import asyncio

import pytest
from observer import Observer

from dtmfphone.calls.event_watch import EventWatch
from dtmfphone.rtp.packet import RtpPacket


class Rig(Observer):
    """A watch whose clock the test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 5.0
        self.watch = EventWatch(self, lambda: self.now)

    def event(self, sequence: int, payload: str) -> RtpPacket:
        return RtpPacket(
            payload_type=101,
            marker=sequence == 1,
            sequence=sequence,
            timestamp=800,
            ssrc=1,
            payload=bytes.fromhex(payload),
        )


async def test_both_directions_are_told_apart() -> None:
    rig = Rig()
    rig.watch.event_packet("sent", rig.event(1, "010a00a0"), 8000, rig.now)
    rig.watch.event_packet("received", rig.event(1, "020a00a0"), 8000, rig.now)
    assert (rig.keys("sent"), rig.keys("received")) == ("1", "2")
    rig.watch.close()
    assert [(way, ended.code, ended.ended_by) for way, ended in rig.ended] == [
        ("sent", 1, "time-out"),
        ("received", 2, "time-out"),
    ]
    rig.watch.close()
    assert len(rig.ended) == 2


async def test_an_event_ends_though_nothing_more_passes() -> None:
    rig = Rig()
    rig.watch.event_packet("received", rig.event(1, "050a00a0"), 8000, rig.now)
    rig.now += 0.15
    await asyncio.sleep(0.17)
    assert [ended.code for _, ended in rig.ended] == [5]


async def test_audio_between_event_packets_is_no_loss() -> None:
    rig = Rig()
    rig.watch.event_packet("received", rig.event(1, "050a00a0"), 8000, rig.now)
    rig.watch.media_packet("received", 1)
    rig.watch.event_packet("received", rig.event(3, "058a0140"), 8000, rig.now)
    rig.watch.close()
    [(_, ended)] = rig.ended
    assert (ended.packets, ended.lost) == (2, 0)


async def test_problems_are_told_and_a_fault_of_the_observer_ends_nothing() -> None:
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(str(context["exception"])))
    rig = Rig()
    rig.watch.event_packet("received", rig.event(1, "0102"), 8000, rig.now)
    assert [(way, problem.kind) for way, problem in rig.problems] == [("received", "malformed")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rig, "event_started", lambda *_: 1 // 0)
        rig.watch.event_packet("received", rig.event(2, "030a00a0"), 8000, rig.now)
    assert faults == ["integer division or modulo by zero"]
    rig.watch.event_packet("received", rig.event(3, "038a0140"), 8000, rig.now)
    rig.watch.close()
    assert [ended.packets for _, ended in rig.ended] == [2]
