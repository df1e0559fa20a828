"""Many calls at once in one engine, and one call by SIP: digits lost or doubled, CPU, memory, times.

`dtmfphone serve` answers in one process, the callers are in this one, each typing RFC 4733 digits of its own.
Usage: .venv/bin/python bench/bench_calls.py [--calls 50] [--keys 20] [--line sip|rtp] [--codec pcmu] [--setups 20]
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import psutil

from dtmfphone.calls.account import Account, Codec
from dtmfphone.calls.call import CallContext, CallState, Direction, InfoKey, TransferState, WireMessage
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.lateness import WINDOW_SECONDS
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.ways import open_call
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.engine.pacing import run_loop
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

CHARS = "0123456789*ABCD"
"""Keys that are typed: not the one that ends a collection, for the script would speak then."""


class Server:
    """`dtmfphone serve` in a process of its own."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dtmfphone", "serve", *words, "--ivr", "echo", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.usage = psutil.Process(self.process.pid)
        self.lines: list[dict[str, Any]] = []
        self.ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self.ready.wait(20), "the server does not listen"

    @property
    def url(self) -> str:
        """The address, as callers write it."""
        return next(str(line["url"]) for line in self.lines if line["event"] == "server")

    def cpu(self) -> float:
        """Return the seconds of CPU used so far."""
        times = self.usage.cpu_times()
        return times.user + times.system

    def received(self) -> list[str]:
        """Return the keys of each call, in order."""
        keys: dict[str, str] = defaultdict(str)
        for line in self.lines:
            if line["event"] == "key" and line["direction"] == "received":
                keys[line["call"]] += line["key"]
        return sorted(keys.values())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._reader.join(5)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            line = json.loads(text)
            self.lines.append(line)
            if line["event"] == "server":
                assert line["state"] in ("listening", "closed"), line
                self.ready.set()


class Caller:
    """A silent caller with a dialer, which notes when things happened."""

    def __init__(self, target: str, codec: Codec) -> None:
        self.dialer = Dialer()
        self.pressed: list[float] = []
        self.on_wire: list[float] = []
        self.up_at = 0.0
        self.heard_at = 0.0
        self.placed_at = time.monotonic()
        self.call = open_call(
            target,
            CallContext(
                source=self,
                sink=self,
                observer=self,
                slot=lambda t: self.dialer.slot(t, far_end_quiet=True),
                clock=time.monotonic,
                answer_builtin=lambda _name, _call: None,
                account=Account(register=False, codecs=(codec,)),
            ),
        )

    def press(self, char: str) -> None:
        now = time.monotonic()
        self.pressed.append(now)
        self.dialer.key_down(char, now)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        return np.zeros(samples, np.int16)

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.heard_at = self.heard_at or time.monotonic()

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        if state == "up":
            self.up_at = self.up_at or time.monotonic()
        assert state != "failed", reason

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        if direction == "sent":
            self.on_wire.append(event.start)

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        pass

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        raise AssertionError(problem.text)

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


async def until(done: Iterable[Any], seconds: float = 10.0) -> None:
    """Wait until all of these times are set."""
    end = time.monotonic() + seconds
    callers = list(done)
    while not all(caller.heard_at for caller in callers):
        assert time.monotonic() < end, "no audio came"
        await asyncio.sleep(0.001)


async def setups(url: str, codec: Codec, count: int) -> None:
    """Place calls one after the other."""
    whole: list[float] = []
    media: list[float] = []
    for _ in range(count):
        caller = Caller(url, codec)
        await caller.call.place()
        await until([caller])
        whole.append(1000 * (caller.heard_at - caller.placed_at))
        media.append(1000 * (caller.heard_at - caller.up_at))
        await caller.call.hang_up()
    show("call set-up: from the command to the first audio heard", whole, "ms")
    show("call set-up: from the far end's answer to the first audio", media, "ms", "<= 150")


