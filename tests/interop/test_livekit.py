"""The livekit mode of the collector against the class that it claims to behave like."""

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from program import need

CASES = 1000
SEED = 20261121
PEER = Path(__file__).parents[2] / ".venv" / "livekit" / "bin" / "python"
ALL = "0123456789*#ABCD"
NO_KEYS = ("a", "d", "w", "12", "", "\0")
STATES = {"user": ("speaking", "listening", "away"), "agent": ("idle", "listening", "thinking", "speaking")}

pytestmark = pytest.mark.interop


def case(number: int) -> dict[str, Any]:
    """Return a random case: keys in bursts, at the very end of the timer and anywhere, among changes of speech."""
    draw = random.Random(SEED + number)
    num_digits = draw.choice((1, 2, 3, 4, 10))
    timeout = draw.choice((4.0, 4.0, 0.3, 1.5, 0.0, round(draw.uniform(0.05, 6), 3)))
    stop_key = draw.choice("####*0A")
    steps = (0.0, 0.0, 0.0, timeout, timeout, 0.1, 0.25, timeout - 0.001, timeout + 0.001, round(draw.uniform(0, 5), 3))
    speech = draw.choice((0.0, 0.2, 0.5))
    events: list[dict[str, Any]] = []
    t = 0.0
    for _ in range(draw.randrange(num_digits + 8)):
        t += max(0.0, draw.choice(steps))
        if draw.random() < speech:
            side = draw.choice(tuple(STATES))
            events.append({"t": t, side: draw.choice(STATES[side])})
        else:
            keys = draw.choices((ALL, stop_key, NO_KEYS), (8, 2, 1))[0]
            events.append({"t": t, "key": draw.choice(keys)})
    return {
        "id": number,
        "num_digits": num_digits,
        "timeout": timeout,
        "stop_key": stop_key,
        "confirm": draw.random() < 0.3,
        "events": events,
    }


def answers(command: list[str], lines: str) -> list[dict[str, Any]]:
    """Return what a program says to the cases."""
    program = subprocess.run(command, check=False, input=lines, capture_output=True, text=True, timeout=120)
    assert program.returncode == 0, program.stderr
    return [json.loads(line) for line in program.stdout.splitlines()]


def test_the_livekit_mode_ends_as_get_dtmf_task_does() -> None:
    need(**{str(PEER): "livekit-agents (tools/set-up interop)"})
    cases = [case(number) for number in range(CASES)]
    lines = "".join(json.dumps(one) + "\n" for one in cases)
    theirs = answers([str(PEER), str(Path(__file__).with_name("livekit_peer.py"))], lines)
    ours = answers([sys.executable, "-m", "dtmfphone", "collect", "--mode", "livekit", "--jsonl"], lines)
    assert len(theirs) == len(ours) == CASES
    for one, their, our in zip(cases, theirs, ours, strict=True):
        assert their.pop("interruptions") == (our["outcome"] != "waiting"), one
        assert their.pop("at") == (None if our["at"] is None else pytest.approx(our["at"], abs=1e-6)), one
        del our["at"]
        assert their == our, one
    outcomes = Counter(our["outcome"] for our in ours)
    assert min(outcomes[name] for name in ("done", "failed", "waiting", "confirming")) > CASES / 40, outcomes
