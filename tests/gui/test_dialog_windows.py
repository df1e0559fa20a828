import pytest
from gui_phone import Phone
from PySide6.QtWidgets import QDialog


def shown(phone: Phone) -> list[QDialog]:
    return [dialog for dialog in phone.window.findChildren(QDialog) if dialog.isVisible()]


@pytest.mark.parametrize("name", ["accounts", "serve-where", "shadows", "speech", "transfer"])
def test_what_is_open_comes_to_the_top_and_not_twice(phone: Phone, name: str) -> None:
    action = phone.window.actions_by_id[name]
    action.setEnabled(True)
    action.trigger()
    (dialog,) = shown(phone)
    action.trigger()
    assert shown(phone) == [dialog]
    dialog.close()
    action.trigger()
    (another,) = shown(phone)
    assert another is not dialog
