from datetime import UTC, datetime

from dtmfphone.gui.history_rows import cell, duration_text, to_text
from dtmfphone.history import PastCall

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_cells() -> None:
    call = PastCall(began=NOW, direction="incoming", far_end='"Bob" <sip:bob@b:5060>', duration=75.0, reason="Over.")
    assert [cell(call, column) for column in (1, 2, 3, 4, 5)] == ["", "bob@b:5060", "", "1:15", "answered: Over"]
    assert [duration_text(seconds) for seconds in (0, 59.9, 3661)] == ["0:00", "0:59", "1:01:01"]
    assert to_text([call]) == '2026-03-01 12:30:00\tincoming\t"Bob" <sip:bob@b:5060>\t\t1:15\tanswered: Over'
