from gui_phone import Phone
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from dtmfphone.engine.commands import (
    Account,
    AnswerCall,
    HangUp,
    Hold,
    PlaceCall,
    RejectCall,
    Transfer,
)
from dtmfphone.engine.events import (
    AccountChanged,
    CallChanged,
    HoldChanged,
    MediaChanged,
    Started,
    Statistics,
    TransferChanged,
)
from dtmfphone.gui.accounts_dialog import AccountsDialog
from dtmfphone.gui.transfer_dialog import TransferDialog

ALICE = Account(name="alice", address="sip:alice@a.example", method="info")
RINGS = CallChanged(
    t=1.0,
    call="c9",
    leg="phone",
    state="incoming",
    target='"Bob B." <sip:bob@b.example>',
    direction="incoming",
    account="alice",
)


def items(phone: Phone) -> list[str]:
    target = phone.window.call_bar.target
    return [target.itemText(index) for index in range(target.count())]


def test_one_click_calls_the_built_in_ivr(phone: Phone) -> None:
    bar = phone.window.call_bar
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert phone.commands == [PlaceCall(target="builtin:reception")]
    assert (bar.button.text(), bar.chip.text) == ("Hang up", "Calling")
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert phone.commands[1:] == [HangUp()]


def test_a_double_click_does_not_hang_up(phone: Phone) -> None:
    button = phone.window.call_bar.button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert phone.commands == [PlaceCall(target="builtin:reception")]


def test_a_typed_target_is_called_and_remembered(phone: Phone) -> None:
    edit = phone.window.call_bar.target.lineEdit()
    assert isinstance(edit, QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, "https://a.example/offer")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert phone.commands == [PlaceCall(target="https://a.example/offer")]
    assert phone.settings.targets == ["https://a.example/offer"]
    assert items(phone) == ["https://a.example/offer", "builtin:reception", "builtin:pin"]
    assert phone.window.keypad.buttons["1"].hasFocus()


def test_listing_targets_keeps_what_is_typed(phone: Phone) -> None:
    edit = phone.window.call_bar.target.lineEdit()
    assert isinstance(edit, QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, "builtin:p")
    phone.feed(Started(t=0.0, version="0", wall_clock=0.0, ivrs=("one", "two")))
    assert phone.window.call_bar.target.currentText() == "builtin:p"
    assert items(phone) == ["builtin:one", "builtin:two"]


def test_a_token_is_masked_sent_and_never_stored(phone: Phone) -> None:
    bar = phone.window.call_bar
    assert not bar.token.isVisible()
    phone.session.call.set_target("whip+https://a.example/w")
    assert bar.token.isVisible()
    assert bar.token.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(bar.token, "s3cret")
    QTest.keyClick(bar.token, Qt.Key.Key_Return)
    assert phone.commands == [PlaceCall(target="whip+https://a.example/w", token="s3cret")]
    phone.window.close()
    assert "s3cret" not in repr(vars(phone.settings._backend))


def test_what_a_call_shows(phone: Phone) -> None:
    phone.call()
    phone.feed(
        Statistics(
            t=43.5,
            call="c1",
            leg="phone",
            packets_sent=322,
            packets_received=318,
            packets_lost=2,
            event_packets_sent=0,
            event_packets_received=0,
            jitter_ms=1.3,
        )
    )
    bar = phone.window.call_bar
    assert bar.chip.text == "In call 0:42"
    assert {title: label.whole for title, label in bar.facts.values.items()} == {
        "Codec": "Opus 48 kHz",
        "Event PT": "101 · 48 kHz",
        "Packets": "↑322 ↓318",
        "Loss": "0.6 %",
        "Jitter": "1.3 ms",
    }
    assert not bar.target.isEnabled()


def test_a_failure_says_why_and_one_can_go_on(phone: Phone) -> None:
    phone.feed(
        CallChanged(t=1.0, call="c", leg="phone", state="failed", reason="It was refused.", remedy="Start the server.")
    )
    bar = phone.window.call_bar
    assert bar.chip.text == "Call failed"
    assert bar.detail.text() == "It was refused. Start the server."
    assert (bar.button.text(), bar.button.isEnabled()) == ("Call", True)
    assert phone.window.notice.text.text() == "It was refused."
    assert phone.window.notice.remedy.text() == "Start the server."


def test_the_empty_state_invites(phone: Phone) -> None:
    assert phone.window.call_bar.detail.text() == "Press Call to reach the built-in IVR."


def test_a_call_rings_and_is_answered(phone: Phone) -> None:
    bar = phone.window.call_bar
    phone.feed(RINGS)
    assert (bar.chip.text, bar.caller.whole, bar.method.whole) == ("Incoming call", "Bob B.", "for alice")
    assert (bar.target.isVisible(), bar.reject.isVisible(), bar.button.text()) == (False, True, "Answer")
    assert bar.property("rings")
    assert bar._blink.isActive()
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert phone.commands == [AnswerCall()]
    phone.feed(CallChanged(t=2.0, call="c9", leg="phone", state="up", direction="incoming"))
    assert (bar.button.text(), bar.reject.isVisible(), bar.caller.whole) == ("Hang up", False, "Bob B.")
    assert not bar.property("rings")
    assert not bar._blink.isActive()


