from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from dtmfphone.engine.commands import HangUp, PlaceCall
from dtmfphone.engine.events import CallChanged, Started, Statistics


def items(phone: Phone) -> list[str]:
    target = phone.window.call_bar.target
    return [target.itemText(index) for index in range(target.count())]


def test_one_click_calls_the_built_in_ivr(phone: Phone) -> None:
    bar = phone.window.call_bar
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert phone.commands == [PlaceCall(target="builtin:reception")]
    assert (bar.button.text(), bar.chip.text) == ("Hang up", "Calling")
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert phone.commands[1:] == [HangUp()]


def test_a_double_click_does_not_hang_up(phone: Phone) -> None:
    button = phone.window.call_bar.button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert phone.commands == [PlaceCall(target="builtin:reception")]


def test_a_typed_target_is_called_and_remembered(phone: Phone) -> None:
    edit = phone.window.call_bar.target.lineEdit()
    assert isinstance(edit, QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, "https://a.example/offer")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert phone.commands == [PlaceCall(target="https://a.example/offer")]
    assert phone.settings.targets == ["https://a.example/offer"]
    assert items(phone) == ["https://a.example/offer", "builtin:reception", "builtin:pin"]
    assert phone.window.keypad.buttons["1"].hasFocus()


def test_listing_targets_keeps_what_is_typed(phone: Phone) -> None:
    edit = phone.window.call_bar.target.lineEdit()
    assert isinstance(edit, QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, "builtin:p")
    phone.feed(Started(t=0.0, version="0", wall_clock=0.0, ivrs=("one", "two")))
    assert phone.window.call_bar.target.currentText() == "builtin:p"
    assert items(phone) == ["builtin:one", "builtin:two"]


def test_a_token_is_masked_sent_and_never_stored(phone: Phone) -> None:
    bar = phone.window.call_bar
    assert not bar.token.isVisible()
    phone.session.call.set_target("whip+https://a.example/w")
    assert bar.token.isVisible()
    assert bar.token.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(bar.token, "s3cret")
    QTest.keyClick(bar.token, Qt.Key.Key_Return)
    assert phone.commands == [PlaceCall(target="whip+https://a.example/w", token="s3cret")]
    phone.window.close()
    assert "s3cret" not in repr(vars(phone.settings._backend))


def test_what_a_call_shows(phone: Phone) -> None:
    phone.call()
    phone.feed(
        Statistics(
            t=43.5,
            call="c1",
            leg="phone",
            packets_sent=322,
            packets_received=318,
            packets_lost=2,
            event_packets_sent=0,
            event_packets_received=0,
            jitter_ms=1.3,
        )
    )
    bar = phone.window.call_bar
    assert bar.chip.text == "In call 0:42"
    assert {title: label.whole for title, label in bar.facts.items()} == {
        "Codec": "Opus 48 kHz",
        "Event PT": "101 · 48 kHz",
        "Packets": "↑322 ↓318",
        "Loss": "0.6 %",
        "Jitter": "1.3 ms",
    }
    assert not bar.target.isEnabled()


def test_a_failure_says_why_and_one_can_go_on(phone: Phone) -> None:
    phone.feed(
        CallChanged(t=1.0, call="c", leg="phone", state="failed", reason="It was refused.", remedy="Start the server.")
    )
    bar = phone.window.call_bar
    assert bar.chip.text == "Call failed"
    assert bar.detail.text() == "It was refused. Start the server."
    assert (bar.button.text(), bar.button.isEnabled()) == ("Call", True)
    assert phone.window.notice.text.text() == "It was refused."
    assert phone.window.notice.remedy.text() == "Start the server."


def test_the_empty_state_invites(phone: Phone) -> None:
    assert phone.window.call_bar.detail.text() == "Press Call to reach the built-in IVR."
