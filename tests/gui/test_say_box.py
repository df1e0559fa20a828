import pytest
from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from dtmfphone.engine.commands import Dial, ListVoices, Say, StopDialing, StopSaying
from dtmfphone.engine.events import CallChanged, Dialing, SpeechChanged, SpeechVoice, VoicesListed


def test_words_are_typed_and_said_by_enter(phone: Phone) -> None:
    phone.call()
    phone.window.actions_by_id["say"].trigger()
    panel = phone.window.dial_panel
    assert panel.say_box.edit.hasFocus()
    assert phone.commands == [ListVoices()]
    assert panel.info.whole == "Sounds in the call; the IVR takes it as heard; source: typed."
    QTest.keyClicks(panel.say_box.edit, "four five #")
    QTest.keyClick(panel.say_box.edit, Qt.Key.Key_Return)
    assert phone.commands[1:] == [Say(text="four five #")]
    assert panel.say_box.edit.text() == ""
    QTest.keyClick(panel.say_box.edit, Qt.Key.Key_Up)
    assert panel.say_box.edit.text() == "four five #"
    panel.say_box.aloud.click()
    assert not panel.say_box.voice.isEnabled()
    panel.say_box.button.click()
    assert phone.commands[2:] == [Say(text="four five #", aloud=False)]
    QTest.keyClick(panel.say_box.edit, Qt.Key.Key_Up)
    QTest.keyClick(panel.say_box.edit, Qt.Key.Key_Down)
    assert panel.say_box.edit.text() == ""


def test_without_a_call_nothing_can_be_typed(phone: Phone) -> None:
    panel = phone.window.dial_panel
    panel.words.click()
    assert (panel.say_box.edit.isEnabled(), panel.say_box.button.isEnabled()) == (False, False)
    assert "press Call first" in panel.info.whole
    phone.call()
    assert panel.say_box.edit.isEnabled()
    phone.feed(CallChanged(t=9.0, call="c1", leg="phone", state="ended"))
    assert not panel.say_box.edit.isEnabled()


def test_keys_and_words_take_turns_in_one_place(phone: Phone) -> None:
    phone.call()
    panel, actions = phone.window.dial_panel, phone.window.actions_by_id
    assert (panel.edit.isVisible(), panel.say_box.edit.isVisible()) == (True, False)
    height = panel.height()
    panel.words.click()
    assert (panel.edit.isVisible(), panel.say_box.edit.isVisible()) == (False, True)
    assert (panel.method.isVisible(), panel.say_box.voice.isVisible()) == (False, True)
    assert panel.height() == height
    phone.feed(Dialing(t=2.0, call="c1", state="sending", current="2", remaining="34", sent=1))
    assert panel.queue.isVisible()
    phone.commands.clear()
    panel.stop.click()
    actions["dial-string"].trigger()
    assert panel.edit.hasFocus()
    panel.edit.setText("12")
    actions["send"].trigger()
    assert phone.commands == [StopDialing(), Dial(digits="12")]
    actions["say"].trigger()
    actions["paste"].trigger()
    assert panel.words.isChecked() != panel.edit.isVisible()


def test_a_voice_is_chosen_and_remembered(phone: Phone) -> None:
    phone.call()
    box = phone.window.dial_panel.say_box
    phone.window.actions_by_id["say"].trigger()
    assert [box.voice.itemText(row) for row in range(box.voice.count())] == ["Usual voice"]
    phone.feed(VoicesListed(t=2.0, voices=(SpeechVoice(name="de", title="German"), SpeechVoice(name="x", title="Y"))))
    assert [box.voice.itemText(row) for row in range(box.voice.count())] == ["Usual voice", "German (de)", "Y (x)"]
    box.voice.setCurrentIndex(1)
    box.voice.activated.emit(1)
    box.edit.setText("ja")
    phone.commands.clear()
    box.button.click()
    assert phone.commands == [Say(text="ja", voice="de")]
    phone.session.save()
    assert phone.settings.voice == "de"
    phone.feed(VoicesListed(t=3.0, problem="The package is not installed.", remedy="Install it."))
    assert box.voice.toolTip() == "The package is not installed. Install it."
    assert box.voice.currentText() == "de"


@pytest.mark.parametrize("masked", [True, False])
def test_words_may_be_digits(phone: Phone, masked: bool) -> None:
    phone.window.actions_by_id["mask"].setChecked(masked)
    wanted = QLineEdit.EchoMode.Password if masked else QLineEdit.EchoMode.Normal
    assert phone.window.dial_panel.say_box.edit.echoMode() == wanted


def test_the_keyboard_does_not_dial_what_is_said(phone: Phone) -> None:
    phone.call()
    phone.window.actions_by_id["say"].trigger()
    phone.commands.clear()
    QTest.keyClick(phone.window.windowHandle(), Qt.Key.Key_5)
    assert phone.commands == []
    assert phone.window.dial_panel.say_box.edit.text() == "5"


@pytest.mark.parametrize("how", ["button", "escape"])
def test_words_are_cut_short(phone: Phone, how: str) -> None:
    phone.call()
    panel = phone.window.dial_panel
    assert not panel.stop.isEnabled()
    phone.feed(SpeechChanged(t=2.0, call="c1", direction="sent", speaking=True))
    assert panel.stop.isEnabled()
    if how == "button":
        panel.stop.click()
    else:
        phone.window.actions_by_id["stop"].trigger()
    assert phone.commands == [StopDialing(), StopSaying()]
    phone.feed(SpeechChanged(t=3.0, call="c1", direction="sent", speaking=False))
    assert not panel.stop.isEnabled()
