from typing import get_args

import msgspec
import pytest

from dtmfphone.engine.events import CallChanged, CollectorChanged, IvrStep
from dtmfphone.gui.collector_model import END_WORDS, MODE_WORDS, PAUSE_WORDS, TIMER_WORDS, CollectorModel
from dtmfphone.gui.session_clock import SessionClock
from dtmfphone.ivr.collection import EndReason, Mode, Pause, Timer


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def model(qapp: object, time: Time) -> CollectorModel:
    clock = SessionClock(time)
    clock.observe(0.0)
    return CollectorModel(clock)


def collecting(t: float = 0.0, call: str = "i1", digits: str = "40") -> CollectorChanged:
    return CollectorChanged(
        t=t,
        call=call,
        state="collecting",
        digits=digits,
        expected="4 digits",
        timer="inter-digit",
        timer_seconds=4.0,
        timer_left=3.0,
    )


def test_the_timer_runs_without_events(model: CollectorModel, time: Time) -> None:
    model.on_event(collecting(t=0.0))
    shares = []
    for _ in range(4):
        shares.append(model.timer_fraction())
        time.now += 1.0
    assert shares == pytest.approx([0.75, 0.5, 0.25, 0.0])
    time.now += 10.0
    assert model.timer_left() == 0.0
    assert model.timer_text == "Next digit"


def test_an_event_from_the_future_does_not_overfill_the_bar(model: CollectorModel) -> None:
    model.on_event(collecting(t=5.0))
    assert model.timer_fraction() == 1.0


def test_the_timer_ends_with_the_call(model: CollectorModel) -> None:
    model.on_event(collecting())
    model.on_event(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    assert (model.timer_running, model.over) == (False, True)


def test_one_call_is_followed_at_a_time(model: CollectorModel) -> None:
    model.on_event(collecting(call="i1", digits="1"))
    model.on_event(collecting(call="i2", digits="2"))
    assert model.collector is not None
    assert model.collector.digits == "1"
    model.on_event(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    model.on_event(collecting(call="i2", digits="22"))
    assert model.collector.digits == "22"
    assert not model.over


def test_what_the_ivr_says(model: CollectorModel) -> None:
    assert not model.present

    def step(action: str, text: str = "", node: str = "menu") -> None:
        model.on_event(IvrStep(t=0.0, call="i1", script="s", node=node, action=action, text=text))  # type: ignore[arg-type]

    step("enter")
    step("say", "Press 1.")
    assert (model.present, model.node, model.speech, model.speaking) == (True, "menu", "Press 1.", True)
    step("key", "1")
    assert model.speaking
    step("interrupted")
    assert (model.speech, model.speaking) == ("Press 1.", False)


def test_digits_can_be_hidden(model: CollectorModel) -> None:
    model.on_event(collecting(digits="4072"))
    model.on_event(IvrStep(t=0.0, call="i1", script="s", node="n", action="say", text="You entered 4 0 7 2."))
    model.set_masked(True)
    assert model.collector is not None
    assert model.collector.digits == "••••"
    assert model.speech == "You entered • • • •."
    model.set_masked(False)
    assert model.collector.digits == "4072"


@pytest.mark.parametrize(
    ("kind", "words"), [(Mode, MODE_WORDS), (EndReason, END_WORDS), (Timer, TIMER_WORDS), (Pause, PAUSE_WORDS)]
)
def test_whatever_a_collector_says_has_words(kind: object, words: dict[str, str]) -> None:
    assert set(words) == set(get_args(kind)) - {""}
    assert len(set(words.values())) == len(words)


def test_mode_and_attempt(model: CollectorModel) -> None:
    assert model.mode_text == ""
    model.on_event(collecting())
    assert model.mode_text == "Standard"
    model.on_event(msgspec.structs.replace(collecting(), mode="livekit"))
    assert model.mode_text == "LiveKit"
    model.on_event(msgspec.structs.replace(collecting(), attempt=2, end_reason="refused"))
    assert (model.mode_text, model.end_text) == ("Standard, attempt 2", "The caller refused the digits.")


def paused(t: float, why: str = "user speaking", **more: object) -> CollectorChanged:
    event = msgspec.structs.replace(collecting(t), timer="", timer_seconds=0.0, timer_left=0.0, paused=why)
    return msgspec.structs.replace(event, **more)


def test_a_pause_keeps_what_was_left(model: CollectorModel, time: Time) -> None:
    model.on_event(collecting(t=0.0))
    assert model.pause_text == ""
    model.on_event(paused(1.25))
    time.now += 60.0
    assert not model.timer_running
    assert model.pause_text == "Next digit waits at 1.8 s: the caller speaks."
    model.on_event(paused(1.5, "prompt", state="prompting"))
    assert model.pause_text == "Next digit waits at 1.8 s: the prompt speaks."


def test_what_is_left_is_not_said_where_a_timer_begins_anew(model: CollectorModel) -> None:
    for change in ({"digits": "407"}, {"attempt": 2}, {"state": "confirming"}, {"node": "other"}):
        model.on_event(collecting(t=0.0))
        model.on_event(paused(1.0, "prompt", **change))
        assert model.pause_text == "Timers wait: the prompt speaks."


def test_a_livekit_timer_begins_anew_after_a_pause(model: CollectorModel) -> None:
    model.on_event(msgspec.structs.replace(collecting(t=0.0), mode="livekit"))
    model.on_event(paused(1.0, "agent thinking", mode="livekit"))
    assert model.pause_text == "No timer while the agent thinks, then anew."


def test_nothing_waits_when_the_call_is_over(model: CollectorModel) -> None:
    model.on_event(paused(1.0))
    model.on_event(CallChanged(t=2.0, call="i1", leg="ivr", state="ended"))
    assert model.pause_text == ""
