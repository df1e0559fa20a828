"""What scripts may say beyond saying, asking and hanging up; and what is refused in that."""

from pathlib import Path

import pytest

from dtmfphone.ivr.nodes import Collect, Confirm, Menu, Run
from dtmfphone.ivr.script import ScriptError, load, parse

GOOD = """\
title: A test
start: greet
tasks:
  consent:
    start: ask
    nodes:
      ask:
        confirm: May we record this call?
        yes: given
        no: refused
        variable: recording_ok
        invalid: {say: One or two., next: refused}
        time_out: {say: "Hello?", next: refused}
      given: {result: given}
      refused: {result: refused}
nodes:
  greet:
    play: ring.wav
    barge_in: false
    next: consent
  consent:
    run: consent
    results: {given: record, refused: note}
  note:
    set: {team: sales, desk: "10"}
    next: main
  record:
    record: start
    consent: recording_ok
    next: note2
  note2:
    set: {team: support, desk: "20"}
    next: main
  main:
    menu: Press 1, 2 or 3.
    keys: {"1": by_team, "2": keys, "3": again}
    words: {"1": [sales, help me], "2": [keys]}
    variable: choice
    invalid: {say: No., next: bye}
    time_out: {say: No key., next: bye}
  by_team:
    branch: team
    cases: {sales: sales}
    otherwise: transfer
  sales:
    say: "Sales for {team}, key {choice}."
    next: main
  transfer:
    transfer: "sip:{desk}@example.com"
    failed: main
  keys:
    send: "{desk}w#"
    next: stop
  stop:
    record: stop
    next: main
  again:
    repeat: greet
    limit: 1
    next: bye
  bye:
    hang_up: Bye.
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "ring.wav").write_bytes(b"RIFF")
    return str(tmp_path)


def test_all_kinds_of_nodes(folder: str) -> None:
    script = parse(GOOD, name="test", folder=folder)
    main, ask, consent = script.nodes["main"], script.node("consent.ask"), script.node("consent")
    assert isinstance(main, Menu)
    assert main.words == {"1": ("sales", "help me"), "2": ("keys",)}
    assert isinstance(ask, Confirm)
    assert (ask.yes_key, ask.no_key) == ("1", "2")
    assert isinstance(consent, Run)
    assert script.recordings() == ("ring.wav",)
    assert script.values(["team", "recording_ok"]) == ("sales", "support", "yes", "no")
    assert [name for name, _ in script.all_nodes()][-3:] == ["consent.ask", "consent.given", "consent.refused"]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("play: ring.wav", "play: gone.wav", "18:11", "greet: there is no file 'gone.wav': put it beside the script"),
        ("barge_in: false", "barge_in: maybe", "19:15", "nodes.greet.barge_in is 'maybe'"),
        ("run: consent", "run: consens", "22:10", "consent: there is no task 'consens': did you mean 'consent'?"),
        ("given: record,", "", "21:3", "consent: the task 'consent' may end with 'given', which leads nowhere: add"),
        (
            "{given: record,",
            "{given: record, other: note,",
            "23:30",
            "consent: the task 'consent' never ends with 'other': use one of given, refused",
        ),
        ("      given: {result", "      gavin: {result", "9:14", "consent.ask: there is no node 'given'"),
        ("start: ask", "start: aks", "5:12", "consent.start: there is no node 'aks': did you mean 'ask'?"),
        (
            "  bye:\n    hang_up: Bye.",
            "  bye:\n    result: given",
            "62:13",
            "bye ends a task, but is in none: use hang",
        ),
        ("        no: refused\n", "        no: ask\n        no_key: 1\n", "11:17", "consent.ask has the key '1' twice"),
        ("        no: refused\n", "        no: ask\n        no_key: x\n", "11:17", "'x' is not a DTMF key: use 0-9"),
        ("    consent: recording_ok\n", "", "28:13", "record records without consent: ask with `confirm`"),
        ("consent: recording_ok", "consent: other", "29:14", "record looks at other, but nothing sets it"),
        ("branch: team", "branch: recording_ok", "42:13", "by_team looks at recording_ok, but not every way here sets"),
        ("{desk}@", "{dusk}@", "49:15", "transfer uses {dusk}, but nothing sets it"),
        ("sip:{desk}", "desk", "49:15", "nodes.transfer.transfer is 'desk@example.com': write an address such as sip:"),
        ('"{desk}w#"', '"{desk}x"', "52:11", "keys: 'x' at position 2 is not allowed in a dial string: use 0-9"),
        ('"{desk}w#"', '"{team}"', "52:11", "keys takes team for keys, but it may hold text: use a variable that was"),
        ('desk: "10"', 'desk: "x{team}"', "25:30", "note joins a variable to text: join variables only to keys"),
        ('"2": [keys]}', '"4": [keys]}', "37:36", "main has words for '4', which is no choice: use one of 1, 2, 3"),
        ("[keys]}", "[sales]}", "37:42", "the word 'sales' is there twice in main: the first is for '1'"),
        ("[keys]}", '["sales"]}', "37:42", "the word 'sales' is there twice in main: the first is for '1'"),
        ("[keys]}", "[hélp me]}", "37:42", "the word 'hélp me' is there twice in main: the first is for '1'"),
        ("[keys]}", "[three]}", "37:42", "'three' is the name of the key '3' in main: use another word"),
        ("[keys]}", "keys}", "37:41", "nodes.main.words.2 is not a list: write [one, another]"),
        ("[keys]}", "[K9]}", "37:42", "nodes.main.words.2.0 is 'K9': use up to four words in small letters"),
        ("limit: 1\n", "limit: 21\n", "59:12", "nodes.again.limit is '21': use a whole number, 0 to 20"),
        ("record: stop", "record: off", "55:13", "nodes.stop.record is 'off'"),
        ("sales: sales}", "sales: main}", "45:3", "no way leads to node 'sales'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(folder: str, old: str, new: str, place: str, message: str) -> None:
    assert GOOD.count(old) >= 1, old
    with pytest.raises(ScriptError) as caught:
        parse(GOOD.replace(old, new, 1), source="x.yaml", folder=folder)
    error = caught.value
    assert f"{error.problem}: {error.remedy}".startswith(message)
    assert f"{error.line}:{error.column}" == place


def test_a_task_that_nothing_runs_and_one_that_runs_itself(folder: str) -> None:
    unused = GOOD.replace(
        "nodes:\n  greet", "  other:\n    start: a\n    nodes:\n      a: {result: x}\nnodes:\n  greet"
    )
    with pytest.raises(ScriptError, match="no way leads to task 'other': run it, or remove it"):
        parse(unused, folder=folder)
    circle = GOOD.replace("given: {result: given}", "given: {run: consent, results: {refused: refused}}")
    with pytest.raises(ScriptError, match="the task 'consent' runs itself"):
        parse(circle, folder=folder)


COLLECT = """\
title: Digits
start: ask
nodes:
  ask:
    collect: Four digits.
    confirm: true
    confirm_seconds: 9
    variable: code
    max_digits: 4
    next: bye
    invalid: {say: No., next: bye}
    time_out: {say: No., next: bye}
  bye:
    hang_up: Bye.
