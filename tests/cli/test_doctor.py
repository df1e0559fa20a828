import importlib.metadata
import json
import subprocess
import sys

import pytest

from dtmfphone.cli import doctor


def test_every_line_is_an_object_and_calls_work_here() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dtmfphone", "doctor", "--json"], capture_output=True, text=True, check=False
    )
    found = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0
    assert found["aiortc"]["ok"]
    assert found["aiortc"]["found"] == importlib.metadata.version("aiortc")
    assert all(line["remedy"] for line in found.values() if not line["ok"])


def test_a_missing_package_is_named_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = importlib.metadata.version

    def version(name: str) -> str:
        if name == "aiortc":
            raise importlib.metadata.PackageNotFoundError(name)
        return there(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert doctor.main(["--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    missing = next(line for line in lines if line["name"] == "aiortc")
    assert (missing["ok"], missing["remedy"]) == (False, "Run make run.")


def test_the_faulty_qt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: doctor.FAULTY_QT)
    qt = next(check for check in doctor.checks() if check.name == "PySide6_Essentials")
    assert qt.ok == (sys.version_info >= (3, 12))


def test_a_missing_library_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SYSTEM_LIBRARIES", {"libnowhere.so.9": ("libnowhere9", "window")})
    check = next(check for check in doctor.checks() if check.name == "libnowhere.so.9")
    assert not check.ok
    assert check.remedy == "sudo apt install libnowhere9"


def test_it_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.main([])
    assert "Works:" in capsys.readouterr().out
