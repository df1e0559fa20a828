import pytest

from dtmfphone.engine.commands import AnyCommand, SelectDevices, SetAudio
from dtmfphone.engine.events import CallChanged, Device, DevicesChanged, Notice, ServerChanged, Statistics
from dtmfphone.gui.status_model import Message, StatusModel


@pytest.fixture
def model(qapp: object) -> StatusModel:
    return StatusModel()


@pytest.fixture
def messages(model: StatusModel) -> list[Message]:
    got: list[Message] = []
    model.message.connect(got.append)
    return got


def test_sound(model: StatusModel) -> None:
    device = Device(name="pulse", inputs=1, outputs=2)
    model.on_event(DevicesChanged(t=0.0, devices=(device,), input="", output="pulse", xruns=2))
    assert model.sound_text == "Speaker pulse · Microphone off · 2 dropouts"
    assert not model.sound_problem
    model.on_event(DevicesChanged(t=0.0, problem="No PortAudio.", remedy="Install libportaudio2."))
    assert (model.sound_text, model.sound_problem) == ("No PortAudio. Install libportaudio2.", True)


def test_lateness_belongs_to_a_call(model: StatusModel) -> None:
    model.on_event(
        Statistics(
            t=1.0,
            call="c",
            leg="phone",
            packets_sent=1,
            packets_received=1,
            packets_lost=0,
            event_packets_sent=0,
            event_packets_received=0,
            jitter_ms=0.0,
            lateness_p99_ms=1.26,
            lateness_max_ms=4.0,
        )
    )
    assert model.lateness_text == "Send lateness p99 1.3 ms · max 4.0 ms"
    model.on_event(CallChanged(t=2.0, call="c", leg="phone", state="ended"))
    assert model.lateness_text == ""


def test_failures_become_messages(model: StatusModel, messages: list[Message]) -> None:
    model.on_event(Notice(t=0.0, level="warning", text="Odd.", remedy="Look."))
    model.on_event(CallChanged(t=0.0, call="c", leg="phone", state="failed", reason="Refused.", remedy="Try later."))
    model.on_event(ServerChanged(t=0.0, state="failed", reason="Port taken.", remedy="Choose another."))
    model.on_event(CallChanged(t=0.0, call="c", leg="phone", state="ended", reason="Over."))
    assert messages == [
        Message("warning", "Odd.", "Look."),
        Message("error", "Refused.", "Try later."),
        Message("error", "Port taken.", "Choose another."),
    ]


def test_choices_become_commands(model: StatusModel) -> None:
    commands: list[AnyCommand] = []
    model.command.connect(commands.append)
    model.set_muted(True)
    model.set_sidetone(0.7)
    model.select_devices(input_name="none")
    model.select_devices(output_name="pulse")
    assert commands == [
        SetAudio(muted=True, sidetone=0.3),
        SetAudio(muted=True, sidetone=0.7),
        SelectDevices(input="none", output=""),
        SelectDevices(input="none", output="pulse"),
    ]
