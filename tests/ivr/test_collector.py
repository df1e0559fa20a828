from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.collection import SAME_MOMENT, Transition
from dtmfphone.ivr.collector import Collector
from dtmfphone.ivr.collector_settings import CollectorSettings


def settings(**changes: Any) -> CollectorSettings:
    standard = {
        "max_digits": 4,
        "min_digits": 2,
        "first_digit_seconds": 5.0,
        "inter_digit_seconds": 3.0,
        "total_seconds": 10.0,
    }
    return CollectorSettings(**(standard | changes))


def run(collector: Collector, script: str) -> list[Transition]:
    """Play `KEY@SECONDS` words (`.` only ticks, `hang`, `say`, `said`); a clock ticks at each deadline before."""
    out: list[Transition] = []
    for word in script.split():
        key, _, at = word.partition("@")
        t = float(at)
        while (due := collector.deadline) is not None and due < t:
            out += collector.tick(due)
        if key == "hang":
            out += collector.hang_up(t)
        elif key == "said":
            out += collector.prompt_ended(t)
        elif key == "say":
            out += collector.prompt_started(t)
        elif key != ".":
            out += collector.key(key, t)
    return out


@pytest.mark.parametrize(
    ("changes", "script", "state", "digits", "reason", "at"),
    [
        ({}, "1@1 2@2 3@3 4@4", "done", "1234", "count", 4),
        ({}, "1@1 2@2 #@2.5", "done", "12", "stop-key", 2.5),
        ({}, "1@1 #@2", "failed", "1", "stop-key", 2),
        ({}, "#@2", "failed", "", "stop-key", 2),
        ({"min_digits": 0}, "#@2", "done", "", "stop-key", 2),
        ({}, ".@9", "failed", "", "first-digit time-out", 5),
        ({"min_digits": 0}, ".@9", "done", "", "first-digit time-out", 5),
        ({}, "1@1 .@9", "failed", "1", "inter-digit time-out", 4),
        ({}, "1@1 2@2 .@9", "done", "12", "inter-digit time-out", 5),
        ({}, "1@1 2@4 .@9", "done", "12", "inter-digit time-out", 7),
        ({"inter_digit_seconds": None}, "1@4 .@99", "failed", "1", "total time-out", 10),
        ({"max_digits": 9}, "1@2 2@4 3@6 4@8 5@9.5 .@99", "done", "12345", "total time-out", 10),
        ({"first_digit_seconds": None, "total_seconds": None}, "1@100 2@101 hang@102", "failed", "12", "hang-up", 102),
        ({}, "hang@1", "failed", "", "hang-up", 1),
        ({"stop_keys": "*0"}, "1@1 #@2 0@3", "done", "1#", "stop-key", 3),
        ({"stop_keys": "*0"}, "1@1 2@2 *@3", "done", "12", "stop-key", 3),
        ({"stop_keys": ""}, "1@1 #@2 *@3 a@4", "done", "1#*A", "count", 4),
    ],
)
def test_ends(changes: dict[str, Any], script: str, state: str, digits: str, reason: str, at: float) -> None:
    collector = Collector(settings(**changes))
    collector.start(0)
    last = run(collector, script)[-1]
    assert (last.state, last.digits, last.end_reason, last.t) == (state, digits, reason, at)
    assert (last.timer, last.timer_left, collector.deadline) == ("", 0, None)
    assert collector.ended


def test_the_next_timer_to_end_is_shown_with_what_is_left_of_it() -> None:
    collector = Collector(settings())
    assert collector.start(100) == (Transition(100, "collecting", "", "first-digit", 5, 5),)
    assert collector.key("1", 102) == (Transition(102, "collecting", "1", "inter-digit", 3, 3),)
    assert collector.key("2", 104) == (Transition(104, "collecting", "12", "inter-digit", 3, 3),)
    assert collector.deadline == 107
    assert collector.tick(106.9) == ()
    late = Collector(settings(max_digits=9))
    late.start(100)
    run(late, "1@102 2@104 3@106")
    assert late.key("4", 108.5) == (Transition(108.5, "collecting", "1234", "total", 10, 1.5),)


