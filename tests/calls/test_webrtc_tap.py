"""The tap on a real DTLS transport object, and the check of aiortc's private names."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine

import pytest
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport
from observer import Observer

from dtmfphone.calls.call import Media
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.calls.webrtc.tap import SEAMS, RtpTap, UnsupportedAiortc, check_aiortc
from dtmfphone.rtp.packet import RtpPacket

SSRC, FAR = 0x1234, 0x9999
OPUS = Media("opus", 48000, 111, 110, 48000)
RTCP = bytes.fromhex("81c90001") + FAR.to_bytes(4, "big")


class Rig(Observer):
    """A transport whose own seams note what they are given, and an observer."""

    def __init__(self) -> None:
        super().__init__()
        self.wire: list[bytes] = []
        self.up: list[bytes] = []
        self.asked: list[float] = []
        self.slots: list[Slot] = []
        self.now = 100.0
        self.transport = RTCDtlsTransport(
            RTCIceTransport(RTCIceGatherer(iceServers=[])), [RTCCertificate.generateCertificate()]
        )

        async def send(data: bytes) -> None:
            self.wire.append(data)

        async def handle(data: bytes, arrival_time_ms: int) -> None:
            assert arrival_time_ms == 5
            self.up.append(data)

        for name, seam in zip(SEAMS, (send, handle), strict=True):
            setattr(self.transport, name, seam)

    def tap(self, media: Media = OPUS, slot: Callable[[float], Slot] | None = None) -> RtpTap:
        return RtpTap(
            self.transport,
            ssrc=SSRC,
            media=media,
            audio_payload_types=[111],
            event_clocks={110: 48000, 126: 8000},
            audio_rate=48000,
            slot=slot or self.slot,
            observer=self,
            clock=lambda: self.now,
        )

    def slot(self, t: float) -> Slot:
        self.asked.append(t)
        return self.slots.pop(0) if self.slots else SILENT

    async def send(self, data: bytes) -> None:
        await self._seam("_send_rtp")(data)

    async def arrive(self, data: bytes) -> None:
        await self._seam("_handle_rtp_data")(data, arrival_time_ms=5)

    def _seam(self, name: str) -> Callable[..., Coroutine[None, None, None]]:
        seam: Callable[..., Coroutine[None, None, None]] = getattr(self.transport, name)
        return seam


def audio(number: int, ssrc: int = SSRC) -> bytes:
    return bytes(
        RtpPacket(
            payload_type=111,
            marker=True,
            sequence=number & 0xFFFF,
            timestamp=number * 960,
            ssrc=ssrc,
            payload=b"opus",
        )
    )


def event(number: int, payload: str, timestamp: int, payload_type: int = 110, *, marker: bool = False) -> bytes:
    return bytes(
        RtpPacket(
            payload_type=payload_type,
            marker=marker,
            sequence=number,
            timestamp=timestamp,
            ssrc=FAR,
            payload=bytes.fromhex(payload),
        )
    )


@pytest.fixture
async def rig() -> Rig:
    return Rig()


async def test_a_key_on_its_way_out(rig: Rig) -> None:
    tap = rig.tap()
    rig.slots = [SILENT, Slot("5", last=False), Slot("5", last=True)]
    for number in range(5):
        await rig.send(audio(number))
        rig.now += 0.02
    assert rig.asked == pytest.approx([100.0, 100.02, 100.04, 100.06, 100.08])
    packets = [RtpPacket.parse(data) for data in rig.wire]
    assert [packet.payload_type for packet in packets] == [111, 110, 110, 110, 110, 111, 111]
    assert [packet.sequence for packet in packets] == list(range(7))
    assert [(way, begun.code) for way, begun in rig.started] == [("sent", 5)]
    assert rig.started[0][1].start == pytest.approx(100.02)
    # Positions count all that was pulled; the frames replaced by events are never reported.
    assert [position for position, _, _ in rig.positions] == [960, 3840, 4800]
    assert (tap.packets.sent.audio, tap.packets.sent.events) == (3, 4)
    records = [(each.direction, each.payload_type, each.sequence, each.event) for each in tap.packets.records]
    assert records[1] == ("sent", 110, 1, bytes.fromhex("050a03c0"))
    tap.detach()
    [(way, ended)] = rig.ended
    assert (way, ended.packets, ended.end_packets, ended.duration, ended.ended_by) == ("sent", 4, 3, 0.04, "end-bit")


async def test_what_is_not_our_audio_passes_untouched(rig: Rig) -> None:
    tap = rig.tap()
    for data in (RTCP, audio(7, ssrc=1), b"", b"\x80\x6f\0"):
        await rig.send(data)
    assert rig.wire == [RTCP, audio(7, ssrc=1), b"", b"\x80\x6f\0"]
    assert rig.asked == []
    assert tap.packets.sent.audio == 0


@pytest.mark.parametrize("media", [OPUS, Media("opus", 48000, 111, None, None)])
async def test_no_slot_is_asked_without_telephone_event_or_when_off(rig: Rig, media: Media) -> None:
    tap = rig.tap(media)
    tap.events_enabled = media is not OPUS
    await rig.send(audio(1))
    assert (rig.asked, rig.wire, len(rig.positions)) == ([], [audio(1)], 1)


async def test_a_key_that_sounds_when_events_are_switched_off_is_ended(rig: Rig) -> None:
    tap = rig.tap()
    rig.slots = [Slot("9", last=False)]
    await rig.send(audio(0))
    tap.events_enabled = False
    await rig.send(audio(1))
    assert [RtpPacket.parse(data).payload.hex() for data in rig.wire] == ["090a03c0"] + ["098a03c0"] * 3


async def test_a_key_on_its_way_in(rig: Rig) -> None:
    tap = rig.tap()
    await rig.arrive(audio(100, FAR))
    await rig.arrive(event(101, "010a03c0", 97000, marker=True))
    await rig.arrive(event(102, "018a0780", 97000))
    await rig.arrive(audio(103, FAR))
    assert [RtpPacket.parse(data).sequence for data in rig.up] == [100, 101]
    assert [(way, begun.code, begun.marker) for way, begun in rig.started] == [("received", 1, True)]
    assert (tap.packets.received.audio, tap.packets.received.events, tap.lost) == (2, 2, 0)
    rig.now += 1
    await asyncio.sleep(0.15)
    [(way, ended)] = rig.ended
    assert (way, ended.packets, ended.lost, ended.payload_type) == ("received", 2, 0, 110)


async def test_an_event_without_end_is_over_though_nothing_more_arrives(rig: Rig) -> None:
    rig.tap()
    await rig.arrive(event(1, "030a0320", 8000, 126))
    rig.now += 0.2
    await asyncio.sleep(0.3)
    [(_, ended)] = rig.ended
    assert (ended.code, ended.clock_rate, ended.duration, ended.ended_by) == (3, 8000, 0.1, "time-out")


async def test_garbage_goes_nowhere(rig: Rig) -> None:
    tap = rig.tap()
    for data in (b"", b"\x80", b"\x40" * 20, b"\xbf" * 13, event(5, "0102", 3)):
        await rig.arrive(data)
    assert rig.up == []
    assert rig.started == []
    assert tap.packets.received.audio == 0


async def test_faults_of_listeners_are_reported_and_the_call_goes_on(rig: Rig) -> None:
    faults: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["exception"]))

    def broken(t: float) -> Slot:
        raise ZeroDivisionError

    rig.tap(slot=broken)
    await rig.send(audio(1))
    assert rig.wire == [audio(1)]
    assert [type(fault) for fault in faults] == [ZeroDivisionError]


async def test_detach_gives_the_transport_back(rig: Rig) -> None:
    for name in SEAMS:
        delattr(rig.transport, name)
    before = [getattr(rig.transport, name) for name in SEAMS]
    tap = rig.tap()
    assert [getattr(rig.transport, name) for name in SEAMS] != before
    tap.detach()
    tap.detach()
    assert [getattr(rig.transport, name) for name in SEAMS] == before
    assert not set(SEAMS) & set(vars(rig.transport))


async def test_the_seams_are_where_we_know_them() -> None:
    """The contract with aiortc, whichever version is installed."""
    for name, parameters in SEAMS.items():
        seam = getattr(RTCDtlsTransport, name)
        assert inspect.iscoroutinefunction(seam)
        assert list(inspect.signature(seam).parameters) == ["self", *parameters]
    check_aiortc(
        RTCDtlsTransport(RTCIceTransport(RTCIceGatherer(iceServers=[])), [RTCCertificate.generateCertificate()])
    )


async def test_another_aiortc_is_refused(rig: Rig) -> None:
    def plain(data: bytes) -> None:
        raise AssertionError

    async def renamed(packet: bytes) -> None:
        raise AssertionError

    for seam in (plain, renamed, None):
        setattr(rig.transport, "_send_rtp", seam)  # noqa: B010 - mypy forbids the assignment
        with pytest.raises(UnsupportedAiortc, match=r"aiortc \d+\.\d+.* is not supported: .*_send_rtp\(data\)"):
            rig.tap()
    with pytest.raises(UnsupportedAiortc):
        check_aiortc(object())
