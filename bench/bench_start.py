"""Time from the start of the interpreter to the window's first paint, and what is loaded by then.

Usage: .venv/bin/python bench/bench_start.py [--runs 7]     (under the display that is there, else offscreen)
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

PROGRAM = """
import sys, time
begin = float(sys.argv[1])
from dtmfphone import __main__
from PySide6.QtWidgets import QApplication
from dtmfphone.gui.app import Application
from dtmfphone.gui.settings import MemoryBackend, Settings
from pathlib import Path
app = QApplication(["dtmfphone"])
application = Application(app, Settings(MemoryBackend()), Path("/dev/null"))
application.window.first_painted.disconnect()
def painted():
    heavy = [name for name in ("aiortc", "pyqtgraph", "numpy", "sounddevice") if name in sys.modules]
    print(time.time() - begin, ",".join(heavy) or "none")
    app.quit()
application.window.first_painted.connect(painted)
application.window.show()
app.exec()
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    environment = os.environ if os.environ.get("DISPLAY") else os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    seconds = []
    for _ in range(args.runs + 1):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, repr(time.time())],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        taken, heavy = done.stdout.split()
        seconds.append(float(taken))
    warm = seconds[1:]
    print(
        f"start to first paint, warm ({len(warm)} runs): median {statistics.median(warm):.2f} s, max {max(warm):.2f} s"
        f"  target <= 0.7 s; loaded by then of aiortc, pyqtgraph, numpy, sounddevice: {heavy}"
    )


if __name__ == "__main__":
    main()