def test_no_timer_runs_while_the_prompt_speaks() -> None:
    collector = Collector(settings())
    assert collector.start(0, prompting=True) == (Transition(0, "prompting", paused="prompt"),)
    assert collector.deadline is None
    assert collector.tick(1000) == ()
    assert collector.prompt_ended(1000) == (Transition(1000, "collecting", "", "first-digit", 5, 5),)
    assert collector.prompt_ended(1001) == ()
    assert collector.deadline == 1005


def test_the_first_key_ends_the_prompt_and_starts_the_total_timer() -> None:
    collector = Collector(settings(inter_digit_seconds=20.0))
    collector.start(0, prompting=True)
    assert collector.key("7", 30) == (Transition(30, "collecting", "7", "total", 10, 10, interrupts=True),)
    assert collector.prompt_ended(31) == ()
    assert collector.deadline == 40


def test_a_prompt_in_mid_collection_pauses_the_timers() -> None:
    collector = Collector(settings())
    collector.start(0)
    run(collector, "1@1")
    assert collector.prompt_started(2) == (Transition(2, "prompting", "1", paused="prompt"),)
    assert collector.tick(50) == ()
    assert collector.prompt_ended(60) == (Transition(60, "collecting", "1", "inter-digit", 3, 2),)
    assert run(collector, ".@99")[-1].t == 62


def test_a_key_at_the_very_end_of_a_timer_counts_and_one_after_it_does_not() -> None:
    collector = Collector(settings())
    collector.start(0)
    assert collector.key("1", 5)[0].digits == "1"
    late = Collector(settings())
    late.start(0)
    assert late.key("1", 5.001) == (Transition(5, "failed", end_reason="first-digit time-out"),)


def test_a_key_from_before_the_last_moment_is_taken_as_now() -> None:
    collector = Collector(settings())
    collector.start(10)
    collector.key("1", 12)
    assert collector.key("2", 11.9)[0].t == 12


def test_no_timer_runs_while_the_caller_speaks() -> None:
    collector = Collector(settings())
    collector.start(0)
    collector.key("1", 1)
    assert collector.user_changed("speaking", 2) == (Transition(2, "collecting", "1", paused="user speaking"),)
    assert collector.user_changed("speaking", 3) == ()
    assert collector.key("2", 20) == (Transition(20, "collecting", "12", paused="user speaking"),)
    assert collector.deadline is None
    assert collector.user_changed("away", 30) == (Transition(30, "collecting", "12", "inter-digit", 3, 3),)
    assert collector.user_changed("listening", 31) == ()
    assert run(collector, ".@99")[-1].t == 33


def test_an_agent_that_speaks_or_thinks_is_a_prompt() -> None:
    collector = Collector(settings())
    collector.start(0)
    assert collector.agent_changed("thinking", 1) == (Transition(1, "prompting", paused="prompt"),)
    assert collector.agent_changed("speaking", 2) == ()
    assert collector.agent_changed("speaking", 3) == ()
    assert collector.agent_changed("listening", 9) == (Transition(9, "collecting", "", "first-digit", 5, 4),)
    collector.agent_changed("speaking", 10)
    assert collector.key("1", 11)[0].interrupts
    assert collector.agent_changed("listening", 12) == ()
    assert run(collector, ".@99")[-1].t == 14


def test_it_asks_again_as_often_as_it_may_and_keeps_the_last_digits() -> None:
    collector = Collector(settings(retries=2))
    collector.start(0, prompting=True)
    again = Transition(1, "prompting", end_reason="stop-key", paused="prompt", interrupts=True, attempt=2)
    assert collector.key("#", 1) == (again,)
    assert collector.prompt_ended(2)[0].timer_left == 5
    third = Transition(7, "prompting", end_reason="first-digit time-out", paused="prompt", attempt=3)
    assert collector.tick(7) == (third,)
    collector.key("1", 8)
    last = Transition(11, "failed", "1", end_reason="inter-digit time-out", attempt=3)
    assert collector.tick(11) == (last,)


def confirming(**changes: Any) -> Collector:
    collector = Collector(settings(confirm=True, **changes))
    collector.start(0)
    seen = run(collector, "1@1 2@2 #@3")
    assert seen[-1] == Transition(3, "confirming", "12", end_reason="stop-key", paused="prompt")
    return collector


def test_digits_are_confirmed_by_key_also_during_the_read_back() -> None:
    collector = confirming()
    assert collector.key("9", 4) == ()
    assert collector.key("1", 5) == (Transition(5, "done", "12", end_reason="stop-key", interrupts=True),)
    assert collector.user_input == "12"


