"""Two sessions in one process, over real UDP on loopback."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from observer import CHARS
from rtp_side import Side, parameters, until

from dtmfphone.calls.call import CallError, Media
from dtmfphone.calls.rtp.receiver import MAX_SOURCES
from dtmfphone.calls.rtp.session import RtpSession
from dtmfphone.calls.rtp.udp_port import Address
from dtmfphone.rtp.packet import RtpPacket
from dtmfphone.rtp.rtcp import Bye, ReceiverReport, ReportBlock, compound
from dtmfphone.rtp.stream import SrtpKeys

HERE, THERE, WRONG = bytes(range(30)), bytes(range(100, 130)), bytes(range(50, 80))
SUITE = "AES_CM_128_HMAC_SHA1_80"


@asynccontextmanager
async def two() -> AsyncIterator[tuple[tuple[Side, RtpSession], tuple[Side, RtpSession]]]:
    sides = Side(), Side()
    sessions = [await side.open() for side in sides]
    try:
        yield (sides[0], sessions[0]), (sides[1], sessions[1])
    finally:
        for session in sessions:
            await session.close()


def packet(n: int, *, ssrc: int = 0x666, kind: int = 0, payload: bytes = b"\x90" * 160) -> bytes:
    return bytes(
        RtpPacket(payload_type=kind, marker=False, sequence=n & 0xFFFF, timestamp=n * 160, ssrc=ssrc, payload=payload)
    )


@pytest.mark.parametrize(("codec", "digits"), [("pcmu", CHARS), ("pcma", "19*D"), ("g722", "0#A"), ("opus", CHARS)])
async def test_audio_and_keys_arrive(codec: str, digits: str) -> None:
    async with two() as ((caller, out), (callee, back)):
        out.start(parameters(back, codec))
        back.start(parameters(out, codec))
        caller.dial(digits)
        await until(lambda: sum(way == "received" for way, _ in callee.ended) == len(digits))
        assert caller.keys("sent") == callee.keys("received") == digits
        lengths = [ended.duration for way, ended in callee.ended if way == "received"]
        assert lengths == pytest.approx([0.04] * len(digits))
        assert all(not ended.notes and ended.lost == 0 and ended.end_packets == 3 for _, ended in callee.ended)
        pcm, rate, _, _ = caller.heard[-1]
        assert (rate, len(pcm)) == ({"opus": 48000, "g722": 16000}.get(codec, 8000), rate // 50)
        assert np.abs(pcm.astype(int)).max() == pytest.approx(8000, rel=0.1)
        assert not any(jump for *_, jump in caller.heard)
        assert callee.problems == caller.problems == []
        there = back.statistics()
        assert (there.packets_lost, there.junk_packets) == (0, 0)
        assert there.event_packets_received == out.statistics().event_packets_sent == len(digits) * 4


async def test_over_ipv6() -> None:
    caller, callee = Side(), Side()
    out, back = await caller.open("::1"), await callee.open("::1")
    out.start(parameters(back))
    back.start(parameters(None))
    caller.dial("6")
    await until(lambda: callee.keys("received") == "6" and caller.heard)
    assert out.media is not None
    assert out.media.remote == f"[::1]:{back.port}"
    await out.close()
    await back.close()


async def test_positions_follow_what_was_pulled() -> None:
    async with two() as ((caller, out), (_, back)):
        out.start(parameters(back, packet_ms=40))
        caller.dial("12")
        await until(lambda: caller.keys("sent") == "12" and len(caller.positions) > 12)
        positions = [position for position, _, _ in caller.positions]
        assert positions == sorted(set(positions))
        assert all(position % 160 == 0 for position in positions)
        assert caller.pulled - positions[-1] <= 2 * 160
        times = [t for _, _, t in caller.positions]
        assert times == sorted(times)
        # The keys of two slots each took the place of audio that was pulled.
        assert len(positions) == positions[-1] // 160 - 4


async def test_before_start_nothing_leaves_and_nothing_is_taken() -> None:
    async with two() as ((caller, out), (callee, back)):
        assert out.media is None
        back.start(parameters(out))
        await until(lambda: callee.pulled > 800)
        assert (caller.pulled, caller.heard, out.statistics().packets_received, out.junk) == (0, [], 0, 0)


async def test_the_media_say_what_was_agreed() -> None:
    async with two() as ((_, out), (_, back)):
        out.start(parameters(back, "opus", srtp=SrtpKeys(SUITE, HERE, THERE)))
        assert out.media == Media(
            "opus", 48000, 111, 101, 48000, frozenset(range(16)), secure=True, remote=f"127.0.0.1:{back.port}"
        )


async def test_hold_and_resume_keep_the_stream() -> None:
    async with two() as ((caller, out), (callee, back)):
        out.start(parameters(back))
        back.start(parameters(out))
        await until(lambda: len(callee.heard) > 5)
        caller.dialer.key_down("5", 0.0)
        await until(lambda: caller.keys("sent"))
        out.start(parameters(back, sending=False, receiving=False))
        sent, heard, asked = out.statistics().packets_sent, len(caller.heard), caller.pulled
        await asyncio.sleep(0.3)
        assert (out.statistics().packets_sent, len(caller.heard), caller.pulled) == (sent, heard, asked)
        [(_, ended)] = [each for each in callee.ended if each[0] == "received"]
        assert (ended.ended_by, ended.end_packets) == ("end-bit", 3)
        before = out.packets()[-1]
        caller.dialer.key_up("5", 0.0)
        out.start(parameters(back))
        await until(lambda: out.statistics().packets_sent > sent + 3)
        after = next(record for record in out.packets()[::-1] if record.marker and record.direction == "sent")
        last = [record for record in out.packets() if record.direction == "sent" and record.t <= before.t][-1]
        assert after.sequence == last.sequence + 1 & 0xFFFF
        assert (after.timestamp - last.timestamp & 0xFFFFFFFF) / 8000 == pytest.approx(after.t - last.t, abs=0.15)
        await until(lambda: any(jump for *_, jump in callee.heard))
        assert back.statistics().packets_lost == 0
        assert callee.keys("received") == "5", "what was left of the key is not another one"


async def test_hold_by_an_address_that_is_none_keeps_the_address() -> None:
    async with two() as ((_, out), (_, back)):
        out.start(parameters(back))
        out.start(replace(parameters(back, sending=False), remote_host="0.0.0.0"))
        assert out.media is not None
        assert out.media.remote == f"127.0.0.1:{back.port}"
        out.datagram(packet(1), ("192.0.2.9", 4000))
        assert out.junk == 1


async def test_another_codec_is_taken_over_within_the_call() -> None:
    async with two() as ((caller, out), (callee, back)):
        both = {0: "pcmu", 9: "g722"}
        out.start(replace(parameters(back), receive=both))
        back.start(replace(parameters(out), receive=both))
        await until(lambda: len(callee.heard) > 5)
        out.start(replace(parameters(back, "g722"), receive=both))
        caller.dial("1")
        await until(lambda: callee.keys("received") == "1" and callee.heard[-1][1] == 16000)
        assert back.statistics().packets_lost == 0
        assert len({record.sequence for record in out.packets() if record.direction == "sent"}) == len(
            [record for record in out.packets() if record.direction == "sent"]
        )


async def test_a_codec_or_address_that_cannot_be_used_changes_nothing() -> None:
    async with two() as ((_, out), (_, back)):
        out.start(parameters(back))
        media = out.media
        for wrong in (
            replace(parameters(back), codec="speex", receive={97: "speex"}),
            replace(parameters(back), remote_host="host.example"),
            replace(parameters(back), srtp=SrtpKeys("unknown", HERE, THERE)),
        ):
            with pytest.raises(CallError):
                out.start(wrong)
        assert out.media == media
        await until(lambda: out.statistics().packets_sent > 2)


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"])
async def test_encrypted_calls(suite: str) -> None:
    async with two() as ((caller, out), (callee, back)):
        out.start(parameters(back, srtp=SrtpKeys(suite, HERE, THERE)))
        back.start(parameters(out, srtp=SrtpKeys(suite, THERE, HERE)))
        caller.dial("12#")
        await until(lambda: callee.keys("received") == "12#" and len(caller.heard) > 10)
        assert back.statistics().junk_packets == out.statistics().junk_packets == 0
        assert {record.size for record in back.packets() if record.event is None} == {172}


async def test_with_the_wrong_key_all_is_junk() -> None:
    async with two() as ((caller, out), (callee, back)):
        out.start(parameters(back, srtp=SrtpKeys(SUITE, WRONG, THERE)))
        back.start(parameters(out, srtp=SrtpKeys(SUITE, THERE, HERE)))
        caller.dial("1")
        await until(lambda: caller.keys("sent") == "1" and back.junk > 5)
        assert (callee.heard, callee.keys("received"), back.statistics().packets_received) == ([], "", 0)
        assert back.last_received is None


async def test_reports_go_both_ways() -> None:
    sides = Side(), Side()
    out, back = [await side.open(report_interval=0.2) for side in sides]
    out.start(parameters(back))
    back.start(replace(parameters(out), remote_rtcp_port=None))  # RTCP on the RTP port (RFC 5761)
    await until(lambda: out.statistics().round_trip_ms is not None and back.statistics().round_trip_ms is not None)
    for session in (out, back):
        statistics = session.statistics()
        assert statistics.round_trip_ms is not None
        assert statistics.round_trip_ms < 100
        assert statistics.remote_lost == 0
        assert statistics.remote_jitter_ms is not None
        assert statistics.remote_jitter_ms < 20
        assert session.junk == 0
    byes: list[str] = []
    back.on_bye = byes.append
    await out.close("lunch")
    await until(lambda: byes)
    assert byes == ["lunch"]
    await back.close()
    await back.close()


class Stranger:
    """A socket that is not the far end's."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.datagrams: list[bytes] = []

    def send(self, to: RtpSession, *datagrams: bytes, rtcp: bool = False) -> None:
        for data in datagrams:
            self.socket.sendto(data, (to.host, to.rtcp_port if rtcp else to.port))

    def received(self) -> int:
        """Return how many datagrams have come so far."""
        with suppress(BlockingIOError):
            while True:
                self.datagrams.append(self.socket.recv(2000))
        return len(self.datagrams)


