"""A picture of the real window with a recorded session in it, made without a display."""

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent
from dtmfphone.gui.analyzer_card import AnalyzerFactory
from dtmfphone.gui.icons import app_icon
from dtmfphone.gui.look import Look
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import MemoryBackend, Settings
from dtmfphone.gui.theme import Theme, ThemeName
from dtmfphone.gui.window import MainWindow

SETTLE_MS = 400
"""How long the analyzer may draw before the picture is taken."""


def render(
    events: Sequence[AnyEvent],
    display: DisplayRing | None,
    path: Path,
    theme: ThemeName = "dark",
    size: tuple[int, int] = (1280, 800),
    *,
    folded: bool = False,
) -> None:
    """Feed the events to the window, draw it offscreen and save a PNG; raise OSError when it cannot be saved."""
    app = QApplication.instance()
    if app is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        app = QApplication(["dtmfphone"])
    assert isinstance(app, QApplication)
    app.setWindowIcon(app_icon())
    settings = Settings(MemoryBackend())
    settings.folded = folded
    look = Look(app, theme)
    session = Session(settings)
    window = MainWindow(session, settings, look)
    window.resize(QSize(*size))
    if display is not None:
        window.use_analyzer(_analyzer_factory(display))
    window.show()
    _wait(1)
    session.on_events(list(events))
    session.flush()
    _wait(SETTLE_MS)
    picture = window.grab()
    window.close()
    window.deleteLater()
    look.deleteLater()
    _wait(1)
    if not picture.save(str(path), "PNG"):
        raise OSError(f"The picture could not be written to {path}: choose a folder that you may write to.")


def _analyzer_factory(display: DisplayRing) -> AnalyzerFactory:
    def make(theme: Theme) -> QWidget:
        from dtmfphone.gui.analyzer import AnalyzerPane

        return AnalyzerPane(display, theme)

    return make


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
