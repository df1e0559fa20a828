from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import CallChanged, Sighting, Started
from dtmfphone.gui.render import render
from dtmfphone.gui.theme import LIGHT

EVENTS = (
    Started(t=0.0, version="0", wall_clock=0.0),
    CallChanged(t=1.0, call="c", leg="phone", state="up"),
    Sighting(
        t=2.0, call="c", leg="phone", id="1", direction="sent", key="5", method="rfc4733", start=1.9, duration=0.1
    ),
)


def test_a_picture_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    empty, full = tmp_path / "empty.png", tmp_path / "full.png"
    render(EVENTS[:1], None, empty, "light", (1024, 600))
    render(EVENTS, DisplayRing.local(), full, "light", (1024, 600))
    pictures = [QImage(str(path)) for path in (empty, full)]
    assert [(picture.width(), picture.height()) for picture in pictures] == [(1024, 600)] * 2
    assert pictures[0] != pictures[1]
    assert pictures[0].pixelColor(2, 598).name() == LIGHT.bg


def test_a_place_that_cannot_be_written(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="may write to"):
        render(EVENTS[:1], None, tmp_path / "none" / "x.png")
