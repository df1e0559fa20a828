"""How soon an IVR falls silent when a key interrupts it: on the wire, and at the caller's ear.

Real calls: WebRTC to the built-in IVR and plain RTP, keys as telephone-events and as tones. The prompt is a tone
without pauses; what counts is its last sample. Where dumpcap may capture, the figures of plain RTP come from the
packets, too, as tshark reads them. Callers and IVR share one process and its clock.
Usage: .venv/bin/python bench/bench_barge_in.py [--keys 200] [--calls 4] [--kind rtp-rfc4733]
"""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import wave
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from barge_in_probe import Probe, install, last_loud
from call_end import figures
from dtmfphone.calls.account import Method
from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.calls.rtp.g711 import decoding
from dtmfphone.engine.commands import Dial, HangUp, PlaceCall, Serve, Shutdown
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import AnyEvent, CallChanged, ServerChanged, SightingStarted
from dtmfphone.engine.pacing import load_for, run_loop

KINDS: Final[dict[str, tuple[str, Method]]] = {
    "webrtc-rfc4733": ("builtin", "rfc4733"),
    "webrtc-inband": ("builtin", "inband"),
    "rtp-rfc4733": ("rtp", "rfc4733"),
    "rtp-inband": ("rtp", "inband"),
}
KEYS_IN_A_CALL: Final = 8
"""How far the slots of caller and IVR lie apart is another matter in each call."""
GOAL_MS: Final = 60.0
"""From a telephone-event's first packet to silence, p99."""
EVENTS: Final = 101
"""Payload type."""
SCRIPT: Final = """
title: Barge-in
start: tone
nodes:
  tone: {play: tone.wav, next: digits}
  digits:
    collect: Digits.
    variable: digits
    max_digits: 20
    invalid: {say: No., limit: 0, next: tone}
    time_out: {say: No., limit: 0, next: tone}
    next: more
  more: {branch: digits, cases: {"99": over}, otherwise: tone}
  over: {hang_up: Bye.}
"""


class Caller:
    """An engine that serves the script and calls itself."""

    def __init__(self) -> None:
        self.engine = Engine(self._take, sound=False)
        self.probe = Probe()
        self.url = ""
        self.confirmed: list[float] = []
        """Milliseconds from a tone's begin, as the IVR's detector places it, until the key was known."""
        self._failure = ""

    async def call(self, scheme: str, method: Method, script: Path) -> None:
        """Place a call and return when it is up."""
        await self.engine.start()
        target = f"builtin:{script}"
        if scheme == "rtp":
            self.engine.submit(Serve(listen=("rtp://127.0.0.1:0?codec=PCMU",), ivr=str(script)))
            await self.until(lambda: bool(self.url))
            target = f"{self.url}?codec=PCMU"
        self.engine.submit(PlaceCall(target=target, method=method))
        await self.until(lambda: self.probe.prompt_heard > 0.0)

    async def end(self) -> None:
        """Hang up and end the engine."""
        self.engine.submit(HangUp())
        self.engine.submit(Shutdown())
        await self.engine.stopped()

    def _take(self, event: AnyEvent) -> None:
        if isinstance(event, ServerChanged | CallChanged) and event.state == "failed":
            self._failure = f"{event.reason} {event.remedy}"
        elif isinstance(event, ServerChanged) and event.state == "listening":
            self.url = event.url
        elif isinstance(event, SightingStarted):
            self._note(event)

    def _note(self, key: SightingStarted) -> None:
        if (key.leg, key.direction, key.method, key.tentative) == ("ivr", "received", "inband", False):
            self.confirmed.append((key.t - key.start) * 1000)

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when it is true."""
        async with asyncio.timeout(20):
            while not true():
                assert not self._failure, self._failure
                await asyncio.sleep(0.005)


@dataclass
class Result:
    """Milliseconds of each key."""

    packet: list[float] = field(default_factory=list)
    """From the key's coming to the last packet that holds some of the prompt."""
    wire: list[float] = field(default_factory=list)
    """From the key's coming to the last sample of the prompt, as it left."""
    ear: list[float] = field(default_factory=list)
    """From the key's leaving to the last sample of the prompt that the caller heard."""
    missed: int = 0
    """Keys that did not interrupt: tones that a busy machine tore to pieces."""


async def press(caller: Caller, count: int, result: Result) -> None:
    """Interrupt the prompt so many times."""
    probe, engine = caller.probe, caller.engine
    for _ in range(count):
        begin = engine.clock()
        await caller.until(lambda: probe.prompt_heard > begin + 0.2)  # noqa: B023
        probe.expect_key()
        engine.submit(Dial(digits="1", duration_ms=100))
        await asyncio.sleep(0.6)
        if probe.key_left is None or engine.clock() - probe.prompt_left < 0.1:
            result.missed += 1
            continue
        came = probe.key_came if probe.key_came is not None else probe.key_left
        result.packet.append((probe.prompt_packet - came) * 1000)
        result.wire.append((probe.prompt_left - came) * 1000)
        result.ear.append((probe.prompt_heard - probe.key_left) * 1000)
        engine.submit(Dial(digits="#", duration_ms=80))
        await caller.until(lambda: engine.clock() - probe.prompt_left < 0.1)


