from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from dtmfphone.engine.commands import PlaceCall
from dtmfphone.engine.events import CallChanged


def past(phone: Phone, call: str, target: str) -> None:
    phone.feed(
        CallChanged(t=1.0, call=call, leg="phone", state="calling", target=target),
        CallChanged(t=2.0, call=call, leg="phone", state="failed", reason="Busy."),
    )


def test_enter_calls_again(phone: Phone) -> None:
    past(phone, "c1", "sip:alice@a")
    past(phone, "c2", "sip:bob@b")
    phone.window.actions_by_id["show-history"].trigger()
    table = phone.window.panes.history.table
    table.setFocus()
    table.selectRow(1)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert phone.commands == [PlaceCall(target="sip:alice@a")]
    assert phone.session.call.target == "sip:alice@a"


def test_a_double_click_calls_again(phone: Phone) -> None:
    past(phone, "c1", "sip:alice@a")
    phone.window.actions_by_id["show-history"].trigger()
    table = phone.window.panes.history.table
    place = table.visualRect(phone.session.history.index(0, 2)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert phone.commands == [PlaceCall(target="sip:alice@a")]


def test_the_action_needs_a_selected_call(phone: Phone) -> None:
    again = phone.window.actions_by_id["call-again"]
    past(phone, "c1", "sip:alice@a")
    assert not again.isEnabled()
    phone.window.panes.history.table.selectRow(0)
    assert again.isEnabled()
    again.trigger()
    assert phone.commands == [PlaceCall(target="sip:alice@a")]


def test_in_a_call_the_target_is_only_put_in_place(phone: Phone) -> None:
    past(phone, "c1", "sip:alice@a")
    phone.call()
    phone.session.call_again("sip:alice@a")
    assert phone.commands == []


def test_a_missed_call_is_counted_and_can_be_called_back(phone: Phone) -> None:
    ringing = CallChanged(t=1.0, call="c9", leg="phone", state="incoming", target="sip:bob@b", direction="incoming")
    phone.feed(ringing, CallChanged(t=5.0, call="c9", leg="phone", state="ended", reason="The caller gave up."))
    window = phone.window
    assert window.panes.tabs["history"].text() == "History (1)"
    assert window.notice.text.text().startswith("Missed a call from bob@b at ")
    window.notice.button.click()
    assert phone.commands == [PlaceCall(target="sip:bob@b")]
    window.actions_by_id["show-history"].trigger()
    assert window.panes.tabs["history"].text() == "History"


def test_clear_offers_undo(phone: Phone) -> None:
    past(phone, "c1", "sip:alice@a")
    phone.window.actions_by_id["show-history"].trigger()
    phone.window.notice.dismiss()
    phone.window.actions_by_id["clear"].trigger()
    assert phone.window.notice.text.text() == "Cleared 1 call of the history."
    phone.window.notice.button.click()
    assert phone.session.history.total == 1
