"""`dtmfphone call` and `serve` as a script sees them: lines, exit codes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MENU = """\
title: A menu
start: a
nodes:
  a:
    menu: One.
    keys: {"1": b, "2": c, "3": a}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  b:
    menu: Two.
    keys: {"1": b, "2": c, "3": a}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  c:
    menu: Three.
    keys: {"1": b, "2": c, "3": a}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  bye: {hang_up: Bye.}
"""


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


def test_keys_and_words_go_out_in_the_order_of_the_flags(tmp_path: Path) -> None:
    script = tmp_path / "menu.yaml"
    script.write_text(MENU)
    turns = ("--digits", "w1", "--type", "two", "--say", "three.")
    done = dtmfphone("call", f"builtin:{script}", *turns, "--stay", "0.5", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = events(done)
    entered = [line["node"] for line in found if line["event"] == "ivr" and line["action"] == "enter"]
    assert entered == ["a", "b", "c", "a"]
    words = [line for line in found if line["event"] == "utterance"]
    assert [(line["leg"], line["text"], line["source"], line.get("keys", "")) for line in words] == [
        ("ivr", "two", "typed", "2"),
        ("phone", "three.", "espeak-ng", "3"),
        ("ivr", "three.", "typed", "3"),
    ]


def test_words_that_nobody_gets_are_exit_code_1() -> None:
    words = [sys.executable, "-m", "dtmfphone", "serve", "--listen", "127.0.0.1:0", "--ivr", "echo", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listening = next(line for line in map(json.loads, process.stdout) if line["event"] == "server")
        done = dtmfphone("call", listening["url"].rstrip("/") + "/offer", "--type", "hello")
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait(10) == 0
    assert done.returncode == 1
    assert "Nobody gets words that do not sound" in done.stdout


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
        words = json.dumps([value for value in line.values() if isinstance(value, str)])
        assert "4071" not in words
        assert "4 0 7 1" not in words


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_goes_away_ends_the_call_quietly(form: list[str]) -> None:
    words = [sys.executable, "-m", "dtmfphone", "call", "builtin:echo", "--stay", "30", *form]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(15) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_full_disk_ends_the_call_with_a_sentence(form: list[str]) -> None:
    words = [sys.executable, "-m", "dtmfphone", "call", "builtin:echo", "--stay", "30", *form]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("dtmfphone: the output cannot be written: No space left on device.")
    assert done.stderr.count("\n") == 1


def test_a_terminal_without_unicode_gets_the_lines_it_can_show() -> None:
    done = dtmfphone("call", "builtin:echo", "--digits", "5", "--stay", "0.2", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "says ?This is the echo test.?" in done.stdout


def test_json_is_utf_8_wherever_it_goes() -> None:
    done = dtmfphone(
        "call", "builtin:echo", "--digits", "5", "--stay", "0", "--mask", "--json", PYTHONIOENCODING="ascii"
    )
    assert done.returncode == 0
    assert any(line["event"] == "key" and line["key"] == "•" for line in events(done))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("digits", "code"), [("1,,,,,,,,,,2", 1), ("1", 0)])
def test_a_signal_hangs_up(number: signal.Signals, digits: str, code: int) -> None:
    words = [sys.executable, "-m", "dtmfphone", "call", "builtin:echo", "--digits", digits, "--stay", "60", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in map(json.loads, process.stdout):
            if line["event"] == "dialing" and line.get("sent") == 1 and line["state"] in ("idle", "waiting"):
                break
        process.send_signal(number)
        rest = [json.loads(line) for line in process.stdout]
        assert process.stderr.read() == ""
        assert process.wait(10) == code
    ended = [line["leg"] for line in rest if line["event"] == "call" and line["state"] == "ended"]
    assert sorted(ended) == ["ivr", "phone"]
    assert rest[-1]["event"] == "stopped"


def test_a_signal_before_anything_was_begun_leaves_no_traceback() -> None:
    # The first thing that every command but doctor does is to import this module.
    code = """
import signal, sys
class AtImport:
    def find_spec(self, name, path, target=None):
        if name == "dtmfphone.cli.call":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, AtImport())
from dtmfphone.__main__ import main
sys.exit(main(["serve"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


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
        ["call", "builtin:echo", "--say", " "],
        ["call", "builtin:echo", "--listen-with", "parrot"],
        ["call", "builtin:echo", "--model", "/tmp"],
        ["call", "sip:bob@127.0.0.1", "--listen-with", "pocketsphinx"],
        ["serve", "--listen-with", "parrot"],
        ["call", "builtin:echo", "--method", "smoke"],
        ["call", "builtin:echo", "--duration", "10"],
        ["call", "builtin:echo", "--gap", "abc"],
        ["call", "builtin:echo", "--stay", "-1"],
        ["call", "builtin:echo", "--stay", "abc"],
        ["call", "builtin:echo", "--token", "a", "--token-env", "PATH"],
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


def test_a_display_that_does_not_answer_is_none() -> None:
    if sys.platform != "linux":
        pytest.skip("displays are named on Linux only")
    gone = {"DISPLAY": ":7777", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    code = "from dtmfphone.__main__ import has_display; print(has_display())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | gone, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize("words", [["call", "builtin:echo"], ["serve"]])
def test_a_missing_library_is_a_sentence(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "aiortc.py").write_text("raise ImportError('libsrtp.so.1: cannot open shared object file')")
    done = dtmfphone(*words, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    sentence = "libsrtp.so.1: cannot open shared object file. Run dtmfphone doctor: it names what to install.\n"
    assert done.stdout.endswith(sentence)
    assert done.stderr == ""


def test_serve_with_a_fault_is_exit_code_1() -> None:
    done = dtmfphone("serve", "--listen", "127.0.0.1:0", "--ivr", "nobody", "--json")
    assert done.returncode == 1
    assert next(line for line in events(done) if line["event"] == "server")["remedy"]
