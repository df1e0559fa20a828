"""From received packets to the sink, on a fake clock."""

from dataclasses import replace

import pytest
from observer import Observer
from rtp_side import parameters

from dtmfphone.calls.event_watch import EventWatch
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.packet_log import PacketLog
from dtmfphone.calls.rtp import g711
from dtmfphone.calls.rtp.receiver import MAX_SOURCES, Receiver
from dtmfphone.rtp.packet import RtpPacket
from dtmfphone.rtp.stream import StreamParameters


class Rig(Observer):
    """A receiver with its sink; a packet's payload says its value."""

    def __init__(self, agreed: StreamParameters | None = None) -> None:
        super().__init__()
        self.now = 0.0
        self.heard: list[tuple[int, int, bool]] = []
        self.log = PacketLog()
        self.receiver = Receiver(self, EventWatch(self, lambda: self.now), self.log)
        self.receiver.use(agreed or parameters(None))

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.heard.append((int(pcm[0]) if len(pcm) else 0, len(pcm), jump))

    def packet(
        self,
        number: int,
        *,
        ssrc: int = 1,
        kind: int = 0,
        payload: bytes | None = None,
        timestamp: int | None = None,
        value: int = 0x90,
    ) -> None:
        packet = RtpPacket(
            payload_type=kind,
            marker=False,
            sequence=number & 0xFFFF,
            timestamp=number * 160 if timestamp is None else timestamp,
            ssrc=ssrc,
            payload=bytes([value]) * 160 if payload is None else payload,
        )
        assert self.receiver.expects(packet)
        self.receiver.packet(packet, 172, self.now + 0.001)

    def step(self, *, heard: bool = True) -> None:
        self.now += 0.02
        self.receiver.play(self.now, heard=heard)


def values(rig: Rig) -> list[int]:
    """Return the mu-law codes heard."""
    return [int(g711.encoding("pcmu")[sample & 0xFFFF]) for sample, _, _ in rig.heard]


def test_audio_is_decoded_and_pushed() -> None:
    rig = Rig()
    for n in range(10):
        rig.packet(n, value=0x90 + n)
        rig.step()
    assert values(rig) == [0x90 + n for n in range(8)]
    assert {(size, jump) for _, size, jump in rig.heard} == {(160, False)}
    assert (rig.receiver.lost, rig.log.received.audio) == (0, 10)


async def test_an_event_is_reported_and_is_a_jump_of_the_audio() -> None:
    rig = Rig()
    for n in range(20):
        if 5 <= n < 10:
            payload = bytes.fromhex("058a0320" if n > 6 else "050a0140")
            rig.packet(n, kind=101, payload=payload, timestamp=800)
        else:
            rig.packet(n)
        rig.step()
    assert rig.keys("received") == "5"
    assert [jump for *_, jump in rig.heard] == [False] * 5 + [True] + [False] * 7
    assert (rig.receiver.lost, rig.log.received.events) == (0, 5)
    rig.now = 1.0
    rig.receiver.use(parameters(None))


def test_comfort_noise_is_taken_and_not_played() -> None:
    rig = Rig()
    for n in range(10):
        rig.packet(n, kind=13 if n % 2 else 0, payload=b"\x40" if n % 2 else None)
        rig.step()
    assert len(rig.heard) == 4
    assert (rig.receiver.lost, rig.receiver.undecodable) == (0, 0)


def test_losses_are_jumps() -> None:
    rig = Rig()
    for n in range(12):
        if n != 5:
            rig.packet(n)
        rig.step()
    assert [jump for *_, jump in rig.heard] == [False] * 5 + [True] + [False] * 3
    assert rig.receiver.lost == 1


def test_a_source_that_takes_over_is_played_from_its_second_packet_on() -> None:
    rig = Rig()
    for n in range(20):
        rig.packet(n, value=0x90)
        if n >= 10:
            rig.packet(n + 5000, ssrc=2, value=0xA0)
        rig.step()
    codes = values(rig)
    assert codes == [0x90] * codes.index(0xA0) + [0xA0] * (len(codes) - codes.index(0xA0))
    assert codes.index(0xA0) in (11, 12)


def test_the_earlier_source_is_played_again_when_the_later_one_is_silent() -> None:
    rig = Rig()
    for n in range(60):
        rig.packet(n, value=0x90)
        if 10 <= n < 20:
            rig.packet(n + 5000, ssrc=2, value=0xA0)
        rig.step()
    codes = values(rig)
    assert set(codes[:10]) == set(codes[-20:]) == {0x90}
    assert codes.count(0xA0) == 10


def test_single_packets_of_strangers_are_not_played_and_not_kept() -> None:
    rig = Rig()
    for n in range(100):
        rig.packet(n, value=0x90)
        rig.packet(n * 7, ssrc=100 + n, value=0xA0)
        rig.step()
    assert set(values(rig)) == {0x90}
    assert len(rig.receiver._sources) <= MAX_SOURCES
    assert rig.receiver.lost == 0


def test_a_sequence_that_begins_anew_goes_on() -> None:
    rig = Rig()
    for n in range(20):
        number = n if n < 10 else n + 30000
        rig.packet(number, timestamp=n * 160, value=0x90 + n % 10)
        rig.step()
    assert len(rig.heard) == 17
    assert rig.receiver.lost == 0


def test_each_payload_type_has_its_codec_and_clock() -> None:
    agreed = replace(parameters(None), receive={0: "pcmu", 8: "pcma", 9: "g722"})
    rig = Rig(agreed)
    for n in range(12):
        rig.packet(n, kind=(0, 8, 9)[n // 4])
        rig.step()
    for _ in range(3):
        rig.step()
    assert [size for _, size, _ in rig.heard] == [160] * 8 + [320] * 4


def test_a_change_of_the_clock_loses_nothing() -> None:
    rig = Rig(replace(parameters(None), receive={0: "pcmu", 111: "opus"}))
    for n in range(20):
        if n < 10:
            rig.packet(n)
        else:
            rig.packet(n, kind=111, payload=bytes.fromhex("f8fffe"), timestamp=n * 960)
        rig.step()
    for _ in range(3):
        rig.step()
    assert [size for _, size, _ in rig.heard] == [160] * 10 + [960] * 10


def test_what_cannot_be_decoded_is_counted() -> None:
    rig = Rig(parameters(None, "opus"))
    rig.packet(0, kind=111, payload=b"")
    rig.packet(1, kind=111, payload=bytes.fromhex("ff00"))
    rig.packet(2, kind=111, payload=bytes.fromhex("fb01fffe"), timestamp=960)
    for _ in range(5):
        rig.step()
    assert rig.receiver.undecodable == 2
    assert len(rig.heard) == 1


def test_on_hold_nothing_is_heard_but_all_is_counted() -> None:
    rig = Rig()
    for n in range(10):
        rig.packet(n)
        rig.step(heard=False)
    assert rig.heard == []
    assert (rig.log.received.audio, rig.receiver.lost) == (10, 0)


@pytest.mark.parametrize("kind", [1, 9, 97, 127])
def test_other_payload_types_are_not_expected(kind: int) -> None:
    packet = RtpPacket(payload_type=kind, marker=False, sequence=0, timestamp=0, ssrc=1, payload=b"x")
    assert not Rig().receiver.expects(packet)