def test_digits_are_confirmed_or_refused_by_speech_after_the_read_back() -> None:
    collector = confirming()
    assert collector.prompt_ended(4) == (Transition(4, "confirming", "12", "confirm", 5, 5, "stop-key"),)
    assert collector.confirm(9)[0].state == "done"
    refused = confirming()
    refused.prompt_ended(4)
    assert refused.refuse(6) == (Transition(6, "failed", "12", end_reason="refused"),)
    assert refused.confirm(7) == ()


def test_who_refuses_or_says_nothing_is_asked_again() -> None:
    collector = confirming(retries=2)
    assert collector.key("2", 4)[0] == Transition(
        4, "prompting", end_reason="refused", paused="prompt", interrupts=True, attempt=2
    )
    run(collector, "3@5 4@6 #@7 said@8")
    assert collector.deadline == 13
    assert collector.tick(13)[0].end_reason == "confirm time-out"
    assert collector.attempt == 3
    assert not collector.ended


def test_spoken_digits_count_as_keys() -> None:
    collector = Collector(settings())
    collector.start(0)
    collector.key("1", 1)
    assert [transition.digits for transition in collector.spoken("234", 2)] == ["12", "123", "1234"]
    assert collector.end_reason == "count"
    with pytest.raises(ValueError, match="'x' is not a DTMF key"):
        Collector(settings()).spoken("1x", 0)


def test_before_the_start_and_after_the_end_nothing_happens() -> None:
    collector = Collector(settings())
    for idle in (collector.key("1", 0), collector.tick(5), collector.hang_up(6), collector.prompt_ended(7)):
        assert idle == ()
    collector.start(10)
    collector.hang_up(11)
    assert run(collector, "1@12 #@13 say@14 said@15 hang@16 .@99") == []
    with pytest.raises(RuntimeError, match="make a new one"):
        collector.start(20)


def test_an_unknown_key_is_refused() -> None:
    collector = Collector(settings())
    collector.start(0)
    with pytest.raises(ValueError, match="'x' is not a DTMF key"):
        collector.key("x", 1)
    assert collector.digits == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_digits": 0}, "max_digits is 0: use 1 to 64"),
        ({"max_digits": 65}, "max_digits is 65"),
        ({"max_digits": 4.0}, "max_digits is 4.0: use a whole number"),
        ({"max_digits": True}, "max_digits is True"),
        ({"min_digits": -1}, "min_digits is -1"),
        ({"min_digits": 5}, "min_digits is 5: use 0 to max_digits, which is 4"),
        ({"first_digit_seconds": 0}, "first_digit_seconds is 0"),
        ({"inter_digit_seconds": -1.0}, "inter_digit_seconds is -1.0"),
        ({"inter_digit_seconds": float("nan")}, "inter_digit_seconds is nan"),
        ({"total_seconds": float("inf")}, "total_seconds is inf"),
        ({"total_seconds": "4"}, "total_seconds is '4'"),
        ({"total_seconds": 3601}, "total_seconds is 3601"),
        ({"stop_keys": "#x"}, "stop_keys holds 'x'"),
        ({"retries": 21}, "retries is 21: use 0 to 20"),
        ({"retries": -1}, "retries is -1"),
        ({"confirm": 1}, "confirm is 1: use true or false"),
        ({"confirm_seconds": 0}, "confirm_seconds is 0"),
        ({"stop_keys": "##"}, "stop_keys '##' names a key twice"),
        ({"stop_keys": CODES}, "stop_keys names all sixteen keys"),
    ],
)
def test_settings_that_make_no_sense_name_the_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        settings(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "2 to 4 digits, then #"),
        ({"min_digits": 4}, "4 digits, then #"),
        ({"min_digits": 4, "stop_keys": ""}, "4 digits"),
        ({"stop_keys": "#*"}, "2 to 4 digits, then # or *"),
        ({"max_digits": 1, "min_digits": 1}, "1 digit"),
    ],
)
def test_what_is_expected_in_words(changes: dict[str, Any], words: str) -> None:
    assert settings(**changes).expected == words