async def test_losses_that_the_far_end_reports_are_known() -> None:
    far = Stranger()
    async with two() as ((_, out), (_, back)):
        out.start(replace(parameters(back), remote_port=far.port))
        await until(far.received)
        block = ReportBlock(ssrc=RtpPacket.parse(far.datagrams[0]).ssrc, fraction_lost=10, lost=7, highest=0, jitter=80)
        far.send(out, bytes(ReceiverReport(ssrc=0x666, reports=(block,))), rtcp=True)
        await until(lambda: out.statistics().remote_lost == 7)
        assert out.statistics().remote_jitter_ms == 10
        assert out.statistics().round_trip_ms is None
    far.socket.close()


async def test_a_stranger_is_not_heard_while_the_far_end_talks() -> None:
    stranger = Stranger()
    async with two() as ((caller, out), (callee, back)):
        out.start(parameters(back))
        back.start(parameters(out))
        await until(lambda: len(callee.heard) > 3)
        bye = compound((ReceiverReport(ssrc=0x666), Bye((0x666,))))
        for n in range(20):
            stranger.send(back, packet(n), packet(n, kind=101, payload=bytes.fromhex("050a00a0")))
            stranger.send(back, b"", b"\0", b"\x80" * 5, bytes(1500), b"\x80\x00" + bytes(10), b"INVITE sip:x SIP/2.0")
            stranger.send(back, bye, b"\x81\xc9", rtcp=True)
            await asyncio.sleep(0.01)
        caller.dial("7")
        await until(lambda: callee.keys("received") == "7")
        assert back.junk == 20 * 9, "a report that says nothing of us is none"
        assert stranger.received() == 0
        assert callee.notices == []
        assert not any(jump for *_, jump in callee.heard[:-10])
    stranger.socket.close()


