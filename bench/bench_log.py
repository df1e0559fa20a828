"""The event log at 100 000 rows: append a batch, filter, scroll, each with its repaint.

Usage: .venv/bin/python bench/bench_log.py
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication, QMainWindow

from dtmfphone.engine.events import AnyEvent, Sighting
from dtmfphone.gui.actions import Actions
from dtmfphone.gui.log_model import LogModel
from dtmfphone.gui.log_pane import LogPane
from dtmfphone.gui.look import Look

ROWS = 100_000
BATCH = 20
"""Rows that a busy call brings in one 50 ms interval, with plenty to spare."""
REPEATS = 50


def batch(first: int, count: int) -> list[AnyEvent]:
    """Return finished sightings."""
    return [
        Sighting(
            t=n / 10,
            call="call-1",
            leg="phone",
            id=f"key-{n}",
            direction="received" if n % 2 else "sent",
            key="0123456789*#ABCD"[n % 16],
            method="inband" if n % 3 else "rfc4733",
            start=n / 10,
            duration=0.1,
            low_dbm0=-10.1,
            high_dbm0=-9.8,
            twist_db=0.3,
            note="",
        )
        for n in range(first, first + count)
    ]


def main() -> None:
    app = QApplication(["bench"])
    model = LogModel()
    look = Look(app, "dark")
    window = QMainWindow()
    pane = LogPane(model, Actions(window), look)
    window.setCentralWidget(pane)
    window.resize(880, 300)
    window.show()
    app.processEvents()
    begin = time.perf_counter()
    model.append(batch(0, ROWS))
    app.processEvents()
    print(f"{ROWS} rows at once: {1000 * (time.perf_counter() - begin):.0f} ms")
    count = ROWS

    def append() -> None:
        nonlocal count
        model.append(batch(count, BATCH))
        count += BATCH

    flip = [0]

    def filter_rows() -> None:
        flip[0] += 1
        model.set_filter("received 5" if flip[0] % 2 else "sent")

    bar = pane.table.verticalScrollBar()

    def scroll() -> None:
        flip[0] += 7919
        bar.setValue(flip[0] * 37 % max(1, bar.maximum()))

    for name, job in ((f"append a batch of {BATCH}", append), ("filter", filter_rows), ("scroll", scroll)):
        show(name, job, app)
        model.set_filter("")
        app.processEvents()


def show(name: str, job: Callable[[], None], app: QApplication) -> None:
    """Print how long a job and its repaint take."""
    taken = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        job()
        app.processEvents()
        taken.append(1000 * (time.perf_counter() - begin))
    p50, p95 = np.quantile(taken, [0.5, 0.95])
    print(f"{name:24} p50 {p50:6.1f}  p95 {p95:6.1f}  max {max(taken):6.1f} ms  target <= 20")


if __name__ == "__main__":
    main()