def test_a_call_that_rings_is_rejected(phone: Phone) -> None:
    phone.feed(RINGS)
    phone.window.call_bar.reject.click()
    assert phone.commands == [RejectCall()]
    phone.feed(CallChanged(t=2.0, call="c9", leg="phone", state="ended"))
    assert phone.window.call_bar.chip.text == "Call ended"
    assert phone.session.history.at(0).outcome == "rejected"


def test_shortcuts_answer_and_reject(phone: Phone) -> None:
    actions = phone.window.actions_by_id
    assert not actions["answer"].isEnabled()
    phone.feed(RINGS)
    actions["answer"].trigger()
    actions["reject"].trigger()
    assert phone.commands == [AnswerCall(), RejectCall()]


def test_a_second_caller_does_not_disturb_a_call(phone: Phone) -> None:
    session = phone.session
    phone.call()
    session.status.lateness = late = Statistics(
        t=1.8,
        call="c1",
        leg="phone",
        packets_sent=1,
        packets_received=1,
        packets_lost=0,
        event_packets_sent=0,
        event_packets_received=0,
        jitter_ms=0.0,
    )
    phone.feed(
        CallChanged(
            t=2.0,
            call="c9",
            leg="phone",
            state="ended",
            direction="incoming",
            target="sip:eve@example.com",
            account="office",
            reason="You were on the phone.",
        )
    )
    assert phone.window.call_bar.chip.text == "In call 0:00"
    assert (session.call.far_end, session.call.came_in, session.dial.in_call) == ("builtin:reception", False, True)
    assert session.status.lateness is late
    missed = session.history.at(0)
    assert (missed.outcome, missed.far_end, missed.account) == ("missed", "sip:eve@example.com", "office")
    phone.feed(CallChanged(t=3.0, call="c1", leg="phone", state="ended"))
    assert (phone.window.call_bar.chip.text, session.dial.in_call) == ("Call ended", False)
    assert session.status.lateness is None


def test_nor_does_one_that_calls_before_our_own_call_is_under_way(phone: Phone) -> None:
    phone.session.call.place_call()
    eve = CallChanged(t=2.0, call="c9", leg="phone", state="ended", direction="incoming", target="sip:eve@example.com")
    phone.feed(eve)
    assert phone.window.call_bar.chip.text == "Calling"
    phone.feed(CallChanged(t=2.1, call="c10", leg="phone", state="failed", reason="There is no way there."))
    assert phone.window.call_bar.chip.text == "Call failed"


def test_hold_and_resume(phone: Phone) -> None:
    bar, hold = phone.window.call_bar, phone.window.actions_by_id["hold"]
    assert not bar.hold.isVisible()
    phone.call()
    bar.hold.click()
    assert phone.commands == [Hold(on=True)]
    phone.feed(HoldChanged(t=2.0, call="c1", here=True))
    assert (bar.chip.text, hold.iconText()) == ("On hold 0:00", "Resume")
    hold.trigger()
    assert phone.commands[1:] == [Hold(on=False)]
    phone.feed(HoldChanged(t=3.0, call="c1", here=True, there=True))
    assert bar.chip.text == "On hold at both ends 0:00"
    phone.feed(HoldChanged(t=3.0, call="c1", there=True))
    assert (bar.chip.text, hold.iconText()) == ("Held by far end 0:00", "Hold")
    phone.feed(HoldChanged(t=4.0, call="c1"))
    assert bar.chip.text == "In call 0:00"


def test_transfer(phone: Phone) -> None:
    bar, action = phone.window.call_bar, phone.window.actions_by_id["transfer"]
    phone.call()
    action.trigger()
    dialog = phone.window.findChild(TransferDialog)
    assert dialog is not None
    assert not dialog.button.isEnabled()
    dialog.target.setEditText("builtin:pin")
    assert (dialog.button.isEnabled(), dialog.hint.text()) == (
        False,
        "A call can be transferred to a SIP address or a number only.",
    )
    dialog.target.setEditText("carol@c.example")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert phone.commands == [Transfer(target="sip:carol@c.example")]
    assert not dialog.isVisible()
    for state, words in (("asked", "Asking the far end to call carol@c"), ("trying", "The far end calls carol@c")):
        phone.feed(TransferChanged(t=2.0, call="c1", state=state, target="sip:carol@c"))  # type: ignore[arg-type]
        assert (bar.method.whole, action.isEnabled()) == (words, False)
    phone.feed(TransferChanged(t=3.0, call="c1", state="failed", target="sip:carol@c", reason="486 Busy Here"))
    assert bar.method.whole == "Not transferred to carol@c: 486 Busy Here"
    assert action.isEnabled()


