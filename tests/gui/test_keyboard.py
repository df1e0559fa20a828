import pytest
from gui_phone import Phone
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dtmfphone.engine.commands import KeyDown, KeyUp

PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def strike(
    phone: Phone,
    kind: QEvent.Type,
    text: str,
    *,
    key: int = 0,
    scan: int = 0,
    modifiers: Qt.KeyboardModifier = PLAIN,
    repeat: bool = False,
) -> None:
    """Send a key event the way the window system does: to the window, not to a widget."""
    event = QKeyEvent(kind, key or ord(text.upper() or " "), modifiers, scan, 0, 0, text, repeat)
    QApplication.sendEvent(phone.window.windowHandle(), event)


def press(phone: Phone, text: str, **more: object) -> None:
    strike(phone, QEvent.Type.KeyPress, text, **more)  # type: ignore[arg-type]


def release(phone: Phone, text: str, **more: object) -> None:
    strike(phone, QEvent.Type.KeyRelease, text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "key"), [(c, c) for c in "0123456789*#ABCD"] + [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]
)
def test_the_keyboard_dials(phone: Phone, text: str, key: str) -> None:
    press(phone, text, scan=20)
    release(phone, text, scan=20)
    assert phone.commands == [KeyDown(key=key), KeyUp(key=key)]


def test_the_keypad_of_the_keyboard_dials(phone: Phone) -> None:
    keypad = Qt.KeyboardModifier.KeypadModifier
    press(phone, "5", scan=84, modifiers=keypad)
    release(phone, "5", scan=84, modifiers=keypad)
    assert phone.commands == [KeyDown(key="5"), KeyUp(key="5")]


def test_a_release_is_matched_by_the_physical_key(phone: Phone) -> None:
    press(phone, "#", scan=12, modifiers=SHIFT)
    release(phone, "3", scan=12)  # Shift was let go first
    assert phone.commands == [KeyDown(key="#"), KeyUp(key="#")]


def test_without_scan_codes_the_key_must_do(phone: Phone) -> None:
    press(phone, "7")
    release(phone, "7")
    assert phone.commands == [KeyDown(key="7"), KeyUp(key="7")]


def test_repeats_change_nothing(phone: Phone, qtbot: QtBot) -> None:
    press(phone, "5", scan=14)
    for _ in range(5):
        release(phone, "5", scan=14, repeat=True)
        press(phone, "5", scan=14, repeat=True)
    assert phone.commands == [KeyDown(key="5")]
    assert phone.session.keypad.held == {"5"}
    release(phone, "5", scan=14)
    qtbot.waitUntil(lambda: phone.commands == [KeyDown(key="5"), KeyUp(key="5")], timeout=2000)


@pytest.mark.parametrize("field", ["target", "dial", "token", "filter", "duration"])
def test_text_fields_keep_their_keys(phone: Phone, field: str) -> None:
    phone.session.call.set_target("https://example.org/offer")
    widget = {
        "target": phone.window.call_bar.target,
        "dial": phone.window.dial_panel.edit,
        "token": phone.window.call_bar.token,
        "filter": phone.window.panes.log.filter,
        "duration": phone.window.dial_panel.duration,
    }[field]
    widget.setFocus()
    press(phone, "5", scan=14)
    release(phone, "5", scan=14)
    assert phone.commands == []


def test_a_key_held_into_a_text_field_is_still_let_go(phone: Phone) -> None:
    press(phone, "5", scan=14)
    phone.window.dial_panel.edit.setFocus()
    release(phone, "5", scan=14)
    assert phone.commands == [KeyDown(key="5"), KeyUp(key="5")]


@pytest.mark.parametrize(
    "modifier",
    [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.MetaModifier],
)
def test_chords_do_not_dial(phone: Phone, modifier: Qt.KeyboardModifier) -> None:
    press(phone, "c", scan=54, modifiers=modifier)
    assert phone.commands == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_space_and_enter_hold_the_focused_key(phone: Phone, key: Qt.Key) -> None:
    phone.window.keypad.buttons["9"].setFocus()
    press(phone, " ", key=key.value, scan=65)
    assert phone.commands == [KeyDown(key="9")]
    release(phone, " ", key=key.value, scan=65)
    assert phone.commands == [KeyDown(key="9"), KeyUp(key="9")]


def test_other_keys_pass(phone: Phone) -> None:
    press(phone, "x", scan=53)
    press(phone, "", key=Qt.Key.Key_F5.value, scan=71)
    assert phone.commands == []
