"""`dtmfphone call` and `serve` as a script sees them: lines, exit codes."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest


def dtmfphone(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dtmfphone", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | environment,
    )


def events(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_digit_goes_out_and_the_lines_say_so() -> None:
    done = dtmfphone("call", "builtin:echo", "--digits", "1,2#", "--duration", "60", "--stay", "0.3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = events(done)
    sent = [line for line in found if line["event"] == "key" and line["direction"] == "sent"]
    assert [line["key"] for line in sent] == ["1", "2", "#"]
    for line in sent:
        assert (line["method"], line["leg"], line["clock"]) == ("rfc4733", "phone", 48000)
        assert line["duration"] == pytest.approx(0.06)
        assert isinstance(line["start"], float)
    assert sent[1]["start"] - sent[0]["start"] > 2.0
    received = [line["key"] for line in found if line["event"] == "key" and line["direction"] == "received"]
    assert received == ["1", "2", "#"]
    assert [line["t"] for line in found][-1] > 0
    assert found[0]["event"] == "started"
    assert found[-1]["event"] == "stopped"


def test_digits_can_be_hidden() -> None:
    done = dtmfphone(
        "call", "builtin:pin", "--digits", "4071#", "--method", "inband", "--mask", "--json", "--stay", "1"
    )
    assert done.returncode == 0
    for line in events(done):
        if line["event"] in ("key", "key-start"):
            assert line["key"] == "•"
            assert "low_hz" not in line
        if line["event"] == "collector":
            assert set(line.get("digits", "")) <= {"•"}
        assert "4071" not in json.dumps(line)
        assert "4 0 7 1" not in json.dumps(line)


def test_a_reader_that_goes_away_ends_the_call_quietly() -> None:
    words = [sys.executable, "-m", "dtmfphone", "call", "builtin:echo", "--stay", "30", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(15) == 1


def test_people_get_lines_in_words() -> None:
    done = dtmfphone("call", "builtin:echo", "--digits", "5", "--stay", "0.2")
    assert done.returncode == 0
    assert "phone -> 5  rfc4733  100 ms  7 packets, 3 ends  48000 Hz" in done.stdout
    assert "ivr   <- 5" in done.stdout


def test_a_call_that_fails_is_exit_code_1_with_the_reason() -> None:
    done = dtmfphone("call", "http://127.0.0.1:1/offer", "--digits", "1", "--json")
    assert done.returncode == 1
    failed = next(line for line in events(done) if line["event"] == "call" and line["state"] == "failed")
    assert failed["reason"]
    assert failed["remedy"]


def test_a_far_end_that_hangs_up_before_the_last_digit_is_exit_code_1() -> None:
    done = dtmfphone("call", "builtin:reception", "--digits", "#,,,,,,1", "--json")
    assert done.returncode == 1
    assert any(line["event"] == "call" and line.get("reason") == "The far end hung up." for line in events(done))


@pytest.mark.parametrize(
    "words",
    [
        ["call"],
        ["call", "builtin:echo", "--digits", "12x"],
        ["call", "builtin:echo", "--method", "smoke"],
        ["call", "builtin:echo", "--duration", "10"],
        ["call", "builtin:echo", "--gap", "abc"],
        ["call", "builtin:echo", "--stay", "-1"],
        ["call", "builtin:echo", "--token-env", "NO_SUCH_VARIABLE"],
        ["call", "builtin:echo", "surplus"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_exit_code_2_with_a_sentence(words: list[str]) -> None:
    done = dtmfphone(*words)
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_tells_its_address_and_ends_on_sigterm() -> None:
    words = [sys.executable, "-m", "dtmfphone", "serve", "--listen", "127.0.0.1:0", "--ivr", "echo", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listening = next(line for line in map(json.loads, process.stdout) if line["event"] == "server")
        done = dtmfphone("call", listening["url"].rstrip("/") + "/offer", "--digits", "9", "--stay", "0.3", "--json")
        assert done.returncode == 0
        process.send_signal(signal.SIGTERM)
        rest = [json.loads(line) for line in process.stdout]
        assert process.wait(10) == 0
    keys = [line for line in rest if line["event"] == "key"]
    assert [(line["key"], line["direction"], line["leg"]) for line in keys] == [("9", "received", "ivr")]
    assert rest[-1]["event"] == "stopped"


def test_serve_with_a_fault_is_exit_code_1() -> None:
    done = dtmfphone("serve", "--listen", "127.0.0.1:0", "--ivr", "nobody", "--json")
    assert done.returncode == 1
    assert next(line for line in events(done) if line["event"] == "server")["remedy"]
