from gui_phone import Phone
from pytestqt.qtbot import QtBot

from dtmfphone.engine.events import CallChanged, CollectorChanged, IvrStep


def collecting(t: float = 0.0, **more: object) -> CollectorChanged:
    facts = {"state": "collecting", "digits": "40", "expected": "4 digits, then #", **more}
    return CollectorChanged(t=t, call="i1", **facts)  # type: ignore[arg-type]


def filled(phone: Phone) -> list[str]:
    return [chip.text for chip in phone.window.collector.chips.values() if chip.filled]


def test_empty_state(phone: Phone) -> None:
    assert phone.window.collector.empty.isVisible()
    assert "Press Call" in phone.window.collector.empty.text()


def test_state_digits_and_expectation(phone: Phone) -> None:
    panel = phone.window.collector
    phone.feed(IvrStep(t=0.0, call="i1", script="s", node="pin", action="say", text="Your PIN, please."), collecting())
    assert not panel.empty.isVisible()
    assert filled(phone) == ["Collecting"]
    assert (panel.digits.whole, panel.expected.whole) == ("4 0 _", "4 digits, then #")
    assert (panel.title.whole, panel.speech.text()) == ("IVR at “pin”", "“Your PIN, please.”")
    phone.feed(collecting(state="failed", end_reason="inter-digit time-out"))
    assert filled(phone) == ["Failed"]
    assert (panel.digits.whole, panel.reason.whole) == ("4 0", "No further digit came in time.")
    assert panel.reason.isVisible()


def test_the_bar_moves_between_events(phone: Phone, qtbot: QtBot) -> None:
    panel = phone.window.collector
    phone.feed(collecting(t=phone.session.clock.now(), timer="inter-digit", timer_seconds=5.0, timer_left=5.0))
    assert panel.bar.isVisible()
    first = panel.bar.share
    qtbot.waitUntil(lambda: panel.bar.share < first - 0.01, timeout=3000)
    assert panel.timer.text().startswith("Next digit ")
    phone.feed(CallChanged(t=phone.session.clock.now(), call="i1", leg="ivr", state="ended"))
    assert not panel.bar.isVisible()
    assert panel.reason.whole == "The call has ended."


def test_little_room_leaves_the_essentials(phone: Phone) -> None:
    phone.feed(collecting())
    panel = phone.window.collector
    phone.window.resize(1024, 600)
    assert panel.state.isVisible()
    assert panel.state.text == "Collecting"
    assert panel.digits.isVisible()
    assert not panel.chips["collecting"].isVisible()
    phone.window.resize(1280, 800)
    assert panel.chips["collecting"].isVisible()
    assert not panel.state.isVisible()


def test_mode_attempt_and_why_the_timer_waits(phone: Phone) -> None:
    panel = phone.window.collector
    phone.feed(
        collecting(state="prompting", digits="", attempt=2, paused="prompt", end_reason="first-digit time-out"),
    )
    assert panel.mode.isVisible()
    assert (panel.mode.text(), panel.mode_beside.isVisible()) == ("Standard, attempt 2", False)
    assert panel.mode.toolTip() == "The attempt before: No digit came in time."
    assert panel.reason.whole == "Timers wait: the prompt speaks. No digit came in time."
    phone.feed(collecting(mode="livekit", timer="inter-digit", timer_seconds=4.0, timer_left=4.0))
    phone.window.resize(1024, 600)
    assert panel.mode_beside.isVisible()
    assert (panel.mode_beside.text(), panel.mode_beside.toolTip()) == ("LiveKit", "")
    assert not panel.mode.isVisible()
    phone.feed(collecting(state="done", digits="4072", attempt=2, end_reason="count"))
    assert (panel.mode_beside.text(), panel.mode_beside.toolTip()) == ("Standard, attempt 2", "")
