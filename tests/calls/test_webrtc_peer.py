"""Two peers in one process, over real UDP on loopback."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from dtmfphone.calls.call import CallState, Direction
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.calls.webrtc.peer import IceFailed, WebRtcPeer
from dtmfphone.calls.webrtc.sdp import NoCommonCodec, SdpError
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.rtp.event_receiver import EventEnded, EventStarted

CHARS = "0123456789*#ABCD"


class Side:
    """A peer with a hum to send, which notes all that happens to it."""

    def __init__(self) -> None:
        self.dialer = Dialer()
        self.started: list[tuple[Direction, str]] = []
        self.ended: list[tuple[Direction, EventEnded]] = []
        self.heard: list[Pcm] = []
        self.jumps = 0
        self.rate = 0
        self.pulled = 0
        self.positions: list[int] = []
        self.states: list[CallState] = []
        self.peer = WebRtcPeer(
            source=self, sink=self, observer=self, slot=self.slot, clock=time.monotonic, loopback_only=True
        )

    def slot(self, t: float) -> Slot:
        return self.dialer.slot(t, far_end_quiet=True)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        phase = 2 * np.pi * 300 * (self.pulled + np.arange(samples)) / rate
        self.pulled += samples
        return np.asarray(8000 * np.sin(phase), np.int16)

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.heard.append(pcm)
        self.rate = rate
        self.jumps += jump

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        self.states.append(state)

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        self.started.append((direction, CHARS[event.code]))

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        self.ended.append((direction, event))

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        self.positions.append(position)

    def keys(self, direction: Direction) -> str:
        return "".join(char for way, char in self.started if way == direction)


@asynccontextmanager
async def connected(profile: str) -> AsyncIterator[tuple[Side, Side]]:
    caller, callee = Side(), Side()
    try:
        await caller.peer.accept(await callee.peer.answer(await caller.peer.offer(profile)))
        await caller.peer.connected(10)
        await callee.peer.connected(10)
        await asyncio.sleep(0.3)
        yield caller, callee
    finally:
        await caller.peer.close()
        await callee.peer.close()


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - peers tell through plain callbacks
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("profile", "codec", "clock", "rate"),
    [
        ("opus", "opus", 48000, 48000),
        ("g711", "pcmu", 8000, 8000),
        ("pcma", "pcma", 8000, 8000),
        ("g722", "g722", 8000, 16000),
    ],
)
async def test_keys_go_both_ways_while_audio_flows(profile: str, codec: str, clock: int, rate: int) -> None:
    async with connected(profile) as (caller, callee):
        for side in (caller, callee):
            media = side.peer.media
            assert media is not None
            assert (media.codec, media.clock, media.event_clock) == (codec, clock, clock)
        caller.dialer.dial(parse(CHARS))
        callee.dialer.dial(parse("55#"))
        await until(lambda: len(callee.keys("received")) == 16 and len(caller.keys("received")) == 3)
        await asyncio.sleep(0.4)
        assert callee.keys("received") == caller.keys("sent") == CHARS
        assert caller.keys("received") == callee.keys("sent") == "55#"
        for direction, event in callee.ended:
            assert event.duration == pytest.approx(0.1), direction
            assert (event.packets, event.end_packets, event.marker, event.lost) == (7, 3, True, 0)
            assert (event.ended_by, event.notes) == ("end-bit", ())
        # Audio goes on behind the events, without a stall and as it was.
        before = len(callee.heard)
        await asyncio.sleep(0.5)
        assert len(callee.heard) - before >= 20
        tail = np.concatenate(callee.heard[-20:]).astype(float)
        spectrum = np.abs(np.fft.rfft(tail * np.hanning(len(tail))))
        assert np.argmax(spectrum) * callee.rate / len(tail) == pytest.approx(300, abs=5)
        assert callee.rate == rate
        step = rate // 50
        assert all(position % step == 0 for position in callee.positions)
        assert sorted(set(callee.positions)) == callee.positions
        sent, got = caller.peer.statistics(), callee.peer.statistics()
        assert sent.event_packets_sent == 16 * 7 == got.event_packets_received
        assert got.packets_lost == 0


async def test_a_long_event_goes_on_in_segments() -> None:
    async with connected("opus") as (caller, callee):
        caller.dialer.dial(parse("7"), 2000)
        await until(lambda: len(callee.ended) == 1)
        _, event = callee.ended[0]
        assert event.duration == pytest.approx(2.0)
        assert event.segments == 2
        assert callee.keys("received") == "7"


def lose(side: Side, share: float, seed: int) -> None:
    """Drop received packets before the tap sees them."""
    dice = random.Random(seed)
    assert side.peer._transceiver is not None
    transport = side.peer._transceiver.receiver.transport
    passed: Callable[..., Awaitable[None]] = transport._handle_rtp_data

    async def lossy(data: bytes, **more: int) -> None:
        if dice.random() >= share:
            await passed(data, **more)

    setattr(transport, "_handle_rtp_data", lossy)  # noqa: B010


async def test_twenty_keys_over_five_percent_loss_arrive_once_each() -> None:
    keys = "01234567899876543210"
    async with connected("opus") as (caller, callee):
        lose(callee, 0.05, seed=4733)
        caller.dialer.dial(parse(keys), 60, 40)
        await until(lambda: len(callee.keys("received")) >= len(keys))
        await asyncio.sleep(0.5)
        assert callee.keys("received") == keys
        assert callee.peer.statistics().packets_lost > 0
        heard = sum(map(len, callee.heard)) / callee.rate
        await asyncio.sleep(1)
        assert sum(map(len, callee.heard)) / callee.rate - heard > 0.85, "the jitter buffer must not stall"


async def test_without_telephone_event_nothing_is_asked_and_audio_flows() -> None:
    caller, callee = Side(), Side()
    try:
        offer = await caller.peer.offer("opus")
        plain = "".join(line + "\r\n" for line in offer.replace(" 110\r\n", "\r\n").splitlines() if ":110 " not in line)
        media = await caller.peer.accept(await callee.peer.answer(plain))
        assert media.event_payload_type is None
        await caller.peer.connected(10)
        caller.dialer.dial(parse("1"))
        await until(lambda: len(callee.heard) > 10)
        assert caller.dialer.state == "sending"
        assert not callee.started
    finally:
        await caller.peer.close()
        await callee.peer.close()


async def test_the_other_side_learns_of_a_hang_up() -> None:
    async with connected("pcmu") as (caller, callee):
        await caller.peer.close()
        await until(lambda: "ended" in callee.states)
        assert caller.states == ["connecting", "up"]


async def test_no_path_is_a_connect_error_with_a_remedy() -> None:
    caller, callee = Side(), Side()
    try:
        answer = await callee.peer.answer(await caller.peer.offer("opus"))
        await callee.peer.close()
        await caller.peer.accept(answer)
        with pytest.raises(IceFailed, match="UDP path") as caught:
            await caller.peer.connected(1.5)
        assert caught.value.remedy
    finally:
        await caller.peer.close()
        await callee.peer.close()


@pytest.mark.parametrize("text", ["", "hello", "v=0\r\n", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"])
async def test_malformed_sdp_is_an_sdp_error(text: str) -> None:
    side = Side()
    try:
        with pytest.raises(SdpError):
            await side.peer.answer(text)
    finally:
        await side.peer.close()


async def test_no_common_codec() -> None:
    caller, callee = Side(), Side()
    try:
        offer = (await caller.peer.offer("opus")).replace("opus/48000", "speex/16000")
        with pytest.raises(NoCommonCodec, match="speex"):
            await callee.peer.answer(offer)
    finally:
        await caller.peer.close()
        await callee.peer.close()
