import pytest
from gui_collectors import Time, collecting, session_clock, shadow, still

from dtmfphone.engine.events import CallChanged, IvrStep
from dtmfphone.gui.collector_model import CollectorModel


@pytest.fixture
def model(qapp: object) -> CollectorModel:
    return CollectorModel(session_clock(Time()))


def test_the_timer_ends_with_the_call(model: CollectorModel) -> None:
    model.on_event(collecting())
    assert model.state.timer_running
    model.on_event(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    assert (model.state.timer_running, model.over) == (False, True)


def test_the_timer_ends_with_the_engine(model: CollectorModel) -> None:
    model.on_event(collecting())
    model.on_lost()
    assert (model.state.timer_running, model.over) == (False, True)


def test_one_call_is_followed_at_a_time(model: CollectorModel) -> None:
    model.on_event(collecting(call="i1", digits="1"))
    model.on_event(collecting(call="i2", digits="2"))
    assert model.collector is not None
    assert model.collector.digits == "1"
    model.on_event(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    model.on_event(collecting(call="i2", digits="22"))
    assert model.collector.digits == "22"
    assert not model.over


def test_shadows_are_not_the_ivrs_own(model: CollectorModel) -> None:
    model.on_event(shadow("LiveKit"))
    assert not model.present
    model.on_event(collecting(digits="1"))
    model.on_event(shadow("LiveKit", digits="12"))
    assert model.collector is not None
    assert model.collector.digits == "1"


def test_a_call_elsewhere_has_no_ivr(model: CollectorModel) -> None:
    model.on_event(collecting())
    model.on_event(CallChanged(t=1.0, call="c1", leg="phone", state="calling", target="sip:100@example.com"))
    assert (model.present, model.collector, model.node) == (False, None, "")


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
    verdict = model.verdict("", 0.0)
    assert verdict is not None
    assert verdict.event.digits == "••••"
    model.set_masked(False)
    assert model.collector.digits == "4072"


def test_the_verdict_on_a_collection_is_found_by_its_beginning(model: CollectorModel) -> None:
    model.on_event(collecting(t=1.0, node="menu", digits=""))
    model.on_event(still(t=2.0, node="menu", digits="1", state="done", end_reason="count"))
    model.on_event(collecting(t=2.5, node="patient", digits=""))
    first, second = model.verdict("menu", 1.1), model.verdict("patient", 2.5)
    assert first is not None
    assert second is not None
    assert (first.event.node, first.event.state, first.name, first.own) == ("menu", "done", "The IVR", True)
    assert second.event.node == "patient"
    assert model.verdict("menu", 7.0) is None
    assert model.verdict("other", 2.5) is None


def test_an_attempt_that_is_asked_again_has_failed(model: CollectorModel) -> None:
    model.on_event(collecting(t=1.0, digits="40"))
    model.on_event(still(t=5.0, state="prompting", digits="", attempt=2, end_reason="inter-digit time-out"))
    first = model.verdict("", 1.0)
    assert first is not None
    assert (first.event.state, first.event.digits, first.event.t) == ("failed", "40", 5.0)
    assert first.event.end_reason == "inter-digit time-out"
    assert not first.state.timer_running


def test_collections_of_the_same_moment_are_told_apart(model: CollectorModel) -> None:
    model.on_event(still(t=1.0, node="menu", digits="1", state="done", end_reason="count"))
    model.on_event(collecting(t=1.0, node="patient", digits=""))
    first = model.verdict("menu", 1.0)
    assert first is not None
    assert first.event.digits == "1"
