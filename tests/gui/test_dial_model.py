import pytest

from dtmfphone.engine.commands import AnyCommand, Dial, SkipWait, StopDialing
from dtmfphone.engine.events import CallChanged, Dialing
from dtmfphone.gui.dial_model import DialModel, problems_of

UP = CallChanged(t=0.0, call="c", leg="phone", state="up")


@pytest.fixture
def model(qapp: object) -> DialModel:
    return DialModel()


@pytest.fixture
def commands(model: DialModel) -> list[AnyCommand]:
    got: list[AnyCommand] = []
    model.command.connect(got.append)
    return got


@pytest.mark.parametrize("text", ["", "1234567890*#ABCDabcd", "1 2-(3).4", "1,,p5w6"])
def test_what_can_be_dialled(text: str) -> None:
    assert problems_of(text) == ()


def test_every_wrong_character_is_marked() -> None:
    assert [(p.position, "x" in p.explanation) for p in problems_of("1x2é3x")] == [(1, True), (3, False), (5, True)]


def test_a_wrong_string_is_kept_and_not_sent(model: DialModel, commands: list[AnyCommand]) -> None:
    model.on_event(UP)
    model.set_text("12x4y")
    assert not model.can_send
    assert "“x”" in model.explanation
    assert model.explanation.endswith("(+1)")
    model.send()
    assert (commands, model.text) == ([], "12x4y")
    model.set_text("124")
    assert model.explanation == ""
    model.send()
    assert commands == [Dial(digits="124", duration_ms=100, gap_ms=70)]
    assert model.text == "124"


def test_without_a_call_nothing_is_sent(model: DialModel, commands: list[AnyCommand]) -> None:
    model.set_text("1")
    assert not model.can_send
    model.send()
    assert commands == []
    assert "press Call" in model.hint
    model.on_event(UP)
    assert (model.can_send, model.hint) == (True, "")


def test_durations(model: DialModel, commands: list[AnyCommand]) -> None:
    model.on_event(UP)
    model.duration_ms, model.gap_ms = 250, 40
    model.set_text("5")
    model.send()
    assert commands == [Dial(digits="5", duration_ms=250, gap_ms=40)]


def test_the_queue(model: DialModel, commands: list[AnyCommand]) -> None:
    model.skip_wait()
    assert commands == []
    model.on_event(UP)
    model.on_event(Dialing(t=1.0, call="c", state="sending", current="2", remaining="34", sent=1))
    assert (model.busy, model.waiting, model.current, model.remaining, model.sent) == (True, False, "2", "34", 1)
    model.on_event(Dialing(t=1.0, call="c", state="waiting", remaining="5", sent=3))
    assert (model.busy, model.waiting) == (True, True)
    model.skip_wait()
    model.stop()
    assert commands == [SkipWait(), StopDialing()]


def test_the_queue_goes_with_its_call(model: DialModel) -> None:
    model.on_event(UP)
    model.on_event(Dialing(t=1.0, call="c", state="sending", current="2", remaining="34", sent=1))
    model.on_event(CallChanged(t=2.0, call="c", leg="phone", state="ended"))
    assert (model.busy, model.current, model.remaining) == (False, "", "")
