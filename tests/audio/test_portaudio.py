"""What is said when the real library is not there."""

import ctypes.util
import sys

import pytest

from dtmfphone.audio.devices import SoundError
from dtmfphone.audio.portaudio import PortAudio


@pytest.fixture
def _fresh_import(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sounddevice", "_sounddevice"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("_fresh_import")
def test_without_the_library_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(SoundError) as caught:
        PortAudio().devices()
    assert caught.value.problem == "PortAudio is not installed."
    assert caught.value.remedy == "Install it: sudo apt install libportaudio2."


@pytest.mark.usefixtures("_fresh_import")
def test_without_the_binding_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SoundError) as caught:
        PortAudio().devices()
    assert caught.value.problem == "The Python package sounddevice is not installed."
