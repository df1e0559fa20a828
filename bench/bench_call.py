"""Figures of a call: key press to wire, wire to log row, send pacing, CPU and memory of the engine.

Runs the engine in its own process, as the window does, in a call to the built-in IVR.
Usage: .venv/bin/python bench/bench_call.py [--keys 200] [--seconds 20]
"""

import argparse
import multiprocessing
import os
import random
import sys
import threading
import time

import numpy as np
import psutil
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from dtmfphone.engine.commands import Dial, HangUp, KeyDown, KeyUp, PlaceCall, StopDialing
from dtmfphone.engine.events import AnyEvent, CallChanged, Sighting, SightingStarted, Started, Statistics
from dtmfphone.engine.link import EngineLink
from dtmfphone.gui.bridge import Bridge
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import MemoryBackend, Settings


class Bench:
    """The window's process without a window: bridge, view-models, log."""

    def __init__(self) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        self.app = QGuiApplication(sys.argv[:1])  # the view-models have icons
        self.session = Session(Settings(MemoryBackend()))
        self.bridge = Bridge()
        self.events: list[tuple[float, AnyEvent]] = []
        self.rows: list[tuple[float, int]] = []
        self.bridge.events.connect(self._take)
        self.bridge.events.connect(self.session.on_events)
        self.session.command.connect(self.bridge.send)
        self.session.log.rowsInserted.connect(lambda *_: self.rows.append((time.time(), self.session.log.total)))
        self.bridge.start(EngineLink)
        self.wall = 0.0

    def _take(self, batch: list[AnyEvent]) -> None:
        now = time.time()
        for event in batch:
            self.events.append((now, event))
            if isinstance(event, Started):
                self.wall = event.wall_clock

    def run(self, seconds: float) -> None:
        QTimer.singleShot(round(seconds * 1000), self.app.quit)
        self.app.exec()

    def wait_up(self) -> None:
        end = time.monotonic() + 15
        while not any(isinstance(e, CallChanged) and e.leg == "phone" and e.state == "up" for _, e in self.events):
            assert time.monotonic() < end, "the call did not come up"
            self.run(0.1)


def show(name: str, values: list[float], unit: str, target: str) -> None:
    array = np.array(values)
    p50, p99 = np.quantile(array, [0.5, 0.99])
    print(
        f"{name:44} n {len(array):4}  p50 {p50:6.1f}  p99 {p99:6.1f}  max {array.max():6.1f} {unit:3} target {target}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    args = parser.parse_args()
    bench = Bench()
    bench.bridge.send(PlaceCall(target="builtin:echo"))
    bench.wait_up()
    bench.run(1.0)
    engine = next(p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline()))
    print(f"load average at start {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")

    dice = random.Random(1)
    pressed: list[float] = []
    for _ in range(args.keys):
        pressed.append(time.time())
        bench.bridge.send(KeyDown(key="5"))
        bench.run(0.05 + dice.random() * 0.02)
        bench.bridge.send(KeyUp(key="5"))
        bench.run(0.13 + dice.random() * 0.04)
    bench.run(0.5)
    sent = [e for _, e in bench.events if isinstance(e, SightingStarted) and e.direction == "sent"]
    assert len(sent) == args.keys, f"{len(sent)} of {args.keys} keys were sent"
    wire = [(e.start + bench.wall - t) * 1000 for e, t in zip(sent, pressed, strict=True)]
    show("press in the window to first packet", wire, "ms", "<= 25 p99")
    inside = [
        1000 * e.press_to_wire for _, e in bench.events if isinstance(e, Sighting) and e.press_to_wire is not None
    ]
    show("press in the engine to first packet", inside, "ms", "<= 25 p99")
    rows = []
    for _, event in bench.events:
        if isinstance(event, SightingStarted) and event.leg == "ivr" and not event.tentative:
            at = next(t for t, _ in bench.rows if t >= bench.wall + event.t)
            rows.append((at - bench.wall - event.start) * 1000)
    show("remote key's first packet to log row", rows, "ms", "<= 60 p99")

    for name, busy in (("window quiet", False), ("window 100 % busy in Python", True)):
        stop = threading.Event()
        spinner = multiprocessing.get_context("spawn").Process(target=spin) if busy else None
        if spinner is not None:
            spinner.start()
        before, cpu, begin = len(bench.events), engine.cpu_times(), time.monotonic()
        bench.run(max(args.seconds, 11.0))
        used = engine.cpu_times()
        share = (used.user + used.system - cpu.user - cpu.system) / (time.monotonic() - begin)
        last = [e for _, e in bench.events[before:] if isinstance(e, Statistics)][-2:]
        stop.set()
        if spinner is not None:
            spinner.kill()
            spinner.join()
        late = max(e.lateness_p99_ms for e in last)
        worst = max(e.lateness_max_ms for e in last)
        target = "<= 10" if busy else "<= 5"
        print(f"send lateness, {name:29} p99 {late:6.1f}  max {worst:6.1f} ms  target p99 {target}")
        print(
            f"  engine, both ends of the call: {100 * share:5.1f} % of one core, "
            f"{engine.memory_info().rss / 1e6:.0f} MB  target <= 15 %, <= 200 MB"
        )
    bench.bridge.send(Dial(digits=""))
    bench.bridge.send(StopDialing())
    bench.bridge.send(HangUp())
    bench.run(0.3)
    bench.bridge.close()


def spin() -> None:
    """Keep one core busy in pure Python, at the window's priority."""
    while True:
        sum(range(1000))


if __name__ == "__main__":
    main()
