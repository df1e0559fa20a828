from gui_collectors import collecting, shadow, still
from gui_phone import Phone
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from dtmfphone.engine.events import CallChanged, IvrStep
from dtmfphone.gui.shadow_choice import ShadowChoice

NONE = ShadowChoice(livekit=False)
BOTH = ShadowChoice(standard=True)


def filled(phone: Phone) -> list[str]:
    return [chip.text for chip in phone.window.collector.own.chips.values() if chip.filled]


def elsewhere(phone: Phone) -> None:
    phone.feed(CallChanged(t=0.0, call="c1", leg="phone", state="up", target="sip:100@example.com"))


def test_empty_state(phone: Phone) -> None:
    assert phone.window.collector.empty.isVisible()
    assert "Press Call" in phone.window.collector.empty.text()
    elsewhere(phone)
    assert "Press Call" in phone.window.collector.empty.text()


def test_a_call_without_any_collector_invites_one(phone: Phone) -> None:
    phone.session.shadows.choose(NONE)
    elsewhere(phone)
    panel = phone.window.collector
    assert panel.empty.text().startswith("Put a collector on this call")
    assert panel.choose.isVisible()
    panel.choose.click()
    assert [child.windowTitle() for child in phone.window.children() if hasattr(child, "windowTitle")].count(
        "Shadow collectors"
    ) == 1


def test_state_digits_and_expectation(phone: Phone) -> None:
    phone.session.shadows.choose(NONE)
    panel = phone.window.collector
    step = IvrStep(t=0.0, call="i1", script="s", node="pin", action="say", text="Your PIN, please.")
    phone.feed(step, still(expected="4 digits, then #"))
    assert not panel.empty.isVisible()
    assert filled(phone) == ["Collecting"]
    own = panel.own
    assert (own.digits.whole, own.expected.whole) == ("4 0 _", "4 digits, then #")
    assert (own.title.whole, own.speech.text()) == ("IVR at “pin”", "“Your PIN, please.”")
    phone.feed(still(state="failed", end_reason="inter-digit time-out"))
    assert filled(phone) == ["Failed"]
    assert (own.digits.whole, own.reason.whole) == ("4 0", "No further digit came in time.")
    assert own.reason.isVisible()


def test_a_hang_up_is_shown_calmly_and_a_failure_is_not(phone: Phone) -> None:
    now = phone.session.clock.now()
    own = phone.window.collector.own
    phone.feed(collecting(t=now), shadow("LiveKit", t=now))
    phone.feed(
        still(t=now, state="failed", end_reason="hang-up"),
        shadow("LiveKit", now, state="failed", end_reason="hang-up", result="hang-up after 2 digits"),
    )
    (row,) = phone.window.collector.list.rows
    assert filled(phone) == ["Ended"]
    assert (own.state.text, own.reason.whole, own.reason.property("tone")) == ("Ended", "The caller hung up.", "quiet")
    assert own.news == "Collector: Ended, 4 0. The caller hung up."
    assert (row.state.text, row.words.property("tone")) == ("Ended", "quiet")
    assert row.accessibleName() == "LiveKit: Ended"
    phone.feed(still(t=now, attempt=2, state="failed", end_reason="wrong count"))
    assert (own.state.text, own.reason.property("tone")) == ("Failed", "bad")


def test_the_bars_move_between_events(phone: Phone, qtbot: QtBot) -> None:
    panel = phone.window.collector
    now = phone.session.clock.now()
    phone.feed(collecting(t=now, timer_seconds=5.0, timer_left=5.0), shadow("LiveKit", t=now, timer_left=4.0))
    (row,) = panel.list.rows
    assert panel.own.left.bar.isVisible()
    assert row.left.bar.isVisible()
    bars = (panel.own.left.bar, row.left.bar)
    first = [bar.share for bar in bars]
    qtbot.waitUntil(lambda: all(bar.share < share - 0.01 for bar, share in zip(bars, first, strict=True)), timeout=3000)
    assert panel.own.left.words.text().startswith("Next digit ")
    assert row.left.words.text().startswith("Next digit ")
    phone.feed(CallChanged(t=phone.session.clock.now(), call="i1", leg="ivr", state="ended"))
    assert not panel.own.left.bar.isVisible()
    assert not row.left.bar.isVisible()
    assert panel.own.reason.whole == "The call has ended."