async def typing(url: str, codec: Codec, keys: int) -> None:
    """Press keys by hand in one call."""
    dice = random.Random(2)
    caller = Caller(url, codec)
    await caller.call.place()
    await until([caller])
    for _ in range(keys):
        caller.press("5")
        await asyncio.sleep(0.05 + dice.random() * 0.02)
        caller.dialer.key_up("5", time.monotonic())
        await asyncio.sleep(0.13 + dice.random() * 0.04)
    await asyncio.sleep(0.5)
    assert len(caller.on_wire) == keys, f"{len(caller.on_wire)} of {keys} keys were sent"
    show(
        "press in the engine to first packet",
        [1000 * (wire - press) for wire, press in zip(caller.on_wire, caller.pressed, strict=True)],
        "ms",
        "<= 25 p99",
    )
    late = caller.call.statistics()
    print(f"pacing of one call: p99 {late.lateness_p99_ms:.2f} ms, most {late.lateness_max_ms:.2f} ms off the grid")
    await caller.call.hang_up()


async def together(server: Server, target: str, codec: Codec, count: int, keys: int) -> bool:
    """Let all callers type at once; return whether each key arrived once, in order."""
    dice = random.Random(1)
    seen = len(server.lines)
    callers = [Caller(target, codec) for _ in range(count)]
    await asyncio.gather(*(caller.call.place() for caller in callers))
    await until(callers, 20)
    await asyncio.sleep(WINDOW_SECONDS)  # the calls' beginning is not what the pacing is about
    typed = ["".join(dice.choices(CHARS, k=keys)) for _ in callers]
    before, begin = server.cpu(), time.monotonic()
    own = psutil.Process().cpu_times()
    for caller, digits in zip(callers, typed, strict=True):
        caller.dialer.dial(parse(digits), 100, 100, time.monotonic())
    while any(caller.dialer.state == "sending" for caller in callers):
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - begin
    used = server.cpu() - before
    mine = psutil.Process().cpu_times()
    memory = server.usage.memory_info().rss / 2**20
    await asyncio.sleep(0.5)
    late = [caller.call.statistics().lateness_p99_ms for caller in callers]
    await asyncio.gather(*(caller.call.hang_up() for caller in callers))
    await asyncio.sleep(0.5)
    server.lines = server.lines[:1] + server.lines[seen:]
    heard = server.received()
    right = sum(a == b for a, b in zip(heard, sorted(typed), strict=False))
    total = sum(map(len, heard))
    print(
        f"{count} calls at once, {count * keys} keys in {seconds:.1f} s: {total} arrived; {right} calls without a fault"
    )
    print(f"  answering engine: {100 * used / seconds:.0f} % of a core, {memory:.0f} MiB")
    print(f"  callers: {100 * (mine.user + mine.system - own.user - own.system) / seconds:.0f} % of a core")
    counted = [line for line in server.lines if line["event"] == "stats"][-count:]
    show("  pacing of the answering engine, p99 of each call", [line["lateness_p99_ms"] for line in counted], "ms")
    show("  pacing of the callers, p99 of each call", late, "ms")
    lost = sum(line["packets_lost"] for line in counted)
    print(f"  packets lost on the way to the engine: {lost}")
    return right == count and total == count * keys


def show(what: str, values: list[float], unit: str, goal: str = "") -> None:
    p50, p99 = np.percentile(values, (50, 99))
    print(f"{what}: p50 {p50:.1f}, p99 {p99:.1f}, most {max(values):.1f} {unit}" + (f"  (goal {goal})" if goal else ""))


async def run(args: argparse.Namespace) -> bool:
    server = Server("--sip", "127.0.0.1:0;transport=udp")
    try:
        await setups(server.url, args.codec, args.setups)
        await typing(server.url, args.codec, args.presses)
        if args.line == "sip":
            return await together(server, server.url, args.codec, args.calls, args.keys)
    finally:
        server.stop()
    server = Server("--rtp", f"127.0.0.1:0?codec={args.codec}")
    try:
        return await together(server, f"{server.url}?codec={args.codec}", args.codec, args.calls, args.keys)
    finally:
        server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--keys", type=int, default=20, help="that each of them types")
    parser.add_argument("--line", choices=("sip", "rtp"), default="sip")
    parser.add_argument("--codec", choices=("pcmu", "pcma", "g722", "opus"), default="pcmu")
    parser.add_argument("--setups", type=int, default=20, help="calls that are placed one after the other")
    parser.add_argument("--presses", type=int, default=50, help="keys that are pressed by hand in one call")
    return 0 if run_loop(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
