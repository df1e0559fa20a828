"""What the window costs: frames per second, CPU and memory of its process, with live audio, under a real X server.

    python bench/bench_window.py                    whole window with the engine in a call to the built-in IVR
    python bench/bench_window.py --pane             the analyzer pane alone, fed with keys, speech-like sound and noise
    python bench/bench_window.py --seconds 600      is it flat?

CPU is user + system time of the process in % of one core over the measured seconds; memory is its resident set at the
end, and its growth since the start of the measurement. Frames are paints of the plot, counted in the window.
Without DISPLAY an Xvfb of 1280x800 is started.
"""

import argparse
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsView

from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.tones import sequence
from dtmfphone.engine.display import RATE, DisplayRing
from dtmfphone.gui.analyzer import AnalyzerPane
from dtmfphone.gui.app import Application
from dtmfphone.gui.settings import MemoryBackend, Settings
from dtmfphone.gui.theme import DARK

HERE = Path(__file__).parent
SIZE = (1280, 800)
WARM_UP = 4.0
MAX_CPU, MAX_MB, MIN_FPS = 25.0, 180.0, 28.0
MAX_NONE_LOST = 500
MAX_ENGINE_CPU, MAX_ENGINE_MB = 15.0, 200.0


def sound() -> Pcm:
    """Return twelve seconds of keys, a hum with moving harmonics that looks like speech, and noise."""
    rng = np.random.default_rng(1)
    t = np.arange(6 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(120 * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * t))) / RATE
    speech = sum(np.sin(k * phase) / k for k in range(1, 25)) * 0.05 * np.clip(np.sin(2 * np.pi * 2 * t), 0, 1)
    keys = sequence("159D0*#3A2468", 120, 100)
    whole = np.concatenate([keys, speech, sequence("77", 600, 300)])
    whole += rng.normal(0, 10 ** (-57 / 20), whole.size)
    return to_int16(whole)


def feed(name: str) -> None:
    """Write the sound into a ring, 20 ms at a time, as long as the window lives."""
    ring, pcm, start, slot = DisplayRing.attach(name), sound(), time.monotonic(), 0
    window = os.getppid()
    while os.getppid() == window:
        slot += 1
        place = slot * 160 % (pcm.size - 160)
        for direction in ("sent", "received"):
            ring.write(direction, pcm[place : place + 160], slot * 0.02)
        time.sleep(max(0.0, start + slot * 0.02 - time.monotonic()))


def show_pane() -> int:
    """Run the pane alone in this process."""
    application = QApplication(sys.argv[:1])
    ring = DisplayRing.create()
    pane = AnalyzerPane(ring, DARK)
    pane.setGeometry(0, 0, *SIZE)
    pane.show()
    feeder = subprocess.Popen([sys.executable, __file__, "--feed", ring.name])
    marks = QTimer()
    started = time.monotonic()
    marks.timeout.connect(lambda: pane.mark(time.monotonic() - started, "5", "received", 0.1))
    marks.start(250)
    Paints(pane)
    signal.signal(signal.SIGTERM, lambda *_: application.quit())
    try:
        return application.exec()
    finally:
        feeder.kill()
        feeder.wait()
        ring.close()


def show_window() -> int:
    """Run the real window in this process, call the built-in IVR and press a key now and then."""
    application = QApplication(sys.argv[:1])
    phone = Application(application, Settings(MemoryBackend()), Path(os.devnull))
    signal.signal(signal.SIGTERM, lambda *_: phone.window.close())
    start, keys = QTimer(), QTimer()

    def begin() -> None:
        pane = phone.window.analyzer
        if isinstance(pane, AnalyzerPane) and phone.window.actions_by_id["call"].isEnabled():
            start.stop()
            phone.window.actions_by_id["call"].trigger()
            keys.start(1500)
            Paints(pane)

    start.timeout.connect(begin)
    start.start(100)
    keys.timeout.connect(lambda: press(phone))
    phone.window.setGeometry(0, 0, *SIZE)
    phone.window.show()
    try:
        return application.exec()
    finally:
        phone.close()


def press(phone: Application) -> None:
    """Press and release a key as the window system would tell it."""
    handle = phone.window.windowHandle()
    assert handle is not None
    QTest.keyClick(handle, Qt.Key.Key_9, Qt.KeyboardModifier.NoModifier)


class Paints(QObject):
    """Counts the paints of a pane's plot and prints the number once a second."""

    def __init__(self, pane: AnalyzerPane) -> None:
        super().__init__(pane)
        plot = pane.findChild(QGraphicsView)
        assert isinstance(plot, QGraphicsView)
        self._count = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._print)
        self._timer.start(1000)
        plot.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        self._count += event.type() == QEvent.Type.Paint
        return False

    def _print(self) -> None:
        line = {"t": time.monotonic(), "paints": self._count, "none": sys.getrefcount(None)}
        print(json.dumps(line), flush=True)