SECONDS = st.none() | st.floats(0.01, 20)
SETTINGS = st.builds(
    lambda low, more, first, inter, total, stop: CollectorSettings(
        max_digits=max(1, low + more),
        min_digits=low,
        first_digit_seconds=first,
        inter_digit_seconds=inter,
        total_seconds=total,
        stop_keys="".join(stop),
    ),
    st.integers(0, 6),
    st.integers(0, 6),
    SECONDS,
    SECONDS,
    SECONDS,
    st.sets(st.sampled_from(CODES), max_size=3),
)
INPUTS: dict[str, Callable[[Collector, float], tuple[Transition, ...]]] = {
    **{char: lambda collector, t, char=char: collector.key(char, t) for char in CODES},  # type: ignore[misc]
    "tick": Collector.tick,
    "say": Collector.prompt_started,
    "said": Collector.prompt_ended,
    "hang": Collector.hang_up,
}


@hypothesis_settings(deadline=None)
@given(
    SETTINGS,
    st.booleans(),
    st.lists(
        st.tuples(
            st.sampled_from([*CODES, *CODES, *CODES, "tick", "tick", "say", "said", "said", "hang"]),
            st.floats(-0.5, 8),
        )
    ),
)
def test_whatever_happens_it_ends_once_within_its_bounds(
    given_settings: CollectorSettings, prompting: bool, inputs: list[tuple[str, float]]
) -> None:
    collector = Collector(given_settings)
    seen = list(collector.start(0, prompting=prompting))
    t = 0.0
    for name, step in inputs:
        t += step
        seen += INPUTS[name](collector, t)
        assert collector.deadline is None or collector.deadline >= seen[-1].t - SAME_MOMENT
    for before, after in pairwise(seen):
        assert before.state in ("prompting", "collecting")
        assert after.t >= before.t
        assert after.digits.startswith(before.digits)
    for transition in seen:
        assert len(transition.digits) <= given_settings.max_digits
        assert not set(transition.digits) & set(given_settings.stop_keys)
        assert 0 <= transition.timer_left <= transition.timer_seconds + 1e-6
        assert bool(transition.timer) == (transition.timer_seconds > 0)
        assert (transition.state in ("done", "failed")) == bool(transition.end_reason)
    last = seen[-1]
    assert collector.ended == bool(last.end_reason)
    if last.state == "done":
        assert len(last.digits) >= given_settings.min_digits
    if last.state == "failed" and last.end_reason != "hang-up":
        assert len(last.digits) < given_settings.min_digits


TALK: dict[str, Callable[[Collector, float], tuple[Transition, ...]]] = {
    **INPUTS,
    "confirm": Collector.confirm,
    "refuse": Collector.refuse,
    "spoken": lambda collector, t: collector.spoken("12", t),
    "user speaks": lambda collector, t: collector.user_changed("speaking", t),
    "user is silent": lambda collector, t: collector.user_changed("listening", t),
    "agent speaks": lambda collector, t: collector.agent_changed("speaking", t),
    "agent is silent": lambda collector, t: collector.agent_changed("listening", t),
}


@hypothesis_settings(deadline=None)
@given(
    SETTINGS,
    st.integers(0, 3),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from([*TALK, *"1212", "said", "said"]), st.floats(0, 8)), max_size=40),
)
def test_whatever_is_said_and_asked_again_it_ends_after_its_attempts_and_stays_ended(
    given_settings: CollectorSettings, retries: int, confirm: bool, inputs: list[tuple[str, float]]
) -> None:
    collector = Collector(replace(given_settings, retries=retries, confirm=confirm))
    seen = list(collector.start(0, prompting=True))
    t = 0.0
    for name, step in inputs:
        t += step
        seen += TALK[name](collector, t)
    for before, after in pairwise(seen):
        assert before.state not in ("done", "failed")
        assert after.t >= before.t
        assert after.attempt - before.attempt in (0, 1)
        if after.state == "done" and confirm:
            assert before.state == "confirming"
    for transition in seen:
        assert 1 <= transition.attempt <= retries + 1
        assert not (transition.paused and transition.timer)
        assert 0 <= transition.timer_left <= transition.timer_seconds + 1e-6
        if transition.state in ("done", "confirming"):
            assert len(transition.digits) >= given_settings.min_digits
    last = seen[-1]
    if last.state == "failed" and last.end_reason != "hang-up":
        assert last.attempt == retries + 1
