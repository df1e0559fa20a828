"""Runs the real window, with its engine, and tells a test on standard output where its parts are and what it logged.

The test asks with a word per line on standard input: `where`, `log`, `collector` (its visible words) or `quit`.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from dtmfphone.engine.events import AnyEvent
from dtmfphone.gui.app import Application
from dtmfphone.gui.keypad import KeyButton
from dtmfphone.gui.settings import MemoryBackend, Settings
from dtmfphone.gui.theme import ThemeName


class Teller(QObject):
    """Answers in the window's thread."""

    asked = Signal(str)

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._application = application
        self._events: list[AnyEvent] = []
        application.bridge.events.connect(self._events.extend)
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def read(self) -> None:
        for line in sys.stdin:
            self.asked.emit(line.strip())
        self.asked.emit("quit")

    def _answer(self, question: str) -> None:
        window = self._application.window
        if question == "where":
            parts: dict[str, QWidget] = {
                "call": window.call_bar.button,
                "target": window.call_bar.target,
                "dial": window.dial_panel.edit,
                "send": window.dial_panel.send,
                "collector": window.collector,
                "log": window.panes.log,
            }
            parts |= {f"key {each.key.char}": each for each in window.findChildren(KeyButton)}
            self._say({name: _box(part) for name, part in parts.items()})
        elif question == "collector":
            labels = window.collector.findChildren(QLabel)
            self._say([label.text() for label in labels if label.isVisible()])
        elif question == "log":
            self._say([json.loads(msgspec.json.encode(event)) for event in self._events])
        elif question == "quit":
            window.close()

    def _say(self, answer: Any) -> None:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _box(part: QWidget) -> list[int]:
    corner = part.mapToGlobal(QPoint(0, 0))
    return [corner.x(), corner.y(), part.width(), part.height()]


def main(theme: ThemeName, log_path: Path) -> int:
    app = QApplication(["dtmfphone"])
    settings = Settings(MemoryBackend())
    settings.theme = theme
    application = Application(app, settings, log_path)
    application.faults.install()
    teller = Teller(application)
    threading.Thread(target=teller.read, daemon=True).start()
    application.window.move(0, 0)
    application.window.show()
    try:
        return app.exec()
    finally:
        application.close()


if __name__ == "__main__":
    sys.exit(main("light" if "light" in sys.argv else "dark", Path(sys.argv[-1])))
