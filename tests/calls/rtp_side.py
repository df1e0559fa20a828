"""One end of an RTP stream for tests: a hum to send, a dialer, and notes of all that happens."""

import asyncio
import time
from collections.abc import Callable

import numpy as np
from observer import Observer

from dtmfphone.calls.call import CallContext
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.line import Incoming
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.rtp.session import RtpSession
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.rtp.stream import SrtpKeys, StreamParameters

CODECS = {"pcmu": (0, 8000), "pcma": (8, 8000), "g722": (9, 8000), "opus": (111, 48000)}
"""Payload type and RTP clock."""


class Side(Observer):
    """Source, sink and observer of one session."""

    def __init__(self) -> None:
        super().__init__()
        self.dialer = Dialer()
        self.heard: list[tuple[Pcm, int, float, bool]] = []
        self.pulled = 0

    async def open(self, host: str = "127.0.0.1", report_interval: float = 5.0) -> RtpSession:
        return await RtpSession.open(
            host,
            0,
            source=self,
            sink=self,
            observer=self,
            slot=self.slot,
            clock=time.monotonic,
            report_interval=report_interval,
        )

    def context(self, codec: str = "auto") -> CallContext:
        """Return what a call needs of its side."""

        def no_ivr(name: str, call: Incoming) -> None:
            raise AssertionError(name)

        return CallContext(
            source=self,
            sink=self,
            observer=self,
            slot=self.slot,
            clock=time.monotonic,
            answer_builtin=no_ivr,
            codec=codec,
        )

    def dial(self, digits: str) -> None:
        self.dialer.dial(parse(digits), 40, 30)

    def slot(self, t: float) -> Slot:
        return self.dialer.slot(t, far_end_quiet=True)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        phase = 2 * np.pi * 400 * (self.pulled + np.arange(samples)) / rate
        self.pulled += samples
        return np.asarray(8000 * np.sin(phase), np.int16)

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.heard.append((pcm, rate, t, jump))


def parameters(
    remote: RtpSession | None,
    codec: str = "pcmu",
    *,
    events: int | None = 101,
    packet_ms: int = 20,
    sending: bool = True,
    receiving: bool = True,
    srtp: SrtpKeys | None = None,
    codes: frozenset[int] = frozenset(range(16)),
) -> StreamParameters:
    """Return what two ends agree on when the far one is `remote`."""
    payload_type, clock = CODECS[codec]
    return StreamParameters(
        remote_host=remote.host if remote is not None else "",
        remote_port=remote.port if remote is not None else 0,
        remote_rtcp_port=remote.rtcp_port if remote is not None else None,
        codec=codec,
        payload_type=payload_type,
        clock=clock,
        receive={payload_type: codec},
        event_payload_type=events,
        event_clock=clock if events is not None else None,
        event_codes=codes,
        receive_events={events: clock} if events is not None else {},
        packet_ms=packet_ms,
        sending=sending,
        receiving=receiving,
        srtp=srtp,
    )


async def until(condition: Callable[[], object], seconds: float = 3.0) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is about many things
            await asyncio.sleep(0.01)
