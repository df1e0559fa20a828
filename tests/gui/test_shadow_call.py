"""The real window and its engine: shadows watch a call to the IVR of ours, and one to somebody else."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dtmfphone.gui.app import Application
from dtmfphone.gui.keypad import KeyButton
from dtmfphone.gui.settings import MemoryBackend, Settings
from dtmfphone.gui.shadow_choice import ShadowChoice

SECONDS = 20_000
"""Milliseconds that anything may take on a busy machine."""


@pytest.fixture
def application(qapp: QApplication, qtbot: QtBot) -> Iterator[Application]:
    settings = Settings(MemoryBackend())
    settings.input_device = settings.output_device = "none"
    settings.folded = True
    application = Application(qapp, settings, Path(os.devnull))
    application.window.show()
    qtbot.waitUntil(lambda: application.session.call.standing == "idle", timeout=SECONDS)
    yield application
    application.window.close()
    application.close()
    application.window.deleteLater()
    application.look.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def call(application: Application, target: str, qtbot: QtBot) -> None:
    application.session.call.set_target(target)
    application.window.actions_by_id["call"].trigger()
    qtbot.waitUntil(lambda: application.session.call.up, timeout=SECONDS)
    qtbot.waitUntil(lambda: bool(application.window.collector.list.rows), timeout=SECONDS)


def press(application: Application, key: str) -> None:
    """As a screen reader does; the tone lasts as long as a short press."""
    next(button for button in application.window.findChildren(KeyButton) if button.key.char == key).click()


def test_livekit_waits_where_the_ivr_goes_on(application: Application, qtbot: QtBot) -> None:
    call(application, "builtin:reception", qtbot)
    panel = application.window.collector
    qtbot.waitUntil(lambda: application.session.collector.speaking, timeout=SECONDS)
    press(application, "1")
    wanted = "Before: the IVR took 1 at the first digit; LiveKit would be done "
    qtbot.waitUntil(lambda: panel.list.sentence.text().startswith(wanted), timeout=SECONDS)
    assert panel.list.rows[-1].name.text() == "LiveKit"
    application.session.shadows.choose(ShadowChoice(livekit=False))
    qtbot.waitUntil(lambda: not panel.list.isVisible(), timeout=SECONDS)


def test_on_a_call_to_somebody_else_there_are_only_shadows(application: Application, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far_end:
        far_end.bind(("127.0.0.1", 0))
        application.session.shadows.choose(ShadowChoice(standard=True, digits=2, stop_keys="*"))
        call(application, f"rtp://127.0.0.1:{far_end.getsockname()[1]}?codec=PCMU&events=101", qtbot)
        panel = application.window.collector
        press(application, "7")
        qtbot.waitUntil(lambda: panel.list.rows[0].digits.whole == "7 _", timeout=SECONDS)
        press(application, "*")
        qtbot.waitUntil(lambda: panel.list.sentence.text() == "Both failed with 1 digit.", timeout=SECONDS)
        assert not panel.own.isVisible()
        assert [row.name.text() for row in panel.list.rows] == ["LiveKit", "Standard"]
        words = panel.list.rows[0].words_beside.whole
        assert words == "ToolError: Digits input not fully received. Expect 2 digits, got 1"
