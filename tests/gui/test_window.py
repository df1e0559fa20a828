import re
from itertools import pairwise
from pathlib import Path

import pytest
from gui_phone import FakeLink, Phone
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from sip_messages import invite

from dtmfphone.engine.commands import Account, KeyDown, KeyUp, Serve, StopDialing, StopServing
from dtmfphone.engine.events import (
    CallChanged,
    CollectorChanged,
    Device,
    DevicesChanged,
    Dialing,
    Direction,
    HoldChanged,
    ServerChanged,
    Sighting,
    SightingStarted,
    Started,
    Statistics,
)
from dtmfphone.gui.actions import ACTIONS, MENUS
from dtmfphone.gui.dialogs import ShortcutsDialog
from dtmfphone.gui.phone_column import COLUMN_WIDTH
from dtmfphone.gui.serve_model import DEFAULT_LISTEN
from dtmfphone.gui.shadow_choice import ShadowChoice
from dtmfphone.gui.theme import DARK, LIGHT, Theme
from dtmfphone.gui.widgets import ElidedLabel


class Pane(QWidget):
    """Stands in for the analyzer pane."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.themes = [theme]
        self.marks: list[tuple[float, str, Direction, float]] = []
        self.paused = False
        QVBoxLayout(self).addWidget(QLabel("analyzer"))

    def set_theme(self, theme: Theme) -> None:
        self.themes.append(theme)

    def mark(self, t: float, text: str, direction: Direction, duration: float = 0.0) -> None:
        self.marks.append((t, text, direction, duration))

    def set_paused(self, paused: bool) -> None:
        self.paused = paused


def lively(phone: Phone) -> None:
    """Show as much as can be shown at once."""
    phone.session.shadows.choose(ShadowChoice(standard=True))
    phone.call()
    phone.feed(
        DevicesChanged(t=1.0, devices=(Device(name="USB headset", inputs=1, outputs=2),), input="a", output="b"),
        Statistics(
            t=600.0,
            call="c1",
            leg="phone",
            packets_sent=30000,
            packets_received=29876,
            packets_lost=124,
            event_packets_sent=10,
            event_packets_received=10,
            jitter_ms=12.3,
            lateness_p99_ms=12.3,
            lateness_max_ms=23.4,
        ),
        Dialing(t=2.0, call="c1", state="waiting", remaining="123456789*0#,,w5" * 4, sent=12),
        CollectorChanged(
            t=2.0,
            call="i",
            state="confirming",
            digits="4072" * 4,
            expected="1 to confirm, 2 to start again",
            timer="first-digit",
            timer_seconds=10.0,
            timer_left=9.0,
        ),
        CollectorChanged(
            t=2.0,
            call="i",
            state="failed",
            digits="4072" * 4,
            end_reason="wrong count",
            mode="livekit",
            shadow="LiveKit",
            collection=128,
            result="Digits input not fully received. Expect 4 digits, got 16",
        ),
        CollectorChanged(
            t=2.0,
            call="i",
            state="confirming",
            digits="4072" * 4,
            timer="confirm",
            timer_seconds=10.0,
            timer_left=9.0,
            shadow="Standard",
            collection=128,
        ),
    )


def _option(box: QComboBox) -> QStyleOptionComboBox:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    return option


def assert_nothing_is_clipped(phone: Phone) -> None:
    checked = 0
    for widget in phone.window.findChildren(QWidget):
        parent = widget.parentWidget()
        if not widget.isVisible() or parent is None or parent.isWindow() or "qt_" in widget.objectName():
            continue
        if isinstance(widget, QLabel | QPushButton | QComboBox | QSpinBox | QLineEdit | QToolButton):
            top_left = widget.mapTo(phone.window, QPoint(0, 0))
            box = widget.rect().translated(top_left)
            assert phone.window.rect().contains(box), f"{widget} {widget.accessibleName()} {box}"
            assert parent.rect().contains(widget.geometry()), f"{widget} {widget.accessibleName()}"
            checked += 1
        if isinstance(widget, QSpinBox):
            field = widget.lineEdit()
            needed = field.fontMetrics().horizontalAdvance(widget.text()) + field.textMargins().left()
            assert field.width() >= needed, widget.text()
        if isinstance(widget, QPushButton):
            assert widget.width() >= widget.fontMetrics().horizontalAdvance(widget.text()) + 8, widget.text()
        if isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel) and not widget.wordWrap():
            assert widget.width() >= widget.minimumSizeHint().width(), widget.text()
    assert checked > 20
    column = [phone.window.call_bar, phone.window.keypad, phone.window.dial_panel, phone.window.collector]
    for upper, lower in pairwise(column):
        assert upper.geometry().bottom() < lower.geometry().top()


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (980, 560), (1920, 1080), (390, 560)], ids=str)
def test_nothing_is_clipped(phone: Phone, size: tuple[int, int]) -> None:
    lively(phone)
    phone.window.dial_panel.duration.setValue(6000)
    phone.window.dial_panel.gap.setValue(6000)
    phone.window.actions_by_id["fold"].setChecked(size[0] < 400)
    phone.window.resize(*size)
    QApplication.processEvents()
    assert phone.window.size() == QSize(*size)
    assert_nothing_is_clipped(phone)


@pytest.mark.parametrize("pane", ["log", "trace", "history", "ivr"])
@pytest.mark.parametrize("state", ["rings", "held", "says", "idle"])
def test_nothing_is_clipped_where_it_is_narrow(phone: Phone, pane: str, state: str) -> None:
    phone.session.accounts.put(Account(name="alice at work", address="sip:alice@a.example"))
    phone.session.call.set_target("sip:reception@127.0.0.1:5080")
    if state == "rings":
        phone.feed(CallChanged(t=1.0, call="c1", leg="phone", state="incoming", target="sip:b@c", account="alice"))
    if state == "says":
        lively(phone)
        phone.window.actions_by_id["say"].trigger()
    if state == "held":
        lively(phone)
        phone.feed(HoldChanged(t=2.0, call="c1", here=True, there=True))
    phone.feed(invite(), invite(2.0, "192.0.2.7:5060", "d2"))
    phone.window.panes.mark("history", "(3)")
    phone.window.resize(980, 560)
    phone.window.actions_by_id[f"show-{pane}"].trigger()
    QApplication.processEvents()
    assert phone.window.size() == QSize(980, 560)
    assert_nothing_is_clipped(phone)
    for box in phone.window.findChildren(QComboBox):
        if box.isVisible() and not box.isEditable():
            edit = box.style().subElementRect(QStyle.SubElement.SE_ComboBoxFocusRect, _option(box), box)
            icon = box.iconSize().width() + 4 if not box.itemIcon(box.currentIndex()).isNull() else 0
            assert edit.width() >= box.fontMetrics().horizontalAdvance(box.currentText()) + icon, box.currentText()


def test_folding_leaves_a_phone_and_comes_back(phone: Phone) -> None:
    phone.window.resize(1100, 700)
    fold = phone.window.actions_by_id["fold"]
    fold.trigger()
    assert phone.window.size() == QSize(390, 560)
    assert not phone.window.panes.log.isVisible()
    fold.trigger()
    assert phone.window.size() == QSize(1100, 700)
    assert phone.window.panes.log.isVisible()
    assert phone.window.call_bar.width() == COLUMN_WIDTH


def test_the_window_comes_back_as_it_was_left(phone: Phone, qtbot: QtBot) -> None:
    phone.window.resize(980, 700)  # as large as the platform's screen lets it come back
    phone.window.actions_by_id["fold"].trigger()
    phone.look.choose("light")
    phone.window.close()
    assert (phone.settings.folded, phone.settings.theme) == (True, "light")
    from dtmfphone.gui.session import Session
    from dtmfphone.gui.window import MainWindow

    again = MainWindow(Session(phone.settings), phone.settings, phone.look)
    qtbot.addWidget(again)
    assert again.folded
    again.actions_by_id["fold"].trigger()
    assert again.size() == QSize(980, 700)


@pytest.mark.parametrize("how", ["deactivate", "close"])
def test_leaving_the_window_ends_the_tone(phone: Phone, qtbot: QtBot, how: str) -> None:
    phone.session.keypad.press("5", "test")
    if how == "close":
        phone.window.close()
    else:
        other = QDialog()
        qtbot.addWidget(other)
        other.show()
        qtbot.waitUntil(lambda: not phone.window.isActiveWindow(), timeout=2000)
    assert phone.commands[:2] == [KeyDown(key="5"), KeyUp(key="5")]


def test_the_analyzer_comes_after_the_first_paint(phone: Phone, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: phone.window._painted, timeout=2000)
    panes: list[Pane] = []

    def make(theme: Theme) -> Pane:
        panes.append(Pane(theme))
        return panes[-1]

    phone.window.use_analyzer(make)
    assert panes[0].themes == [DARK]
    qtbot.waitUntil(panes[0].isVisible, timeout=2000)
    phone.window.actions_by_id["theme-light"].trigger()
    assert panes[0].themes == [DARK, LIGHT]
    phone.window.actions_by_id["pause"].trigger()
    assert panes[0].paused
    guess = SightingStarted(
        t=0.5, call="c", leg="phone", id="0", direction="sent", key="7", method="inband", start=0.5, tentative=True
    )
    phone.feed(
        guess,
        SightingStarted(t=1.0, call="c", leg="phone", id="1", direction="sent", key="5", method="rfc4733", start=1.0),
        Sighting(
            t=1.2, call="c", leg="ivr", id="2", direction="received", key="5", method="rfc4733", start=1.0, duration=0.1
        ),
    )
    assert panes[0].marks == [(1.0, "5", "sent", 0.0)]
    phone.window.use_analyzer(make)
    qtbot.waitUntil(panes[1].isVisible, timeout=2000)
    assert not isValid(panes[0])


def test_a_folded_window_needs_no_analyzer(phone: Phone, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: phone.window._painted, timeout=2000)
    fold = phone.window.actions_by_id["fold"]
    fold.trigger()
    made: list[Theme] = []

    def make(theme: Theme) -> Pane:
        made.append(theme)
        return Pane(theme)

    phone.window.use_analyzer(make)
    assert made == []
    fold.trigger()
    assert made == [DARK]


def test_a_lost_engine_can_be_restarted(phone: Phone, qtbot: QtBot) -> None:
    phone.call()
    with qtbot.waitSignal(phone.bridge.lost, timeout=2000):
        phone.link.lose("The engine stopped (exit code -9); calls have ended.")
    bar, notice = phone.window.call_bar, phone.window.notice
    assert bar.chip.text == "Engine stopped"
    assert not bar.button.isEnabled()
    assert notice.text.text().startswith("The engine stopped")
    first: FakeLink = phone.link
    notice.button.click()
    assert phone.link is not first
    assert (first.closed, phone.link.started) == (True, True)
    assert bar.chip.text == "Starting"
    phone.feed(Started(t=0.0, version="0", wall_clock=0.0))
    assert (bar.chip.text, bar.button.isEnabled()) == ("Ready", True)


def test_export_says_how_it_went(phone: Phone, tmp_path: Path) -> None:
    phone.call()
    phone.window.panes.export_to(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").count("\n") == 3
    assert phone.window.notice.text.text().startswith("Saved 2 rows")
    phone.window.panes.export_to(tmp_path / "none" / "log.csv")
    assert "No such file" in phone.window.notice.text.text()
    assert "folder that you may write to" in phone.window.notice.remedy.text()


def test_serving(phone: Phone) -> None:
    serve = phone.window.actions_by_id["serve"]
    serve.trigger()
    assert phone.commands == [Serve(listen=DEFAULT_LISTEN)]
    assert not serve.isChecked()
    phone.feed(ServerChanged(t=1.0, state="listening", url="http://127.0.0.1:8080", ivr="reception"))
    assert serve.isChecked()
    assert phone.window.status.server.text() == "reception answers at http://127.0.0.1:8080"
    serve.trigger()
    assert phone.commands[1:] == [StopServing()]


def test_escape_ends_held_keys_and_the_queue(phone: Phone) -> None:
    phone.session.keypad.press("5", "test")
    phone.window.actions_by_id["stop"].trigger()
    assert phone.commands == [KeyDown(key="5"), KeyUp(key="5"), StopDialing()]


def test_paste_goes_into_the_dial_string(phone: Phone) -> None:
    QApplication.clipboard().setText("  12#,w4\nsecond line")
    phone.window.actions_by_id["paste"].trigger()
    assert phone.window.dial_panel.edit.text() == "12#,w4"
    assert phone.window.dial_panel.edit.hasFocus()


def test_digits_typed_at_once_go_to_the_keypad(phone: Phone) -> None:
    assert not isinstance(QApplication.focusWidget(), QLineEdit | QComboBox)


def test_actions_are_complete(phone: Phone) -> None:
    shortcuts = [spec.shortcut for spec in ACTIONS if spec.shortcut]
    assert len(set(shortcuts)) == len(shortcuts)
    assert {spec.menu for spec in ACTIONS} == set(MENUS)
    menus = {
        re.sub("&", "", menu.text()): [action.objectName() for action in menu.menu().actions()]  # type: ignore[attr-defined]
        for menu in phone.window.menuBar().actions()
    }
    for spec in ACTIONS:
        assert spec.id in menus[spec.menu]
        assert phone.window.actions_by_id[spec.id].shortcut().toString() == spec.shortcut


def test_every_control_has_a_name(phone: Phone) -> None:
    for widget in phone.window.findChildren(QWidget):
        if isinstance(widget, QPushButton | QToolButton | QComboBox | QSpinBox | QLineEdit):
            inner = isinstance(widget.parentWidget(), QSpinBox) or widget.objectName().startswith("qt_")
            text = widget.text() if not isinstance(widget, QComboBox) else ""
            if not inner and widget.isVisibleTo(phone.window):
                assert widget.accessibleName() or text, widget


def test_shortcuts_are_listed(phone: Phone, qtbot: QtBot) -> None:
    phone.window.actions_by_id["shortcuts"].trigger()
    dialog = phone.window.findChild(ShortcutsDialog)
    assert dialog is not None
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert all(spec.tip in texts for spec in ACTIONS if spec.shortcut)
    assert dialog.windowModality() == Qt.WindowModality.NonModal
    dialog.close()


def test_sound_menu(phone: Phone) -> None:
    phone.feed(
        DevicesChanged(
            t=1.0,
            devices=(Device(name="Mic & Co", inputs=1, outputs=0), Device(name="Box", inputs=0, outputs=2)),
            input="Mic & Co",
            output="Box",
        )
    )
    menu = phone.window._sound
    names = [action.text() for action in menu.microphones.actions() if action.text()]
    assert names == ["System default", "Off", "Mic && Co"]
    phone.commands.clear()
    menu.microphones.actions()[-1].trigger()
    menu.sidetones[0.7].trigger()
    phone.window.actions_by_id["mute"].trigger()
    assert [type(command).__name__ for command in phone.commands] == ["SelectDevices", "SetAudio", "SetAudio"]
    assert phone.session.status.input == "Mic & Co"
    assert phone.session.status.sidetone == 0.7
    assert phone.session.status.sound_text == "Speaker Box · Microphone muted"


def test_a_missing_sound_card_is_named_with_the_remedy(phone: Phone) -> None:
    phone.feed(DevicesChanged(t=1.0, problem="PortAudio is missing.", remedy="Install libportaudio2."))
    assert phone.window.status.sound.whole == "PortAudio is missing. Install libportaudio2."


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_theme_reaches_every_corner(phone: Phone, theme: Theme) -> None:
    phone.look.choose(theme.name)
    picture = QPixmap(phone.window.grab()).toImage()
    assert picture.pixelColor(2, picture.height() - 2).name() == theme.bg
    card = phone.window.panes.log.geometry()
    inside = phone.window.panes.log.mapTo(phone.window, QPoint(card.width() // 2, card.height() - 20))
    assert picture.pixelColor(inside).name() == theme.panel
