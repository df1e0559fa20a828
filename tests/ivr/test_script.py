from pathlib import Path

import pytest

from dtmfphone.ivr.nodes import Collect, HangUp, Menu, Say
from dtmfphone.ivr.script import ScriptError, load, names, parse

GOOD = """\
title: A test
start: hello
nodes:
  hello:
    say: Hello.
    next: main
  main:
    menu: Press 1 or star.
    keys:
      "1": pin
      "*": main
    invalid: {say: Wrong key., next: bye, limit: 1}
    time_out: {say: No key., next: bye}
    seconds: 4
  pin:
    collect: Your PIN?
    variable: pin
    max_digits: 4
    total_seconds: null
    invalid: {say: Too short., next: bye}
    time_out: {say: No key., next: bye}
    next: read
  read:
    say: "It is: {pin}."
    next: bye
  bye:
    hang_up: Bye.
"""


def problem(text: str) -> tuple[str, str]:
    """Return `line:column` and the rest of the message."""
    with pytest.raises(ScriptError) as caught:
        parse(text, source="x.yaml")
    message = str(caught.value)
    assert message.startswith(f"x.yaml:{caught.value.line}:{caught.value.column}: ")
    assert caught.value.remedy
    assert message.endswith(caught.value.remedy)
    assert "\n" not in message
    return f"{caught.value.line}:{caught.value.column}", message.split(": ", 1)[1]


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_a_good_script() -> None:
    script = parse(GOOD, name="test")
    assert (script.name, script.title, script.start) == ("test", "A test", "hello")
    assert script.nodes["hello"] == Say(say="Hello.", next="main")
    assert script.nodes["bye"] == HangUp(hang_up="Bye.")
    main, pin = script.nodes["main"], script.nodes["pin"]
    assert isinstance(main, Menu)
    assert main.keys == {"1": "pin", "*": "main"}
    assert (main.invalid.limit, main.time_out.limit, main.seconds) == (1, 2, 4.0)
    assert isinstance(pin, Collect)
    assert (pin.min_digits, pin.max_digits, pin.stop_keys, pin.total_seconds) == (1, 4, "#", None)
    assert len(script.prompts()) == 8


def test_a_number_may_stand_where_text_is_wanted() -> None:
    text = changed("max_digits: 4", "max_digits: 4\n    stop_keys: 09").replace('"1": pin', "1: pin")
    pin = parse(text).nodes["pin"]
    assert isinstance(pin, Collect)
    assert pin.stop_keys == "09"


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("next: main", "next: mian", "6:11", "hello: there is no node 'mian': did you mean 'main'?"),
        ('"*": main', '"*": away', "11:12", "main: there is no node 'away'"),
        (
            "next: bye, limit: 1",
            "next: nowhere, limit: 1",
            "12:38",
            "main: there is no node 'nowhere': use one of hello, main",
        ),
        ("start: hello", "start: hallo", "2:8", "start: there is no node 'hallo': did you mean 'hello'?"),
        ("  bye:\n", "  lonely:\n    say: Hi.\n    next: bye\n  bye:\n", "26:3", "no way leads to node 'lonely'"),
        ('"*": main', '"1": main', "11:7", "the key '1' is there twice in nodes.main.keys: the first is on line 10"),
        ('"*": main', "1: main", "11:7", "the key '1' is there twice"),
        ("    seconds: 4", "    menu: Again.", "14:5", "the key 'menu' is there twice in nodes.main"),
        ("  read:\n", "  pin:\n", "23:3", "the key 'pin' is there twice in nodes: the first is on line 15"),
        ('"*": main', '"E": main', "11:7", "'E' is not a DTMF key: use 0-9, *, # or A-D"),
        ('"*": main', '"": main', "11:7", "'' is not a DTMF key"),
        ('"*": main', '"12": main', "11:7", "'12' is not a DTMF key"),
        ('"*": main', "*: main", "11:8", "this is not YAML"),
        ('"*": main', "*all : main", "11:7", "*all is a YAML alias, which scripts do not use"),
        (
            'keys:\n      "1": pin\n      "*": main',
            "keys: {}",
            "9:11",
            "nodes.main.keys is empty: lead at least one key",
        ),
        ('keys:\n      "1": pin\n      "*": main', "keys: 1", "9:11", "nodes.main.keys is not a mapping"),
        ("say: Hello.", 'say: ""', "5:10", "the prompt of hello is empty: write what the caller should hear"),
        ("say: Hello.", "say: '...'", "5:10", "the prompt of hello is empty"),
        ("say: Hello.", "say:", "5:9", "nodes.hello.say is empty: write up to 1000 characters"),
        ("say: Hello.", f"say: {'ha ' * 400}", "5:10", "nodes.hello.say is 'ha ha ha"),
        ("say: Hello.", "say: [Hello]", "5:10", "nodes.hello.say is not a single value"),
        ("say: Hello.", "speak: Hello.", "5:5", "nodes.hello does nothing: give it say, play, menu, confirm"),
        ("say: Hello.", "say: Hello.\n    hang_up: Bye.", "6:5", "nodes.hello has both say and hang_up"),
        ("next: main", "nxt: main", "6:5", "nodes.hello has an unknown field 'nxt': did you mean 'next'?"),
        ("    next: main\n", "", "5:5", "nodes.hello has no next: add `next:`"),
        ("limit: 1}", "limits: 1}", "12:43", "nodes.main.invalid has an unknown field 'limits': did you mean 'limit'?"),
        ("limit: 1}", "limit: -1}", "12:50", "nodes.main.invalid.limit is '-1': use a whole number, 0 to 20"),
        ("seconds: 4", "seconds: soon", "14:14", "nodes.main.seconds is 'soon': use seconds above 0, up to 3600"),
        ("seconds: 4", "seconds: .nan", "14:14", "nodes.main.seconds is '.nan'"),
        ("seconds: 4", "seconds: nan", "14:14", "nodes.main.seconds is 'nan'"),
        ("max_digits: 4", "max_digits: 1.5", "18:17", "nodes.pin.max_digits is '1.5': use a whole number, up to 64"),
        (
            "max_digits: 4",
            "max_digits: 4\n    min_digits: 5",
            "19:17",
            "min_digits is 5: use 0 to max_digits, which is 4",
        ),
        ("max_digits: 4", "max_digits: 4\n    stop_keys: x", "19:16", "stop_keys holds 'x': use 0-9, *, # or A-D"),
        ("variable: pin", "variable: Pin", "17:15", "nodes.pin.variable is 'Pin': use small letters"),
        ("{pin}", "{pan}", "24:10", "read reads {pan} back, but nothing sets it: collect `variable: pan` before"),
        ('"*": main', '"*": read', "24:10", "read reads {pin} back, but not every way here sets it"),
        ("{pin}", "{pin", "24:10", "a brace has no partner in the prompt of read"),
        ("{pin}", "{the pin}", "24:10", "{the pin} does not name a variable in the prompt of read"),
        ("Your PIN?", "It was {pin}", "16:14", "pin reads {pin} back, but not every way here sets it"),
        (
            "  bye:\n    hang_up: Bye.",
            "  bye:\n    say: Bye.\n    next: hello",
            "4:3",
            "from node 'hello' the call goes",
        ),
        ("  bye:", "  2 bad:", "26:3", "'2 bad' is not a name: name a node with letters"),
        ("title: A test\n", "", "1:1", "the script has no title: add `title:`"),
        ("title: A test", "title: A test\nversion: 2", "2:1", "the script has an unknown field 'version'"),
        ("  hello:\n    say: Hello.\n    next: main", "  hello: hello", "4:10", "nodes.hello is not a mapping"),
        (
            "say: Hello.",
            "say: !!python/name:os.system Hello",
            "5:10",
            "the tag tag:yaml.org,2002:python/name:os.system",
        ),
        ("say: Hello.", 'say: "Hello.', "10:8", "this is not YAML"),
        ("say: Hello.", "say: He\x07llo.", "5:12", "the character '\\x07' is not allowed: remove it"),
        ("title: A test", r'title: "A \e[31mtest"', "1:8", "title holds the character '\\x1b', which is not allowed"),
        ("title: A test", "? [a]\n: b", "1:3", "this key is not plain text"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, place: str, message: str) -> None:
    where, words = problem(changed(old, new))
    assert words.startswith(message)
    assert where == place


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "there is nothing in it"),
        ("# only this\n", "1:1", "there is nothing in it"),
        ("[" * 50_000, "1:1", "the text is nested too deeply"),
        ("just text", "1:1", "the script is not a mapping"),
        ("---\na: 1\n---\nb: 2\n", "3:1", "this is not YAML"),
        (" " * 4_000_001, "1:1", "the text has 4000001 characters"),
    ],
)
def test_what_is_no_script_at_all(text: str, place: str, message: str) -> None:
    where, words = problem(text)
    assert words.startswith(message)
    assert where == place


