import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.engine.commands import AnyCommand, KeyDown, KeyUp
from dtmfphone.gui.keypad import SMALLEST, Keypad
from dtmfphone.gui.keypad_model import KeypadModel
from dtmfphone.gui.look import Look


@pytest.fixture
def model(qapp: QApplication) -> KeypadModel:
    return KeypadModel()


@pytest.fixture
def commands(model: KeypadModel) -> list[AnyCommand]:
    got: list[AnyCommand] = []
    model.command.connect(got.append)
    return got


@pytest.fixture
def keypad(qtbot: QtBot, model: KeypadModel, look: Look) -> Keypad:
    keypad = Keypad(model, look)
    qtbot.addWidget(keypad)
    keypad.show()
    qtbot.waitExposed(keypad)
    return keypad


@pytest.mark.parametrize("char", KEYS)
def test_the_mouse_holds_a_key(keypad: Keypad, commands: list[AnyCommand], char: str) -> None:
    button = keypad.buttons[char]
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert commands == [KeyDown(key=char)]
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert commands == [KeyDown(key=char), KeyUp(key=char)]


def test_the_pointer_may_wander(keypad: Keypad, commands: list[AnyCommand]) -> None:
    button = keypad.buttons["5"]
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    QTest.mouseMove(button, QPoint(-200, -200))
    QTest.mouseMove(button, button.rect().center())
    assert commands == [KeyDown(key="5")]
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton, pos=QPoint(-200, -200))
    assert commands == [KeyDown(key="5"), KeyUp(key="5")]


def test_a_double_click_is_two_presses(keypad: Keypad, commands: list[AnyCommand]) -> None:
    button = keypad.buttons["5"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert commands == [KeyDown(key="5"), KeyUp(key="5")] * 2


def test_the_right_button_dials_nothing(keypad: Keypad, commands: list[AnyCommand]) -> None:
    QTest.mouseClick(keypad.buttons["5"], Qt.MouseButton.RightButton)
    assert commands == []


def test_losing_focus_or_sight_ends_the_tone(keypad: Keypad, commands: list[AnyCommand]) -> None:
    QTest.mousePress(keypad.buttons["5"], Qt.MouseButton.LeftButton)
    keypad.buttons["6"].setFocus()
    assert commands == [KeyDown(key="5"), KeyUp(key="5")]
    QTest.mousePress(keypad.buttons["7"], Qt.MouseButton.LeftButton)
    keypad.hide()
    assert commands[2:] == [KeyDown(key="7"), KeyUp(key="7")]


def test_a_screen_reader_dials(qtbot: QtBot, keypad: Keypad, commands: list[AnyCommand]) -> None:
    interface = QAccessible.queryAccessibleInterface(keypad.buttons["5"])
    actions = interface.actionInterface()
    actions.doAction(QAccessibleActionInterface.pressAction())
    assert commands == [KeyDown(key="5")]
    qtbot.waitUntil(lambda: commands == [KeyDown(key="5"), KeyUp(key="5")], timeout=2000)
    keypad.buttons["6"].click()
    assert commands[2:] == [KeyDown(key="6"), KeyUp(key="6")]


def test_what_a_screen_reader_says(keypad: Keypad) -> None:
    names = {char: button.accessibleName() for char, button in keypad.buttons.items()}
    assert (names["5"], names["*"], names["#"], names["A"]) == ("Digit 5", "Star", "Pound", "Key A")
    assert len(set(names.values())) == 16
    assert keypad.buttons["5"].accessibleDescription() == "770 and 1336 hertz"
    assert QAccessible.queryAccessibleInterface(keypad.buttons["5"]).role() == QAccessible.Role.Button


def test_one_tab_stop_and_arrows(keypad: Keypad) -> None:
    def stops() -> list[str]:
        return [c for c, b in keypad.buttons.items() if b.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert stops() == ["1"]
    keypad.setFocus()
    for key, char in (
        (Qt.Key.Key_Right, "2"),
        (Qt.Key.Key_Down, "5"),
        (Qt.Key.Key_Left, "4"),
        (Qt.Key.Key_Left, "B"),
        (Qt.Key.Key_Up, "A"),
        (Qt.Key.Key_Up, "D"),
    ):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
        assert QApplication.focusWidget() is keypad.buttons[char]
        assert stops() == [char]


def test_keys_are_large_enough_at_the_smallest_size(keypad: Keypad) -> None:
    keypad.resize(keypad.minimumSize())
    for button in keypad.buttons.values():
        assert button.width() >= SMALLEST
        assert button.height() >= SMALLEST


def test_a_sounding_key_and_its_frequencies_are_seen(keypad: Keypad, model: KeypadModel, look: Look) -> None:
    quiet = keypad.grab().toImage()
    model.press("5", "test")
    loud = keypad.grab().toImage()
    middle = keypad.buttons["5"].geometry()
    spot = middle.topLeft() + QPoint(middle.width() // 2, 5)
    assert loud.pixelColor(spot) == QColor(look.theme.accent)
    assert quiet.pixelColor(spot) == QColor(look.theme.raised)
    row = keypad.buttons["4"].geometry()
    labels = [image.copy(0, row.top(), row.left(), row.height()) for image in (quiet, loud)]
    assert labels[0] != labels[1]
    model.release("test")
    assert keypad.grab().toImage() == quiet


def test_painting_does_not_use_up_none(keypad: Keypad) -> None:
    """PySide6 6.12.0 on Python before 3.12 loses a reference to None with each call of a void method."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(20_000):
        painter.drawLine(0, 0, 7, 7)
    painter.end()
    for _ in range(10):
        keypad.grab()
    assert sys.getrefcount(None) > before - 1000
