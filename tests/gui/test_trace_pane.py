from pathlib import Path

from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sip_messages import invite, response


def test_a_selected_message_is_read_beside_the_ladder(phone: Phone) -> None:
    phone.window.actions_by_id["show-trace"].trigger()
    pane = phone.window.panes.trace
    phone.feed(invite(), response("200 OK", t=2.0))
    assert pane.message.text.toPlainText() == ""
    pane.ladder.setFocus()
    QTest.keyClick(pane.ladder, Qt.Key.Key_Down)
    assert pane.message.text.toPlainText().startswith("SIP/2.0 200 OK\n")
    assert pane.message.heading.whole.endswith("192.0.2.9:5060 ← 192.0.2.1:5060")
    QTest.keyClick(pane.ladder, Qt.Key.Key_Up)
    assert pane.message.text.toPlainText().startswith("INVITE sip:bob@192.0.2.1 SIP/2.0\nVia:")
    phone.session.clear_trace()
    assert pane.message.text.toPlainText() == ""


def test_filters(phone: Phone, qtbot: QtBot) -> None:
    pane, trace = phone.window.panes.trace, phone.session.trace
    phone.feed(invite(), response("200 OK"), invite(2.0, dialog="d2"))
    assert [pane.dialog.itemText(row) for row in range(pane.dialog.count())] == ["All calls"] + 2 * [
        "INVITE bob@192.0.2.1"
    ]
    pane.dialog.setCurrentIndex(1)
    pane.dialog.activated.emit(1)
    assert (trace.dialog, trace.rowCount()) == ("d2", 1)
    pane.dialog.setCurrentIndex(0)
    pane.dialog.activated.emit(0)
    pane.filter.setText("200 ok")
    assert trace.rowCount() == 3
    qtbot.waitUntil(lambda: trace.rowCount() == 1, timeout=2000)


def test_the_tools_are_those_of_the_tab(phone: Phone, tmp_path: Path) -> None:
    window, actions = phone.window, phone.window.actions_by_id
    phone.feed(invite(), response("200 OK", t=2.0))
    actions["show-trace"].trigger()
    actions["copy"].trigger()
    assert QApplication.clipboard().text().count("--- ") == 2
    window.panes.trace.ladder.setCurrentIndex(phone.session.trace.index(1, 0))
    actions["copy"].trigger()
    assert QApplication.clipboard().text().startswith("--- 0:02.000")
    actions["filter"].trigger()
    assert window.panes.trace.filter.hasFocus()
    window.panes.export_to(tmp_path / "trace.txt")
    assert (tmp_path / "trace.txt").read_text(encoding="utf-8").count("--- ") == 2
    assert window.notice.text.text().startswith("Saved 2 SIP messages")
    window.panes.export_to(tmp_path / "none" / "trace.txt")
    assert "No such file" in window.notice.text.text()
    window.notice.dismiss()
    actions["clear"].trigger()
    assert (phone.session.trace.total, window.notice.text.text()) == (0, "Cleared 2 SIP messages.")
    window.notice.button.click()
    assert phone.session.trace.total == 2
    assert phone.session.log.total == 0


def test_what_is_typed_into_a_message_view_is_no_key(phone: Phone) -> None:
    phone.window.actions_by_id["show-trace"].trigger()
    phone.window.panes.trace.message.text.setFocus()
    QTest.keyClick(phone.window.windowHandle(), Qt.Key.Key_5)
    assert phone.commands == []
