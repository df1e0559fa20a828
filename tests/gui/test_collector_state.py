from typing import get_args

import pytest
from gui_collectors import Time, collecting, session_clock, still

from dtmfphone.gui.collector_state import (
    END_WORDS,
    MODE_WORDS,
    PAUSE_WORDS,
    STATE_TONES,
    STATE_WORDS,
    TIMER_WORDS,
    CollectorState,
)
from dtmfphone.ivr.collection import EndReason, Mode, Pause, State, Timer


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def state(time: Time) -> CollectorState:
    return CollectorState(session_clock(time))


def test_the_timer_runs_without_events(state: CollectorState, time: Time) -> None:
    state.take(collecting())
    shares = []
    for _ in range(4):
        shares.append(state.timer_fraction())
        time.now += 1.0
    assert shares == pytest.approx([0.75, 0.5, 0.25, 0.0])
    time.now += 10.0
    assert state.timer_left() == 0.0
    assert state.timer_text == "Next digit"


@pytest.mark.parametrize(
    ("reason", "word", "tone", "failed"),
    [("hang-up", "Ended", "muted", False), ("wrong count", "Failed", "bad", True), ("refused", "Failed", "bad", True)],
)
def test_a_caller_that_hangs_up_is_no_failure(
    state: CollectorState, reason: str, word: str, tone: str, failed: bool
) -> None:
    state.take(still(state="failed", end_reason=reason))
    assert (state.state_text, state.state_tone, state.failed) == (word, tone, failed)


def test_an_event_from_the_future_does_not_overfill_the_bar(state: CollectorState) -> None:
    state.take(collecting(t=5.0))
    assert state.timer_fraction() == 1.0


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Mode, MODE_WORDS),
        (State, STATE_WORDS),
        (EndReason, END_WORDS),
        (Timer, TIMER_WORDS),
        (Pause, PAUSE_WORDS),
    ],
)
def test_whatever_a_collector_says_has_words(kind: object, words: dict[str, str]) -> None:
    assert set(words) == set(get_args(kind)) - {""}
    assert len(set(words.values())) == len(words)


def test_every_state_has_a_colour() -> None:
    assert set(STATE_TONES) == set(STATE_WORDS)


def test_mode_and_attempt(state: CollectorState) -> None:
    assert state.mode_text == ""
    state.take(collecting())
    assert state.mode_text == "Standard"
    state.take(collecting(mode="livekit"))
    assert state.mode_text == "LiveKit"
    state.take(collecting(attempt=2, end_reason="refused"))
    assert (state.mode_text, state.end_text) == ("Standard, attempt 2", "The caller refused the digits.")


def test_a_pause_keeps_what_was_left(state: CollectorState, time: Time) -> None:
    state.take(collecting(t=0.0))
    assert state.pause_text == ""
    state.take(still(1.25, paused="user speaking"))
    time.now += 60.0
    assert not state.timer_running
    assert state.pause_text == "Next digit waits at 1.8 s: the caller speaks."
    state.take(still(1.5, paused="prompt", state="prompting"))
    assert state.pause_text == "Next digit waits at 1.8 s: the prompt speaks."


def test_what_is_left_is_not_said_where_a_timer_begins_anew(state: CollectorState) -> None:
    for change in ({"digits": "407"}, {"attempt": 2}, {"state": "confirming"}, {"node": "other"}, {"collection": 2}):
        state.take(collecting(t=0.0))
        state.take(still(1.0, paused="prompt", **change))
        assert state.pause_text == "Timers wait: the prompt speaks."


def test_a_livekit_timer_begins_anew_after_a_pause(state: CollectorState) -> None:
    state.take(collecting(t=0.0, mode="livekit"))
    state.take(still(1.0, paused="agent thinking", mode="livekit"))
    assert state.pause_text == "No timer while the agent thinks, then anew."


def test_nothing_waits_when_the_call_is_over(state: CollectorState) -> None:
    state.take(still(1.0, paused="prompt"))
    assert state.open
    state.over = True
    assert (state.pause_text, state.open, state.timer_running) == ("", False, False)
    assert state.end_text == "The call has ended."


def test_when_a_collection_began(state: CollectorState) -> None:
    state.take(collecting(t=1.0))
    state.take(collecting(t=2.0, digits="407"))
    assert state.began == 1.0
    state.take(collecting(t=3.0, attempt=2))
    assert state.began == 3.0
    state.take(still(t=4.0, attempt=2, state="done"))
    assert state.began == 3.0
    state.take(collecting(t=5.0, attempt=2))
    assert state.began == 5.0


def test_one_that_the_script_has_left_is_not_open(state: CollectorState) -> None:
    state.take(still(result="the script went on; this one would be done 3.0 s later"))
    assert not state.open
