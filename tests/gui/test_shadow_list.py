from gui_collectors import shadow, still
from gui_phone import Phone

from dtmfphone.gui.shadow_choice import ShadowChoice
from dtmfphone.gui.shadow_list import ShadowList


def shown(phone: Phone) -> ShadowList:
    return phone.window.collector.list


def test_where_verdicts_differ_is_said_in_words(phone: Phone) -> None:
    phone.session.shadows.choose(ShadowChoice(standard=True))
    phone.feed(
        still(),
        shadow("LiveKit", digits="4071"),
        shadow("Standard", state="done", digits="4071", end_reason="count", result="4071"),
    )
    text = shown(phone).sentence.text()
    assert text.startswith("≠  Standard took 4071 at the fourth digit; LiveKit still waits ")
    assert shown(phone).sentence.isVisible()
    assert shown(phone).sentence.property("tone") == "warn"


def test_that_they_agree_is_no_warning(phone: Phone) -> None:
    phone.session.shadows.choose(ShadowChoice(standard=True))
    for name in ("LiveKit", "Standard"):
        phone.feed(still(), shadow(name, state="done", digits="40", end_reason="stop-key", result="40"))
    assert shown(phone).sentence.text() == "Both took 40 at the stop key."
    assert shown(phone).sentence.property("quiet")
    assert shown(phone).news.count("program gets") == 2


def test_a_difference_at_the_end_is_news(phone: Phone) -> None:
    phone.session.shadows.choose(ShadowChoice(standard=True))
    phone.feed(
        still(),
        shadow("Standard", t=1.0, state="done", digits="40", end_reason="count", result="40"),
        shadow("LiveKit", t=5.0, state="done", digits="40", end_reason="inter-digit time-out", result="4 0"),
    )
    assert shown(phone).news.endswith(
        "Both took 40: Standard at the second digit, LiveKit 4.0\u00a0s later after a time-out."
    )


def test_rows_come_and_go(phone: Phone) -> None:
    phone.feed(still(), shadow("LiveKit"))
    assert len(shown(phone).rows) == 1
    phone.session.shadows.choose(ShadowChoice(livekit=False))
    assert shown(phone).rows == []
    assert not shown(phone).isVisible()
