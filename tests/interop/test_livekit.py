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

from dtmfphone.ivr.collection import FOREVER, Transition
from dtmfphone.ivr.collector_settings import CollectorSettings
from dtmfphone.ivr.livekit_collector import LiveKitCollector, LiveKitSettings
from dtmfphone.ivr.shadow_collection import Shadow, ShadowCollection, ShadowStep

CASES = 1000
SEED = 20261121
PEER = Path(__file__).parents[2] / ".venv" / "livekit" / "bin" / "python"
THEIRS = [str(PEER), str(Path(__file__).with_name("livekit_peer.py"))]
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


def long_case(number: int) -> dict[str, Any]:
    """Return a random case that goes on after read-backs, and in which the agent may refuse to be interrupted."""
    draw = random.Random(SEED + CASES + number)
    one = case(CASES + number) | {"confirm": True, "num_digits": draw.choice((1, 1, 2))}
    for _ in range(draw.randrange(1, 5)):
        t = (one["events"][-1]["t"] if one["events"] else 0.0) + draw.choice((0.01, 1.0, 7.0))
        what = {"read_back": "ended"} if draw.random() < 0.7 else {"interruptible": draw.random() < 0.5}
        more = [event | {"t": t + 0.01 + event["t"]} for event in case(2 * CASES + draw.randrange(CASES))["events"]]
        one["events"] += [{"t": t, **what}, *more[: draw.randrange(6)]]
    return one


def followed(one: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return what our collector comes to in a long case: each read-back and the end."""
    settings = LiveKitSettings(one["num_digits"], one["timeout"], one["stop_key"], one["confirm"])
    collector = LiveKitCollector(settings)
    seen: list[Transition] = [*collector.start(0)]
    for event in one["events"]:
        match event:
            case {"t": t, "key": key}:
                seen += collector.key(key, t)
            case {"t": t, "user": state}:
                seen += collector.user_changed(state, t)
            case {"t": t, "agent": state}:
                seen += collector.agent_changed(state, t)
            case {"t": t, "read_back": _}:
                seen += collector.read_back_ended(t)
            case {"t": t, "interruptible": may}:
                while (due := collector.deadline) is not None and due < t:
                    seen += collector.tick(due)
                collector.interruptible = may
    while (due := collector.deadline) is not None:
        seen += collector.tick(due)
    return [(end.state, end.digits, end.t) for end in seen if end.interrupts]


def watched(one: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return the first end of a shadow that is put on a leg beside a standard one."""
    standard = CollectorSettings(max_digits=one["num_digits"], first_digit_seconds=None)
    livekit = LiveKitSettings(one["num_digits"], one["timeout"], one["stop_key"], one["confirm"])
    collection = ShadowCollection((Shadow("Standard", standard), Shadow("LiveKit", livekit)))
    seen: list[ShadowStep] = collection.start(0)
    for event in one["events"]:
        match event:
            case {"t": t, "key": key}:
                seen += collection.key(key, t)
            case {"t": t, "user": state}:
                seen += collection.user_changed(state, t)
            case {"t": t, "agent": state}:
                seen += collection.agent_changed(state, t)
    seen += collection.tick(FOREVER)
    changes = [step.transition for step in seen if step.shadow.mode == "livekit" and step.collection == 1]
    ends: list[tuple[str, str, float]] = [(now.state, now.digits, now.t) for now in changes if now.interrupts]
    return ends[:1]


def answers(command: list[str], lines: str) -> list[dict[str, Any]]:
    """Return what a program says to the cases."""
    program = subprocess.run(command, check=False, input=lines, capture_output=True, text=True, timeout=120)
    assert program.returncode == 0, program.stderr
    return [json.loads(line) for line in program.stdout.splitlines()]


def test_the_livekit_mode_ends_as_get_dtmf_task_does() -> None:
    need(**{str(PEER): "livekit-agents (tools/set-up interop)"})
    cases = [case(number) for number in range(CASES)]
    lines = "".join(json.dumps(one) + "\n" for one in cases)
    theirs = answers(THEIRS, lines)
    ours = answers([sys.executable, "-m", "dtmfphone", "collect", "--mode", "livekit", "--jsonl"], lines)
    assert len(theirs) == len(ours) == CASES
    for one, their, our in zip(cases, theirs, ours, strict=True):
        assert their.pop("interruptions") == len(their.pop("ends")) == (our["outcome"] != "waiting"), one
        assert their.pop("at") == (None if our["at"] is None else pytest.approx(our["at"], abs=1e-6)), one
        del our["at"]
        assert their == our, one
    outcomes = Counter(our["outcome"] for our in ours)
    assert min(outcomes[name] for name in ("done", "failed", "waiting", "confirming")) > CASES / 40, outcomes


def test_it_goes_on_after_read_backs_as_get_dtmf_task_does() -> None:
    need(**{str(PEER): "livekit-agents (tools/set-up interop)"})
    cases = [long_case(number) for number in range(CASES)]
    theirs = answers(THEIRS, "".join(json.dumps(one) + "\n" for one in cases))
    read_backs: Counter[int] = Counter()
    for one, their in zip(cases, theirs, strict=True):
        ours = followed(one)
        assert [end[:2] for end in their["ends"]] == [[state, digits] for state, digits, _ in ours], one
        assert [end[2] for end in their["ends"]] == pytest.approx([t for *_, t in ours], abs=1e-6), one
        read_backs[sum(state == "confirming" for state, _, _ in ours)] += 1
    assert read_backs[2] > CASES / 40, read_backs


def test_a_shadow_on_a_call_ends_as_get_dtmf_task_does() -> None:
    need(**{str(PEER): "livekit-agents (tools/set-up interop)"})
    cases = [case(number) for number in range(CASES)]
    for one in cases:
        one["events"] = [event for event in one["events"] if event.get("key") not in NO_KEYS]
    theirs = answers(THEIRS, "".join(json.dumps(one) + "\n" for one in cases))
    outcomes: Counter[str] = Counter()
    for one, their in zip(cases, theirs, strict=True):
        ours = watched(one)
        assert [end[:2] for end in their["ends"][:1]] == [[state, digits] for state, digits, _ in ours], one
        assert [end[2] for end in their["ends"][:1]] == pytest.approx([t for *_, t in ours], abs=1e-6), one
        outcomes[ours[0][0] if ours else "waiting"] += 1
    assert min(outcomes[name] for name in ("done", "failed", "waiting", "confirming")) > CASES / 40, outcomes
