import json
from typing import Any

import pytest

from dtmfphone.ivr.case import play, read
from dtmfphone.ivr.collection import Mode


def events(script: str) -> list[dict[str, Any]]:
    """Return the events of `KEY@SECONDS` words (`user=STATE`, `agent=STATE` for speech)."""
    found: list[dict[str, Any]] = []
    for word in script.split():
        what, _, at = word.partition("@")
        who, _, state = what.partition("=")
        found.append({"t": float(at), **({who: state} if state else {"key": what})})
    return found


def outcome(mode: Mode, script: str, **case: Any) -> dict[str, Any]:
    line = {"id": "x", "num_digits": 2, "events": events(script), **case}
    return play(read(json.dumps(line).encode(), mode))


@pytest.mark.parametrize(
    ("script", "case", "expected"),
    [
        ("1@1 2@2", {}, ["done", "1 2", "12", 6, 2]),
        ("1@0.1 2@0.2", {}, ["done", "1 2", "12", 4.2, 2]),
        ("1@1 2@1 *@1", {"stop_key": "*"}, ["done", "1 2", "12", 1, 2]),
        ("1@1 2@1 #@1 3@1", {"timeout": 1.5}, ["failed", None, "123", 2.5, 3]),
        ("1@1", {"timeout": 0}, ["failed", None, "1", 1, 1]),
        ("a@1 12@2 x@3", {}, ["waiting", None, "", None, 0]),
        ("1@1 2@2 user=speaking@3", {}, ["waiting", None, "12", None, 2]),
        ("1@1 2@2 #@3 agent=speaking@4 1@5 agent=listening@6", {"confirm": True}, ["confirming", None, "12", 3, 2]),
        ("1@1 2@9 3@9", {}, ["failed", None, "1", 5, 1]),
    ],
)
def test_livekit(script: str, case: dict[str, Any], expected: list[Any]) -> None:
    names = ("outcome", "user_input", "digits", "at", "got")
    assert outcome("livekit", script, **case) == {"id": "x", **dict(zip(names, expected, strict=True))}


@pytest.mark.parametrize(
    ("script", "case", "expected"),
    [
        ("1@1 2@2", {}, ["done", "12", "12", 2, 2, "count"]),
        ("", {}, ["failed", None, "", 5, 0, "first-digit time-out"]),
        ("", {"first_timeout": None}, ["waiting", None, "", None, 0, ""]),
        ("1@1 2@2 0@3", {"num_digits": 4, "min_digits": 2, "stop_key": "#0"}, ["done", "12", "12", 3, 2, "stop-key"]),
        ("1@1", {"timeout": None, "total_timeout": 9}, ["failed", None, "1", 9, 1, "total time-out"]),
        ("1@1 2@2 agent=speaking@3 agent=idle@4", {"confirm": True}, ["confirming", None, "12", 2, 2, "count"]),
        ("1@1 2@2 2@3", {"confirm": True}, ["failed", None, "12", 3, 2, "refused"]),
        ("1@1 user=speaking@2 user=away@9", {}, ["failed", None, "1", 12, 1, "inter-digit time-out"]),
    ],
)
def test_standard(script: str, case: dict[str, Any], expected: list[Any]) -> None:
    names = ("outcome", "user_input", "digits", "at", "got", "reason")
    assert outcome("standard", script, **case) == {"id": "x", **dict(zip(names, expected, strict=True))}


@pytest.mark.parametrize("mode", ["livekit", "standard"])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[1]", "this is no JSON object"),
        ({"num_digits": 1}, "id is missing"),
        ({"id": None, "num_digits": 1}, "id is null"),
        ({"id": 1}, "num_digits is missing"),
        ({"id": 1, "num_digits": 0}, "num_digits is 0"),
        ({"id": 1, "num_digits": "4"}, "num_digits is '4'"),
        ({"id": 1, "num_digits": 1, "timeout": -1}, "timeout is -1"),
        ({"id": 1, "num_digits": 1, "timeout": 10**400}, "timeout is 1000"),
        ({"id": 1, "num_digits": 1, "stop_key": "x"}, "stop_key "),
        ({"id": 1, "num_digits": 1, "stop_key": ["#"]}, "stop_key is "),
        ({"id": 1, "num_digits": 1, "confirm": "no"}, "confirm is 'no'"),
        ({"id": 1, "num_digits": 1, "events": {}}, "events is {}"),
        ({"id": 1, "num_digits": 1, "events": ["1"]}, r'events\[0\] is "1"'),
        ({"id": 1, "num_digits": 1, "events": [{"key": "1"}]}, r"events\[0\]\.t is missing"),
        ({"id": 1, "num_digits": 1, "events": [{"t": -1, "key": "1"}]}, r"events\[0\]\.t is -1"),
        ({"id": 1, "num_digits": 1, "events": [{"t": 10**400, "key": "1"}]}, r"events\[0\]\.t is 1000"),
        ({"id": 1, "num_digits": 1, "events": [{"t": True, "key": "1"}]}, r"events\[0\]\.t is true"),
        ({"id": 1, "num_digits": 1, "events": events("1@2 2@1")}, r"events\[1\]\.t is 1, earlier than"),
        ({"id": 1, "num_digits": 1, "events": [{"t": 1}]}, r"events\[0\] has nothing that happens"),
        ({"id": 1, "num_digits": 1, "events": [{"t": 1, "key": "1", "user": "away"}]}, r"events\[0\] has key and user"),
        ({"id": 1, "num_digits": 1, "events": [{"t": 1, "key": 5}]}, r"events\[0\]\.key is 5: use a text"),
        ({"id": 1, "num_digits": 1, "events": events("1@1 user=thinking@2")}, r'events\[1\]\.user is "thinking": use'),
        ({"id": 1, "num_digits": 1, "events": events("agent=away@2")}, r'events\[0\]\.agent is "away": use'),
    ],
)
def test_what_is_wrong_is_named(line: object, message: str, mode: Mode) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        read((line if isinstance(line, str) else json.dumps(line)).encode(), mode)


def test_the_standard_mode_takes_no_keys_that_are_none() -> None:
    with pytest.raises(ValueError, match=r'^events\[0\]\.key is "x": use 0-9'):
        outcome("standard", "x@1")
    with pytest.raises(ValueError, match=r"^min_digits is 3: use 0 to num_digits, which is 2"):
        outcome("standard", "", min_digits=3)