@contextmanager
def display() -> Iterator[None]:
    """Use the X server there is, or start one."""
    if os.environ.get("DISPLAY"):
        yield
        return
    if shutil.which("Xvfb") is None:
        sys.exit("Xvfb is not installed: apt-get install xvfb, or set DISPLAY to an X server.")
    screen = f"{SIZE[0]}x{SIZE[1]}x24"
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        os.environ["DISPLAY"] = ":" + pipe.readline().strip()
    try:
        yield
    finally:
        del os.environ["DISPLAY"]
        server.terminate()
        server.wait()


class Usage:
    """CPU and memory of one process since a moment."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._cpu, self._at, self._mb = self._seconds(), time.monotonic(), self.mb()

    def _seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def mb(self) -> float:
        """Return the resident set in MB."""
        return self._process.memory_info().rss / 1e6

    def cpu_percent(self) -> float:
        """Return CPU time in % of one core."""
        return 100 * (self._seconds() - self._cpu) / (time.monotonic() - self._at)

    def growth_mb(self) -> float:
        """Return what the resident set has grown."""
        return self.mb() - self._mb


def measure(show: str, seconds: float) -> dict[str, float]:
    """Run the window in a process of its own and return its figures."""
    # Not as a script: the engine's process would import this file again, and Qt with it.
    code = f"import sys, bench_window; sys.exit(bench_window.{show}())"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *sys.path[1:]])}
    child = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        return observe(child, seconds)
    finally:
        child.terminate()
        child.wait()


def observe(child: "subprocess.Popen[str]", seconds: float) -> dict[str, float]:
    """Return the figures of a window's process that prints its paints."""
    assert child.stdout is not None
    lines: queue.Queue[dict[str, float]] = queue.Queue()
    stream = child.stdout

    def read() -> None:
        for line in stream:
            if line.startswith("{"):
                lines.put(json.loads(line))

    threading.Thread(target=read, daemon=True).start()
    try:
        lines.get(timeout=30)
    except queue.Empty:
        sys.exit("The window did not appear within 30 s: run `dtmfphone run` to see why.")
    time.sleep(WARM_UP)
    window = psutil.Process(child.pid)
    engines = [p for p in window.children() if "spawn_main" in " ".join(p.cmdline())]
    usages = {"window": Usage(window)}
    if engines:
        usages["engine"] = Usage(engines[0])
    while not lines.empty():
        first = lines.get()
    time.sleep(seconds)
    figures = {f"{name} cpu %": usage.cpu_percent() for name, usage in usages.items()}
    figures |= {f"{name} MB": usage.mb() for name, usage in usages.items()}
    figures |= {f"{name} growth MB": usage.growth_mb() for name, usage in usages.items()}
    while not lines.empty():
        last = lines.get()
    figures["fps"] = (last["paints"] - first["paints"]) / (last["t"] - first["t"])
    figures["None refs lost"] = max(0.0, first["none"] - last["none"])
    return figures


def main() -> int:
    """Measure and print; returns 1 where a figure is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure")
    parser.add_argument("--pane", action="store_true", help="the analyzer pane alone")
    parser.add_argument("--feed", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.feed:
        feed(args.feed)
        return 0
    with display():
        figures = measure("show_pane" if args.pane else "show_window", args.seconds)
    limits = {
        "fps": (figures["fps"] >= MIN_FPS, f">= {MIN_FPS:.0f}"),
        "None refs lost": (figures["None refs lost"] < MAX_NONE_LOST, f"< {MAX_NONE_LOST}"),
        "window cpu %": (figures["window cpu %"] <= MAX_CPU, f"<= {MAX_CPU:.0f}"),
        "window MB": (figures["window MB"] <= MAX_MB, f"<= {MAX_MB:.0f}"),
    }
    if "engine MB" in figures:
        limits["engine cpu %"] = (figures["engine cpu %"] <= MAX_ENGINE_CPU, f"<= {MAX_ENGINE_CPU:.0f}")
        limits["engine MB"] = (figures["engine MB"] <= MAX_ENGINE_MB, f"<= {MAX_ENGINE_MB:.0f}")
    what = "analyzer pane" if args.pane else "window in a call"
    load = os.getloadavg()[0]
    print(f"{what}, {SIZE[0]}x{SIZE[1]}, {args.seconds:.0f} s, {os.cpu_count()} cores, load {load:.1f}")
    for name, value in figures.items():
        good, limit = limits.get(name, (True, ""))
        print(f"  {name:18} {value:7.1f}  {limit:8}{'' if good else '  MISSED'}")
    return 0 if all(good for good, _ in limits.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
