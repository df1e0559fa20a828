"""One call by SIP on loopback: how long its set-up takes, from a key press to its first packet, pacing.

Both ends are in this process. Usage: .venv/bin/python bench/bench_sip.py [--calls 30] [--keys 50]
"""

import argparse
import asyncio
import random
import sys
import time
from typing import Literal

from call_end import CallEnd, figures
from dtmfphone.calls.call import WireMessage
from dtmfphone.calls.line import Incoming, LineChange
from dtmfphone.calls.sip.call import open_call
from dtmfphone.calls.sip.line import open_line
from dtmfphone.engine.pacing import run_loop

AUDIO_MS = 150.0
"""Most from the answer to the first audio."""
PRESS_MS = 25.0
"""Most from a key press to its first packet."""


class Answerer:
    """Answers every call at once."""

    def __init__(self) -> None:
        self.address = ""
        self.end = CallEnd("pcmu")
        self.answered_at = 0.0
        self.tasks: set[asyncio.Task[None]] = set()

    def incoming(self, call: Incoming) -> None:
        self.end = CallEnd("pcmu")
        self.answered_at = time.monotonic()
        self.tasks.add(asyncio.create_task(call.open(self.end.context()).place()))

    def line_changed(self, change: LineChange) -> None:
        self.address = self.address or change.address.replace("sip:", "sip:bench@")

    def withdrawn(self, call: Incoming, reason: str) -> None: ...
    def message(self, message: WireMessage) -> None: ...
    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None: ...


async def set_up(answerer: Answerer, calls: int) -> bool:
    """Place calls one after the other; return whether audio came soon enough."""
    up: list[float] = []
    near: list[float] = []
    far: list[float] = []
    for _ in range(calls):
        end = CallEnd("pcmu")
        began = time.monotonic()
        call = open_call(answerer.address, end.context())
        await call.place()
        up.append(1000 * (time.monotonic() - began))
        await end.heard.wait()
        await answerer.end.heard.wait()
        near.append(1000 * (end.heard_at - answerer.answered_at))
        far.append(1000 * (answerer.end.heard_at - answerer.answered_at))
        await call.hang_up()
    print(f"  from the command to up: {figures(up, 'ms')}")
    print(f"  from the answer to the first audio, caller: {figures(near, 'ms')} (goal <= {AUDIO_MS:g})")
    print(f"  from the answer to the first audio, callee: {figures(far, 'ms')} (goal <= {AUDIO_MS:g})")
    return max(near + far) <= AUDIO_MS


async def typing(answerer: Answerer, keys: int) -> bool:
    """Press keys by hand in one call; return whether each went out soon enough."""
    dice = random.Random(2)
    end = CallEnd("pcmu")
    call = open_call(answerer.address, end.context())
    await call.place()
    await end.heard.wait()
    for _ in range(keys):
        end.press("5")
        await asyncio.sleep(0.05 + dice.random() * 0.02)
        end.dialer.key_up("5", time.monotonic())
        await asyncio.sleep(0.13 + dice.random() * 0.04)
    await asyncio.sleep(0.5)
    assert len(end.on_wire) == keys, f"{len(end.on_wire)} of {keys} keys were sent"
    waits = [1000 * (wire - press) for wire, press in zip(end.on_wire, end.pressed, strict=True)]
    late = call.statistics()
    await call.hang_up()
    print(f"  from a key press to its first packet: {figures(waits, 'ms')} (goal <= {PRESS_MS:g})")
    print(f"  off the 20 ms grid: p99 {late.lateness_p99_ms:.2f}, most {late.lateness_max_ms:.2f} ms")
    return max(waits) <= PRESS_MS


async def run(calls: int, keys: int) -> bool:
    good = True
    for transport in ("udp", "tcp"):
        print(transport)
        answerer = Answerer()
        line = open_line(f"sip:127.0.0.1:0;transport={transport}", answerer, time.monotonic)
        await line.open()
        good &= await set_up(answerer, calls)
        if transport == "udp":
            good &= await typing(answerer, keys)
        await asyncio.gather(*answerer.tasks)
        await line.close()
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=30, help="that are placed one after the other")
    parser.add_argument("--keys", type=int, default=50, help="that are pressed by hand in one call")
    args = parser.parse_args()
    return 0 if run_loop(run(args.calls, args.keys)) else 1


if __name__ == "__main__":
    sys.exit(main())
