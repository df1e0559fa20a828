import pytest
from gui_collectors import Time, session_clock, shadow, still
from pytestqt.qtbot import QtBot

from dtmfphone.engine.events import CollectorChanged
from dtmfphone.gui.collector_state import CollectorState
from dtmfphone.gui.look import Look
from dtmfphone.gui.shadow_row import ShadowRow
from dtmfphone.gui.shadow_words import Verdict

ERROR = "Digits input not fully received. Expect 4 digits, got 3"


@pytest.fixture
def row(qtbot: QtBot, look: Look) -> ShadowRow:
    row = ShadowRow(look)
    qtbot.addWidget(row)
    row.resize(340, row.height())
    row.show()
    return row


def verdict(event: CollectorChanged) -> Verdict:
    state = CollectorState(session_clock(Time()))
    state.take(event)
    return Verdict(event.shadow or "The IVR", state, event, own=not event.shadow)


def test_it_collects(row: ShadowRow) -> None:
    row.show_verdict(verdict(shadow("LiveKit", collection=2)))
    assert (row.name.text(), row.number.text(), row.digits.whole) == ("LiveKit", "#2", "4 0 _")
    assert (row.state.text, row.state.filled) == ("Collecting", True)
    assert (row.left.words.text(), row.left.bar.share) == ("Next digit 3.0 s", 0.75)
    assert row.left.bar.isVisible()
    assert row.accessibleName() == "LiveKit: Collecting"
    assert row.digits.accessibleName() == "Digits so far: 4 0"


def test_it_is_paused(row: ShadowRow) -> None:
    row.show_verdict(verdict(still(shadow="LiveKit", mode="livekit", paused="agent speaking")))
    assert row.words.isVisible()
    assert row.words.whole == "No timer while the agent speaks, then anew."


def test_it_has_ended(row: ShadowRow) -> None:
    row.show_verdict(verdict(shadow("LiveKit", state="failed", digits="407", end_reason="wrong count", result=ERROR)))
    assert (row.state.text, row.words.whole, row.digits.whole) == ("Failed", f"ToolError: {ERROR}", "4 0 7")
    assert row.words.property("tone") == "bad"
    assert "Not the expected number of digits." in row.toolTip()
    assert row.accessibleDescription() == f"ToolError: {ERROR}"


def test_a_line_gives_words_the_room_of_the_digits(row: ShadowRow) -> None:
    row.set_compact(True)
    row.show_verdict(verdict(still(shadow="LiveKit", mode="livekit", digits="")))
    assert (row.digits.isVisible(), row.words_beside.whole) == (False, "No timer before the first digit.")
    row.show_verdict(verdict(shadow("LiveKit")))
    assert (row.digits.isVisible(), row.words_beside.whole) == (True, "Next digit 3.0 s")
    row.show_verdict(verdict(shadow("LiveKit", state="done", digits="4071", end_reason="count", result="4 0 7 1")))
    assert (row.digits.isVisible(), row.words_beside.whole) == (False, "The program gets “4 0 7 1”.")
    assert not row.left.bar.isVisible()


def test_the_ivrs_own_has_no_number(row: ShadowRow) -> None:
    row.show_verdict(verdict(still(state="done", end_reason="count")))
    assert (row.name.text(), row.number.text(), row.words.whole) == ("IVR", "", "All digits are in.")
