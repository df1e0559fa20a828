import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt

from dtmfphone.dtmf.digits import Reason
from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    Direction,
    IvrStep,
    Leg,
    Sighting,
    SightingRejected,
    SightingRetracted,
    SightingStarted,
    Utterance,
)
from dtmfphone.gui.log_model import LogModel
from dtmfphone.gui.log_rows import Column
from dtmfphone.gui.theme import DARK

CALL = CallChanged(t=0.0, call="c", leg="phone", state="calling", target="builtin:pin")


def started(number: int, key: str = "5", leg: Leg = "phone") -> SightingStarted:
    direction: Direction = "sent" if leg == "phone" else "received"
    return SightingStarted(
        t=float(number),
        call="c",
        leg=leg,
        id=f"{leg}{number}",
        direction=direction,
        key=key,
        method="rfc4733",
        start=number,
    )


def ended(number: int, key: str = "5", leg: Leg = "phone", note: str = "") -> Sighting:
    direction: Direction = "sent" if leg == "phone" else "received"
    return Sighting(
        t=number + 0.1,
        call="c",
        leg=leg,
        id=f"{leg}{number}",
        direction=direction,
        key=key,
        method="rfc4733",
        start=number,
        duration=0.1,
        note=note,
    )


def refused(key: str = "5", reason: Reason = "too-short") -> SightingRejected:
    return SightingRejected(
        t=1.0,
        call="c",
        leg="phone",
        direction="received",
        key=key,
        method="inband",
        start=0.9,
        duration=0.022,
        low_hz=771.5,
        high_hz=1336.0,
        twist_db=-2.0,
        reason=reason,
        detail="22 ms, 40 ms is the least.",
    )


@pytest.fixture
def model(qapp: object) -> LogModel:
    return LogModel()


def keys(model: LogModel) -> list[str]:
    return [model.index(row, Column.KEY).data() for row in range(model.rowCount())]


def durations(model: LogModel) -> list[str]:
    return [model.index(row, Column.DURATION).data() for row in range(model.rowCount())]


def test_it_is_a_proper_model(model: LogModel, qtmodeltester: Any) -> None:
    qtmodeltester.check(model)
    model.append([CALL, started(1), started(2), ended(1), ended(2), started(3)])
    model.set_filter("sent")
    model.append([started(4), ended(3)])
    model.set_keys_only(True)
    model.set_masked(True)
    model.clear()
    model.append([started(5)])
    model.restore()
    model.set_filter("")
    qtmodeltester.check(model)


def test_a_row_appears_at_the_start_and_is_completed_in_place(model: LogModel) -> None:
    model.append([started(1, "1"), started(2, "2")])
    assert durations(model) == ["…", "…"]
    changes: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda top, bottom: changes.append((top.row(), bottom.row())))
    model.append([ended(2, "2")])
    assert durations(model) == ["…", "100"]
    assert changes == [(1, 1)]
    model.append([ended(1, "1")])
    assert durations(model) == ["100", "100"]


def test_start_and_end_in_one_batch_are_one_row(model: LogModel) -> None:
    model.append([started(1), ended(1), ended(7, "7")])
    assert (keys(model), durations(model)) == (["5", "7"], ["100", "100"])


def test_a_batch_is_one_insertion(model: LogModel) -> None:
    insertions: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: insertions.append((first, last)))
    model.append([CALL])
    model.append([started(n) for n in range(50)])
    model.append([])
    assert insertions == [(0, 0), (1, 50)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["", "1", "5", "5"]),
        ("5", ["5", "5"]),
        ("received", ["5"]),
        ("received 1", []),
        ("RFC 4733", ["1", "5", "5"]),
        ("late", ["1"]),
        ("builtin:pin", [""]),
        ("#", []),
    ],
)
def test_filter(model: LogModel, text: str, wanted: list[str]) -> None:
    model.append([CALL, ended(1, "1", note="Late by 5 ms"), ended(2), ended(3, leg="ivr")])
    model.set_filter(text)
    assert keys(model) == wanted
    assert model.total == 4


def test_the_filter_holds_for_what_comes_later(model: LogModel) -> None:
    model.set_filter("5")
    model.append([started(1, "1"), started(2, "5"), CALL])
    assert keys(model) == ["5"]
    model.append([ended(1, "5"), ended(2, "1")])  # corrected by what came at the end
    assert (keys(model), durations(model)) == (["5"], ["100"])
    assert model.at(0).t == 1.1
    model.set_filter("")
    assert keys(model) == ["5", "1", ""]


def test_keys_only(model: LogModel) -> None:
    model.append([CALL, ended(1)])
    model.set_keys_only(True)
    assert keys(model) == ["5"]
    model.append([CALL, ended(2)])
    assert keys(model) == ["5", "5"]
    model.set_keys_only(False)
    assert model.rowCount() == 4


def test_a_guess_has_no_row(model: LogModel) -> None:
    guess = msgspec.structs.replace(started(1), tentative=True)
    model.append([guess, SightingRetracted(t=1.0, call="c", leg="phone", id="phone1")])
    assert model.total == 0
    model.append([guess, started(1)])
    model.append([ended(1)])
    assert (keys(model), durations(model)) == (["5"], ["100"])


def test_refused_bursts(model: LogModel) -> None:
    model.append([ended(1, "1"), refused("2"), refused("3", "speech"), refused("4", "noise")])
    assert (keys(model), model.total) == (["1", "2"], 2)
    model.set_all_refused(True)
    assert (keys(model), model.total) == (["1", "2", "3", "4"], 4)
    model.set_all_refused(False)
    model.clear()
    assert model.total == 0
    model.restore()
    assert model.total == 2
    model.set_all_refused(True)
    model.set_filter("refused like speech")
    assert keys(model) == ["3"]
    model.set_filter("4")
    assert keys(model) == ["4"]
    model.set_all_refused(False)
    assert keys(model) == []
    model.set_filter("")
    model.append([refused("6", "codec"), refused("7", "speech")])
    assert keys(model) == ["1", "2", "6"]
    model.set_keys_only(True)
    assert keys(model) == ["1"]