def test_a_transfer_window_goes_with_its_call(phone: Phone) -> None:
    phone.call()
    phone.window.actions_by_id["transfer"].trigger()
    dialog = phone.window.findChild(TransferDialog)
    assert dialog is not None
    phone.feed(CallChanged(t=2.0, call="c1", leg="phone", state="ended"))
    assert not dialog.isVisible()


def test_the_far_end_rings_perhaps_with_early_media(phone: Phone) -> None:
    bar = phone.window.call_bar
    phone.feed(CallChanged(t=1.0, call="c1", leg="phone", state="calling", target="sip:a@b"))
    phone.feed(CallChanged(t=1.0, call="c1", leg="phone", state="ringing"))
    assert (bar.chip.text, bar.method.whole, bar.button.text()) == ("Ringing", "a@b", "Hang up")
    phone.feed(MediaChanged(t=1.0, call="c1", leg="phone", codec="pcmu", clock=8000, payload_type=0))
    assert bar.chip.text == "Early media"


def test_security_far_address_and_junk_are_shown(phone: Phone) -> None:
    bar = phone.window.call_bar
    phone.call()
    assert not bar.facts.lock.isVisible()
    media = MediaChanged(
        t=2.0, call="c1", leg="phone", codec="pcmu", clock=8000, payload_type=0, secure=True, remote="192.0.2.1:4000"
    )
    phone.feed(media)
    assert bar.facts.lock.isVisible()
    assert "Audio goes to 192.0.2.1:4000" in bar.facts.toolTip()
    assert bar.facts.titles["Packets"].whole == "Packets"
    counts = {"packets_sent": 1, "packets_received": 1, "packets_lost": 0, "jitter_ms": 0.0}
    zero = {"event_packets_sent": 0, "event_packets_received": 0}
    phone.feed(Statistics(t=3.0, call="c1", leg="phone", junk_packets=7, remote_lost=2, **counts, **zero))  # type: ignore[arg-type]
    assert bar.facts.titles["Packets"].whole == "Packets · 7 junk"
    assert "the far end missed 2 · 7 junk packets dropped" in bar.facts.toolTip()


def test_the_account_to_call_from(phone: Phone) -> None:
    bar = phone.window.call_bar
    assert not bar.account.isVisible()
    phone.session.accounts.put(ALICE)
    phone.session.accounts.put(Account(name="bob", address="sip:bob@b.example"))
    phone.feed(AccountChanged(t=1.0, account="alice", state="registered"))
    phone.session.call.set_target("1000")
    assert bar.account.isVisible()
    assert [bar.account.itemText(row) for row in (0, 1, 2)] == ["No account", "alice", "bob"]
    assert bar.account.toolTip() == "The account to call from. alice: registered"
    phone.commands.clear()
    bar.button.click()
    assert phone.commands == [PlaceCall(target="sip:1000@a.example", method="info", account=ALICE)]
    phone.feed(CallChanged(t=2.0, call="c1", leg="phone", state="failed"))
    bar.account.activated.emit(0)
    phone.commands.clear()
    bar.button.click()
    assert phone.commands == [PlaceCall(target="sip:1000")]


def test_accounts_are_edited_from_the_choice(phone: Phone) -> None:
    bar = phone.window.call_bar
    phone.session.accounts.put(ALICE)
    phone.session.call.set_target("sip:a@b")
    bar.account.activated.emit(bar.account.count() - 1)
    dialog = phone.window.findChild(AccountsDialog)
    assert dialog is not None
    assert bar.account.currentText() == "alice"
    dialog.close()


def test_the_status_line_tells_the_registration(phone: Phone) -> None:
    line = phone.window.status.account
    assert not line.isVisible()
    phone.session.accounts.put(ALICE)
    assert line.text() == "alice not open"
    phone.feed(AccountChanged(t=1.0, account="alice", state="registering"))
    assert line.text() == "alice registering"
    phone.feed(AccountChanged(t=1.0, account="alice", state="failed", reason="403 Forbidden."))
    assert line.text() == "alice failed"
    assert "403 Forbidden." in line.toolTip()
    assert phone.window.notice.text.text() == "alice is not registered: 403 Forbidden."
    line.click()
    dialog = phone.window.findChild(AccountsDialog)
    assert dialog is not None
    assert dialog.form.name.text() == "alice"
    dialog.close()


def test_a_long_target_shows_its_beginning_when_it_is_called(phone: Phone) -> None:
    edit = phone.window.call_bar.target.lineEdit()
    assert edit is not None
    edit.setText("sip:reception@a.very.long.name.of.a.pbx.example:15200;transport=tcp")
    edit.textEdited.emit(edit.text())
    edit.end(False)
    phone.session.call.place_call()
    assert edit.text().startswith("sip:reception@")
    assert edit.cursorPosition() == 0
