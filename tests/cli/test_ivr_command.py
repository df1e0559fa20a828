import json
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from dtmfphone.__main__ import main
from dtmfphone.ivr import espeak

GOOD = "title: Short\nstart: bye\nnodes:\n  bye: {hang_up: Bye.}\n"


def test_check_says_that_nothing_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(GOOD)
    assert main(["ivr", "check", str(file), "reception"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"{file}: Short: 1 nodes, nothing is wrong."
    assert out[1].startswith("reception: Bright Smile Dental reception: 11 nodes")


def test_check_says_all_that_is_wrong_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("title: Short\nstart: a\nnodes:\n  a: {say: Hi., next: b}\n  c: {say: '', next: a}\n")
    assert main(["ivr", "check", str(file), "reception"]) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "own.yaml:4:23: a: there is no node 'b': use one of a, c",
        "own.yaml:5:12: the prompt of c is empty: write what the caller should hear",
    ]
    assert printed.out.startswith("reception: ")


def test_check_of_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivr", "check", "no/such.yaml"]) == 1
    assert "cannot be read (No such file or directory): check the path" in capsys.readouterr().err


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivr", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "dtmfphone IVR script"


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = [sys.executable, "-m", "dtmfphone", "ivr", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_graph_draws_a_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivr", "graph", "dental"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("<svg ")
    file = tmp_path / "dental.svg"
    assert main(["ivr", "graph", "dental", "-o", str(file)]) == 0
    assert file.read_text() == printed
    assert main(["ivr", "graph", "dental", "-o", str(tmp_path / "no" / "x.svg")]) == 1
    assert main(["ivr", "graph", "nobody"]) == 1
    assert (
        capsys.readouterr().err.splitlines()[0].endswith("No such file or directory. Name a file that can be written.")
    )


def test_voices_are_listed_by_language(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    assert main(["ivr", "voices", "--language", "fr"]) == 0
    *voices, empty, variants = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in voices] == ["fr-be", "fr-ch", "fr-fr"]
    assert empty == ""
    assert variants.startswith("Variants, as in fr-be+f3: ")
    assert main(["ivr", "voices"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 100
    assert main(["ivr", "voices", "--language", "f"]) == 1
    assert "espeak-ng has no voice of the language 'f'. See: " in capsys.readouterr().err


def test_say_writes_a_sound_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    file = tmp_path / "hallo.wav"
    assert main(["ivr", "say", "Guten Tag.", "--voice", "de+f2", "-o", str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"{file}: ")
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (16000, 1)
        assert 0.4 < sound.getnframes() / 16000 < 2
    slow = tmp_path / "slow.wav"
    assert main(["ivr", "say", "Guten Tag.", "--voice", "de+f2", "--words-per-minute", "80", "-o", str(slow)]) == 0
    assert slow.stat().st_size > 1.3 * file.stat().st_size


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["Hi.", "--voice", "xx", "-o", "x.wav"], 1, "espeak-ng has no voice 'xx'. See: dtmfphone ivr voices."),
        (["...", "-o", "x.wav"], 1, "espeak-ng says nothing for '...'."),
        (["Hi.", "-o", "x.mp3"], 2, "x.mp3 is no sound file. Name one that ends in .wav or .flac."),
        (["Hi.", "--words-per-minute", "20", "-o", "x.wav"], 2, "--words-per-minute is 20. Use 80 to 450."),
        (["Hi.", "-o", "no/such/x.wav"], 1, "no/such/x.wav: No such file or directory. Name a file that can"),
    ],
)
def test_what_cannot_be_said(
    words: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    monkeypatch.chdir(tmp_path)
    assert main(["ivr", "say", *words]) == code
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_espeak_check_says_that_it_does_not_know_the_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(espeak, "_speaker", None)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    file = tmp_path / "own.yaml"
    file.write_text(GOOD + "voice: xx\n")
    assert main(["ivr", "check", str(file), "reception"]) == 0
    own, reception = capsys.readouterr().out.splitlines()
    assert own.endswith(
        "wrong. Whether there is a voice 'xx' is not known: the package espeakng_loader is not installed."
    )
    assert reception.endswith("nothing is wrong.")


def test_without_espeak_both_name_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(espeak, "_speaker", None)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    for words in (["voices"], ["say", "Hi.", "-o", str(tmp_path / "x.wav")]):
        assert main(["ivr", *words]) == 1
        assert "espeakng_loader is not installed. Install the speech extra: pip install" in capsys.readouterr().err
