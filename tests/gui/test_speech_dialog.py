import pytest
from gui_phone import Phone
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from dtmfphone.engine.commands import SetSpeech
from dtmfphone.engine.events import Started
from dtmfphone.gui.speech_dialog import HONEST, SpeechDialog

NAMES = ("pocketsphinx", "vosk", "whisper", "parrot")


def opened(phone: Phone) -> SpeechDialog:
    phone.feed(Started(t=0.0, version="0", wall_clock=0.0, recognizers=NAMES))
    phone.commands.clear()
    phone.window.actions_by_id["speech"].trigger()
    dialog = phone.window.findChildren(SpeechDialog)[-1]
    assert dialog.isVisible()
    return dialog


def test_it_is_off_until_it_is_chosen(phone: Phone, qtbot: QtBot) -> None:
    dialog = opened(phone)
    assert [button.text() for button in dialog.buttons.values()] == ["Off", "pocketsphinx", "Vosk", "Whisper", "parrot"]
    assert (dialog.recognizer, dialog.hint.text(), dialog.folder.isEnabled()) == ("", "", False)
    dialog.buttons["pocketsphinx"].setChecked(True)
    assert dialog.hint.text() == HONEST
    qtbot.waitUntil(lambda: dialog.hint.height() >= dialog.hint.heightForWidth(dialog.hint.width()))
    assert "up to four words" in HONEST
    assert "Experimental" in HONEST
    dialog.phone.setChecked(True)
    dialog.use.click()
    assert phone.commands == [SetSpeech(recognizer="pocketsphinx", phone=True)]
    assert not dialog.isVisible()


def test_a_model_is_needed_and_its_folder_remembered(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(phone)
    dialog.buttons["vosk"].setChecked(True)
    assert (dialog.use.isEnabled(), dialog.hint.text()) == (False, "Vosk needs the folder of a model.")
    asked: list[str] = []

    def choose(_parent: object, title: str, _start: str) -> str:
        asked.append(title)
        return "/models/vosk=small"

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    dialog.browse.click()
    assert asked == ["Folder of the model for Vosk"]
    dialog.buttons["parrot"].setChecked(True)
    assert (dialog.folder.text(), dialog.use.isEnabled()) == ("", True)
    dialog.buttons["vosk"].setChecked(True)
    dialog.use.click()
    assert phone.commands == [SetSpeech(recognizer="vosk", model="/models/vosk=small")]
    phone.session.save()
    assert (phone.settings.recognizer, phone.settings.model_folders) == ("vosk", {"vosk": "/models/vosk=small"})
    again = opened(phone)
    assert (again.recognizer, again.folder.text()) == ("vosk", "/models/vosk=small")
    again.close()
    assert phone.commands == []


def test_what_is_gone_is_off(phone: Phone) -> None:
    phone.session.speech.recognizer = "lost"
    assert opened(phone).recognizer == ""
