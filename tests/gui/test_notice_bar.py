import pytest
from gui_phone import Phone
from pytestqt.qtbot import QtBot

from dtmfphone.gui import notice_bar
from dtmfphone.gui.status_model import Message

WARNING = Message("warning", "Odd.", "Look.")
ERROR = Message("error", "Bad.")


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


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600)])
def test_it_lies_inside_the_window_and_beside_the_phone(phone: Phone, size: tuple[int, int]) -> None:
    bar = phone.window.notice
    phone.session.status.say(Message("error", "A long sentence. " * 12, "What to do about it. " * 6))
    phone.window.resize(*size)
    parent = bar.parentWidget()
    assert parent is not None
    assert parent.rect().contains(bar.geometry())
    assert bar.x() > 368
    assert bar.text.height() >= bar.text.heightForWidth(bar.text.width())
