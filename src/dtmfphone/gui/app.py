"""The window's process: application, engine, window, and an orderly end."""

import logging
import logging.handlers
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from platformdirs import user_log_path
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from dtmfphone import __version__
from dtmfphone.accounts import Accounts
from dtmfphone.gui.bridge import Bridge
from dtmfphone.gui.icons import app_icon
from dtmfphone.gui.look import Look
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.status_model import Message
from dtmfphone.gui.theme import Theme
from dtmfphone.gui.window import MainWindow
from dtmfphone.history import History

log = logging.getLogger(__name__)


class FaultCatcher(QObject):
    """Takes exceptions that nobody handled, from any thread: logs them and passes a message on."""

    caught = Signal(object)

    def __init__(self, log_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_path = log_path

    def install(self) -> None:
        """Become the interpreter's handler of last resort."""
        sys.excepthook = self._take
        threading.excepthook = self._take_from_thread

    def uninstall(self) -> None:
        """Give the place back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        log.error("unhandled", exc_info=(kind, error, trace))
        text = f"Something went wrong in the window: {kind.__name__}: {error}"
        remedy = f"The call goes on. Please report this with the file {self._log_path}."
        self.caught.emit(Message("error", text, remedy))

    def _take_from_thread(self, args: Any) -> None:
        if args.exc_value is not None:
            self._take(args.exc_type, args.exc_value, args.exc_traceback)


class Application:
    """Everything between the first line and the event loop; `close` ends it all.

    Without stores, accounts and history live no longer than the window.
    """

    def __init__(
        self,
        app: QApplication,
        settings: Settings,
        log_path: Path,
        *,
        accounts: Accounts | None = None,
        history: History | None = None,
    ) -> None:
        self.settings = settings
        self.look = Look(app, settings.theme)
        self.session = Session(settings, accounts=accounts, history=history)
        self.bridge = Bridge()
        self.window = MainWindow(self.session, settings, self.look)
        self.faults = FaultCatcher(log_path)
        self.faults.caught.connect(self.session.status.say, Qt.ConnectionType.QueuedConnection)
        self.session.command.connect(self.bridge.send)
        self.session.restart_wanted.connect(self.start_engine)
        self.bridge.events.connect(self.session.on_events)
        self.bridge.lost.connect(self.session.on_lost)
        self.window.first_painted.connect(self.start_engine)

    def start_engine(self) -> None:
        """Start an engine, or another one, and show its audio."""
        from dtmfphone.engine.link import EngineLink  # not before the first paint: it loads numpy

        link: EngineLink | None = None

        def make(*callbacks: Any) -> EngineLink:
            nonlocal link
            link = EngineLink(*callbacks)
            return link

        self.bridge.start(make)
        assert link is not None
        display = link.display

        def make_analyzer(theme: Theme) -> QWidget:
            from dtmfphone.gui.analyzer import AnalyzerPane  # not before the first paint: it loads pyqtgraph

            return AnalyzerPane(display, theme)

        self.window.use_analyzer(make_analyzer)

    def close(self) -> None:
        """Hang up and end the engine."""
        self.bridge.close()
        self.faults.uninstall()


def run(argv: Sequence[str]) -> int:
    """Open the window and return the exit code when it has been closed."""
    app = QApplication([*argv])
    app.setApplicationName("dtmfphone")
    app.setOrganizationName("dtmfphone")
    app.setApplicationDisplayName("dtmfphone")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("dtmfphone")
    app.setWindowIcon(app_icon())
    log_path = _start_logging()
    application = Application(app, Settings(), log_path, accounts=Accounts(), history=History())
    application.faults.install()
    signal.signal(signal.SIGINT, lambda *_: application.window.close())
    signal.signal(signal.SIGTERM, lambda *_: application.window.close())
    wake = QTimer()  # lets Python look at signals while Qt waits
    wake.start(250)
    application.window.show()
    try:
        return app.exec()
    finally:
        application.close()


def _start_logging() -> Path:
    path = user_log_path("dtmfphone", ensure_exists=True) / "window.log"
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    return path
