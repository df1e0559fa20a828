from pytestqt.qtbot import QtBot

from dtmfphone.engine.commands import AnyCommand, SelectDevices, SetAudio, SetSpeech
from dtmfphone.engine.events import Sighting, Started
from dtmfphone.gui.session import LOG_INTERVAL_MS, Session
from dtmfphone.gui.settings import MemoryBackend, Settings
from dtmfphone.gui.shadow_choice import ShadowChoice

STARTED = Started(t=0.0, version="0", wall_clock=0.0)


def key(number: int) -> Sighting:
    return Sighting(
        t=float(number),
        call="c",
        leg="phone",
        id=str(number),
        direction="sent",
        key="5",
        method="rfc4733",
        start=0.0,
        duration=0.1,
    )


def test_the_first_row_comes_at_once_the_rest_in_batches(qtbot: QtBot, settings: Settings) -> None:
    session = Session(settings)
    insertions: list[tuple[int, int]] = []
    session.log.rowsInserted.connect(lambda _parent, first, last: insertions.append((first, last)))
    for number in range(10):
        session.on_events([key(number)])
    assert insertions == [(0, 0)]
    qtbot.waitUntil(lambda: len(insertions) == 2, timeout=2000)
    assert insertions == [(0, 0), (1, 9)]
    qtbot.wait(2 * LOG_INTERVAL_MS)
    session.on_events([key(10)])
    assert insertions[2:] == [(10, 10)]


def test_the_engine_gets_what_was_chosen_before(qapp: object) -> None:
    settings = Settings(MemoryBackend())
    settings.sidetone, settings.output_device = 0.7, "pulse"
    settings.shadows = ShadowChoice(standard=True)
    settings.recognizer, settings.model_folders, settings.phone_listens = "vosk", {"vosk": "/m"}, True
    session = Session(settings)
    commands: list[AnyCommand] = []
    session.command.connect(commands.append)
    session.on_events([STARTED])
    assert commands == [
        SetAudio(muted=False, sidetone=0.7),
        SelectDevices(input="", output="pulse"),
        SetSpeech(recognizer="vosk", model="/m", phone=True, quiet=True),
        ShadowChoice(standard=True).command,
    ]


def test_the_next_session_starts_as_this_one_ended(qapp: object) -> None:
    settings = Settings(MemoryBackend())
    first = Session(settings)
    first.on_events([STARTED])
    first.call.set_method("inband")
    first.call.codec = "pcma"
    first.dial.duration_ms, first.dial.gap_ms = 333, 44
    first.dial.set_text("1234#")
    first.say.set_text("one two three four")
    first.call.token = "s3cret"
    first.call.set_target("https://a.example/offer")
    first.call.place_call()
    first.set_masked(True)
    first.status.select_devices(input_name="none")
    first.save()
    second = Session(settings)
    assert (second.call.method, second.call.codec, second.call.target) == ("inband", "pcma", "https://a.example/offer")
    assert (second.dial.duration_ms, second.dial.gap_ms) == (333, 44)
    assert (second.log.masked, second.status.input) == (True, "none")
    assert (second.dial.text, second.call.token) == ("", "")
    backend = settings._backend
    assert isinstance(backend, MemoryBackend)
    assert "1234" not in repr(backend.values)
    assert "one two" not in repr(backend.values)
    assert "s3cret" not in repr(backend.values)
