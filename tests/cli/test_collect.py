"""`dtmfphone collect` as a program that feeds it sees it."""

import io
import json
import subprocess
import sys

import pytest

from dtmfphone.__main__ import main

COMMAND = [sys.executable, "-m", "dtmfphone", "collect", "--jsonl", "--mode"]
GOOD = b'{"id":"a","num_digits":1,"events":[{"t":1,"key":"1"},{"t":2,"key":"#"}]}\n'


def collected(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: bytes) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code = main(["collect", "--mode", "livekit", "--jsonl"])
    out, err = capsys.readouterr()
    return code, out, err


def test_each_case_is_answered_and_a_wrong_line_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"\xef\xbb\xbf" + GOOD + b'\n{"id":"b"}\n' + b" " * (1 << 22) + b"{}\n" + b'{"id":3,"num_digits":1}'
    code, out, err = collected(capsys, monkeypatch, data)
    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == [
        {"id": "a", "outcome": "done", "user_input": "1", "digits": "1", "at": 2.0, "got": 1},
        {"id": 3, "outcome": "waiting", "user_input": None, "digits": "", "at": None, "got": 0},
    ]
    assert err.splitlines() == [
        "dtmfphone: line 3: num_digits is missing: give it",
        "dtmfphone: line 4: the line is longer than 4194304 bytes: split it",
    ]
    assert collected(capsys, monkeypatch, GOOD)[0] == 0


def test_an_answer_comes_before_the_next_case() -> None:
    with subprocess.Popen([*COMMAND, "standard"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for _ in range(2):
            program.stdin.write(GOOD)
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["reason"] == "count"
        program.stdin.close()
        assert program.wait(10) == 0


def test_a_reader_that_goes_away_is_no_trouble() -> None:
    with subprocess.Popen(
        [*COMMAND, "livekit"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        program.stdin.write(GOOD)
        program.stdin.close()
        assert program.wait(10) == 1
        assert program.stderr.read() == b""


def test_what_is_asked_for_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--jsonl"], ["--mode", "livekit"], ["--mode", "other", "--jsonl"]):
        with pytest.raises(SystemExit) as left:
            main(["collect", *words])
        assert left.value.code == 2
    capsys.readouterr()
