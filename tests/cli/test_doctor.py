import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import keyring
import keyring.backends.fail
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


def test_a_qt_that_pyqtgraph_cannot_use_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "6.9.2")
    qt = next(check for check in doctor.checks() if check.name == "PySide6_Essentials")
    assert not qt.ok
    assert "6.10" in qt.remedy


def test_the_recognizer_of_words_and_its_model_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx", reason="install the speech extra")

    def line() -> doctor.Check:
        return next(check for check in doctor.checks() if check.name == "pocketsphinx")

    assert line().ok
    assert line().found == f"{importlib.metadata.version('pocketsphinx')}, English model"
    monkeypatch.setattr(pocketsphinx, "get_model_path", lambda name: "/nowhere/en-us")
    assert (line().ok, line().remedy) == (False, "Install it again.")
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    assert not line().ok
    assert line().remedy.startswith("Install it, for Python 3.11")
    assert line().needed_for == "recognising words"


def test_recognizers_of_others_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    facts = tmp_path / "parrots-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: parrots\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[dtmfphone.recognizers]\nparrot = parrots:Parrot\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = next(check for check in doctor.checks() if check.name == "recognizer parrot")
    assert (found.ok, found.found) == (True, "of parrots 1.0")


def test_no_fonts_names_their_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "FONT_FOLDERS", (str(tmp_path),))
    fonts = next(check for check in doctor.checks() if check.name == "fonts")
    assert (fonts.ok, fonts.remedy) == (False, "sudo apt install fonts-dejavu-core")
    (tmp_path / "dejavu").mkdir()
    (tmp_path / "dejavu" / "Sans.ttf").touch()
    assert next(check for check in doctor.checks() if check.name == "fonts").ok


def test_it_runs_where_nothing_is_installed() -> None:
    """Only the standard library and the checkout: every package is named, and calls cannot work."""
    source = Path(doctor.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-S", "-m", "dtmfphone", "doctor"],
        env={"PYTHONPATH": str(source), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == ""
    for name in doctor.PACKAGES:
        assert f"MISSING {name}: not installed" in done.stdout


def test_a_broken_voice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "espeakng_loader" else find(name))
    voice = next(check for check in doctor.checks() if check.name == "espeak-ng")
    assert (voice.ok, voice.remedy) == (False, "Install the extra speech again.")


def test_a_missing_library_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SYSTEM_LIBRARIES", {"libnowhere.so.9": ("libnowhere9", "window")})
    check = next(check for check in doctor.checks() if check.name == "libnowhere.so.9")
    assert not check.ok
    assert check.remedy == "sudo apt install libnowhere9"


def test_it_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.main([])
    assert "Works:" in capsys.readouterr().out


def test_what_sip_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {check.name: check for check in doctor.checks()}
    assert {"sipmessage", "dnspython", "name servers"} <= {
        check.name for check in found.values() if check.needed_for == "SIP"
    }
    assert (found["system keyring"].ok, found["system keyring"].remedy) == (True, ""), (
        "the tests have a keyring of their own"
    )
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.fail.Keyring)
    missing = next(check for check in doctor.checks() if check.name == "system keyring")
    assert (missing.ok, missing.found, missing.needed_for) == (False, "none", "keeping passwords")
    assert "gnome-keyring" in missing.remedy
