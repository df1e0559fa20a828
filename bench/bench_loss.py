"""One hundred keys typed at ten per second over a link that loses packets: all arrive, once each, in order?

Two peers in one process over real UDP; a share of the received packets is dropped before anything sees them.
Usage: .venv/bin/python bench/bench_loss.py [--loss 0.05] [--keys 100] [--seed 1]
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Literal

import numpy as np

from dtmfphone.calls.call import CallState, Direction, InfoKey, TransferState, WireMessage
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.calls.webrtc.peer import WebRtcPeer
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

CHARS = "0123456789*#ABCD"


class Side:
    """A silent peer with a dialer, which notes the keys it receives."""

    def __init__(self) -> None:
        self.dialer = Dialer()
        self.received = ""
        self.heard = 0.0
        self.peer = WebRtcPeer(source=self, sink=self, observer=self, slot=self.slot, loopback_only=True)

    def slot(self, t: float) -> Slot:
        return self.dialer.slot(t, far_end_quiet=True)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        return np.zeros(samples, np.int16)

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.heard += len(pcm) / rate

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        pass

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        if direction == "received":
            self.received += CHARS[event.code]

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        pass

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        pass

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        pass

    def media_changed(self) -> None:
        pass

    def held(self, *, here: bool, there: bool) -> None:
        pass

    def info_key(self, direction: Direction, key: InfoKey) -> None:
        pass

    def transfer_changed(self, state: TransferState, reason: str = "") -> None:
        pass

    def message(self, message: WireMessage) -> None:
        pass

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        pass


def lose(side: Side, share: float, seed: int) -> None:
    """Drop a share of what the side receives, after decryption and before the tap."""
    dice = random.Random(seed)
    assert side.peer._transceiver is not None
    transport = side.peer._transceiver.receiver.transport
    passed: Callable[..., Awaitable[None]] = transport._handle_rtp_data

    async def lossy(data: bytes, **more: int) -> None:
        if dice.random() >= share:
            await passed(data, **more)

    setattr(transport, "_handle_rtp_data", lossy)  # noqa: B010 - mypy refuses to assign a method


async def run(loss: float, count: int, seed: int) -> bool:
    caller, callee = Side(), Side()
    await caller.peer.accept(await callee.peer.answer(await caller.peer.offer("opus")))
    await caller.peer.connected(10)
    await callee.peer.connected(10)
    await asyncio.sleep(0.3)
    lose(callee, loss, seed)
    typed = "".join(random.Random(seed).choices(CHARS, k=count))
    begin, heard = time.monotonic(), callee.heard
    for number, char in enumerate(typed):
        await asyncio.sleep(max(0.0, begin + number / 10 - time.monotonic()))
        caller.dialer.key_down(char, time.monotonic())
        await asyncio.sleep(0.05)
        caller.dialer.key_up(char, time.monotonic())
    while caller.dialer.state == "sending":
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    seconds = time.monotonic() - begin
    lost = callee.peer.statistics().packets_lost
    whole = callee.received == typed
    print(
        f"{count} keys at 10 per second, loss {loss:.0%}, seed {seed}: {len(callee.received)} arrived, "
        f"{'once each, in order' if whole else 'NOT as typed'}; {lost} packets lost; last key after {seconds:.1f} s; "
        f"audio during keys {callee.heard - heard:.1f} s"
    )
    await caller.peer.close()
    await callee.peer.close()
    return whole


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--loss", type=float, default=0.05)
    parser.add_argument("--keys", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    return 0 if asyncio.run(run(args.loss, args.keys, args.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
