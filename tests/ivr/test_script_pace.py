import pytest

from dtmfphone.ivr.script import ScriptError, parse

NESTED = """\
title: A test
start: a
nodes:
  a: {say: Hi., next: b}
  b: {repeat: b, limit: 20, next: c}
  c: {repeat: b, limit: 20, next: d}
  d: {repeat: b, limit: 20, next: bye}
  bye: {hang_up: Bye.}
"""
TASK = """\
title: A test
start: a
tasks:
  quick:
    start: is
    nodes:
      is: {set: {x: "1"}, next: end}
      end: {result: done}
nodes:
  a: {run: quick, results: {done: b}}
  b: {repeat: a, limit: 3, next: bye}
  bye: {hang_up: Bye.}
"""


@pytest.mark.parametrize(("text", "line", "name"), [(NESTED, 5, "b"), (TASK, 10, "a")])
def test_repeats_in_which_no_time_passes_are_refused(text: str, line: int, name: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, 3)
    assert caught.value.problem == f"from node {name!r} the call goes round without a word"
    assert caught.value.remedy == "say or ask something in the loop"


def test_repeats_in_which_something_is_said_may_be_nested() -> None:
    parse(NESTED.replace("repeat: b", "repeat: a"))
    parse(TASK.replace('is: {set: {x: "1"}, next: end}', "is: {say: Hello., next: end}"))
