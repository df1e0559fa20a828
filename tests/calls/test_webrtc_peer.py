"""Two peers in one process, over real UDP on loopback."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from observer import CHARS, Observer

from dtmfphone.calls.call import CallError, Direction
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.calls.webrtc import peer as peer_module
from dtmfphone.calls.webrtc import sdp
from dtmfphone.calls.webrtc.peer import ConnectError, DtlsFailed, IceFailed, WebRtcPeer
from dtmfphone.calls.webrtc.sdp import NoCommonCodec, SdpError
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.rtp.event_receiver import EventProblem

CHROMIUM_ALL = (Path(__file__).parent / "sdp" / "chromium_audio_video_data.sdp").read_bytes().decode()


class Side(Observer):
    """A peer with a hum to send, which notes all that happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.dialer = Dialer()
        self.heard: list[Pcm] = []
        self.jumps = 0
        self.rate = 0
        self.pulled = 0
        self.deaf = False
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
        if self.deaf:
            raise ZeroDivisionError
        self.heard.append(pcm)
        self.rate = rate
        self.jumps += jump

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        raise AssertionError(problem.text)


class Relay(asyncio.DatagramProtocol):
    """Stands between two peers on UDP and does to RTP what it is told; ICE and DTLS pass."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.reordering = 0.0
        self.dead = False
        self.ends: list[tuple[str, int]] = []
        self._dice = random.Random(4733)

    @classmethod
    async def between(cls, answer: str) -> tuple["Relay", str]:
        """Return a relay and the answer that leads to it."""
        port = int(re.findall(r"a=candidate:\S+ 1 udp \d+ 127.0.0.1 (\d+)", answer)[0])
        transport, relay = await asyncio.get_running_loop().create_datagram_endpoint(cls, ("127.0.0.1", 0))
        relay.transport = transport
        relay.ends = [("127.0.0.1", port)]
        return relay, answer.replace(f" 127.0.0.1 {port} ", f" 127.0.0.1 {transport.get_extra_info('sockname')[1]} ")

    transport: asyncio.DatagramTransport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr not in self.ends:
            self.ends.append(addr)
        to = self.ends[0] if addr != self.ends[0] else self.ends[1]
        rtp = 128 <= data[0] < 192
        if self.dead or (rtp and self._dice.random() < self.loss):
            return
        if rtp and self._dice.random() < self.reordering:
            asyncio.get_running_loop().call_later(0.03, self._pass_on, data, to)
        else:
            self._pass_on(data, to)

    def _pass_on(self, data: bytes, to: tuple[str, int]) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(data, to)


@pytest.fixture(autouse=True)
async def _leaves_nothing_behind() -> AsyncIterator[None]:
    """No fault reached the loop and no task is left."""
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left
    assert faults == []


@asynccontextmanager
async def two() -> AsyncIterator[tuple[Side, Side]]:
    """Two sides, closed in the end."""
    caller, callee = Side(), Side()
    try:
        yield caller, callee
    finally:
        await caller.peer.close()
        await callee.peer.close()


@asynccontextmanager
async def connected(profile: str) -> AsyncIterator[tuple[Side, Side, Relay]]:
    async with two() as (caller, callee):
        relay, answer = await Relay.between(await callee.peer.answer(await caller.peer.offer(profile)))
        try:
            await caller.peer.accept(answer)
            await caller.peer.connected(10)
            await callee.peer.connected(10)
            await asyncio.sleep(0.3)
            yield caller, callee, relay
        finally:
            relay.transport.close()


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - peers tell through plain callbacks
            await asyncio.sleep(0.02)


def events(side: Side, direction: Direction) -> list[bytes]:
    """Return the telephone-event payloads that passed on the wire."""
    return [record.event for record in side.peer.packets() if record.direction == direction and record.event]


def tone(side: Side) -> float:
    """Return the frequency heard last."""
    tail = np.concatenate(side.heard[-20:]).astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(tail * np.hanning(len(tail)))))) * side.rate / len(tail)


async def test_keys_go_both_ways_while_audio_flows() -> None:
    """All codecs at once; calls do not know of each other."""
    async with asyncio.TaskGroup() as calls:
        calls.create_task(keys_both_ways("opus", "opus", 48000, 48000))
        calls.create_task(keys_both_ways("g711", "pcmu", 8000, 8000))
        calls.create_task(keys_both_ways("pcma", "pcma", 8000, 8000))
        calls.create_task(keys_both_ways("g722", "g722", 8000, 16000))


async def keys_both_ways(profile: str, codec: str, clock: int, rate: int) -> None:
    async with connected(profile) as (caller, callee, _):
        for side in (caller, callee):
            media = side.peer.media
            assert media is not None
            assert (media.codec, media.clock, media.event_clock) == (codec, clock, clock)
        caller.dialer.dial(parse(CHARS))
        callee.dialer.dial(parse("55#"))
        await until(lambda: sum(way == "received" for way, _ in callee.ended) == 16)
        assert callee.keys("received") == caller.keys("sent") == CHARS
        assert caller.keys("received") == callee.keys("sent") == "55#"
        # Each key is four updates and three ends, and arrives as it was sent.
        slot = clock // 50
        durations = [slot * n for n in (1, 2, 3, 4, 5, 5, 5)]
        assert [(record[0], record[1] >> 7) for record in events(caller, "sent")] == [
            (code, int(n >= 4)) for code in range(16) for n in range(7)
        ]
        assert [int.from_bytes(record[2:]) for record in events(caller, "sent")] == durations * 16
        assert events(callee, "received") == events(caller, "sent")
        # Audio goes on behind the events, without a stall and as it was.
        before = len(callee.heard)
        await asyncio.sleep(0.5)
        assert len(callee.heard) - before >= 20
        assert tone(callee) == pytest.approx(300, abs=5)
        assert callee.rate == rate
        assert callee.jumps >= 16
        step = rate // 50
        positions = [position for position, _, _ in callee.positions]
        assert all(position % step == 0 for position in positions)
        assert sorted(set(positions)) == positions
        # One frame pulled is at most on its way.
        assert 0 <= callee.pulled - positions[-1] <= step
        sent, got = caller.peer.statistics(), callee.peer.statistics()
        assert sent.event_packets_sent == 16 * 7 == got.event_packets_received
        assert got.packets_lost == 0
        assert {record.direction for record in callee.peer.packets()} == {"sent", "received"}


async def test_a_long_event_goes_on_in_segments() -> None:
    async with connected("opus") as (caller, callee, _):
        caller.dialer.dial(parse("7"), 2000)
        await until(lambda: any(record[1] & 0x80 for record in events(callee, "received")))
        packets = [record for record in caller.peer.packets() if record.event]
        durations = [int.from_bytes(record.event[2:]) for record in packets if record.event]
        assert durations == [*range(960, 65281, 960), 65535, *range(1665, 30465, 960), 30465, 30465, 30465]
        assert [record.marker for record in packets] == [True] + [False] * (len(packets) - 1)
        starts = list(dict.fromkeys(record.timestamp for record in packets))
        assert [(start - starts[0]) & 0xFFFFFFFF for start in starts] == [0, 65535]
        await until(lambda: len(events(callee, "received")) == len(packets))
        assert callee.keys("received")[0] == "7"


async def test_a_hundred_keys_over_five_percent_loss_arrive_once_each_in_order() -> None:
    """Ten per second, and one packet in fifty overtaken by the next; the audio's delay does not grow."""
    keys = "".join(CHARS[n % 16] if n % 5 else "0" for n in range(100))
    async with connected("opus") as (caller, callee, relay):
        relay.loss, relay.reordering = 0.05, 0.02
        begin = time.monotonic()
        caller.dialer.dial(parse(keys), 60, 40)
        await until(lambda: sum(way == "received" for way, _ in callee.ended) >= len(keys))
        assert time.monotonic() - begin > 9.5
        assert callee.keys("received") == keys
        assert callee.peer.statistics().packets_lost > 10
        relay.loss = relay.reordering = 0.0
        await asyncio.sleep(0.4)
        assert tone(callee) == pytest.approx(300, abs=5)
        assert delay(callee) <= 5


