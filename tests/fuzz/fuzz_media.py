"""A whole RTP session that hostile datagrams reach, plain and encrypted."""

import asyncio
import contextlib
from typing import Any, Final, cast

import numpy as np
import pylibsrtp
from fuzz_mutator import Mutator
from fuzz_samples import AUDIO, EVENT, RTCP, RTP
from fuzz_size import size_of

from dtmfphone.calls.call import CallObserver
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.rtp.session import RtpSession
from dtmfphone.calls.rtp.srtp import Srtp
from dtmfphone.calls.rtp.udp_port import Address
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.rtp.jitter_buffer import Frame, JitterBuffer
from dtmfphone.rtp.packet import RtpPacket
from dtmfphone.rtp.stream import SrtpKeys, StreamParameters

THEM: Final = ("192.0.2.9", 6000)
KEYS: Final = SrtpKeys("AES_CM_128_HMAC_SHA1_80", send=b"1" * 30, receive=b"2" * 30)
THEIR_KEYS: Final = SrtpKeys(KEYS.suite, send=KEYS.receive, receive=KEYS.send)
CODECS: Final = {0: "pcmu", 8: "pcma", 9: "g722", 111: "opus"}


class _Surroundings:
    """Source, sink, observer and wire of a session, all deaf."""

    host, port, rtcp_port = "192.0.2.1", 4000, 4001

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        return np.zeros(samples, np.int16)


class Session:
    """Datagrams on both ports of a session, from its far end and from others; every fault in its loop is a find."""

    LIMIT: Final = 8_000_000

    def __init__(self, *, secure: bool) -> None:
        self._runner = asyncio.Runner()
        self._faults: list[Any] = []
        self._runner.get_loop().set_exception_handler(lambda loop, context: self._faults.append(context))
        self._far_end = Srtp(THEIR_KEYS) if secure else None
        self._t = 0.0
        surroundings: Any = _Surroundings()
        self._session = RtpSession(
            surroundings,
            source=surroundings,
            sink=surroundings,
            observer=cast(CallObserver, surroundings),
            slot=self._slot,
            clock=lambda: self._t,
        )
        self._runner.run(self._begin(secure=secure))

    def step(self, mutator: Mutator) -> None:
        """Take a datagram, mostly soon after the last."""
        self._runner.run(self._take(mutator))
        assert not self._faults, self._faults

    def end(self) -> None:
        """The session closes, and has not grown."""
        assert size_of(self._session) < self.LIMIT
        self._runner.run(self._session.close())
        self._runner.close()
        assert not self._faults, self._faults

    async def _begin(self, *, secure: bool) -> None:
        self._session.start(
            StreamParameters(
                remote_host=THEM[0],
                remote_port=THEM[1],
                codec="pcmu",
                payload_type=0,
                clock=8000,
                receive=CODECS,
                event_payload_type=101,
                event_clock=8000,
                receive_events={101: 8000, 110: 48000},
                srtp=KEYS if secure else None,
            )
        )

    async def _take(self, mutator: Mutator) -> None:
        random = mutator.random
        self._t += random.choice((0.0, 0.001, 0.02, 0.02, 1.0))
        source: Address = random.choice((THEM, THEM, THEM, ("192.0.2.9", 6002), ("192.0.2.66", 6000)))
        if random.random() < 0.15:
            data = mutator.mutate(random.choice(RTCP))
        elif random.random() < 0.3:
            data = mutator.mutate(random.choice(RTP))
        else:
            data = bytes(self._packet(mutator))
        if self._far_end is not None and random.random() < 0.9:
            with contextlib.suppress(pylibsrtp.Error, ValueError):  # it takes nothing damaged, old or long
                data = self._far_end.protect(data)
        take = self._session.rtcp_datagram if random.random() < 0.15 else self._session.datagram
        take(data, source)
        await asyncio.sleep(0)

    def _packet(self, mutator: Mutator) -> RtpPacket:
        """Return a packet of a stream that goes on, more or less, with a damaged payload."""
        random = mutator.random
        position = int(self._t / 0.02) + random.choice((0, 0, 0, 1, -1, -5, 200, 40_000))
        payload_type = random.choice((*CODECS, 101, 110, 13))
        payload = mutator.mutate(EVENT if payload_type in (101, 110) else AUDIO.payload)
        return RtpPacket(
            payload_type=payload_type,
            marker=random.random() < 0.1,
            sequence=position & 0xFFFF,
            timestamp=position * 160 & 0xFFFFFFFF,
            ssrc=random.choice((7, 7, 7, 8, random.getrandbits(32))),
            payload=payload[:1000],
        )

    def _slot(self, t: float) -> Slot:
        return SILENT


class Buffer:
    """The jitter buffer alone, with a clock that is ours: frames come out in order, none twice, none early."""

    LIMIT: Final = 1_000_000

    def __init__(self) -> None:
        self._buffer = JitterBuffer(8000)
        self._t = 0.0
        self._number = 1000
        self._played = -1

    def step(self, mutator: Mutator) -> None:
        """Put a frame with any number and timestamp, and take what is due."""
        random = mutator.random
        self._t += random.choice((0.0, 0.02, 0.02, 0.02, 0.5, 30.0))
        self._number = max(0, self._number + random.choice((1, 1, 1, 0, -1, 2, 60, -60)))
        timestamp = random.choice((self._number * 160, self._number * 160, random.getrandbits(32))) & 0xFFFFFFFF
        payload = self._number.to_bytes(4, "big")
        self._buffer.put(self._number, timestamp, 0, payload, random.choice((160, 160, 1, 5760)), self._t)
        if random.random() < 0.8:
            self._play(self._buffer.take(self._t))

    def end(self) -> None:
        """Little is left, and it is in order too."""
        assert size_of(self._buffer) < self.LIMIT
        self._play(self._buffer.flush(self._t))

    def _play(self, frames: list[Frame]) -> None:
        for frame in frames:
            number = int.from_bytes(frame.payload, "big")
            assert number > self._played
            assert frame.due <= self._t
            self._played = number