def test_a_megabyte_of_prompt_is_refused_with_its_line() -> None:
    where, words = problem(changed("say: Hello.", f'say: "{"x" * 1_000_000}"'))
    assert where == "5:10"
    assert words.startswith(f"nodes.hello.say is '{'x' * 40}'... of 1000000 characters: write up to 1000 characters")


def test_a_closed_ring_of_menus_is_refused() -> None:
    ring = """\
title: Ring
start: a
nodes:
  a:
    menu: Press 1.
    keys: {"1": b, "2": a}
    invalid: {say: No., next: b}
    time_out: {say: No key., next: a}
  b:
    say: There is no way out.
    next: a
"""
    assert problem(ring) == (
        "4:3",
        "from node 'a' the call goes round for ever: no key leaves the loop: "
        "lead a key, a time-out or `next` to a node with hang_up",
    )


def test_the_script_in_the_readme_is_sound() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert parse(readme.split("```yaml\n")[1].split("```")[0]).title == "Sales and support"


def test_a_script_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my menu.yaml"
    path.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert load(path).name == "my menu"
    assert load(str(path)) == load(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"gone.yaml: the script cannot be read \(No such file or directory\): check"):
        load(tmp_path / "gone.yaml")
    with pytest.raises(ScriptError, match="cannot be read"):
        load(tmp_path)
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: x\nstart: h\xf6me\n".encode("latin-1"))
    with pytest.raises(ScriptError, match=r"^latin.yaml:2:9: this is not UTF-8 text: save the file as UTF-8$"):
        load(path)


def test_a_built_in_script_by_name() -> None:
    assert set(names()) >= {"reception", "echo", "sales-support", "pin", "dental", "bank", "phone-number", "conference"}
    assert load("reception").name == "reception"
    with pytest.raises(ScriptError, match="there is no built-in script of this name: did you mean 'reception'"):
        load("receptoin")
    with pytest.raises(ScriptError, match="use one of bank, conference, dental, echo"):
        load("")


@pytest.mark.parametrize("name", names())
def test_every_built_in_script_is_sound(name: str) -> None:
    script = load(name)
    assert script.title
    assert any(isinstance(node, HangUp) for node in script.nodes.values())
