"""The analyzer pane, offscreen: alignment, colours, choices, marks, cursor, rest when unseen, no leak."""

import os
import sys
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.keys import HIGH_HZ, LOW_HZ
from dtmfphone.dtmf.levels import amplitude_of, to_int16
from dtmfphone.dtmf.tones import tone
from dtmfphone.engine.display import RATE, DisplayRing
from dtmfphone.engine.events import Direction
from dtmfphone.gui.analyzer import AnalyzerPane
from dtmfphone.gui.spectrum_view import DASHES, surface
from dtmfphone.gui.theme import DARK, LIGHT, Theme, contrast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform says so of any window
START = 5.0
HZ = LOW_HZ + HIGH_HZ


def play(ring: DisplayRing, pcm: Pcm, start: float = START, direction: Direction = "received") -> None:
    """Write audio into a ring as an engine does, 20 ms at a time."""
    for place in range(0, pcm.size, 160):
        block = pcm[place : place + 160]
        ring.write(direction, block, start + (place + block.size) / RATE)


def noise(seconds: float, dbm0: float = -45.0) -> Pcm:
    """Return white noise of this total level."""
    rng = np.random.default_rng(1)
    return to_int16(rng.normal(0, amplitude_of(dbm0) / np.sqrt(2), round(seconds * RATE)))


@pytest.fixture
def ring() -> DisplayRing:
    return DisplayRing.local()


@pytest.fixture
def pane(ring: DisplayRing, qtbot: QtBot) -> Iterator[AnalyzerPane]:
    pane = AnalyzerPane(ring, DARK)
    qtbot.addWidget(pane)
    pane.resize(900, 560)
    yield pane
    pane.hide()


def picture(pane: AnalyzerPane) -> QImage:
    """Return the pane as it looks now, the scene laid out."""
    pane.grab()
    return pane.grab().toImage()


def waterfall_place(pane: AnalyzerPane, hz: float, ago: float) -> QPoint:
    """Return the pixel of a frequency and an age."""
    return to_pixel(pane, pane.plots.waterfall.view.mapViewToScene(QPointF(hz, ago)))


def to_pixel(pane: AnalyzerPane, scene: QPointF) -> QPoint:
    plots = pane.plots.widget
    return plots.mapTo(pane, plots.mapFromScene(scene))


def brightness(colour: QColor) -> int:
    return colour.red() + colour.green() + colour.blue()


@pytest.mark.parametrize("size", [(900, 560), (620, 300), (1280, 800)])
@pytest.mark.parametrize("button", ["_dtmf", "_voice"])
def test_spectrum_and_waterfall_line_up_to_the_pixel(pane: AnalyzerPane, size: tuple[int, int], button: str) -> None:
    pane.resize(*size)
    getattr(pane, button).click()
    picture(pane)
    upper, lower = pane.plots.spectrum.view, pane.plots.waterfall.view
    for hz in HZ:
        assert upper.mapViewToScene(QPointF(hz, 0)).x() == lower.mapViewToScene(QPointF(hz, 0)).x()
    assert upper.sceneBoundingRect().bottom() < lower.sceneBoundingRect().top()
    assert lower.sceneBoundingRect().height() > upper.sceneBoundingRect().height() > 50


@pytest.mark.parametrize("button", ["_dtmf", "_voice"])
@pytest.mark.parametrize("width", [620, 900, 1280])
def test_all_eight_frequencies_are_named_over_their_lines(pane: AnalyzerPane, width: int, button: str) -> None:
    pane.resize(width, 400)
    getattr(pane, button).click()
    picture(pane)
    places = pane.plots.labels.places()
    assert [hz for hz, _ in places] == list(HZ)
    for hz, place in places:
        line = pane.plots.spectrum.view.mapViewToScene(QPointF(hz, 0)).x()
        assert pane.plots.labels.mapToScene(place.center()).x() == pytest.approx(line, abs=1)
    for (_, one), (_, other) in pairwise(places):
        assert not one.intersects(other)


