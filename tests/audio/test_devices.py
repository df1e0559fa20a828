"""Choosing among devices, and saying in one sentence why there is none."""

import pytest

from dtmfphone.audio.devices import DeviceList, SoundDevice, SoundError, with_unique_names

HEADSET = SoundDevice("Headset", 1, 2, 0, "ALSA")
WEBCAM = SoundDevice("Webcam", 1, 0, 1, "ALSA")
FOUND = DeviceList((HEADSET, WEBCAM), WEBCAM, HEADSET)


def test_an_empty_name_is_the_default() -> None:
    assert FOUND.choose("", "input") == WEBCAM
    assert FOUND.choose("", "output") == HEADSET


def test_without_a_default_the_first_that_fits_is_taken() -> None:
    assert DeviceList((WEBCAM, HEADSET)).choose("", "output") == HEADSET


def test_none_is_off() -> None:
    assert FOUND.choose("none", "output") is None
    assert DeviceList().choose("none", "input") is None


def test_a_name_is_taken_literally() -> None:
    assert FOUND.choose("Headset", "input") == HEADSET
    with pytest.raises(SoundError, match="There is no speaker named “Webcam”") as caught:
        FOUND.choose("Webcam", "output")
    assert caught.value.remedy == "Plug it in, or choose another speaker."


def test_no_device_is_a_problem_with_a_remedy() -> None:
    with pytest.raises(SoundError, match="There is no microphone named “Phantom”"):
        FOUND.choose("Phantom", "input")
    with pytest.raises(SoundError) as caught:
        DeviceList((SoundDevice("Box", 0, 2, 0),)).choose("", "input")
    assert caught.value.problem == "There is no microphone."
    with pytest.raises(SoundError) as caught:
        DeviceList().choose("", "input")
    assert caught.value.problem == "There is no sound device."
    assert "sound server" in caught.value.remedy


def test_names_become_unique() -> None:
    devices = [
        SoundDevice("Mic", 1, 0, 0, "MME"),
        SoundDevice("Mic", 1, 0, 1, "WASAPI"),
        SoundDevice("Mic", 1, 0, 2, "WASAPI"),
        SoundDevice("Speaker", 0, 2, 3, "WASAPI"),
    ]
    assert [device.name for device in with_unique_names(devices)] == [
        "Mic (MME)",
        "Mic (WASAPI) (1)",
        "Mic (WASAPI) (2)",
        "Speaker",
    ]
