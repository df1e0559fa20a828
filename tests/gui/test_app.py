import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dtmfphone.gui.app import FaultCatcher
from dtmfphone.gui.status_model import Message

HEAVY = ("numpy", "pyqtgraph", "aiortc", "av", "aiohttp", "sounddevice", "cryptography", "asyncio")

PROBE = """
import sys
from PySide6.QtWidgets import QApplication
from dtmfphone.gui import app

def first_paint(self):
    print(*sorted(set(sys.modules) & set(sys.argv[1].split(","))), sep=",")
    QApplication.quit()

app.Application.start_engine = first_paint
sys.exit(app.run(["dtmfphone"]))
"""


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    env = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": ":".join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE, ",".join(HEAVY)], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "\n"


@pytest.fixture
def catcher(qapp: object, tmp_path: Path) -> FaultCatcher:
    return FaultCatcher(tmp_path / "window.log")


def test_an_exception_becomes_a_message_and_a_log_entry(
    catcher: FaultCatcher, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[Message] = []
    catcher.caught.connect(got.append)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    catcher.install()
    with caplog.at_level(logging.ERROR):
        try:
            raise ValueError("broken")
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
    assert got[0].text == "Something went wrong in the window: ValueError: broken"
    assert "window.log" in got[0].remedy
    assert "broken" in caplog.text


def test_an_exception_in_a_thread_too(
    catcher: FaultCatcher, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    catcher.install()

    def work() -> None:
        raise ValueError("in a thread")

    with qtbot.waitSignal(catcher.caught, timeout=2000) as signal:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert signal.args is not None
    assert "in a thread" in signal.args[0].text