async def test_audio_follows_a_far_end_behind_a_translator() -> None:
    translator = Stranger()
    async with two() as ((caller, out), (_, back)):
        out.start(parameters(back))
        await until(lambda: out.statistics().packets_sent > 2)
        for n in range(10):
            translator.send(out, packet(n))
            await asyncio.sleep(0.02)
        await until(lambda: translator.received() > 2)
        assert [(level, text) for level, text, _ in caller.notices] == [
            (
                "info",
                f"The far end sends from 127.0.0.1:{translator.port}, not 127.0.0.1:{back.port}: audio goes there.",
            )
        ]
        assert out.media is not None
        assert out.media.remote == f"127.0.0.1:{translator.port}"
        assert out.statistics().packets_received == 9
        out.start(parameters(back))
        count = translator.received()
        await until(lambda: translator.received() > count + 2)
    translator.socket.close()


async def test_where_no_address_was_agreed_the_first_packet_tells() -> None:
    async with two() as ((caller, out), (callee, back)):
        back.start(parameters(None))
        await asyncio.sleep(0.05)
        assert callee.pulled == 0
        out.start(parameters(back))
        callee.dial("3")
        await until(lambda: caller.keys("received") == "3")
        assert callee.notices == []
        assert back.media is not None
        assert back.media.remote == f"127.0.0.1:{out.port}"


async def test_an_unknown_payload_type_is_told_once_and_is_no_loss() -> None:
    far = Stranger()
    async with two() as ((caller, out), (_, back)):
        out.start(replace(parameters(back), remote_port=far.port))
        for n in range(10):
            far.send(out, packet(n * 2), packet(n * 2 + 1, kind=97))
            await asyncio.sleep(0.01)
        await until(lambda: out.statistics().packets_received == 10)
        assert [(level, text) for level, text, _ in caller.notices] == [
            ("warning", "The far end sends payload type 97, which was not agreed on.")
        ]
        assert out.junk == 10
    far.socket.close()


