"""What leaves in each slot."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from rtp_side import parameters

from dtmfphone.calls.call import CallError
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.rtp.sender import Outgoing, Sender
from dtmfphone.calls.tone_timer import SILENT, Slot


class Source:
    """Counts what is pulled; each frame is full of its number."""

    def __init__(self) -> None:
        self.pulls: list[tuple[int, int, float]] = []
        self.fault = False

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        self.pulls.append((samples, rate, t))
        return np.full(samples - self.fault, len(self.pulls), np.int16)


class Rig:
    """A sender whose random numbers are known, and its keys."""

    def __init__(self) -> None:
        self.source = Source()
        self.keys: dict[int, Slot] = {}
        self.asked: list[float] = []
        self.dice = [0x1111, 0xFFFE, 0xFFFFFF00, 0x2222, 0x10, 0x20]
        self.sender = Sender(self.source, self.slot, lambda bits: self.dice.pop(0))

    def slot(self, t: float) -> Slot:
        self.asked.append(t)
        return self.keys.get(round(t / 0.02), SILENT)

    def run(self, *slots: int) -> list[Outgoing]:
        return [out for slot in slots for out in self.sender.next(slot, slot * 0.02)]


def marks(out: list[Outgoing]) -> list[tuple[int, bool, int, int]]:
    """Return payload type, marker, sequence number and timestamp of each packet."""
    return [(p.payload_type, p.marker, p.sequence, p.timestamp) for p in (each.packet for each in out)]


def test_audio_has_continuous_numbers_and_a_marker_at_the_beginning() -> None:
    rig = Rig()
    assert rig.sender.use(parameters(None))
    out = rig.run(0, 1, 2, 3)
    assert marks(out) == [
        (0, True, 0xFFFE, 0xFFFFFF00),
        (0, False, 0xFFFF, 0xFFFFFFA0),
        (0, False, 0, 0x40),
        (0, False, 1, 0xE0),
    ]
    assert {each.packet.ssrc for each in out} == {0x1111}
    assert [(each.ends, each.rate) for each in out] == [((160 * n,), 8000) for n in (1, 2, 3, 4)]
    assert rig.source.pulls == [(160, 8000, n * 0.02) for n in range(4)]
    assert (rig.sender.packets, rig.sender.octets) == (4, 640)


def test_an_event_takes_the_place_of_audio() -> None:
    rig = Rig()
    rig.sender.use(parameters(None))
    rig.keys = {2: Slot("5", last=False), 3: Slot("5", last=True)}
    out = rig.run(*range(6))
    assert [(kind, marker) for kind, marker, _, _ in marks(out)] == [
        (0, True),
        (0, False),
        (101, True),
        (101, False),
        (101, False),
        (101, False),
        (0, False),
        (0, False),
    ]
    assert [each.packet.payload.hex() for each in out[2:6]] == ["050a00a0"] + ["058a0140"] * 3
    assert [each.packet.sequence for each in out] == [(0xFFFE + n) & 0xFFFF for n in range(8)]
    assert {each.packet.timestamp for each in out[2:6]} == {0xFFFFFF00 + 320 & 0xFFFFFFFF}
    assert [each.ends for each in out] == [(160,), (320,), (), (), (), (), (800,), (960,)]
    assert len(rig.source.pulls) == 6


@pytest.mark.parametrize(("packet_ms", "frames"), [(10, 1), (20, 1), (30, 1), (40, 2), (60, 3), (200, 3)])
def test_longer_packets_join_frames(packet_ms: int, frames: int) -> None:
    rig = Rig()
    rig.sender.use(parameters(None, packet_ms=packet_ms))
    out = rig.run(*range(6))
    assert [len(each.packet.payload) for each in out] == [160 * frames] * (6 // frames)
    assert [each.packet.timestamp - out[0].packet.timestamp & 0xFFFFFFFF for each in out] == [
        n * 160 * frames for n in range(6 // frames)
    ]
    assert out[-1].ends == tuple(160 * n for n in range(7 - frames, 7))


def test_opus_keeps_its_own_length() -> None:
    rig = Rig()
    rig.sender.use(parameters(None, "opus", packet_ms=60))
    assert len(rig.run(0, 1, 2)) == 3


def test_audio_that_waits_for_its_packet_leaves_before_an_event() -> None:
    rig = Rig()
    rig.sender.use(parameters(None, packet_ms=60))
    rig.keys = {4: Slot("1", last=True)}
    out = rig.run(*range(8))
    assert [(each.packet.payload_type, len(each.packet.payload)) for each in out] == [
        (0, 480),
        (0, 160),
        (101, 4),
        (101, 4),
        (101, 4),
        (0, 480),
    ]
    assert [each.packet.sequence for each in out] == [(0xFFFE + n) & 0xFFFF for n in range(6)]


@pytest.mark.parametrize("how", ["disabled", "not agreed"])
def test_no_key_is_asked_for_without_events(how: str) -> None:
    rig = Rig()
    rig.sender.use(parameters(None, events=None if how == "not agreed" else 101))
    rig.sender.events_enabled = how != "disabled"
    rig.run(0, 1)
    assert rig.asked == []


def test_a_key_that_the_far_end_does_not_take_stays_audio() -> None:
    rig = Rig()
    rig.sender.use(parameters(None, codes=frozenset(range(12))))
    rig.keys = {1: Slot("A", last=True), 5: Slot("#", last=True)}
    out = rig.run(*range(8))
    assert [each.packet.payload_type for each in out] == [0] * 5 + [101] * 3 + [0] * 2


def test_a_pause_ends_an_event_and_the_audio_after_it_is_marked() -> None:
    rig = Rig()
    rig.sender.use(parameters(None, packet_ms=40))
    rig.keys = {slot: Slot("9", last=slot == 50) for slot in (1, 2, 50)}
    rig.run(0, 1, 2)
    ends = rig.sender.pause(3)
    assert [each.packet.payload.hex() for each in ends] == ["098a0140"] * 3
    [resumed] = rig.run(50, 51)
    assert resumed.packet.marker
    assert resumed.packet.timestamp == 0xFFFFFF00 + 50 * 160 & 0xFFFFFFFF
    assert resumed.packet.sequence == ends[-1].packet.sequence + 1


def test_slots_that_were_skipped_show_in_the_timestamps_and_by_a_marker() -> None:
    rig = Rig()
    rig.sender.use(parameters(None))
    out = rig.run(0, 1, 30, 31)
    assert [each.packet.marker for each in out] == [True, False, True, False]
    assert out[2].packet.timestamp - out[1].packet.timestamp & 0xFFFFFFFF == 29 * 160
    assert out[2].packet.sequence == (out[1].packet.sequence + 1) & 0xFFFF


def test_another_codec_on_the_same_clock_goes_on_in_the_same_stream() -> None:
    rig = Rig()
    rig.sender.use(parameters(None))
    before = rig.run(0, 1)[-1]
    assert not rig.sender.use(parameters(None, "g722", events=96))
    rig.keys = {3: Slot("1", last=True)}
    out = rig.run(2, 3)
    assert [each.packet.payload_type for each in out] == [9, 96, 96, 96]
    assert (out[0].packet.ssrc, out[0].packet.sequence) == (before.packet.ssrc, before.packet.sequence + 1 & 0xFFFF)
    assert out[0].packet.timestamp - before.packet.timestamp & 0xFFFFFFFF == 160
    assert (out[0].ends, out[0].rate) == ((2 * 160 + 320,), 16000)


def test_another_clock_is_another_stream() -> None:
    rig = Rig()
    rig.sender.use(parameters(None))
    rig.run(0, 1)
    assert rig.sender.use(parameters(None, "opus"))
    [out] = rig.run(2)
    assert (out.packet.ssrc, out.packet.sequence, out.packet.marker) == (0x2222, 0x10, True)
    assert out.packet.timestamp == 0x20 + 2 * 960


async def test_a_source_that_fails_leaves_silence_and_a_word() -> None:
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(str(context["exception"])))
    rig = Rig()
    rig.sender.use(parameters(None))
    rig.source.fault = True
    [out] = rig.run(0)
    assert out.packet.payload == b"\xff" * 160
    assert faults == ["The audio source gave int16 of shape (159,), not int16 of (160,)."]


def test_a_codec_that_is_not_there_changes_nothing() -> None:
    rig = Rig()
    rig.sender.use(parameters(None))
    with pytest.raises(CallError):
        rig.sender.use(replace(parameters(None), codec="speex"))
    assert rig.run(0)[0].packet.payload_type == 0
