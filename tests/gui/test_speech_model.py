import pytest
from msgspec.structs import replace

from dtmfphone.engine.commands import AnyCommand, SetSpeech
from dtmfphone.engine.events import Started
from dtmfphone.gui.speech_model import SpeechModel, title_of

STARTED = Started(t=0.0, version="0", wall_clock=0.0, recognizers=("pocketsphinx", "vosk", "parrot"))


@pytest.fixture
def model(qapp: object) -> SpeechModel:
    return SpeechModel()


def test_a_choice_goes_to_the_engine_and_to_the_next_one(model: SpeechModel) -> None:
    commands: list[AnyCommand] = []
    model.command.connect(commands.append)
    model.on_event(STARTED)
    assert (commands, model.recognizers) == ([], ("pocketsphinx", "vosk", "parrot"))
    model.choose("vosk", "/models/small", phone=True)
    model.choose("pocketsphinx")
    model.choose("vosk", model.folders["vosk"], phone=True)
    wanted = SetSpeech(recognizer="vosk", model="/models/small", phone=True)
    assert commands == [wanted, SetSpeech(recognizer="pocketsphinx"), wanted]
    model.on_event(STARTED)
    assert commands[3:] == [replace(wanted, quiet=True)]
    model.choose("", phone=True)
    assert commands[4:] == [SetSpeech()]
    assert model.folders["vosk"] == "/models/small"


def test_names_are_as_their_makers_write_them() -> None:
    assert [title_of(name) for name in STARTED.recognizers] == ["pocketsphinx", "Vosk", "parrot"]
