from gui_phone import Phone
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dtmfphone.engine.events import Sighting


def keys(first: int, count: int, key: str = "5") -> list[Sighting]:
    return [
        Sighting(
            t=float(n),
            call="c",
            leg="phone",
            id=str(n),
            direction="sent",
            key=key,
            method="rfc4733",
            start=float(n),
            duration=0.1,
        )
        for n in range(first, first + count)
    ]


def test_it_follows_the_end_until_one_scrolls_up(phone: Phone) -> None:
    table = phone.window.panes.log.table
    bar = table.verticalScrollBar()
    phone.feed(*keys(0, 100))
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    phone.feed(*keys(100, 50))
    assert (bar.value(), table.following) == (place, False)
    bar.setValue(bar.maximum())
    phone.feed(*keys(150, 50))
    assert (bar.value(), table.following) == (bar.maximum(), True)
    phone.window.resize(1024, 600)
    assert bar.value() == bar.maximum()


def test_the_filter_field_filters_after_a_pause(phone: Phone, qtbot: QtBot) -> None:
    phone.feed(*keys(0, 3, "1"), *keys(3, 2, "2"))
    phone.window.panes.log.filter.setText("2")
    assert phone.session.log.rowCount() == 5
    qtbot.waitUntil(lambda: phone.session.log.rowCount() == 2, timeout=2000)
    assert phone.window.panes.log.count.text() == "2 of 5"


def test_copy_takes_the_selection_or_all(phone: Phone) -> None:
    phone.feed(*keys(0, 3))
    pane = phone.window.panes.log
    pane.copy()
    assert len(QApplication.clipboard().text().splitlines()) == 3
    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    pane.table.selectionModel().select(phone.session.log.index(1, 0), rows)
    pane.copy()
    assert QApplication.clipboard().text().startswith("0:01.000\tPhone\t↑ sent")
    phone.window.actions_by_id["mask"].setChecked(True)
    pane.copy()
    assert "\t5\t" not in QApplication.clipboard().text()


def test_clear_offers_undo(phone: Phone) -> None:
    phone.feed(*keys(0, 3))
    phone.window.actions_by_id["clear"].trigger()
    notice = phone.window.notice
    assert phone.session.log.rowCount() == 0
    assert notice.text.text() == "Cleared 3 rows of the log."
    notice.button.click()
    assert phone.session.log.rowCount() == 3
    assert not notice.isVisible()


def test_an_empty_log_says_what_will_come(phone: Phone) -> None:
    before = phone.window.panes.log.table.viewport().grab().toImage()
    phone.feed(*keys(0, 1))
    phone.session.log.set_filter("nothing")
    after = phone.window.panes.log.table.viewport().grab().toImage()
    assert before != after