def test_a_refused_burst_is_quiet_and_explains_itself(model: LogModel) -> None:
    model.append([ended(1), refused()])
    key, burst = (model.index(row, Column.KEY) for row in (0, 1))
    assert burst.data(Qt.ItemDataRole.ForegroundRole) != key.data(Qt.ItemDataRole.ForegroundRole)
    tip = burst.data(Qt.ItemDataRole.ToolTipRole)
    assert "too short" in tip
    assert "771.50 Hz" in tip
    model.set_masked(True)
    tip = burst.data(Qt.ItemDataRole.ToolTipRole)
    assert "too short" in tip
    assert "771" not in tip
    assert burst.data() == "•"


def test_a_key_without_effect_is_found_by_its_key_and_is_no_press(model: LogModel) -> None:
    step = IvrStep(t=2.0, call="i", script="s", node="n", action="key", text="#", note="no such choice")
    model.append([ended(1, "5"), step])
    model.set_filter("#")
    assert [model.index(row, Column.NOTE).data() for row in range(model.rowCount())] == ["no such choice"]
    colours = [model.index(0, column).data(Qt.ItemDataRole.ForegroundRole).name() for column in Column]
    assert (colours[Column.TIME], colours[Column.NOTE]) == (DARK.muted, DARK.text)
    model.set_masked(True)
    assert model.rowCount() == 0
    model.set_filter("choice")
    assert model.index(0, Column.KEY).data() == "•"
    model.set_filter("")
    model.set_keys_only(True)
    assert model.rowCount() == 1


def test_masked_digits_show_nowhere(model: LogModel) -> None:
    says = IvrStep(t=3.0, call="i", script="s", node="n", action="say", text="You entered 7 3.")
    tone = Sighting(
        t=1.0,
        call="c",
        leg="phone",
        id="t",
        direction="received",
        key="7",
        method="inband",
        start=1.0,
        duration=0.05,
        low_hz=852.0,
        high_hz=1209.0,
    )
    model.append([tone, ended(2, "3"), says])
    model.set_masked(True)
    model.append([started(9, "7")])
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    shown = [
        str(model.index(row, column).data(role))
        for row in range(model.rowCount())
        for column in (Column.KEY, Column.NOTE)
        for role in roles
    ]
    assert not any(digit in text for text in shown for digit in ("7", "3", "852", "1209"))
    assert keys(model) == ["•", "•", "", "•"]
    model.set_filter("7")
    assert model.rowCount() == 0
    model.set_filter("")
    model.set_masked(False)
    assert keys(model) == ["7", "3", "", "7"]


def test_spoken_words_are_found_and_hidden_like_keys(model: LogModel) -> None:
    spoken = Utterance(
        t=3.0, call="c", leg="ivr", direction="received", text="five oh", source="vosk", start=2.0, confidence=0.9
    )
    model.append([CALL, msgspec.structs.replace(spoken, keys="50")])
    for words, rows in (("received vosk", 1), ("five", 1), ("speech", 1), ("typed", 0)):
        model.set_filter(words)
        assert model.rowCount() == rows, words
    model.set_filter("five")
    model.set_masked(True)
    assert model.rowCount() == 0
    model.set_filter("")
    assert model.index(1, Column.NOTE).data() == "“• •” → •• · vosk · 0.90"
    model.set_keys_only(True)
    assert model.rowCount() == 0


def test_clear_can_be_undone(model: LogModel) -> None:
    model.append([started(1, "1"), ended(2, "2")])
    assert model.clear() == 2
    assert model.rowCount() == 0
    model.append([ended(1, "1"), ended(3, "3")])  # the first key ends after the log was cleared
    assert keys(model) == ["1", "3"]
    model.restore()
    assert (keys(model), durations(model)) == (["1", "2", "3"], ["100", "100", "100"])
    model.restore()
    assert keys(model) == ["1", "2", "3"]


def test_rows_open_over_a_restore_are_still_completed(model: LogModel) -> None:
    model.append([started(1, "1")])
    model.clear()
    model.append([started(2, "2")])
    model.restore()
    model.append([ended(2, "2"), ended(1, "1")])
    assert (keys(model), durations(model)) == (["1", "2"], ["100", "100"])


def test_what_a_screen_reader_reads(model: LogModel) -> None:
    model.append([ended(1)])
    assert model.index(0, Column.KEY).data(Qt.ItemDataRole.AccessibleTextRole) == "Key 5"
    assert model.index(0, Column.TWIST).data(Qt.ItemDataRole.AccessibleTextRole) == "Twist empty"


def test_what_lies_outside(model: LogModel) -> None:
    assert model.data(QModelIndex()) is None
    assert model.headerData(99, Qt.Orientation.Horizontal) is None
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def calls_during(work: Callable[[], None]) -> int:
    count = 0

    def tracer(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(tracer)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_a_long_log_costs_no_calls_per_row(model: LogModel) -> None:
    """What is fast at 100 000 rows does not call Python per row."""
    rows: list[AnyEvent] = [ended(n, "0123456789"[n % 10]) for n in range(20_000)]
    model.append(rows)
    batch = [ended(n) for n in range(30_000, 30_010)]
    assert calls_during(lambda: model.set_filter("sent 5")) < 200
    assert calls_during(lambda: model.append(batch)) < 200
    assert model.rowCount() == 2010
