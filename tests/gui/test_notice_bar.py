import pytest
from gui_collectors import collecting, shadow
from gui_phone import Phone
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from dtmfphone.engine.display import DisplayRing
from dtmfphone.gui import notice_bar
from dtmfphone.gui.analyzer import AnalyzerPane
from dtmfphone.gui.level_range import LevelRange
from dtmfphone.gui.notice_bar import GAP
from dtmfphone.gui.status_model import Message

WARNING = Message("warning", "Odd.", "Look.")
ERROR = Message("error", "Bad.")
INFO = Message("info", "The call is recorded from here on (reception).", "The sound goes to the far end's disk.")
LONG = Message("error", "A long sentence. " * 12, "What to do about it. " * 6, button="Try again")


def test_messages_wait_for_each_other(phone: Phone) -> None:
    bar = phone.window.notice
    for message in (WARNING, ERROR, WARNING):
        phone.session.status.say(message)
    assert (bar.text.text(), bar.remedy.text()) == ("Odd.", "Look.")
    bar.close_button.click()
    assert (bar.text.text(), bar.remedy.isVisible()) == ("Bad.", False)
    bar.close_button.click()
    assert not bar.isVisible()


def test_information_goes_by_itself_and_gives_way(phone: Phone, qtbot: QtBot) -> None:
    bar = phone.window.notice
    bar._away.setInterval(30)
    phone.session.status.say(Message("info", "Saved."))
    assert bar.isVisible()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=2000)
    phone.session.status.say(Message("info", "Saved."))
    phone.session.status.say(ERROR)
    assert bar.text.text() == "Bad."
    qtbot.wait(60)
    assert bar.isVisible()
    assert notice_bar.INFO_MS >= 5000


def test_a_button_acts_once(phone: Phone) -> None:
    done: list[int] = []
    phone.session.status.say(Message("info", "Gone.", button="Undo", action=lambda: done.append(1)))
    phone.window.notice.button.click()
    assert done == [1]
    assert not phone.window.notice.isVisible()


def controls(phone: Phone) -> list[QWidget]:
    """What can be clicked in the window, the bar's own buttons aside."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, LevelRange, QTabBar)
    bar = phone.window.notice
    found = [widget for kind in kinds for widget in phone.window.findChildren(kind)]
    return [widget for widget in found if widget.isVisible() and not bar.isAncestorOf(widget)]


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600), (980, 560), (390, 560), (420, 800)])
@pytest.mark.parametrize("message", [INFO, LONG], ids=["info", "long"])
@pytest.mark.parametrize("on_call", [False, True])
def test_it_covers_no_control(
    phone: Phone, qtbot: QtBot, size: tuple[int, int], message: Message, *, on_call: bool
) -> None:
    window, bar = phone.window, phone.window.notice
    window.use_analyzer(lambda theme: AnalyzerPane(DisplayRing.local(), theme))
    if on_call:
        phone.feed(collecting(), shadow("LiveKit"))
    window.actions_by_id["fold"].setChecked(size[0] < 900)
    phone.session.status.say(message)
    window.resize(*size)
    parent = bar.parentWidget()
    assert parent is not None
    qtbot.waitUntil(lambda: not bar._follow.isActive() and parent.rect().contains(bar.geometry()))
    assert (window.width(), window.height()) == size
    place = QRect(bar.mapToGlobal(QPoint()), bar.size())
    covered = [each for each in controls(phone) if place.intersects(QRect(each.mapToGlobal(QPoint()), each.size()))]
    assert len(controls(phone)) > 20
    assert covered == []
    assert bar.reader.viewport().height() >= 3 * bar.fontMetrics().height() - 6 or message is INFO
    if message is INFO:
        assert bar.reader.verticalScrollBar().maximum() == 0


def test_a_long_message_scrolls_by_keyboard(phone: Phone, qtbot: QtBot) -> None:
    window, bar = phone.window, phone.window.notice
    window.actions_by_id["fold"].setChecked(True)
    phone.session.status.say(LONG)
    bar.reader.setFocus()
    qtbot.waitUntil(lambda: bar.reader.verticalScrollBar().maximum() > 0)
    assert bar.reader.focusPolicy() == Qt.FocusPolicy.TabFocus
    QTest.keyClick(bar.reader, Qt.Key.Key_PageDown)
    assert bar.reader.verticalScrollBar().value() > 0


def test_its_buttons_are_reached_by_the_keyboard(phone: Phone) -> None:
    bar = phone.window.notice
    phone.session.status.say(Message("warning", "Gone.", button="Undo"))
    reached: list[QWidget | None] = []
    phone.window.keypad.setFocus()
    for _ in range(100):
        QTest.keyClick(phone.window, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert bar.button in reached
    assert bar.close_button in reached


def test_information_stays_while_it_has_the_focus(phone: Phone, qtbot: QtBot) -> None:
    bar = phone.window.notice
    bar._away.setInterval(30)
    phone.session.status.say(Message("info", "Gone.", button="Undo"))
    bar.button.setFocus()
    qtbot.waitUntil(bar.button.hasFocus)
    qtbot.wait(100)
    assert bar.isVisible()
    phone.window.keypad.setFocus()
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=2000)


def test_it_follows_what_it_lies_over(phone: Phone, qtbot: QtBot) -> None:
    window, bar = phone.window, phone.window.notice
    phone.session.status.say(ERROR)
    for above, below in ((500, 200), (300, 400)):
        window._splitter.setSizes([above, below])
        qtbot.waitUntil(lambda: _bottom(bar) == _bottom(window._analyzer_card) - GAP)
    window.actions_by_id["fold"].setChecked(True)
    qtbot.waitUntil(lambda: bar.geometry().right() < window.width(), timeout=2000)


def _bottom(widget: QWidget) -> int:
    return widget.mapToGlobal(widget.rect().bottomLeft()).y()