@contextmanager
def captured(file: Path) -> Iterator[bool]:
    """Capture what passes on loopback, where that may be done."""
    program = shutil.which("dumpcap")
    if program is None:
        yield False
        return
    words = [program, "-q", "-i", "lo", "-f", "udp", "-w", str(file)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    started = any("File:" in line for line in process.stderr)
    try:
        yield started
    finally:
        process.terminate()
        process.communicate(timeout=10)


def figures_of_capture(file: Path, port: int) -> list[float]:
    """Return for each key on its way to that port the milliseconds from its first packet to the prompt's last sample.

    The key that ends a collection begins the prompt; it does not count.
    """
    fields = ("frame.time_epoch", "udp.srcport", "rtp.p_type", "rtp.timestamp", "rtpevent.event_id", "rtp.payload")
    words = [word for name in fields for word in ("-e", name)]
    command = ["tshark", "-n", "-r", str(file), "-d", f"udp.port=={port},rtp", "-Y", f"rtp && udp.port=={port}"]
    command += ["-o", f"rtpevent.event_payload_type_value:{EVENTS}", "-T", "fields", "-E", "occurrence=f", *words]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pcmu, found, key, last, seen = decoding("pcmu"), [], None, 0.0, set()
    for line in text.splitlines():
        time, source, kind, timestamp, event, payload = line.split("\t")
        t = float(time)
        if int(source) != port and int(kind) == EVENTS and timestamp not in seen:
            seen.add(timestamp)
            if event == "1":
                key = t
            elif key is not None:
                found.append((last - key) * 1000)
                key = None
        elif int(source) == port and int(kind) == 0:
            pcm = pcmu[np.frombuffer(bytes.fromhex(payload.replace(":", "")), np.uint8)]
            if (loud := last_loud(pcm, 8000)) is not None:
                last = t + loud
    return found if key is None else [*found, (last - key) * 1000]


async def measure(kind: str, keys: int, calls: int, script: Path, placed: deque[Probe]) -> bool:
    """Measure one kind of call and print it; say whether it is within the goal."""
    scheme, method = KINDS[kind]
    load_for(targets=["builtin:", "rtp:"], listen=["rtp:"])
    callers: list[Caller] = []
    capture = script.with_suffix(".pcap")
    result, dice = Result(), random.Random(1)
    with captured(capture) as capturing:
        while len(result.wire) + result.missed < keys:
            together = [Caller() for _ in range(calls)]
            for caller in together:
                await asyncio.sleep(SLOT_SECONDS * dice.random())
                placed.append(caller.probe)
                await caller.call(scheme, method, script)
            await asyncio.gather(*(press(caller, KEYS_IN_A_CALL, result) for caller in together))
            await asyncio.gather(*(caller.end() for caller in together))
            callers += together
    good = method == "inband" or (not result.missed and float(np.percentile(result.wire, 99)) <= GOAL_MS)
    goal = "" if method == "inband" else f"  goal p99 <= {GOAL_MS:.0f}: {'kept' if good else 'MISSED'}"
    print(f"{kind}: {len(result.wire)} keys, {calls} calls at once; {result.missed} keys had no effect")
    print(f"  key comes to the IVR -> last packet with some prompt:  {figures(result.packet, 'ms')}")
    print(f"  key comes to the IVR -> last sample of the prompt:     {figures(result.wire, 'ms')}{goal}")
    if method == "inband":
        confirmed = [each for caller in callers for each in caller.confirmed]
        print(f"  tone begins at the IVR's detector -> key is known:     {figures(confirmed, 'ms')}")
    print(f"  key leaves the phone -> last sample the caller hears:  {figures(result.ear, 'ms')}")
    if capturing and scheme == "rtp" and method == "rfc4733":
        read = [each for caller in callers for each in figures_of_capture(capture, int(caller.url.rpartition(":")[2]))]
        print(f"  the same from {len(read)} keys in the capture:                 {figures(read, 'ms')}")
    return good


async def run(args: argparse.Namespace) -> bool:
    placed: deque[Probe] = deque()
    install(placed)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "barge-in.yaml"
        script.write_text(SCRIPT)
        t = np.arange(60 * 16000) / 16000
        with wave.open(str(script.with_name("tone.wav")), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(np.rint(8000 * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes())
        for kind in [args.kind] if args.kind else KINDS:
            good &= await measure(kind, args.keys, args.calls, script, placed)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=200, help="of each kind")
    parser.add_argument("--calls", type=int, default=4, help="at once")
    parser.add_argument("--kind", choices=KINDS)
    args = parser.parse_args()
    print(f"load average at start {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    return 0 if run_loop(run(args)) else 1


if __name__ == "__main__":
    sys.exit(main())
