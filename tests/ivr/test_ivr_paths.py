"""The finder of walks: on scripts whose ways can be counted by hand, and on all that are shipped."""

from itertools import pairwise

import pytest

from dtmfphone.ivr.document import full_name
from dtmfphone.ivr.nodes import Asking
from dtmfphone.ivr.script import load, names, parse
from ivr_paths import walks
from ivr_rehearsal import Sign

MENU = """
title: Menu
start: hello
nodes:
  hello: {say: Hello., barge_in: false, next: main}
  main:
    menu: One for news.
    keys: {"1": news, "#": bye}
    invalid: {say: No., limit: 1, next: bye}
    time_out: {say: Well, limit: 1, next: silent}
  news: {say: No news., next: main}
  silent: {hang_up: Nobody is there.}
  bye: {hang_up: Bye.}
"""
ALL_ELSE = """
title: All else
start: code
nodes:
  code:
    collect: Your code.
    variable: code
    min_digits: 2
    max_digits: 3
    stop_keys: "#"
    invalid: {say: No., limit: 0, next: again}
    time_out: {say: Well, limit: 0, next: bye}
    next: check
  check:
    branch: code
    cases: {"123": keys, "45": desk}
    otherwise: again
  again: {repeat: code, limit: 1, next: bye}
  keys: {send: "99", next: sure}
  sure:
    confirm: Sure?
    barge_in: false
    yes: desk
    no: bye
    variable: sure
    invalid: {say: No., limit: 0, next: bye}
    time_out: {say: Well, limit: 0, next: bye}
  desk: {transfer: "sip:desk@example.com", failed: bye}
  bye: {hang_up: Bye.}
"""


def ways(text: str) -> list[tuple[str, list[str]]]:
    """Return the keys of each walk, moves apart, and the nodes that it enters."""
    return [(" ".join(move.keys or "wait" for move in walk.moves), walk.entered) for walk in walks(parse(text))]


def test_every_key_of_a_menu_and_what_only_a_time_out_leads_to() -> None:
    assert sorted(ways(MENU)) == [
        ("1 9 #", ["hello", "main", "news", "main", "bye"]),
        ("9 9", ["hello", "main", "bye"]),
        ("wait wait", ["hello", "main", "silent"]),
    ]


def test_all_time_outs_if_they_are_wanted() -> None:
    found = walks(parse(MENU), all_time_outs=True)
    assert {walk.waits for walk in found} >= {1, 2}


def test_a_caller_waits_for_what_a_key_does_not_interrupt_and_for_nothing_else() -> None:
    walk = next(walk for walk in walks(parse(MENU)) if walk.keys == "19#")
    seen = [[*walk.signs[move.after - 1]] for move in walk.moves]
    assert seen == [
        ["asks", "main", ""],  # after the greeting, during the menu
        ["enter", "news", ""],  # while the news are read
        ["asks", "main", ""],  # while the menu is read again
    ]
    assert walk.signs[:3] == (Sign("enter", "hello"), Sign("said", "hello"), Sign("enter", "main"))
    assert walk.signs[-1] == Sign("hang-up", "bye")


def test_collections_end_by_count_and_by_stop_key_and_take_each_known_value() -> None:
    found = ways(ALL_ELSE)
    keys = " ".join(keys for keys, _ in found).split()
    assert {"77#", "45#", "#", "7#"} <= set(keys)
    assert {len(each) for each in keys if each.startswith(("123", "777"))} == {3, 4}  # the count, and a # behind it
    entered = {tuple(nodes[-4:]) for _, nodes in found}
    assert ("check", "keys", "sure", "bye") in entered
    assert ("keys", "sure", "desk", "bye") in entered  # no transfer by plain RTP: it fails
    assert ("code", "check", "desk", "bye") in entered
    assert ("again", "code", "again", "bye") in entered
    assert all(nodes[-1] == "bye" for _, nodes in found)


def test_a_walk_tells_what_was_collected() -> None:
    walk = next(walk for walk in walks(parse(ALL_ELSE)) if "45#" in walk.keys)
    assert Sign("done", "code", "45 by stop-key") in walk.signs
    assert Sign("transfer", "desk", "sip:desk@example.com") in walk.signs


def test_a_stop_key_after_the_count_belongs_to_the_same_move() -> None:
    for walk in walks(parse(ALL_ELSE)):
        for move, following in zip(walk.moves, walk.moves[1:], strict=False):
            assert not (move.keys in ("777", "123") and following.keys.startswith("#"))


@pytest.mark.parametrize("name", names())
def test_with_time_outs_every_way_out_of_every_question_of_a_shipped_script_is_taken(name: str) -> None:
    script = load(name)
    found = walks(script, all_time_outs=True)
    steps = {(a, b) for walk in found for a, b in pairwise(walk.entered)}
    for task, scope in script.scopes().items():
        for node, one in scope.nodes.items():
            if isinstance(one, Asking):
                ways = {(full_name(task, node), full_name(task, to)) for _, to in one.targets()}
                assert {way for way in ways if way[0] != way[1]} <= steps
