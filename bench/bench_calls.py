"""Many calls at once to one engine: keys lost or doubled, CPU, memory, pacing.

`dtmfphone serve` answers in a process of its own, the callers are in this one, each typing RFC 4733 digits of its own.
Usage: .venv/bin/python bench/bench_calls.py [--calls 50] [--keys 20] [--line sip|rtp] [--codec pcmu]
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
from typing import Any

import psutil

from call_end import CallEnd, figures
from dtmfphone.calls.account import Codec
from dtmfphone.calls.lateness import WINDOW_SECONDS
from dtmfphone.calls.ways import open_call
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.engine.pacing import run_loop

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
        self.url = ""
        self.keys: dict[str, str] = defaultdict(str)
        """By call, in order."""
        self.statistics: dict[str, dict[str, Any]] = {}
        """The last ones of each call."""
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._ready.wait(20), "the server does not listen"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._reader.join(5)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            line = json.loads(text)
            match line["event"]:
                case "server":
                    assert line["state"] in ("listening", "closed"), line
                    self.url = line["url"]
                    self._ready.set()
                case "stats":
                    self.statistics[line["call"]] = line
                case "key" if line["direction"] == "received":
                    self.keys[line["call"]] += line["key"]


def cpu(process: psutil.Process) -> float:
    """Return the seconds of CPU used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def together(server: Server, target: str, codec: Codec, count: int, keys: int) -> bool:
    """Let all callers type at once; return whether each key arrived once, in order."""
    dice = random.Random(1)
    ends = [CallEnd(codec) for _ in range(count)]
    calls = [open_call(target, end.context()) for end in ends]
    await asyncio.gather(*(call.place() for call in calls))
    async with asyncio.timeout(20):
        await asyncio.gather(*(end.heard.wait() for end in ends))
    await asyncio.sleep(WINDOW_SECONDS)  # the calls' beginning is not what the pacing is about
    typed = ["".join(dice.choices(CHARS, k=keys)) for _ in ends]
    processes = (server.usage, psutil.Process())
    before, begin = [cpu(process) for process in processes], time.monotonic()
    for end, digits in zip(ends, typed, strict=True):
        end.dialer.dial(parse(digits), 100, 100, time.monotonic())
    while any(end.dialer.state == "sending" for end in ends):
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - begin
    used = [100 * (cpu(process) - past) / seconds for process, past in zip(processes, before, strict=True)]
    memory = server.usage.memory_info().rss / 2**20
    await asyncio.sleep(1.5)  # for the last statistics
    counted, told = [call.statistics() for call in calls], list(server.statistics.values())
    await asyncio.gather(*(call.hang_up() for call in calls))
    await asyncio.sleep(0.5)
    heard = sorted(server.keys.values())
    right = sum(a == b for a, b in zip(heard, sorted(typed), strict=False))
    print(f"{count} calls, {codec}, {count * keys} keys in {seconds:.1f} s: {sum(map(len, heard))} arrived", end="; ")
    print(f"{right} calls without a fault")
    print(f"  answering engine: {used[0]:.0f} % of a core, {used[0] / count:.2f} % a call; {memory:.0f} MiB")
    print(f"  callers: {used[1]:.0f} % of a core, {used[1] / count:.2f} % a call")
    for who, late in (
        ("engine", [line.get("lateness_p99_ms", 0.0) for line in told]),
        ("callers", [call.lateness_p99_ms for call in counted]),
    ):
        print(f"  pacing of the {who}, p99 of each call: {figures(late, 'ms')}")
    lost = sum(line["packets_lost"] for line in told), sum(call.packets_lost for call in counted)
    print(f"  packets lost: {lost[0]} to the engine, {lost[1]} to the callers")
    return right == count == len(heard)


async def run(args: argparse.Namespace) -> bool:
    good = True
    for line in (args.line,) if args.line else ("sip", "rtp"):
        own = "127.0.0.1:0;transport=udp" if line == "sip" else f"127.0.0.1:0?codec={args.codec}"
        server = Server(f"--{line}", own)
        try:
            target = server.url if line == "sip" else f"{server.url}?codec={args.codec}"
            print(f"{line}: ", end="")
            good &= await together(server, target, args.codec, args.calls, args.keys)
        finally:
            server.stop()
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--keys", type=int, default=20, help="that each of them types")
    parser.add_argument("--line", choices=("sip", "rtp"), help="only this one")
    parser.add_argument("--codec", choices=("pcmu", "pcma", "g722", "opus"), default="pcmu")
    return 0 if run_loop(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
