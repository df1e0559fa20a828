from typing import Any

import pytest

from dtmfphone.ivr.collection import Transition
from dtmfphone.ivr.livekit_collector import LiveKitCollector, LiveKitSettings


def run(script: str, num_digits: int = 3, **changes: Any) -> tuple[LiveKitCollector, list[Transition]]:
    """Play `KEY@SECONDS` words (`user=STATE`, `agent=STATE` for speech), then let time pass."""
    collector = LiveKitCollector(LiveKitSettings(num_digits, **changes))
    seen = [*collector.start(0)]
    for word in script.split():
        what, _, at = word.partition("@")
        who, _, state = what.partition("=")
        if who == "user":
            seen += collector.user_changed(state, float(at))  # type: ignore[arg-type]
        elif who == "agent":
            seen += collector.agent_changed(state, float(at))  # type: ignore[arg-type]
        else:
            seen += collector.key(what, float(at))
    while (due := collector.deadline) is not None:
        seen += collector.tick(due)
    return collector, seen


@pytest.mark.parametrize(
    ("script", "state", "digits", "at"),
    [
        ("1@1 2@2 3@3", "done", "123", 7),
        ("1@1 2@2 3@3 #@3.5", "done", "123", 3.5),
        ("1@1 2@2 #@3", "failed", "12", 3),
        ("1@1 2@2", "failed", "12", 6),
        ("1@1 2@2 3@3 4@4 #@5", "failed", "1234", 5),
        ("#@2", "failed", "", 2),
        ("1@0 2@0 3@0 #@0 4@0", "failed", "1234", 4),
        ("1@0 2@0 #@0 3@0", "done", "123", 4),
        ("1@1 2@2 3@3 #@3 #@3", "done", "123", 3),
        ("1@1 2@2 3@3 #@3 a@3", "done", "123", 3),
        ("1@1 2@2 3@3 a@4 12@5 @6", "done", "123", 7),
        ("1@1 2@5 3@9", "done", "123", 13),
        ("1@1 2@2 3@3 a@7", "done", "123", 7),
        ("1@1 2@2 3@3 #@7", "done", "123", 7),
        ("1@0.1 2@0.2 3@4.2", "done", "123", 8.2),
        ("1@1 2@2 3@3 user=speaking@4 user=listening@10", "done", "123", 14),
        ("1@1 2@2 3@3 user=away@5", "done", "123", 9),
        ("1@1 2@2 3@3 user=listening@5", "done", "123", 7),
        ("1@1 2@2 3@3 agent=thinking@4 agent=speaking@5 agent=idle@10", "done", "123", 14),
        ("1@1 2@2 3@3 agent=speaking@4 user=away@5", "done", "123", 9),
        ("agent=speaking@0 1@1 2@2 3@3", "done", "123", 7),
        ("1@1 2@2 3@3 #@4 user=away@4", "done", "123", 8),
        ("#@4 user=away@4", "failed", "", 4),
    ],
)
def test_ends(script: str, state: str, digits: str, at: float) -> None:
    collector, seen = run(script)
    assert (collector.state, collector.digits) == (state, digits)
    assert seen[-1].t == pytest.approx(at)
    assert seen[-1].interrupts
    assert collector.ended


@pytest.mark.parametrize("script", ["", "user=speaking@1", "1@1 user=speaking@2", "#@1 agent=speaking@1", "a@1"])
def test_waits_for_ever(script: str) -> None:
    collector, _ = run(script)
    assert collector.state == "collecting"


def test_the_result_is_spaced_and_there_is_one_kind_of_failure() -> None:
    assert run("1@1 *@2 3@3 #@4")[0].user_input == "1 * 3"
    assert run("1@1 *@2 3@3 #@4")[0].end_reason == "stop-key"
    failed, _ = run("1@1 #@4")
    assert (failed.end_reason, failed.user_input) == ("wrong count", "")
    assert failed.error == "Digits input not fully received. Expect 3 digits, got 1"


def test_the_timer_is_shown_with_what_is_left_of_it_and_why_it_is_paused() -> None:
    _, seen = run("1@1 agent=speaking@2 user=speaking@2.5 agent=listening@3 user=listening@4")
    assert seen == [
        Transition(0, "collecting"),
        Transition(1, "collecting", "1", "inter-digit", 4, 4),
        Transition(2, "collecting", "1", paused="agent speaking"),
        Transition(3, "collecting", "1", "inter-digit", 4, 4),
        Transition(4, "collecting", "1", "inter-digit", 4, 4),
        Transition(8, "failed", "1", end_reason="wrong count", interrupts=True),
    ]