"""


def test_a_collection_may_be_confirmed() -> None:
    ask = parse(COLLECT).nodes["ask"]
    assert isinstance(ask, Collect)
    assert (ask.settings().confirm, ask.settings().confirm_seconds) == (True, 9)
    line = "    collect: Four digits.\n"
    turned = parse(COLLECT.replace(line, "").replace("    confirm: true\n", f"    confirm: true\n{line}"))
    assert turned.nodes["ask"] == ask


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("confirm: true", "confirm: Right?", "6:14", "nodes.ask.confirm is 'Right?': use true to have"),
        ("confirm_seconds: 9", "confirm_seconds: 0", "7:22", "nodes.ask.confirm_seconds is '0': use seconds above 0"),
        ("collect: Four digits.", "menu: Four digits.", "6:5", "nodes.ask has both menu and confirm: give it only one"),
    ],
)
def test_what_is_wrong_with_a_confirmation_is_named(old: str, new: str, place: str, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(COLLECT.replace(old, new))
    error = caught.value
    assert f"{error.problem}: {error.remedy}".startswith(message)
    assert f"{error.line}:{error.column}" == place


LOOP = """\
title: Loop
start: main
nodes:
  main:
    menu: Press 1.
    keys: {"1": a}
    invalid: {say: No., next: bye}
    time_out: {say: No., next: bye}
  a:
    say: One.
    next: b
  b:
    branch: x
    cases: {"1": bye}
    otherwise: a
  bye:
    hang_up: Bye.
"""


def test_a_loop_in_which_nobody_waits_is_refused() -> None:
    loop = LOOP.replace('keys: {"1": a}', 'keys: {"1": set}').replace(
        "  a:", "  set:\n    set: {x: '2'}\n    next: a\n  a:"
    )
    with pytest.raises(ScriptError) as caught:
        parse(loop)
    assert (caught.value.line, caught.value.column) == (12, 3)
    assert caught.value.problem == "the call goes round for ever without waiting for a key (a -> b -> a)"
    parse(loop.replace("otherwise: a", "otherwise: c").replace("  bye:", "  c: {repeat: a, next: bye}\n  bye:"))


def test_a_task_that_does_not_wait_makes_no_loop_good() -> None:
    text = LOOP.replace("nodes:", "tasks:\n  t:\n    start: r\n    nodes:\n      r: {result: ok}\nnodes:").replace(
        '    branch: x\n    cases: {"1": bye}\n    otherwise: a', "    run: t\n    results: {ok: a}"
    )
    with pytest.raises(ScriptError, match="from node 'a' the call goes round for ever: no key leaves the loop"):
        parse(text)


def test_all_that_is_wrong_is_told_in_the_order_of_the_text() -> None:
    text = (
        GOOD.replace("limit: 1", "limit: x")
        .replace("title: A test", "titel: A test")
        .replace("yes: given", "yse: given")
    )
    with pytest.raises(ScriptError) as caught:
        parse(text)
    found = [(error.line, error.problem) for error in caught.value.all]
    assert [line for line, _ in found] == sorted(line for line, _ in found if line is not None)
    problems = " / ".join(problem for _, problem in found)
    assert "unknown field 'titel'" in problems
    assert "unknown field 'yse'" in problems
    assert "has no yes" in problems
    assert "nodes.again.limit is 'x'" in problems
    text = GOOD.replace("next: note2", "next: noteZ").replace("failed: main", "failed: mian")
    with pytest.raises(ScriptError) as caught:
        parse(text)
    assert [error.problem for error in caught.value.all] == [
        "greet: there is no file 'ring.wav'",
        "record: there is no node 'noteZ'",
        "transfer: there is no node 'mian'",
    ]


def test_too_many_nodes_are_refused_at_once() -> None:
    nodes = "".join(f"  n{number}:\n    say: Hi.\n    next: n{number + 1}\n" for number in range(1000))
    with pytest.raises(ScriptError, match="there are 1001 nodes: keep it under 1000"):
        parse(f"title: Many\nstart: n0\nnodes:\n{nodes}  n1000: {{hang_up: Bye.}}\n")


def test_recordings_lie_beside_the_script(tmp_path: Path, folder: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(GOOD)
    assert load(path).folder == folder
