"""Many RTP calls at once to one engine: are all keys received, once each, in order? What do CPU and pacing say?

`dtmfphone serve` answers in a process of its own; this one places the calls and dials on all of them.
Usage: .venv/bin/python bench/bench_rtp.py [--calls 50] [--keys 32] [--codec pcmu] [--seconds 10]
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from typing import Any, Literal

import numpy as np
import psutil

from dtmfphone.calls.call import CallContext, CallState, Direction, InfoKey, TransferState, WireMessage
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.line import Incoming
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.rtp.call import RtpCall, open_call
from dtmfphone.calls.rtp.ports import bind_pair
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

CHARS = "0123456789*#ABCD"


class Caller:
    """Sends noise as quiet as a room's, and keys."""

    def __init__(self, seed: int) -> None:
        dice = np.random.default_rng(seed)
        self.dialer = Dialer()
        self.sent = ""
        self._noise = dice.normal(0, 30, 1 << 16).astype(np.int16)
        self._at = 0

    def context(self) -> CallContext:
        return CallContext(
            source=self,
            sink=self,
            observer=self,
            slot=lambda t: self.dialer.slot(t, far_end_quiet=True),
            clock=time.monotonic,
            answer_builtin=no_ivr,
        )

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        self._at = (self._at + samples) % (len(self._noise) - 960)
        return self._noise[self._at : self._at + samples]

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        pass

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        if direction == "sent":
            self.sent += CHARS[event.code]

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        pass

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        print("problem:", problem.text)

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        if reason:
            print(state, reason)

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        print(level, text)

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


def no_ivr(name: str, call: Incoming) -> None:
    raise NotImplementedError(name)


class Answerer:
    """`dtmfphone serve` and the keys that it tells of, by caller."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.callers: dict[str, str] = {}
        self.keys: dict[str, str] = defaultdict(str)
        self.statistics: dict[str, dict[str, Any]] = {}
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            event = json.loads(line)
            call = event.get("call", "")
            if event["event"] == "call":
                self.callers[call] = event["target"]
            elif event["event"] == "stats":
                self.statistics[call] = event
            elif event["event"] == "key" and event["method"] == "rfc4733" and event["direction"] == "received":
                self.keys[call] += event["key"]

    async def stop(self) -> None:
        self.process.terminate()
        await self.process.wait()
        await self._reading


async def run(calls: int, keys: int, codec: str, seconds: float) -> bool:
    for sock in await bind_pair("127.0.0.1", 0):
        port = sock.getsockname()[1] & ~1
        sock.close()
    address = f"127.0.0.1:{port}?codec={codec}"
    serve = ("-m", "dtmfphone", "serve", "--rtp", address, "--ivr", "echo", "--json")
    answerer = Answerer(
        await asyncio.create_subprocess_exec(sys.executable, *serve, stdout=asyncio.subprocess.PIPE, limit=1 << 20)
    )
    await asyncio.sleep(2)
    callers = [Caller(seed) for seed in range(calls)]
    placed: list[RtpCall] = []
    for caller in callers:
        placed.append(open_call(f"rtp://{address}", caller.context()))
        await placed[-1].place()
        await asyncio.sleep(0.013)
    await asyncio.sleep(1)
    dice = random.Random(1)
    wanted = {}
    for caller, call in zip(callers, placed, strict=True):
        digits = "".join(dice.choices("0123456789*ABCD", k=keys))
        wanted[call] = digits
        caller.dialer.dial(parse(digits), 60, 60)
    there, here = psutil.Process(answerer.process.pid), psutil.Process()
    begin = time.monotonic()
    used = [process.cpu_times() for process in (there, here)]
    await asyncio.sleep(max(seconds, keys * 0.12 + 1))
    took = time.monotonic() - begin
    cpu = [
        100 * (now.user + now.system - before.user - before.system) / took
        for now, before in zip([process.cpu_times() for process in (there, here)], used, strict=True)
    ]
    statistics = [call.statistics() for call in placed]
    received = sorted(answerer.keys.values())
    right = received == sorted(wanted.values())
    print(f"{calls} calls, {codec}, {keys} keys on each: {'all received, once, in order' if right else 'KEYS DIFFER'}")
    for name, share, lateness in (
        ("callers", cpu[1], [each.lateness_p99_ms for each in statistics]),
        ("engine with IVR and detectors", cpu[0], [each["lateness_p99_ms"] for each in answerer.statistics.values()]),
    ):
        print(f"  {name:30} {share:5.1f} % of a core, {share / calls:4.2f} % a call; ", end="")
        print(f"send lateness p99: median call {np.median(lateness):4.1f}, worst call {max(lateness):4.1f} ms")
    lost = sum(each["packets_lost"] for each in answerer.statistics.values()) + sum(s.packets_lost for s in statistics)
    print(f"  packets lost: {lost}")
    for call in placed:
        await call.hang_up()
    await answerer.stop()
    return right


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--keys", type=int, default=32)
    parser.add_argument("--codec", default="pcmu")
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    sys.exit(0 if asyncio.run(run(args.calls, args.keys, args.codec, args.seconds)) else 1)


if __name__ == "__main__":
    main()