def test_little_room_leaves_the_essentials(phone: Phone) -> None:
    phone.session.shadows.choose(NONE)
    phone.feed(still())
    own = phone.window.collector.own
    phone.window.resize(1024, 600)
    assert own.state.isVisible()
    assert own.state.text == "Collecting"
    assert own.digits.isVisible()
    assert not own.chips["collecting"].isVisible()
    phone.window.resize(1280, 900)
    assert own.chips["collecting"].isVisible()
    assert not own.state.isVisible()


def test_mode_attempt_and_why_the_timer_waits(phone: Phone) -> None:
    phone.session.shadows.choose(NONE)
    own = phone.window.collector.own
    phone.feed(still(state="prompting", digits="", attempt=2, paused="prompt", end_reason="first-digit time-out"))
    assert own.mode.isVisible()
    assert (own.mode.text(), own.mode_beside.isVisible()) == ("Standard, attempt 2", False)
    assert own.mode.toolTip() == "The attempt before: No digit came in time."
    assert own.reason.whole == "Timers wait: the prompt speaks. No digit came in time."
    phone.feed(collecting(mode="livekit"))
    phone.window.resize(980, 560)
    QCoreApplication.processEvents()
    assert own.mode_beside.isVisible()
    assert (own.mode_beside.text(), own.mode_beside.toolTip()) == ("LiveKit", "")
    assert not own.mode.isVisible()
    phone.feed(still(state="done", digits="4072", attempt=2, end_reason="count"))
    assert (own.mode_beside.text(), own.mode_beside.toolTip()) == ("Standard, attempt 2", "")


def test_shadows_stand_below_the_ivrs_own(phone: Phone) -> None:
    phone.session.shadows.choose(BOTH)
    phone.feed(still(), shadow("Standard"), shadow("LiveKit"))
    panel = phone.window.collector
    assert [row.name.text() for row in panel.list.rows] == ["LiveKit", "Standard"]
    assert all(row.isVisible() for row in panel.list.rows)
    assert panel.own.isVisible()
    assert not panel.list.title.isVisible()
    assert panel.list.mapTo(panel, panel.list.rect().topLeft()).y() >= panel.own.geometry().bottom()


def test_without_an_ivr_of_ours_only_shadows_are_shown(phone: Phone) -> None:
    elsewhere(phone)
    phone.feed(shadow("LiveKit", call="c1"))
    panel = phone.window.collector
    assert not panel.own.isVisible()
    assert panel.list.title.isVisible()
    assert panel.list.rows[0].isVisible()


def test_in_little_room_the_ivrs_own_is_a_line_among_them(phone: Phone) -> None:
    phone.feed(still(), shadow("LiveKit"))
    panel = phone.window.collector
    phone.window.resize(1024, 600)
    assert not panel.own.isVisible()
    assert [row.name.text() for row in panel.list.rows] == ["IVR", "LiveKit"]
    assert panel.list.button.isVisible()


def test_the_panel_keeps_its_height_during_a_call(phone: Phone) -> None:
    phone.session.shadows.choose(BOTH)
    panel = phone.window.collector
    before = panel.minimumHeight()
    for event in (still(), shadow("LiveKit"), shadow("Standard", state="done", result="40", end_reason="count")):
        phone.feed(event)
        assert panel.minimumHeight() == before
    phone.session.shadows.choose(NONE)
    assert panel.minimumHeight() < before


def test_digits_can_be_hidden(phone: Phone) -> None:
    phone.feed(still(digits="4071"), shadow("LiveKit", state="done", digits="4071", result="4 0 7 1"))
    phone.window.actions_by_id["mask"].setChecked(True)
    panel = phone.window.collector
    (row,) = panel.list.rows
    shown = [panel.own.digits.whole, row.digits.whole, row.words.whole, row.toolTip(), panel.list.sentence.text()]
    assert row.digits.whole == "• • • •"
    assert not any(digits in text for text in shown for digits in ("4071", "4 0 7 1"))


def test_only_ends_of_shadows_are_news(phone: Phone) -> None:
    panel = phone.window.collector
    phone.feed(still(), shadow("LiveKit", digits="4"))
    assert panel.list.news == ""
    assert panel.own.news == "Collector: Collecting, 4 0"
    phone.feed(shadow("LiveKit", state="done", digits="4071", end_reason="stop-key", result="4 0 7 1"))
    assert panel.list.news == "LiveKit: The program gets “4 0 7 1”."
