import json
from pathlib import Path

import pytest

from dtmfphone.__main__ import main

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