def test_the_groups_differ_in_colour_and_in_dash(pane: AnalyzerPane) -> None:
    for lines in (pane.plots.spectrum._lines, pane.plots.waterfall._lines):
        pens = {hz: line.pen for hz, line in lines._lines.items()}
        assert len({pens[hz].color().name() for hz in LOW_HZ}) == 1
        assert pens[697.0].color().name() == DARK.low
        assert pens[1209.0].color().name() == DARK.high
        assert pens[697.0].dashPattern() == DASHES["low"] != DASHES["high"] == pens[1209.0].dashPattern()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_an_empty_waterfall_has_the_plots_own_colour(ring: DisplayRing, qtbot: QtBot, theme: Theme) -> None:
    pane = AnalyzerPane(ring, theme)
    qtbot.addWidget(pane)
    pane.resize(700, 400)
    image = picture(pane)
    for ago in (0.5, 5, 9.5):
        assert image.pixelColor(waterfall_place(pane, 1050, ago)).name() == surface(theme)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_tone_stands_out_where_it_belongs_and_noise_stays_quiet(
    ring: DisplayRing, pane: AnalyzerPane, theme: Theme
) -> None:
    pane.set_theme(theme)
    play(ring, np.concatenate([noise(2), to_int16(tone("5", 1)), noise(2)]))
    pane.refresh()
    image = picture(pane)
    silent = brightness(QColor(surface(theme)))

    def outstanding(hz: float, ago: float) -> int:
        return abs(brightness(image.pixelColor(waterfall_place(pane, hz, ago))) - silent)

    for hz in (770, 1336):
        assert outstanding(hz + 5, 2.5) > 250
        assert outstanding(hz + 5, 4.0) < 120
        assert outstanding(hz + 5, 1.0) < 120
    assert outstanding(1050, 2.5) < 120
    assert outstanding(1050, 7.0) == 0


def test_a_change_of_theme_repaints_what_is_there(ring: DisplayRing, pane: AnalyzerPane) -> None:
    play(ring, noise(2))
    pane.refresh()
    dark = picture(pane).pixelColor(waterfall_place(pane, 1050, 8))
    pane.set_theme(LIGHT)
    light = picture(pane).pixelColor(waterfall_place(pane, 1050, 8))
    assert (dark.name(), light.name()) == (surface(DARK), surface(LIGHT))


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_axis_titles_and_numbers_are_readable(pane: AnalyzerPane, theme: Theme) -> None:
    pane.set_theme(theme)
    picture(pane)
    for axis in pane.plots.axes:
        colour = axis.textPen().color().name()
        assert contrast(colour, theme.panel) > 4.5
        if axis.orientation == "left":
            assert colour in axis.labelString()
            assert axis.label.isVisible()
            assert axis.sceneBoundingRect().adjusted(-6, 0, 0, 0).contains(axis.label.sceneBoundingRect())
    assert {axis.labelText for axis in pane.plots.axes if axis.orientation == "left"} == {"dBm0", "seconds ago"}


def test_the_level_range_recolours_what_is_there(ring: DisplayRing, pane: AnalyzerPane) -> None:
    assert list(pane.plots.spectrum.view.viewRange()[1]) == [-70, 5]
    play(ring, noise(3))
    pane.refresh()
    before = brightness(picture(pane).pixelColor(waterfall_place(pane, 1050, 1.5)))
    pane._levels.set_range(-100, -60)
    after = brightness(picture(pane).pixelColor(waterfall_place(pane, 1050, 1.5)))
    assert after > before + 150
    (bottom, top) = pane.plots.spectrum.view.viewRange()[1]
    assert (bottom, top) == (-100, -55)


def test_the_level_range_keeps_its_limits_and_its_ends_apart(pane: AnalyzerPane, qtbot: QtBot) -> None:
    levels = pane._levels

    def shown() -> tuple[float, float]:
        return levels.range

    for wanted, got in (((-200, 50), (-100, 3)), ((-20, -20), (-20, -5)), ((0, 3), (-12, 3))):
        levels.set_range(*wanted)
        assert shown() == got
    levels.set_range(-70, 0)
    QTest.keyClick(levels, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
    assert shown() == (-65, 0)
    QTest.keyClick(levels, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert shown() == (-65, -5)
    assert "−65 to −5 dBm0" in levels.accessibleDescription()


def test_the_level_range_is_dragged(pane: AnalyzerPane, qtbot: QtBot) -> None:
    picture(pane)
    levels = pane._levels
    levels.set_range(-70, 0)
    middle = levels.height() // 2

    def drag(start: float, end: float) -> None:
        QTest.mousePress(
            levels, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(levels._x(start)), middle)
        )
        QTest.mouseMove(levels, QPoint(round(levels._x(end)), middle))
        QTest.mouseRelease(
            levels, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(levels._x(end)), middle)
        )

    drag(-70, -50)
    assert list(levels.range) == pytest.approx([-50, 0], abs=1)
    drag(0, -20)
    assert list(levels.range) == pytest.approx([-50, -20], abs=1)
    drag(-35, -45)
    assert list(levels.range) == pytest.approx([-60, -30], abs=2)
    QTest.mouseDClick(
        levels, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(levels._x(-40)), middle)
    )
    assert levels.range == (-70, 0)


