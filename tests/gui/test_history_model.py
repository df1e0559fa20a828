from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from pytestqt.qtbot import QtBot

from dtmfphone.engine.events import CallChanged, CallState
from dtmfphone.gui.history_model import HistoryModel
from dtmfphone.gui.status_model import Message
from dtmfphone.history import History, PastCall

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> History:
    return History(tmp_path / "history.jsonl")


@pytest.fixture
def model(qapp: object, store: History) -> HistoryModel:
    return HistoryModel(store, now=lambda: NOW)


def feed(model: HistoryModel, *states: CallState, incoming: bool = False, **last: Any) -> None:
    for number, state in enumerate(states):
        more = last if number == len(states) - 1 else {}
        direction: Literal["incoming", "outgoing"] = "incoming" if incoming else "outgoing"
        model.on_event(
            CallChanged(
                t=10.0 * number, call="c", leg="phone", state=state, target="sip:bob@b", direction=direction, **more
            )
        )


@pytest.mark.parametrize(
    ("states", "incoming", "gives_up", "outcome", "duration"),
    [
        (("calling", "ringing", "up", "ended"), False, False, "answered", 10.0),
        (("calling", "ringing", "up", "ended"), False, True, "answered", 10.0),
        (("calling", "ringing", "ended"), False, True, "cancelled", 0.0),
        (("calling", "failed"), False, False, "failed", 0.0),
        (("incoming", "up", "ended"), True, False, "answered", 10.0),
        (("incoming", "ended"), True, False, "missed", 0.0),
        (("incoming", "failed"), True, False, "missed", 0.0),
        (("incoming", "ended"), True, True, "rejected", 0.0),
    ],
)
def test_how_a_call_came_out(
    model: HistoryModel,
    store: History,
    states: tuple[CallState, ...],
    incoming: bool,
    gives_up: bool,
    outcome: str,
    duration: float,
) -> None:
    missed: list[PastCall] = []
    model.missed.connect(missed.append)
    feed(model, *states[:-1], incoming=incoming)
    if gives_up:
        model.give_up()
    model.on_event(CallChanged(t=10.0 * (len(states) - 1), call="c", leg="phone", state=states[-1], reason="Over."))
    call = model.at(0)
    assert (call.outcome, call.duration, call.far_end, call.began) == (outcome, duration, "sip:bob@b", NOW)
    assert call.direction == ("incoming" if incoming else "outgoing")
    assert store.all() == (call,)
    assert bool(missed) == (outcome == "missed")


def test_the_latest_comes_first_and_comes_back(model: HistoryModel, store: History, qtmodeltester: Any) -> None:
    feed(model, "calling", "failed", reason="First.")
    feed(model, "calling", "failed", reason="Second.")
    assert [call.reason for call in model.shown()] == ["Second.", "First."]
    again = HistoryModel(store)
    again.load()
    assert again.shown() == model.shown()
    qtmodeltester.check(again)


def test_the_ivrs_leg_is_no_call_of_ours(model: HistoryModel) -> None:
    model.on_event(CallChanged(t=0.0, call="i", leg="ivr", state="ended", target="x"))
    assert model.total == 0


def test_a_lost_engine_ends_calls(model: HistoryModel) -> None:
    feed(model, "calling", "up")
    model.on_lost()
    assert (model.at(0).outcome, model.at(0).reason) == ("answered", "The engine stopped.")


def test_filter(model: HistoryModel) -> None:
    feed(model, "calling", "failed", reason="Busy.")
    feed(model, "incoming", "ended", incoming=True)
    model.set_filter("missed bob")
    assert [call.outcome for call in model.shown()] == ["missed"]
    feed(model, "calling", "failed", reason="Busy.")
    assert (model.rowCount(), model.total) == (1, 3)
    model.set_filter("outgoing busy")
    assert model.rowCount() == 2


def test_clear_can_be_undone(model: HistoryModel, store: History) -> None:
    feed(model, "calling", "failed", reason="First.")
    assert model.clear() == 1
    assert (model.total, store.all()) == (0, ())
    feed(model, "calling", "failed", reason="Second.")
    model.restore()
    assert [call.reason for call in model.shown()] == ["Second.", "First."]
    assert [call.reason for call in store.all()] == ["First.", "Second."]


def test_what_cannot_be_kept_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    model = HistoryModel(History(tmp_path / "file" / "history.jsonl"))
    got: list[Message] = []
    model.message.connect(got.append)
    feed(model, "calling", "failed")
    assert got[0].text.startswith("The history was not saved")
    assert model.total == 1
