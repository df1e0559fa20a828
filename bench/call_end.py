"""One end of a call for benchmarks: a quiet room with a dialer, which notes when things happened."""

import asyncio
import time
from typing import Literal

import numpy as np

from dtmfphone.calls.account import Account, Codec
from dtmfphone.calls.call import CallContext, CallState, Direction, InfoKey, TransferState, WireMessage
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.line import Incoming
from dtmfphone.calls.media import Pcm
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

_ROOM = np.random.default_rng(1).normal(0, 30, 1 << 16).astype(np.int16)


class CallEnd:
    """Source, sink and observer of a call."""

    def __init__(self, codec: Codec) -> None:
        self.dialer = Dialer()
        self.pressed: list[float] = []
        self.on_wire: list[float] = []
        """When the first packet of each key left."""
        self.heard = asyncio.Event()
        """Audio of the far end came."""
        self.heard_at = 0.0
        self._codec: Codec = codec
        self._at = 0

    def context(self) -> CallContext:
        """Return what a call needs."""
        return CallContext(
            source=self,
            sink=self,
            observer=self,
            slot=lambda t: self.dialer.slot(t, far_end_quiet=True),
            clock=time.monotonic,
            answer_builtin=self._no_builtin,
            codec=self._codec,
            account=Account(register=False, codecs=(self._codec,)),
        )

    def press(self, char: str) -> None:
        """Press a key now."""
        now = time.monotonic()
        self.pressed.append(now)
        self.dialer.key_down(char, now)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        self._at = (self._at + samples) % (len(_ROOM) - samples)
        return _ROOM[self._at : self._at + samples]

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        if not self.heard.is_set():
            self.heard_at = time.monotonic()
            self.heard.set()

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        assert state != "failed", reason

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        if direction == "sent":
            self.on_wire.append(event.start)

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        raise AssertionError(problem.text)

    def event_ended(self, direction: Direction, event: EventEnded) -> None: ...
    def audio_sent(self, position: int, rate: int, t: float) -> None: ...
    def media_changed(self) -> None: ...
    def held(self, *, here: bool, there: bool) -> None: ...
    def info_key(self, direction: Direction, key: InfoKey) -> None: ...
    def transfer_changed(self, state: TransferState, reason: str = "") -> None: ...
    def message(self, message: WireMessage) -> None: ...
    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None: ...

    def _no_builtin(self, name: str, call: Incoming) -> None:
        raise AssertionError(name)


def figures(values: list[float], unit: str) -> str:
    """Return what is usual and what is worst."""
    p50, p99 = np.percentile(values, (50, 99))
    return f"p50 {p50:.1f}, p99 {p99:.1f}, most {max(values):.1f} {unit}"
