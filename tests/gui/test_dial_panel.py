import pytest
from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from dtmfphone.engine.commands import Dial, SetMethod, SkipWait, StopDialing
from dtmfphone.engine.events import Dialing
from dtmfphone.gui.theme import DARK


def test_typing_and_enter_send(phone: Phone) -> None:
    phone.call()
    panel = phone.window.dial_panel
    panel.duration.setValue(250)
    panel.gap.setValue(40)
    QTest.keyClicks(panel.edit, "12#,,5w6")
    QTest.keyClick(panel.edit, Qt.Key.Key_Return)
    assert phone.commands == [Dial(digits="12#,,5w6", duration_ms=250, gap_ms=40)]
    assert panel.edit.text() == "12#,,5w6"


def test_wrong_characters_are_marked_and_explained(phone: Phone) -> None:
    phone.call()
    panel = phone.window.dial_panel
    panel.edit.setText("12x4")
    assert "“x” cannot be dialled" in panel.info.whole
    assert "position 3" in panel.edit.toolTip()
    assert not panel.send.isEnabled()
    image = panel.edit.grab().toImage()
    reds = sum(
        image.pixelColor(x, y).name() == DARK.bad
        for x in range(12, image.width() - 12)
        for y in range(4, image.height() - 4)
    )
    assert reds > 3
    QTest.keyClick(panel.edit, Qt.Key.Key_Return)
    assert (phone.commands, panel.edit.text()) == ([], "12x4")
    panel.edit.setText("124")
    assert panel.send.isEnabled()


def test_the_queue_is_shown(phone: Phone) -> None:
    phone.call()
    panel = phone.window.dial_panel
    phone.feed(Dialing(t=2.0, call="c1", state="sending", current="2", remaining="34", sent=1))
    assert panel.queue.isVisible()
    assert panel.queue.accessibleName() == "Sending 2, then 34; 1 sent"
    assert not panel.skip.isVisible()
    panel.stop.click()
    phone.feed(Dialing(t=2.0, call="c1", state="waiting", remaining="5", sent=3))
    assert panel.skip.isVisible()
    panel.skip.click()
    assert phone.commands == [StopDialing(), SkipWait()]
    phone.feed(Dialing(t=3.0, call="c1", state="stopped", reason="You stopped it."))
    assert panel.info.isVisible()
    assert panel.info.whole == "You stopped it."


def test_masked_digits_are_hidden_here_too(phone: Phone) -> None:
    phone.call()
    panel = phone.window.dial_panel
    phone.window.actions_by_id["mask"].setChecked(True)
    phone.feed(Dialing(t=2.0, call="c1", state="sending", current="2", remaining="34", sent=1))
    assert panel.queue.accessibleName() == "Sending •, then ••; 1 sent"
    assert panel.edit.echoMode() == QLineEdit.EchoMode.Password


@pytest.mark.parametrize(("index", "method"), [(1, "rfc4733"), (2, "info"), (3, "info-dtmf"), (4, "inband")])
def test_the_method_is_chosen_and_its_reason_shown(phone: Phone, index: int, method: str) -> None:
    phone.call()
    panel = phone.window.dial_panel
    panel.method.setCurrentIndex(index)
    panel.method.activated.emit(index)
    assert phone.commands == [SetMethod(method=method)]  # type: ignore[arg-type]
    assert panel.method.toolTip() == "RFC 4733: the answer offers telephone-event"
    assert phone.window.call_bar.method.whole == panel.method.toolTip()


def test_a_key_without_a_call_is_explained(phone: Phone) -> None:
    phone.session.keypad.press("5", "test")
    assert "press Call first" in phone.window.dial_panel.info.whole
    phone.session.keypad.release("test")
