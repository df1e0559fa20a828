from collections.abc import Iterator

import pytest
from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit

from dtmfphone.engine.commands import Shadow, ShadowCollector
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.shadow_choice import ShadowChoice
from dtmfphone.gui.shadow_dialog import ShadowDialog


@pytest.fixture
def dialog(phone: Phone) -> Iterator[ShadowDialog]:
    phone.window.actions_by_id["shadows"].trigger()
    dialog = phone.window.findChild(ShadowDialog)
    assert dialog is not None
    yield dialog
    if open_still := phone.window.findChild(ShadowDialog):
        open_still.close()


def test_it_shows_the_choice(dialog: ShadowDialog) -> None:
    assert dialog.choice == ShadowChoice()
    assert (dialog.livekit.isChecked(), dialog.standard.isChecked()) == (True, False)
    assert not dialog.first_digit_seconds.isEnabled()
    assert (dialog.use.text(), dialog.use.isEnabled()) == ("Put on", True)


def test_both_are_put_on_at_once_and_remembered(phone: Phone, dialog: ShadowDialog) -> None:
    dialog.standard.click()
    dialog.digits.setValue(6)
    dialog.min_digits.setValue(2)
    dialog.first_digit_seconds.setValue(0.0)
    dialog.total_seconds.setValue(30.0)
    dialog.stop_keys.setText("# *")
    dialog.keys.setCurrentIndex(1)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    livekit = ShadowCollector(mode="livekit", digits=6, stop_keys="#")
    standard = ShadowCollector(
        mode="standard", digits=6, min_digits=2, first_digit_seconds=None, total_seconds=30.0, stop_keys="#*"
    )
    assert phone.commands == [Shadow(collectors=(livekit, standard), keys="received")]
    phone.window.close()
    assert phone.settings.shadows == phone.session.shadows.choice
    assert phone.settings.shadows.digits == 6


def test_none_takes_them_off(phone: Phone, dialog: ShadowDialog) -> None:
    dialog.livekit.click()
    assert dialog.use.text() == "Take off"
    assert not dialog.digits.isEnabled()
    dialog.use.click()
    assert phone.commands == [Shadow()]


def test_a_problem_names_its_field(phone: Phone, dialog: ShadowDialog) -> None:
    dialog.stop_keys.setText("#x")
    assert dialog.problem.isVisible()
    assert dialog.problem.text() == "Stop keys: “X” is no key. Use 0–9, *, # and A–D."
    assert dialog.stop_keys.property("problem")
    assert not dialog.use.isEnabled()
    dialog.standard.click()
    dialog.min_digits.setValue(9)
    assert "At least: use 0 to 4, as many as are wanted." in dialog.problem.text()
    assert dialog.min_digits.property("problem")
    dialog.stop_keys.setText("a")
    dialog.min_digits.setValue(4)
    assert not dialog.problem.isVisible()
    assert dialog.choice.stop_keys == "A"
    dialog.stop_keys.clear()
    assert dialog.problem.text() == "Stop keys: LiveKit needs one."
    dialog.livekit.click()
    assert dialog.use.isEnabled()
    assert phone.commands == []


def test_every_field_has_a_name(dialog: ShadowDialog) -> None:
    fields = [field for kind in (QAbstractSpinBox, QComboBox, QCheckBox) for field in dialog.findChildren(kind)]
    fields.append(dialog.stop_keys)
    assert len(fields) == 11
    for field in fields:
        assert field.accessibleName() or (isinstance(field, QCheckBox) and field.text())
        assert not isinstance(field, QLineEdit) or field.toolTip()


def test_a_choice_that_was_kept_is_used(phone: Phone) -> None:
    kept = ShadowChoice(livekit=False, standard=True, seconds=2.5)
    phone.settings.shadows = kept
    again = Settings(phone.settings._backend)
    assert again.shadows == kept


def test_it_is_shown_once(phone: Phone, dialog: ShadowDialog) -> None:
    phone.window.actions_by_id["shadows"].trigger()
    assert phone.window.findChildren(ShadowDialog) == [dialog]
