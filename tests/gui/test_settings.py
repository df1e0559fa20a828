from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QByteArray, QSettings

from dtmfphone.gui.settings import HISTORY_LENGTH, Backend, MemoryBackend, Settings, without_secrets
from dtmfphone.gui.shadow_choice import ShadowChoice


def test_defaults() -> None:
    settings = Settings(MemoryBackend())
    assert (settings.theme, settings.method, settings.codec) == ("system", "auto", "auto")
    assert (settings.duration_ms, settings.gap_ms, settings.sidetone) == (100, 70, 0.3)
    assert settings.targets == []
    assert settings.geometry.isEmpty()
    assert not settings.mask_digits
    assert settings.shadows == ShadowChoice()


def test_values_survive_a_file(tmp_path: Path) -> None:
    def open_settings() -> Settings:
        return Settings(cast(Backend, QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)))

    first = open_settings()
    first.theme, first.method, first.codec = "light", "inband", "pcmu"
    first.duration_ms, first.gap_ms, first.sidetone = 250, 45, 0.7
    first.mask_digits, first.folded = True, False
    first.geometry = QByteArray(b"\x00\x01\xff")
    first.input_device = "none"
    first.shadows = ShadowChoice(livekit=False, standard=True, stop_keys="*#", total_seconds=9.5)
    first.voice, first.recognizer, first.phone_listens = "de", "vosk", True
    first.model_folders = {"vosk": "/a=b", "whisper": ""}
    first.remember_target("builtin:reception")
    del first
    second = open_settings()
    assert (second.theme, second.method, second.codec) == ("light", "inband", "pcmu")
    assert (second.duration_ms, second.gap_ms, second.sidetone) == (250, 45, 0.7)
    assert (second.mask_digits, second.folded) == (True, False)
    assert second.geometry == QByteArray(b"\x00\x01\xff")
    assert second.input_device == "none"
    assert second.shadows == ShadowChoice(livekit=False, standard=True, stop_keys="*#", total_seconds=9.5)
    assert (second.voice, second.recognizer, second.phone_listens) == ("de", "vosk", True)
    assert second.model_folders == {"vosk": "/a=b"}
    assert second.targets == ["builtin:reception"]
    second.remember_target("https://a.example/offer")
    assert open_settings().targets == ["https://a.example/offer", "builtin:reception"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "pink"),
        ("method", 5),
        ("duration_ms", "soon"),
        ("duration_ms", 99999),
        ("sidetone", -1),
        ("shadows", "{"),
    ],
)
def test_what_does_not_fit_reads_as_the_default(key: str, value: object) -> None:
    backend = MemoryBackend()
    backend.setValue(key, value)
    assert getattr(Settings(backend), key) == getattr(Settings(MemoryBackend()), key)


def test_history_keeps_the_latest_once() -> None:
    settings = Settings(MemoryBackend())
    for number in range(HISTORY_LENGTH + 3):
        settings.remember_target(f"builtin:{number}")
    settings.remember_target("builtin:5")
    assert len(settings.targets) == HISTORY_LENGTH
    assert settings.targets[0] == "builtin:5"
    assert settings.targets.count("builtin:5") == 1


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        (" builtin:reception ", "builtin:reception"),
        ("https://ann:secret@host.example:8443/offer?room=7", "https://host.example:8443/offer?room=7"),
        ("whip+https://host.example/whip?access_token=abc", ""),
        ("https://host.example/?api_key=abc", ""),
        ("https://[broken", ""),
    ],
)
def test_secrets_are_not_kept(target: str, kept: str) -> None:
    assert without_secrets(target) == kept
