"""`dtmfphone call --shadow` as a script sees it."""

import json
import subprocess
import sys


def dtmfphone(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "dtmfphone", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_every_change_of_a_shadow_is_a_line_of_json_with_digits_hidden() -> None:
    done = dtmfphone(
        *("call", "builtin:echo", "--digits", "40#", "--stay", "0.5", "--json", "--mask", "--shadow-script", "ignore"),
        *("--shadow", "livekit:2", "--shadow", "standard:2"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    shadows = [event for event in events if event["event"] == "collector" and event.get("shadow")]
    ends = {event["shadow"]: event for event in shadows if event["state"] == "done"}
    assert {name: event["result"] for name, event in ends.items()} == {"LiveKit": "• •", "Standard": "••"}
    assert (ends["LiveKit"]["mode"], ends["LiveKit"]["end_reason"]) == ("livekit", "stop-key")
    assert ends["Standard"]["end_reason"] == "count"
    assert {event["digits"] for event in shadows if "digits" in event} == {"•", "••"}


def test_a_collector_that_makes_no_sense_is_wrong_usage() -> None:
    for command in (("call", "builtin:echo"), ("serve",)):
        done = dtmfphone(*command, "--shadow", "standard:4,min=5")
        assert (done.returncode, done.stdout) == (2, "")
        assert "argument --shadow: min is 5: use 0 to digits, which is 4" in done.stderr
