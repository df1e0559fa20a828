"""Set-up time of SIP calls on loopback: until it is up, and from the far end's answer to the first audio on each side.

Usage: .venv/bin/python bench/bench_sip.py [--calls 50]
"""

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

import numpy as np

from dtmfphone.calls.call import CallContext, CallState, Direction, InfoKey, TransferState, WireMessage
from dtmfphone.calls.line import Incoming, LineChange
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.sip.call import open_call
from dtmfphone.calls.sip.line import open_line
from dtmfphone.calls.tone_timer import SILENT, Slot
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

LIMIT_MS = 150.0


@dataclass
class End:
    """One end of a call: silent, it notes when audio comes first."""

    heard: asyncio.Event = field(default_factory=asyncio.Event)
    heard_at: float = 0.0

    def context(self) -> CallContext:
        return CallContext(
            source=self,
            sink=self,
            observer=self,
            slot=self.slot,
            clock=time.monotonic,
            answer_builtin=self.no_builtin,
            codec="pcmu",
        )

    def no_builtin(self, name: str, call: Incoming) -> None:
        raise AssertionError(name)

    def slot(self, t: float) -> Slot:
        return SILENT

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        return np.zeros(samples, np.int16)

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        if not self.heard.is_set():
            self.heard_at = time.monotonic()
            self.heard.set()

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None: ...
    def event_started(self, direction: Direction, event: EventStarted) -> None: ...
    def event_ended(self, direction: Direction, event: EventEnded) -> None: ...
    def event_problem(self, direction: Direction, problem: EventProblem) -> None: ...
    def audio_sent(self, position: int, rate: int, t: float) -> None: ...
    def media_changed(self) -> None: ...
    def held(self, *, here: bool, there: bool) -> None: ...
    def info_key(self, direction: Direction, key: InfoKey) -> None: ...
    def transfer_changed(self, state: TransferState, reason: str = "") -> None: ...
    def message(self, message: WireMessage) -> None: ...
    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None: ...


class Answerer:
    """Answers every call at once."""

    def __init__(self) -> None:
        self.address = ""
        self.end = End()
        self.answered_at = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    def incoming(self, call: Incoming) -> None:
        self.end = End()
        self.answered_at = time.monotonic()
        self.tasks.add(asyncio.create_task(call.open(self.end.context()).place()))

    def withdrawn(self, call: Incoming, reason: str) -> None: ...

    def line_changed(self, change: LineChange) -> None:
        self.address = self.address or change.address

    def message(self, message: WireMessage) -> None: ...
    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None: ...


async def measure(transport: str, calls: int) -> bool:
    """Print the figures over one transport and return whether they are within the limit."""
    answerer = Answerer()
    line = open_line(f"sip:127.0.0.1:0;transport={transport}", answerer, time.monotonic)
    await line.open()
    up: list[float] = []
    near: list[float] = []
    far: list[float] = []
    for _ in range(calls):
        end = End()
        began = time.monotonic()
        call = open_call(answerer.address.replace("sip:", "sip:bench@"), end.context())
        await call.place()
        up.append(time.monotonic() - began)
        await end.heard.wait()
        await answerer.end.heard.wait()
        near.append(end.heard_at - answerer.answered_at)
        far.append(answerer.end.heard_at - answerer.answered_at)
        await call.hang_up()
    await asyncio.gather(*answerer.tasks)
    await line.close()
    for name, values in (
        ("from call to up", up),
        ("from answer to audio, caller", near),
        ("from answer to audio, callee", far),
    ):
        print(f"{transport}  {name:30} median {median(values) * 1000:6.1f} ms  max {max(values) * 1000:6.1f} ms")
    return max(near + far) * 1000 <= LIMIT_MS


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    calls = parser.parse_args().calls
    good = [await measure(transport, calls) for transport in ("udp", "tcp")]
    print(f"limit {LIMIT_MS:g} ms beyond the answer: {'kept' if all(good) else 'NOT kept'}")


if __name__ == "__main__":
    asyncio.run(main())
