from collections.abc import Iterator

import pytest
from gui_phone import Phone

from dtmfphone.engine.commands import Serve, StopServing
from dtmfphone.engine.events import ServerChanged
from dtmfphone.gui.serve_dialog import ServeDialog


@pytest.fixture
def dialog(phone: Phone) -> Iterator[ServeDialog]:
    phone.window.actions_by_id["serve-where"].trigger()
    dialog = phone.window.findChild(ServeDialog)
    assert dialog is not None
    yield dialog
    dialog.close()


def test_it_starts_with_http_and_sip_on_this_machine(phone: Phone, dialog: ServeDialog) -> None:
    assert dialog.listen == ("http://127.0.0.1:8080", "sip:127.0.0.1:5060")
    assert not dialog.warning.isVisible()
    dialog.start.click()
    assert phone.commands == [Serve(listen=("http://127.0.0.1:8080", "sip:127.0.0.1:5060"), ivr="reception")]
    phone.window.close()
    assert phone.settings.listen == dialog.listen


def test_addresses_are_chosen_and_remembered(phone: Phone, dialog: ServeDialog) -> None:
    dialog.boxes["http"].setChecked(False)
    dialog.boxes["tls"].setChecked(True)
    dialog.places["tls"].setText("127.0.0.1:5070")
    dialog.boxes["rtp"].setChecked(True)
    dialog.ivr.setCurrentText("pin")
    wanted = ("sip:127.0.0.1:5060", "sip:127.0.0.1:5070;transport=tls", "rtp://127.0.0.1:4000?codec=PCMU")
    dialog.start.click()
    assert phone.commands == [Serve(listen=wanted, ivr="pin")]
    again = ServeDialog(phone.session.serve, phone.look, phone.window)
    assert (again.listen, again.ivr.currentText()) == (wanted, "pin")
    again.deleteLater()


def test_an_open_address_is_warned_of_and_a_wrong_one_refused(dialog: ServeDialog) -> None:
    dialog.places["sip"].setText("0.0.0.0:5060")
    assert dialog.warning.isVisible()
    assert dialog.warning.text().startswith("Whoever reaches 0.0.0.0:5060 can call the IVR.")
    assert dialog.start.isEnabled()
    dialog.places["sip"].setText("5060")
    assert dialog.warning.text().startswith("5060 is no address")
    assert (dialog.start.isEnabled(), bool(dialog.places["sip"].property("problem"))) == (False, True)
    dialog.boxes["sip"].setChecked(False)
    assert dialog.start.isEnabled()
    dialog.boxes["http"].setChecked(False)
    assert not dialog.start.isEnabled()


def test_states(phone: Phone, dialog: ServeDialog) -> None:
    assert not dialog.stop.isEnabled()
    phone.feed(
        ServerChanged(t=1.0, state="listening", url="http://127.0.0.1:8080", ivr="reception"),
        ServerChanged(t=1.0, state="failed", url="sip:127.0.0.1:5060", reason="Taken.", remedy="Choose another."),
    )
    assert dialog._states["http"].text() == "reception answers at http://127.0.0.1:8080"
    assert dialog._states["sip"].text() == "Taken. Choose another."
    assert dialog.start.text() == "Start anew"
    dialog.stop.click()
    assert phone.commands == [StopServing()]
