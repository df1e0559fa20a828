import pytest
from pytestqt.qtbot import QtBot

from dtmfphone.engine.commands import AnyCommand, KeyDown, KeyUp
from dtmfphone.engine.events import Dialing
from dtmfphone.gui.keypad_model import DEBOUNCE_MS, KeypadModel


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model(qapp: object, clock: Clock) -> KeypadModel:
    return KeypadModel(clock=clock)


@pytest.fixture
def commands(model: KeypadModel) -> list[AnyCommand]:
    got: list[AnyCommand] = []
    model.command.connect(got.append)
    return got


def test_a_hold_is_down_then_up(model: KeypadModel, commands: list[AnyCommand]) -> None:
    model.press("5", "mouse")
    assert commands == [KeyDown(key="5")]
    assert model.held == {"5"}
    model.release("mouse")
    assert commands == [KeyDown(key="5"), KeyUp(key="5")]
    assert not model.held


def test_a_key_held_twice_sounds_until_both_let_go(model: KeypadModel, commands: list[AnyCommand]) -> None:
    model.press("5", "mouse")
    model.press("5", "keyboard")
    model.release("mouse")
    assert commands == [KeyDown(key="5")]
    model.release("keyboard")
    assert commands == [KeyDown(key="5"), KeyUp(key="5")]


def test_keys_may_overlap(model: KeypadModel, commands: list[AnyCommand]) -> None:
    model.press("1", "a")
    model.press("2", "b")
    model.release("a")
    model.release("b")
    assert commands == [KeyDown(key="1"), KeyDown(key="2"), KeyUp(key="1"), KeyUp(key="2")]


def test_a_short_tap_ends_at_once(model: KeypadModel, clock: Clock, commands: list[AnyCommand]) -> None:
    for start in (0.0, 0.05):
        clock.now = start
        model.press("5", "k")
        clock.now = start + 0.03
        model.release("k", debounce=True)
    assert commands == [KeyDown(key="5"), KeyUp(key="5")] * 2


def test_a_repeat_takes_the_release_of_a_long_press_back(
    qtbot: QtBot, model: KeypadModel, clock: Clock, commands: list[AnyCommand]
) -> None:
    model.press("5", "k")
    for _ in range(3):
        clock.now += 0.3
        model.release("k", debounce=True)
        model.press("5", "k")
    qtbot.wait(2 * DEBOUNCE_MS)
    assert commands == [KeyDown(key="5")]
    model.release("k", debounce=True)
    assert commands == [KeyDown(key="5")]
    with qtbot.waitSignal(model.command, timeout=1000):
        pass
    assert commands == [KeyDown(key="5"), KeyUp(key="5")]


def test_release_all_does_not_wait(model: KeypadModel, clock: Clock, commands: list[AnyCommand], qtbot: QtBot) -> None:
    model.press("1", "mouse")
    model.press("2", "k")
    clock.now = 1.0
    model.release("k", debounce=True)
    model.release_all()
    assert commands[2:] == [KeyUp(key="1"), KeyUp(key="2")]
    model.release("mouse")
    qtbot.wait(2 * DEBOUNCE_MS)
    assert len(commands) == 4


def test_a_source_that_changes_its_key_lets_go_of_the_first(model: KeypadModel, commands: list[AnyCommand]) -> None:
    model.press("3", "k")
    model.press("#", "k")
    assert commands == [KeyDown(key="3"), KeyUp(key="3"), KeyDown(key="#")]


def test_unknown_releases_are_ignored(model: KeypadModel, commands: list[AnyCommand]) -> None:
    model.release("nobody")
    assert commands == []


def test_the_dial_queues_key_sounds_too(model: KeypadModel) -> None:
    model.press("1", "mouse")
    model.on_event(Dialing(t=0.0, call="c", state="sending", current="7", remaining="8"))
    assert model.sounding == {"1", "7"}
    assert model.held == {"1"}
    model.on_event(Dialing(t=0.0, call="c", state="sending", current="", remaining="8"))
    assert model.sounding == {"1"}