async def test_a_port_where_nobody_listens_is_told_once() -> None:
    async with two() as ((caller, out), (_, back)):
        await back.close()
        out.start(parameters(back))
        await until(lambda: caller.notices)
        await asyncio.sleep(0.1)
        [(level, text, remedy)] = caller.notices
        assert (level, text) == ("warning", f"Nobody listens at 127.0.0.1:{back.port}, where the audio goes.")
        assert remedy
        assert out.statistics().packets_sent > 3, "the far end may come up later"


async def test_an_address_that_cannot_be_reached_is_told_once() -> None:
    async with two() as ((caller, out), (_, back)):
        out.start(replace(parameters(back), remote_host="2001:db8::1"))
        await asyncio.sleep(0.1)
        [(level, text, _)] = caller.notices
        assert level == "warning"
        assert text.startswith(f"Audio cannot be sent to [2001:db8::1]:{back.port}: ")
        assert out.statistics().packets_sent == 0


async def test_silence_is_told_once_until_something_comes() -> None:
    async with two() as ((_, out), (_, back)):
        silences: list[float] = []
        out.on_silence, out.silence_seconds = silences.append, 0.15
        out.start(parameters(back))
        await asyncio.sleep(0.4)
        assert len(silences) == 1
        assert silences[0] >= 0.15
        back.start(parameters(out))
        await until(lambda: out.last_received is not None)
        await back.close()
        await until(lambda: len(silences) == 2)
        out.start(parameters(back, receiving=False))
        await asyncio.sleep(0.3)
        assert len(silences) == 2


async def test_faults_of_listeners_reach_the_loop_and_the_stream_goes_on() -> None:
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: faults.append(type(context["exception"]).__name__)
    )

    class Broken(Side):
        def __getattribute__(self, name: str) -> object:
            if name in ("push", "pull", "slot", "audio_sent", "event_started", "event_ended", "notice"):
                return lambda *_, **__: 1 // 0
            return super().__getattribute__(name)

    broken, whole = Broken(), Side()
    out, back = await broken.open(), await whole.open()
    out.start(parameters(back))
    back.start(parameters(out))
    whole.dial("1")
    await until(lambda: whole.keys("sent") == "1" and len(whole.heard) > 5)
    assert not np.concatenate([pcm for pcm, *_ in whole.heard]).any()
    assert set(faults) == {"ZeroDivisionError"}
    await out.close()
    await back.close()


async def test_a_stall_of_the_loop_is_caught_up_without_a_burst() -> None:
    async with two() as ((_, out), (_, back)):
        out.start(parameters(back))
        back.start(parameters(out))
        await until(lambda: back.statistics().packets_received > 5)
        time.sleep(0.1)  # noqa: ASYNC251 - the loop is to stall
        await asyncio.sleep(0.25)
        times = [record.t for record in out.packets() if record.direction == "sent"]
        gaps = np.diff(times)
        assert gaps.max() > 0.09
        statistics = out.statistics()
        assert statistics.lateness_max_ms > 60
        assert back.statistics().packets_lost == 0


class NoWire:
    """Ports that lead nowhere."""

    host, port, rtcp_port = "192.0.2.1", 4000, 4001

    def __init__(self) -> None:
        self.sent = 0

    def send(self, data: bytes, to: Address) -> str:
        self.sent += 1
        return ""

    def send_rtcp(self, data: bytes, to: Address) -> str:
        return ""

    def close(self) -> None:
        pass


DATAGRAMS = st.one_of(
    st.binary(max_size=80),
    st.builds(
        lambda second, middle, rest: bytes((0x80, second)) + middle + rest,
        st.sampled_from((0, 0x80, 101, 13, 9, 200, 201, 202, 203)),
        st.binary(min_size=10, max_size=10),
        st.binary(max_size=200),
    ),
    st.builds(
        lambda n, kind, ssrc, payload: packet(n, kind=kind, ssrc=ssrc, payload=payload),
        st.integers(0, 0xFFFF),
        st.sampled_from((0, 101)),
        st.integers(0, 20),
        st.binary(max_size=16),
    ),
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(DATAGRAMS, st.sampled_from((4000, 4001, 5000))), max_size=150))
def test_whatever_a_far_end_sends_raises_nothing(datagrams: list[tuple[bytes, int]]) -> None:
    async def run() -> None:
        faults: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        side, now = Side(), [0.0]
        session = RtpSession(NoWire(), source=side, sink=side, observer=side, slot=side.slot, clock=lambda: now[0])
        session.start(replace(parameters(None), remote_host="192.0.2.9", remote_port=4000))
        for data, port in datagrams:
            now[0] += 0.007
            session.datagram(data, ("192.0.2.9", port))
            session.rtcp_datagram(data, ("192.0.2.9", port))
            session._play()
        statistics = session.statistics()
        assert statistics.packets_received + session.junk <= 2 * len(datagrams)
        assert len(session._receiver._sources) <= MAX_SOURCES
        await session.close()
        assert faults == []

    asyncio.run(run())