def delay(side: Side) -> int:
    """Return how many packets of 20 ms aiortc holds back."""
    buffer = vars(side.peer._connection.getReceivers()[0])["_RTCRtpReceiver__jitter_buffer"]  # type: ignore[union-attr]
    return sum(packet is not None for packet in buffer._packets)


async def test_without_telephone_event_nothing_is_asked_and_audio_flows() -> None:
    async with two() as (caller, callee):
        offer = await caller.peer.offer("opus")
        plain = "".join(line + "\r\n" for line in offer.replace(" 110\r\n", "\r\n").splitlines() if ":110 " not in line)
        media = await caller.peer.accept(await callee.peer.answer(plain))
        assert media.event_payload_type is None
        await caller.peer.connected(10)
        caller.dialer.dial(parse("1"))
        await until(lambda: len(callee.heard) > 10)
        assert caller.dialer.state == "sending"
        assert not callee.started


async def test_the_other_side_learns_of_a_hang_up() -> None:
    async with connected("pcmu") as (caller, callee, _):
        await caller.peer.close()
        await until(lambda: "ended" in callee.states)
        assert callee.reason == "The far end hung up."
        assert caller.states == ["connecting", "up"]
        assert callee.states == ["connecting", "up", "ended"]


async def test_a_far_end_that_vanishes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """ICE consent (RFC 7675) runs out; here after moments instead of half a minute."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr("aioice.ice.CONSENT_FAILURES", 1)
    async with connected("pcmu") as (caller, callee, relay):
        relay.dead = True
        await until(lambda: caller.states[-1] == "failed" == callee.states[-1])
        assert caller.states == ["connecting", "up", "failed"]
        assert caller.reason == "The far end no longer answers: its consent to receive (ICE) has run out."


async def test_a_far_end_that_stops_its_audio_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "WATCH_SECONDS", 0.1)
    async with connected("pcmu") as (caller, callee, _):
        assert caller.peer._connection is not None
        await caller.peer._connection.getSenders()[0].stop()  # sends RTCP BYE
        await until(lambda: "ended" in callee.states)
        assert callee.reason == "The far end ended its audio."


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # aiortc before 1.16
async def test_audio_that_cannot_be_decoded_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(peer_module, "DEAF_PACKETS", 10)
    monkeypatch.setattr("aiortc.codecs.opus.OpusEncoder.encode", encode_garbage())
    async with connected("opus") as (_, callee, _):
        await until(lambda: "cannot be decoded" in callee.reason)
        assert callee.states == ["connecting", "up", "up"]


def encode_garbage() -> Callable[..., tuple[list[bytes], int]]:
    timestamps: Iterator[int] = iter(range(0, 10**9, 960))
    return lambda *_: ([b"\xff\xff"], next(timestamps))


async def test_a_sink_that_fails_fails_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_module, "WATCH_SECONDS", 0.1)
    async with connected("pcmu") as (_, callee, _):
        callee.deaf = True
        await until(lambda: "failed" in callee.states)
        assert "could not be processed" in callee.reason
        task, callee.peer._reading = callee.peer._reading, None
        assert task is not None
        assert isinstance(task.exception(), ZeroDivisionError)


async def test_no_path_is_an_ice_failure_with_a_remedy() -> None:
    async with two() as (caller, callee):
        answer = await callee.peer.answer(await caller.peer.offer("opus"))
        await callee.peer.close()
        await caller.peer.accept(answer)
        with pytest.raises(IceFailed, match=r"within 0.5 s \(its addresses: 127.0.0.1:\d+\)\.$") as caught:
            await caller.peer.connected(0.5)
        assert caught.value.remedy


async def test_another_certificate_is_a_dtls_failure() -> None:
    async with two() as (caller, callee):
        answer = await callee.peer.answer(await caller.peer.offer("opus"))
        await caller.peer.accept(re.sub(r"(a=fingerprint:sha-\d+) \w\w:\w\w", r"\1 00:00", answer))
        with pytest.raises(DtlsFailed, match="certificate"):
            await caller.peer.connected(10)
        assert caller.states == ["connecting"]


async def test_closing_while_connecting_ends_the_wait() -> None:
    async with two() as (caller, callee):
        await caller.peer.accept(await callee.peer.answer(await caller.peer.offer("opus")))
        waiting = asyncio.gather(caller.peer.connected(10), callee.peer.connected(10), return_exceptions=True)
        await asyncio.sleep(0)
        await asyncio.gather(caller.peer.close(), caller.peer.close(), callee.peer.close())
        assert [type(error) for error in await waiting] == [ConnectError, ConnectError]
        await asyncio.sleep(0.1)


async def test_closing_before_anything() -> None:
    async with two() as (caller, callee):
        await caller.peer.close()
        await callee.peer.offer("opus")


async def test_the_answer_to_a_browser_with_camera_and_data_channel() -> None:
    async with two() as (callee, _):
        answer = sdp.parse(await callee.peer.answer(CHROMIUM_ALL))
        assert [(section.kind, bool(section.port)) for section in answer.sections] == [
            ("audio", True),
            ("video", False),
            ("application", False),
        ]
        names = [(each.payload_type, each.name, each.clock) for each in sdp.formats(answer.audio())]
        assert names == [(111, "opus", 48000), (110, "telephone-event", 48000)]
        media = callee.peer.media
        assert media is not None
        assert (media.codec, media.payload_type, media.event_payload_type) == ("opus", 111, 110)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly")]
)
async def test_the_direction_is_answered(theirs: str, ours: str) -> None:
    async with two() as (callee, _):
        answer = sdp.parse(await callee.peer.answer(CHROMIUM_ALL.replace("a=sendrecv", f"a={theirs}", 1)))
        assert answer.direction(answer.audio()) == ours == callee.peer.direction


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "v=0\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        CHROMIUM_ALL.replace("a=sendrecv", "a=inactive", 1),
        CHROMIUM_ALL.replace("a=mid:0", "a=mid:\x00", 1).replace("sha-256", "sha-1"),
    ],
)
async def test_malformed_sdp_is_an_sdp_error(text: str) -> None:
    async with two() as (side, _):
        with pytest.raises(SdpError) as caught:
            await side.peer.answer(text)
        assert caught.value.reason.endswith(".")


@pytest.mark.parametrize("text", ["", "v=0\r\nm=audio 9 X 96\r\na=rtpmap:96 opus/48000/2\r\n"])
async def test_a_malformed_answer_is_an_sdp_error(text: str) -> None:
    async with two() as (side, _):
        await side.peer.offer("opus")
        with pytest.raises(SdpError):
            await side.peer.accept(text)


async def test_no_common_codec() -> None:
    async with two() as (caller, callee):
        offer = await caller.peer.offer("opus")
        with pytest.raises(NoCommonCodec, match="speex"):
            await callee.peer.answer(offer.replace("opus/48000", "speex/16000"))
        with pytest.raises(NoCommonCodec, match="refused"):
            await caller.peer.accept("v=0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 96\r\n")


async def test_a_server_that_is_none_is_named() -> None:
    side = Side()
    peer = WebRtcPeer(source=side, sink=side, observer=side, slot=side.slot, ice_servers=["http://example.org"])
    with pytest.raises(CallError, match=r"http://example\.org is not a STUN or TURN server"):
        await peer.offer("opus")
    await peer.close()
    await side.peer.close()
