import argparse
from typing import Any

import pytest

from dtmfphone.cli import shadow_option
from dtmfphone.engine.commands import Shadow, ShadowCollector


def chosen(*words: str) -> Shadow | None:
    parser = argparse.ArgumentParser()
    shadow_option.add_arguments(parser)
    shadow_option.add_keys_argument(parser)
    return shadow_option.chosen(parser.parse_args(words), parser)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("livekit", {"mode": "livekit"}),
        ("livekit:6", {"mode": "livekit", "digits": 6}),
        ("standard:4", {"mode": "standard", "digits": 4}),
        ("livekit:2,timeout=1.5,stop=*", {"mode": "livekit", "digits": 2, "seconds": 1.5, "stop_keys": "*"}),
        ("livekit,confirm", {"mode": "livekit", "confirm": True}),
        ("standard,stop=", {"mode": "standard", "stop_keys": ""}),
        ("standard,stop=a*", {"mode": "standard", "stop_keys": "A*"}),
        (
            "standard:6,min=4,first=5,total=20",
            {"mode": "standard", "digits": 6, "min_digits": 4, "first_digit_seconds": 5.0, "total_seconds": 20.0},
        ),
    ],
)
def test_what_is_written_is_meant(text: str, fields: dict[str, Any]) -> None:
    assert chosen("--shadow", text) == Shadow(collectors=(ShadowCollector(**fields),))


def test_nothing_is_wanted_unless_it_is_asked_for() -> None:
    assert chosen() is None


def test_several_of_other_keys_that_ignore_scripts() -> None:
    words = ("--shadow", "livekit", "--shadow", "standard", "--shadow-keys", "received", "--shadow-script", "ignore")
    assert chosen(*words) == Shadow(
        collectors=(ShadowCollector(), ShadowCollector(mode="standard")), keys="received", follow=False
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mode is '': use livekit or standard"),
        ("voice:4", "mode is 'voice': use livekit or standard"),
        ("livekit:x", "digits is 'x': use a whole number"),
        ("livekit:", "digits is '': use a whole number"),
        ("livekit:0", "digits is 0: use a whole number above 0"),
        ("livekit,min=3", "min is for standard mode"),
        ("standard,speed=3", "'speed' is no option: use timeout, stop, min, first, total or confirm"),
        ("standard,timeout=x", "timeout is 'x': use a number of seconds"),
        ("standard,timeout=0", "timeout is 0.0: use a number above 0, up to 3600\n"),
        ("standard,timeout=nan", "timeout is nan: use a number above 0"),
        ("livekit,timeout=-1", "timeout is -1.0: use seconds"),
        ("standard,min=5", "min is 5: use 0 to digits, which is 4"),
        ("standard,first", "first has no value"),
        ("standard,first=0", "first is 0.0: use"),
        ("standard,total=-1", "total is -1.0: use"),
        ("livekit,stop=", "stop is '': use one of"),
        ("livekit,stop=#*", "stop is '#*': use one of"),
        ("standard,stop=x", "stop holds 'X': use"),
        ("livekit,confirm=1", "confirm takes no value"),
        ("livekit,", "'' is no option"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        chosen("--shadow", text)
    assert left.value.code == 2
    assert f"argument --shadow: {words}" in capsys.readouterr().err
