from gui_phone import Phone
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from sip_messages import invite, response

from dtmfphone.gui.ladder import HEADER_HEIGHT, lines, narrowest, pause_text


def picture(phone: Phone) -> QImage:
    QApplication.processEvents()
    return phone.window.panes.trace.ladder.viewport().grab().toImage()


def shown(phone: Phone) -> None:
    phone.window.actions_by_id["show-trace"].trigger()
    QApplication.processEvents()


def test_the_lines_share_the_width() -> None:
    assert lines(500, 1) == [94, 478]
    assert lines(500, 2) == [94, 286, 478]
    assert lines(100, 2)[-1] == narrowest(2) - 22


def test_pauses() -> None:
    assert [pause_text(s) for s in (None, 0.0, 0.0124, 0.9999, 12.34, 640.0)] == [
        "",
        "+0 ms",
        "+12 ms",
        "+1.0 s",
        "+12.3 s",
        "+640 s",
    ]


def test_an_arrow_points_where_the_message_went(phone: Phone) -> None:
    shown(phone)
    ladder, theme = phone.window.panes.trace.ladder, phone.look.theme
    phone.feed(invite(), response("200 OK", t=2.0))
    image = picture(phone)
    ours, theirs = lines(ladder.viewport().width(), 1)
    for row, tip, colour in ((0, theirs - 3, theme.sent), (1, ours + 3, theme.good)):
        box = ladder.visualRect(phone.session.trace.index(row, 0))
        assert image.pixelColor(QPoint(int(tip), box.y() + 24)) == QColor(colour)


def test_the_header_names_the_far_ends(phone: Phone) -> None:
    shown(phone)
    header = phone.window.panes.trace.ladder.header
    empty = header.grab().toImage()
    phone.feed(invite(), invite(2.0, "192.0.2.7:5070", "d2"))
    QApplication.processEvents()
    assert header.height() == HEADER_HEIGHT
    assert header.grab().toImage() != empty
    assert header.toolTip() == "192.0.2.1:5060\n192.0.2.7:5070"


def test_it_follows_the_end_until_one_scrolls_up(phone: Phone) -> None:
    shown(phone)
    ladder, follow = phone.window.panes.trace.ladder, phone.window.actions_by_id["follow"]
    phone.feed(*(invite(float(number)) for number in range(100)))
    QApplication.processEvents()
    bar = ladder.verticalScrollBar()
    assert bar.maximum() > 0
    assert (bar.value(), follow.isChecked()) == (bar.maximum(), True)
    bar.setValue(10)
    phone.feed(*(invite(float(number)) for number in range(100, 150)))
    QApplication.processEvents()
    assert (bar.value(), follow.isChecked()) == (10, False)
    follow.trigger()
    assert bar.value() == bar.maximum()
    phone.feed(invite(200.0))
    QApplication.processEvents()
    assert bar.value() == bar.maximum()


def test_an_empty_trace_says_what_will_come(phone: Phone) -> None:
    shown(phone)
    before = picture(phone)
    phone.feed(invite())
    phone.session.trace.set_filter("nothing")
    assert picture(phone) != before
