from typing import Any

import pytest
from msgspec.structs import replace

from dtmfphone.engine.commands import Shadow, ShadowCollector
from dtmfphone.engine.shadow_plan import plan_of
from dtmfphone.gui.shadow_choice import ShadowChoice, read_choice, written_choice

BOTH = ShadowChoice(standard=True)


def test_a_new_user_gets_livekits_beside_the_ivrs_own() -> None:
    assert ShadowChoice().command == Shadow(collectors=(ShadowCollector(mode="livekit"),))


def test_both_modes_with_their_settings() -> None:
    choice = ShadowChoice(
        standard=True,
        digits=6,
        min_digits=2,
        seconds=3.0,
        first_digit_seconds=None,
        total_seconds=20.0,
        stop_keys="*#",
        confirm=True,
        keys="received",
        follow=False,
    )
    livekit = ShadowCollector(mode="livekit", digits=6, seconds=3.0, stop_keys="*", confirm=True)
    standard = ShadowCollector(
        mode="standard",
        digits=6,
        min_digits=2,
        seconds=3.0,
        first_digit_seconds=None,
        total_seconds=20.0,
        stop_keys="*#",
        confirm=True,
    )
    assert choice.command == Shadow(collectors=(livekit, standard), keys="received", follow=False)
    assert choice.problems == {}


def test_none() -> None:
    choice = ShadowChoice(livekit=False)
    assert not choice.some
    assert choice.command.collectors == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"digits": 0}, "digits"),
        ({"digits": 65}, "digits"),
        ({"min_digits": 5}, "min_digits"),
        ({"min_digits": -1}, "min_digits"),
        ({"seconds": 0.0}, "seconds"),
        ({"seconds": 3601.0}, "seconds"),
        ({"first_digit_seconds": -1.0}, "first_digit_seconds"),
        ({"total_seconds": 1e6}, "total_seconds"),
        ({"stop_keys": ""}, "stop_keys"),
        ({"stop_keys": "#x"}, "stop_keys"),
        ({"stop_keys": "##"}, "stop_keys"),
        ({"stop_keys": "0123456789*#ABCD"}, "stop_keys"),
    ],
)
def test_what_the_engine_refuses_is_a_problem_of_its_field(change: dict[str, Any], field: str) -> None:
    choice = replace(BOTH, **change)
    assert set(choice.problems) == {field}
    with pytest.raises(ValueError, match=r"use|leave|twice"):
        plan_of(choice.command)


@pytest.mark.parametrize(
    "change",
    [
        {"digits": 64},
        {"min_digits": 0},
        {"seconds": 3600.0, "first_digit_seconds": None, "total_seconds": 0.1},
        {"stop_keys": "", "livekit": False},
        {"stop_keys": "0123456789*#ABC"},
    ],
)
def test_what_is_no_problem_the_engine_takes(change: dict[str, Any]) -> None:
    choice = replace(BOTH, **change)
    assert choice.problems == {}
    assert plan_of(choice.command) is not None


def test_a_choice_is_read_as_it_was_written() -> None:
    choice = replace(BOTH, digits=10, min_digits=7, stop_keys="*", keys="received", total_seconds=12.5)
    assert read_choice(written_choice(choice)) == choice


@pytest.mark.parametrize("text", ["", "{", "[]", '{"digits": 0}', '{"digits": "many"}', '{"keys": "all"}'])
def test_what_cannot_be_reads_as_the_default(text: str) -> None:
    assert read_choice(text) == ShadowChoice()