def reading_back() -> LiveKitCollector:
    collector, seen = run("1@1 2@2 #@3 7@4 #@5 user=speaking@6", 2, confirm=True)
    assert seen[-1] == Transition(3, "confirming", "12", interrupts=True)
    return collector


def test_after_the_read_back_a_key_starts_anew_and_most_often_fails() -> None:
    collector = reading_back()
    collector.read_back_ended(10)
    assert collector.key("1", 11)[0] == Transition(11, "collecting", "1", "inter-digit", 4, 4)
    assert collector.tick(15)[0].end_reason == "wrong count"
    again = reading_back()
    again.read_back_ended(10)
    assert again.agent_changed("speaking", 10) == again.agent_changed("listening", 11) == ()
    again.key("8", 12)
    again.key("9", 13)
    assert again.tick(17) == (Transition(17, "confirming", "89", interrupts=True),)
    stopped = reading_back()
    stopped.read_back_ended(10)
    stopped.key("#", 11)
    assert stopped.tick(11) == (Transition(11, "failed", end_reason="wrong count", interrupts=True),)


def test_speech_confirms_whatever_it_says() -> None:
    collector = reading_back()
    assert collector.spoken("345#", 9) == (Transition(9, "done", "345#", end_reason="speech"),)
    assert collector.user_input == "3 4 5 #"
    with pytest.raises(ValueError, match="'x' is not a DTMF key"):
        reading_back().spoken("x", 9)


def test_an_agent_that_cannot_be_interrupted_swallows_the_keys() -> None:
    collector = LiveKitCollector(LiveKitSettings(1), interruptible=False)
    collector.start(0)
    collector.key("1", 1)
    assert collector.tick(5) == (Transition(5, "collecting"),)
    collector.interruptible = True
    collector.key("2", 6)
    collector.tick(10)
    assert collector.user_input == "2"


def test_a_hang_up_keeps_the_keys() -> None:
    collector = LiveKitCollector(LiveKitSettings(4))
    assert collector.hang_up(0) == ()
    collector.start(0)
    collector.key("1", 1)
    assert collector.hang_up(2) == (Transition(2, "failed", "1", end_reason="hang-up"),)
    assert (*collector.hang_up(3), *collector.key("1", 4), *collector.tick(9), *collector.spoken("1", 9)) == ()
    with pytest.raises(RuntimeError, match="make a new one"):
        collector.start(5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_digits": 0}, "num_digits is 0: use a whole number above 0"),
        ({"num_digits": 1.5}, "num_digits is 1.5"),
        ({"num_digits": True}, "num_digits is True"),
        ({"timeout": -1}, "timeout is -1: use seconds, 0 to 1e\\+09"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"timeout": "4"}, "timeout is '4'"),
        ({"stop_key": ""}, "stop_key is ''"),
        ({"stop_key": "a"}, "stop_key is 'a'"),
        ({"stop_key": "#*"}, "stop_key is '#\\*'"),
        ({"confirm": None}, "confirm is None"),
    ],
)
def test_settings_that_make_no_sense_name_the_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        LiveKitSettings(**({"num_digits": 4} | changes))


def test_what_is_expected_in_words() -> None:
    assert LiveKitSettings(4).expected == "4 digits, then # or a pause of 4 s"
    assert LiveKitSettings(1, 2.5, "*").expected == "1 digit, then * or a pause of 2.5 s"


def test_what_was_due_before_a_read_back_ended_came_before_it() -> None:
    collector = LiveKitCollector(LiveKitSettings(2))
    collector.start(0)
    collector.key("1", 1)
    assert collector.read_back_ended(9) == (Transition(5, "failed", "1", end_reason="wrong count", interrupts=True),)


def test_spoken_digits_are_read_back_in_place_of_typed_ones() -> None:
    collector = LiveKitCollector(LiveKitSettings(2, confirm=True))
    collector.start(0.0)
    collector.key("1", 1.0)
    (shown,) = collector.read_back("34", 1.5)
    assert (shown.state, shown.digits, shown.interrupts, collector.deadline) == ("confirming", "34", True, None)
    assert collector.key("9", 2.0) == ()
    assert collector.read_back("56", 2.0) == ()
    collector.read_back_ended(3.0)
    collector.key("7", 4.0)
    assert (collector.state, collector.digits) == ("collecting", "7")
    collector.read_back("a5", 4.5)
    collector.spoken("A5", 5.0)
    assert (collector.user_input, collector.end_reason) == ("A 5", "speech")
    with pytest.raises(ValueError, match="not a DTMF key"):
        collector.read_back("x", 6.0)