def test_the_tone_is_read_out(ring: DisplayRing, pane: AnalyzerPane) -> None:
    assert "No audio yet" in pane._tone_label.text()
    play(ring, to_int16(tone("5", 0.3, twist_db=2.0)))
    pane.refresh()
    text = pane._tone_label.text()
    for part in ("<b>5</b>", "<b>770.0</b> Hz −10.0 dBm0", "<b>1336.0</b> Hz −8.0 dBm0", "twist +2.0 dB", DARK.low):
        assert part in text
    play(ring, np.zeros(RATE // 2, np.int16), START + 0.3)
    pane.refresh()
    text = pane._tone_label.text()
    assert "last" in text
    assert "<b>770.0</b>" in text
    assert DARK.low not in text


def test_directions(ring: DisplayRing, pane: AnalyzerPane, qtbot: QtBot) -> None:
    play(ring, to_int16(tone("5", 0.3)), direction="received")
    play(ring, to_int16(tone("D", 0.3)), direction="sent")
    pane.refresh()
    assert "<b>5</b>" in pane._tone_label.text()
    with qtbot.waitSignal(pane.directionChanged) as changed:
        pane._sent.click()
    assert changed.args == ["sent"]
    assert "<b>D</b>" in pane._tone_label.text()
    pane.select_direction("received")
    assert pane._received.isChecked()
    assert not pane._sent.isChecked()
    assert "<b>5</b>" in pane._tone_label.text()


def test_pause_freezes_and_goes_on(ring: DisplayRing, pane: AnalyzerPane, qtbot: QtBot) -> None:
    play(ring, noise(1))
    pane.refresh()
    frozen = picture(pane)
    with qtbot.waitSignal(pane.pausedChanged) as changed:
        pane.set_paused(True)
    assert changed.args == [True]
    assert pane._pause.isChecked()
    still = picture(pane)
    play(ring, to_int16(tone("5", 2)), START + 1)
    pane.refresh()
    assert picture(pane) == still
    pane._pause.click()
    assert not pane.paused
    assert picture(pane) not in (still, frozen)
    assert "<b>5</b>" in pane._tone_label.text()


def test_clear_empties_everything(ring: DisplayRing, pane: AnalyzerPane) -> None:
    empty = picture(pane)
    play(ring, to_int16(tone("5", 2)))
    pane.mark(START + 0.5, "5", "sent")
    pane.refresh()
    assert picture(pane) != empty
    pane.clear()
    assert picture(pane) == empty


def test_hidden_digits_stay_hidden(ring: DisplayRing, pane: AnalyzerPane) -> None:
    pane.set_masked(True)
    covered = picture(pane)
    play(ring, to_int16(tone("5", 1)))
    pane.mark(START + 0.5, "5", "sent", 0.1)
    pane.refresh()
    assert picture(pane) == covered
    pane.set_masked(False)
    assert picture(pane).pixelColor(waterfall_place(pane, 775, 0.5)).name() != surface(DARK)


def test_peak_hold_can_be_hidden(ring: DisplayRing, pane: AnalyzerPane) -> None:
    play(ring, np.concatenate([to_int16(tone("5", 0.3)), np.zeros(4000, np.int16)]))
    pane.refresh()
    held = picture(pane)
    pane._hold.click()
    assert not pane.plots.spectrum._held.isVisible()
    assert picture(pane) != held


def test_marks_stand_at_their_time(ring: DisplayRing, pane: AnalyzerPane) -> None:
    play(ring, noise(6))
    pane.mark(START + 1.968, "5", "sent", 1.0)
    pane.mark(START + 3.968, "7", "received", 0.5)
    pane.refresh()
    image = picture(pane)
    strip = pane.plots.marks

    def at(x: float, ago: float) -> str:
        scene = strip.mapToScene(QPointF(x, ago / 10 * strip.size().height()))
        return image.pixelColor(to_pixel(pane, scene)).name()

    width = strip.size().width()
    assert at(3, 3.5) == DARK.sent
    assert at(width - 4, 1.8) == DARK.received
    for x, ago in ((3, 4.3), (3, 2.6), (width - 4, 1.2), (width - 4, 2.3)):
        assert at(x, ago) == DARK.panel


def test_two_sightings_of_one_press_are_one_mark(pane: AnalyzerPane) -> None:
    pane.mark(10.0, "5", "received")
    pane.mark(10.02, "5", "received", 0.1)
    pane.mark(10.0, "5", "sent", 0.1)
    pane.mark(10.3, "5", "received", 0.1)
    marks = pane.plots.marks.marks
    assert [(m.start, m.direction) for m in marks] == [(10.0, "received"), (10.0, "sent"), (10.3, "received")]
    assert marks[0].end == pytest.approx(10.12)


def test_marks_too_close_to_write_share_a_label(pane: AnalyzerPane) -> None:
    picture(pane)
    for place, char in enumerate("12345678"):
        pane.mark(10 + 0.05 * place, char, "sent", 0.03)
    pane.mark(12, "9", "sent", 0.1)
    assert [text for _, text, _ in pane.plots.marks.labels()] == ["1…", "9"]


def test_labels_of_both_directions_fit_side_by_side(pane: AnalyzerPane) -> None:
    picture(pane)
    strip = pane.plots.marks
    longest = max(strip._metrics.horizontalAdvance(f"{arrow}{text}") for arrow in "↑↓" for text in ("*0#", "1…"))
    assert 2 * (8 + longest) <= strip.size().width()


def test_old_marks_are_forgotten(ring: DisplayRing, pane: AnalyzerPane) -> None:
    pane.mark(START, "5", "sent", 0.1)
    play(ring, noise(12))
    pane.refresh()
    assert pane.plots.marks.marks == []
    for place in range(2000):
        pane.mark(1000.0 + place, "5", "sent", 0.1)
    assert len(pane.plots.marks.marks) <= 500


def test_the_cursor_reads_time_frequency_and_level(ring: DisplayRing, pane: AnalyzerPane, qtbot: QtBot) -> None:
    play(ring, np.concatenate([noise(2), to_int16(tone("5", 1)), noise(2)]))
    pane.show()
    qtbot.waitExposed(pane)
    pane.refresh()
    picture(pane)
    viewport = pane.plots.widget.viewport()
    place = pane.plots.waterfall.view.mapViewToScene(QPointF(1336, 2.468))
    QTest.mouseMove(viewport, pane.plots.widget.mapFromScene(place))
    qtbot.waitUntil(lambda: "Hz" in pane._cursor_label.text())
    t, hz, level = pane._cursor_label.text().split("   ")
    assert float(t.removesuffix(" s")) == pytest.approx(START + 2.5, abs=0.05)
    assert float(hz.removesuffix(" Hz")) == pytest.approx(1336, abs=2)
    assert float(level.removesuffix(" dBm0").replace("−", "-")) == pytest.approx(-10, abs=1)
    assert [line.isVisible() for line in pane.plots.cursor] == [True, True, True]
    QTest.mouseMove(viewport, QPoint(2, 2))
    qtbot.waitUntil(lambda: pane._cursor_label.text() == "")
    assert not any(line.isVisible() for line in pane.plots.cursor)


def test_it_rests_when_nobody_looks(pane: AnalyzerPane, qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(pane)
    assert not pane._timer.isActive()
    window.show()
    assert pane._timer.isActive()
    window.showMinimized()
    assert not pane._timer.isActive()
    window.showNormal()
    assert pane._timer.isActive()
    pane.hide()
    assert not pane._timer.isActive()
    pane.show()
    assert pane._timer.isActive()
    window.hide()
    assert not pane._timer.isActive()


def test_it_follows_live_audio_by_itself(ring: DisplayRing, pane: AnalyzerPane, qtbot: QtBot) -> None:
    pane.show()
    play(ring, to_int16(tone("5", 0.3)))
    qtbot.waitUntil(lambda: "<b>5</b>" in pane._tone_label.text())


def test_it_fits_a_small_window(pane: AnalyzerPane) -> None:
    assert pane.minimumSizeHint().width() <= 600
    assert pane.minimumSizeHint().height() <= 240


def test_every_control_is_named_for_a_screen_reader(pane: AnalyzerPane) -> None:
    for button in (pane._sent, pane._received, pane._dtmf, pane._voice, pane._hold, pane._pause):
        assert button.text()
        assert button.accessibleDescription()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert pane._levels.accessibleName()


def test_painting_drops_no_reference_of_none() -> None:
    """PySide6 6.12.0 on Python 3.10 and 3.11 drops one with each painter call, until the process aborts."""
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    pens = [QPen(QColor(name)) for name in ("red", "green")]
    before = sys.getrefcount(None)
    painter = QPainter(image)
    for turn in range(10_000):
        painter.setPen(pens[turn % 2])
        painter.drawRect(QRectF(turn % 50, 3, 5, 5))
    painter.end()
    assert sys.getrefcount(None) > before - 200


def test_live_frames_drop_no_reference_of_none(ring: DisplayRing, pane: AnalyzerPane) -> None:
    sound = np.concatenate([to_int16(tone("5", 0.3)), noise(0.3)])
    before = 0
    for frame in range(260):
        if frame == 20:
            before = sys.getrefcount(None)
        place = frame * 256 % (sound.size - 256)
        ring.write("received", sound[place : place + 256], START + frame * 0.032)
        pane.mark(START + frame * 0.032, "5", "received", 0.02)
        pane.refresh()
        pane.grab()
    assert sys.getrefcount(None) > before - 500
