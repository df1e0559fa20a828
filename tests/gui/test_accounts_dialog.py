from collections.abc import Iterator
from pathlib import Path

import pytest
from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QSpinBox, QToolButton

from dtmfphone.engine.commands import Account, CloseAccount, OpenAccount
from dtmfphone.engine.events import AccountChanged
from dtmfphone.gui.accounts_dialog import AccountsDialog

ALICE = Account(name="alice", address="sip:alice@a.example")
LAB = Account(
    name="lab",
    address="sip:lab@b.example",
    transport="tcp",
    insecure=True,
    security="required",
    codecs=("pcma", "opus"),
    method="info",
    expires=120,
)


@pytest.fixture
def dialog(phone: Phone) -> Iterator[AccountsDialog]:
    phone.session.accounts.put(ALICE)
    phone.session.accounts.put(LAB)
    phone.commands.clear()
    phone.window.actions_by_id["accounts"].trigger()
    dialog = phone.window.findChild(AccountsDialog)
    assert dialog is not None
    yield dialog
    dialog.close()


def test_it_opens_at_the_chosen_account(phone: Phone, dialog: AccountsDialog) -> None:
    assert dialog.windowModality() == Qt.WindowModality.NonModal
    assert [dialog.list.item(row).text() for row in range(dialog.list.count())] == ["alice", "lab"]
    assert (dialog.form.name.text(), dialog.list.currentRow()) == ("alice", 0)
    assert not dialog.save.isEnabled()
    phone.window.actions_by_id["accounts"].trigger()
    assert phone.window.findChildren(AccountsDialog) == [dialog]


def test_an_account_comes_out_as_it_went_in(dialog: AccountsDialog) -> None:
    dialog.list.setCurrentRow(1)
    assert dialog.form.account == LAB
    assert dialog.form.advanced.isVisible()
    assert dialog.form.insecure_warning.isVisible()
    assert dialog.form.keys_warning.isVisible()


def test_editing_and_saving(phone: Phone, dialog: AccountsDialog) -> None:
    form = dialog.form
    form.address.selectAll()
    QTest.keyClicks(form.address, "alice@new.example")
    QTest.keyClicks(form.password, "s3cret")
    dialog.save.click()
    account = Account(name="alice", address="sip:alice@new.example", password="s3cret")
    assert phone.commands == [OpenAccount(account=account)]
    assert (form.password.text(), form.password.placeholderText()) == ("", "unchanged")
    assert not dialog.save.isEnabled()


def test_a_new_account(phone: Phone, dialog: AccountsDialog) -> None:
    dialog.add.click()
    assert not dialog.remove.isEnabled()
    QTest.keyClicks(dialog.form.name, "carol")
    assert dialog.list.currentItem().text() == "carol"
    QTest.keyClicks(dialog.form.address, "nonsense")
    dialog.save.click()
    problem = dialog.form._problems["address"]
    assert (problem.isVisible(), problem.text()) == (
        True,
        "'sip:nonsense' is no SIP address. Write it like sip:alice@example.com.",
    )
    assert dialog.form.address.property("problem")
    assert phone.commands == []
    dialog.form.address.selectAll()
    QTest.keyClicks(dialog.form.address, "sip:carol@c.example")
    assert not problem.isVisible()
    dialog.save.click()
    assert phone.commands == [OpenAccount(account=Account(name="carol", address="sip:carol@c.example"))]
    assert dialog.list.count() == 3


def test_a_name_is_taken_once(phone: Phone, dialog: AccountsDialog) -> None:
    dialog.add.click()
    QTest.keyClicks(dialog.form.name, "lab")
    QTest.keyClicks(dialog.form.address, "sip:x@y")
    dialog.save.click()
    assert dialog.form._problems["name"].text().startswith("There is an account of this name already.")


def test_a_problem_of_an_advanced_field_unfolds_it(dialog: AccountsDialog) -> None:
    assert not dialog.form.advanced.isVisible()
    dialog.form.local.setText("a b")
    dialog.form.edited.emit()
    dialog.save.click()
    assert dialog.form._problems["local"].isVisible()


def test_removing_and_undo(phone: Phone, dialog: AccountsDialog) -> None:
    dialog.remove.click()
    assert phone.commands == [CloseAccount(name="alice")]
    assert dialog.form.name.text() == "lab"
    dialog.notice.button.click()
    assert phone.session.accounts.names == ("lab", "alice")


def test_typed_text_is_not_lost_by_choosing_another(phone: Phone, dialog: AccountsDialog) -> None:
    QTest.keyClicks(dialog.form.user, "typed")
    dialog.list.setCurrentRow(1)
    assert dialog.form.name.text() == "lab"
    assert dialog.notice.text.text() == "What was typed for alice is not saved."
    dialog.notice.button.click()
    assert (dialog.form.name.text(), dialog.form.user.text(), dialog.save.isEnabled()) == ("alice", "typed", True)
    dialog.revert.click()
    assert dialog.form.user.text() == ""


def test_codecs_are_ordered_by_keyboard(dialog: AccountsDialog) -> None:
    codecs = dialog.form.codecs
    codecs.list.setCurrentRow(0)
    QTest.keyClick(codecs.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(codecs.list, Qt.Key.Key_Space)
    assert codecs.codecs == ("g722", "pcmu", "pcma")
    codecs.up.click()
    codecs.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert dialog.form.account.codecs == ("opus", "g722", "pcmu", "pcma")
    assert dialog.save.isEnabled()


def test_the_state_is_shown(phone: Phone, dialog: AccountsDialog) -> None:
    phone.feed(AccountChanged(t=1.0, account="alice", state="failed", reason="403 Forbidden."))
    assert dialog.state.whole == "alice: failed. 403 Forbidden."
    assert dialog.list.item(0).toolTip() == dialog.state.whole


def test_every_field_has_a_name(dialog: AccountsDialog) -> None:
    for kind in (QLineEdit, QComboBox, QSpinBox, QPushButton, QToolButton):
        for widget in dialog.findChildren(kind):
            inner = isinstance(widget.parentWidget(), QSpinBox) or widget.objectName().startswith("qt_")
            inner = inner or not widget.isVisibleTo(dialog)
            assert inner or widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_nothing_is_cut(dialog: AccountsDialog) -> None:
    dialog.list.setCurrentRow(1)
    for label in dialog.form.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()


def test_a_password_is_kept_nowhere_else(phone: Phone, dialog: AccountsDialog, tmp_path: Path) -> None:
    QTest.keyClicks(dialog.form.password, "s3cret")
    assert dialog.form.password.echoMode() == QLineEdit.EchoMode.Password
    dialog.save.click()
    phone.window.close()
    assert "s3cret" not in repr(vars(phone.settings._backend))
    assert "s3cret" not in repr(phone.session.accounts.accounts)
