"""Windows without a display."""

import os
from collections.abc import Callable, Iterator

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from gui_phone import FakeLink, Phone
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dtmfphone.engine.events import AnyEvent, Started
from dtmfphone.gui.bridge import Bridge
from dtmfphone.gui.look import Look
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import MemoryBackend, Settings
from dtmfphone.gui.window import MainWindow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "gui" in item.path.parts:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support"))


@pytest.fixture
def settings() -> Settings:
    return Settings(MemoryBackend())


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    look = Look(qapp, "dark")
    yield look
    look.deleteLater()


@pytest.fixture
def phone(qtbot: QtBot, look: Look, settings: Settings) -> Iterator[Phone]:
    session, bridge = Session(settings), Bridge()
    window = MainWindow(session, settings, look)
    phone = Phone(window, session, settings, look, bridge)

    def make(on_events: Callable[[list[AnyEvent]], None], on_lost: Callable[[str], None]) -> FakeLink:
        phone.links.append(FakeLink(on_events, on_lost))
        return phone.links[-1]

    session.command.connect(bridge.send)
    session.restart_wanted.connect(lambda: bridge.start(make))
    bridge.events.connect(session.on_events)
    bridge.lost.connect(session.on_lost)
    bridge.start(make)
    window.show()
    qtbot.waitExposed(window)
    phone.feed(Started(t=0.0, version="0", wall_clock=0.0, ivrs=("reception", "pin")))
    phone.commands.clear()
    yield phone
    bridge.close()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
