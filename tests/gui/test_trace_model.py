from typing import Any

import pytest
from sip_messages import invite, message, response

from dtmfphone.engine.events import Notice, Started
from dtmfphone.gui.trace_model import TraceModel


@pytest.fixture
def model(qapp: object) -> TraceModel:
    return TraceModel()


def labels(model: TraceModel) -> list[str]:
    return [model.at(row).label for row in range(model.rowCount())]


def test_it_is_a_proper_model(model: TraceModel, qtmodeltester: Any) -> None:
    model.append([invite(), response("200 OK")])
    qtmodeltester.check(model)


def test_messages_become_rows_and_far_ends_lanes(model: TraceModel) -> None:
    model.append([Notice(t=0.0, level="info", text="no message"), invite(1.0), response("100 Trying", t=1.25)])
    model.append([invite(2.0, "192.0.2.7:5060", "d2")])
    assert labels(model) == ["INVITE bob@192.0.2.1", "100 Trying · INVITE", "INVITE bob@192.0.2.1"]
    assert model.lanes == ("192.0.2.1:5060", "192.0.2.7:5060")
    assert model.dialogs == {"d1": "INVITE bob@192.0.2.1", "d2": "INVITE bob@192.0.2.1"}
    assert [model.pause_before(row) for row in range(3)] == [None, 0.25, 0.75]


def test_what_passes_the_same_way_twice_is_marked(model: TraceModel) -> None:
    model.append([invite(1.0), invite(1.5), invite(1.5, remote="192.0.2.7:5060"), response("180 Ringing", t=1.6)])
    assert [model.at(row).repeated for row in range(4)] == [False, True, False, False]


def test_filters_by_words_and_by_call(model: TraceModel) -> None:
    model.append([invite(), response("200 OK"), invite(2.0, "192.0.2.7:5060", "d2"), response("486 Busy", dialog="d2")])
    model.set_filter("cseq: 200")
    assert labels(model) == ["200 OK · INVITE"]
    model.set_filter("")
    model.set_dialog("d2")
    assert (labels(model), model.lanes) == (
        ["INVITE bob@192.0.2.1", "486 Busy · INVITE"],
        ("192.0.2.7:5060", "192.0.2.1:5060"),
    )
    model.append([response("200 OK", t=3.0), response("603 Decline", t=3.0, dialog="d2")])
    assert (model.rowCount(), model.total) == (3, 6)
    model.set_dialog("")
    assert model.rowCount() == 6


def test_times_begin_anew_with_another_engine(model: TraceModel) -> None:
    model.append([invite(5.0)])
    model.append([Started(t=0.0, version="0", wall_clock=0.0), invite(1.0), response("200 OK", t=2.0)])
    assert [model.at(row).message.t for row in range(3)] == [5.0, 1.0, 2.0]
    assert [model.pause_before(row) for row in range(3)] == [None, None, 1.0]


@pytest.mark.parametrize("words", ["", "invite"])
def test_it_is_bounded(qapp: object, qtmodeltester: Any, words: str) -> None:
    model = TraceModel(limit=10)
    model.set_filter(words)
    for number in range(37):
        model.append([invite(float(number), remote=f"192.0.2.{number}:5060", dialog=f"d{number}")])
    assert 5 <= model.total <= 10
    assert model.at(model.rowCount() - 1).message.t == 36.0
    assert len(model.lanes) == len(model.dialogs) == model.total == model.rowCount()
    model.append([invite(float(number)) for number in range(40, 140)])
    assert model.at(model.rowCount() - 1).message.t == 139.0
    assert model.total <= 10
    qtmodeltester.check(model)


def test_a_thousand_messages_are_filtered(model: TraceModel) -> None:
    batch = [message(f"INFO sip:{n}@b SIP/2.0", f"{n} INFO", t=n / 100, body="Signal=1\r\n" * 20) for n in range(1000)]
    model.append(batch)
    model.set_filter("999@b")
    assert model.rowCount() == 1


def test_digits_in_info_are_hidden_on_demand(model: TraceModel) -> None:
    cseq = "2 INFO\r\nContent-Type: application/dtmf-relay"
    model.append([message("INFO sip:bob@b SIP/2.0", cseq, body="Signal=5\r\nDuration=160\r\n")])
    assert "Signal=5" in model.at(0).message.text
    model.set_masked(True)
    assert "Signal=5" not in model.at(0).message.text
    assert "Signal=5" not in model.shown()[0].text
    model.set_filter("signal=5")
    assert model.rowCount() == 0


def test_clear_can_be_undone(model: TraceModel) -> None:
    model.append([invite(1.0), response("200 OK", t=2.0)])
    assert model.clear() == 2
    assert (model.rowCount(), model.lanes, model.dialogs) == (0, (), {})
    model.append([invite(3.0)])
    model.restore()
    assert [model.at(row).message.t for row in range(model.rowCount())] == [1.0, 2.0, 3.0]
    assert model.dialogs == {"d1": "INVITE bob@192.0.2.1"}
