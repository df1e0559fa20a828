from typing import Any

import pytest
from gui_collectors import Time, session_clock, shadow, still

from dtmfphone.engine.events import CollectorChanged
from dtmfphone.gui.collector_state import CollectorState
from dtmfphone.gui.shadow_words import Verdict, compare, result_text, wait_text


def verdict(event: CollectorChanged, name: str = "", *, over: bool = False) -> Verdict:
    state = CollectorState(session_clock(Time()))
    state.take(event)
    state.over = over
    return Verdict(name or event.shadow, state, event, own=not event.shadow)


def done(name: str, t: float = 0.0, digits: str = "4071", reason: str = "count", **more: Any) -> Verdict:
    return verdict(shadow(name, t, state="done", digits=digits, end_reason=reason, result=digits, **more))


def failed(name: str, t: float = 0.0, digits: str = "407", reason: str = "wrong count") -> Verdict:
    return verdict(shadow(name, t, state="failed", digits=digits, end_reason=reason, result="why"))


def waiting(name: str, digits: str = "4071", left: float = 2.3, **more: Any) -> Verdict:
    return verdict(shadow(name, digits=digits, timer="inter-digit", timer_left=left, **more))


def test_one_is_done_and_the_other_waits() -> None:
    found = compare(waiting("LiveKit"), done("Standard"))
    assert found.text == "Standard took 4071 at the fourth digit; LiveKit still waits 2.3\u00a0s."
    assert (found.differ, found.final) == (True, False)


def test_both_took_the_same_at_different_times() -> None:
    found = compare(done("LiveKit", 5.0, reason="inter-digit time-out"), done("Standard", 1.0))
    assert found.text == ("Both took 4071: Standard at the fourth digit, LiveKit 4.0\u00a0s later after a time-out.")
    assert (found.differ, found.final) == (True, True)


def test_both_took_the_same_at_the_same_time() -> None:
    found = compare(done("LiveKit", 1.0, reason="stop-key"), done("Standard", 1.0, reason="stop-key"))
    assert found.text == "Both took 4071 at the stop key."
    assert (found.differ, found.final) == (False, True)


def test_one_took_what_the_other_refused() -> None:
    found = compare(failed("LiveKit", 5.0, "40712"), done("Standard", 1.0))
    assert found.text == (
        "Standard took 4071 at the fourth digit; LiveKit failed with 5 digits (not the expected number of digits)."
    )
    assert found.final


def test_both_failed() -> None:
    found = compare(failed("LiveKit", 1.0, "1"), failed("Standard", 1.0, "1", "stop-key"))
    assert (found.text, found.differ) == ("Both failed with 1 digit.", False)


def test_an_end_by_hanging_up_tells_nothing() -> None:
    assert compare(failed("LiveKit", 1.0, "1", "hang-up"), failed("Standard", 1.0, "1", "hang-up")).text == ""


def test_an_end_by_hanging_up_is_no_failure() -> None:
    found = compare(done("Standard", 1.0, "3"), failed("LiveKit", 2.0, "3", "hang-up"))
    assert found.text == "Standard took 3 at the first digit; LiveKit ended with 1 digit (the caller hung up)."
    found = compare(failed("Standard", 1.0, "3", "inter-digit time-out"), failed("LiveKit", 2.0, "3", "hang-up"))
    assert found.text == (
        "Standard failed with 1 digit (no further digit came in time); LiveKit ended with 1 digit (the caller hung up)."
    )


def test_the_first_digit_that_livekit_waits_for() -> None:
    standard = failed("Standard", 5.0, "", "first-digit time-out")
    found = compare(verdict(still(shadow="LiveKit", mode="livekit", digits="")), standard)
    assert found.text == (
        "Standard failed with no digit (no digit came in time); LiveKit still waits, without a timer."
    )


def test_the_ivrs_own() -> None:
    own = verdict(still(state="done", digits="1", end_reason="count"), "The IVR")
    assert compare(own, waiting("LiveKit", "1", 4.0)).text == (
        "The IVR took 1 at the first digit; LiveKit still waits 4.0\u00a0s."
    )
    left = verdict(
        still(
            shadow="LiveKit", mode="livekit", digits="1", result="the script went on; this one would fail 3.9 s later"
        )
    )
    assert compare(own, left).text == "The IVR took 1 at the first digit; LiveKit would fail 3.9 s later."
    ended = compare(done("LiveKit", 4.0, "1", "inter-digit time-out"), own)
    assert ended.text == "Both took 1: the IVR at the first digit, LiveKit 4.0\u00a0s later after a time-out."


def test_nothing_is_told_while_they_agree() -> None:
    assert compare(waiting("LiveKit"), waiting("Standard")).text == ""


def test_digits_that_differ() -> None:
    assert compare(waiting("LiveKit", "12"), waiting("Standard", "")).text == "LiveKit has 12; Standard has none."


def test_a_timer_that_does_not_wait_for_the_speaker() -> None:
    halted = verdict(shadow("Standard", digits="4", timer="", timer_seconds=0.0, timer_left=0.0, paused="prompt"))
    assert compare(waiting("LiveKit", "4"), halted).text == (
        "LiveKit counts on; Standard waits while the prompt speaks."
    )


def test_collections_that_are_not_the_same() -> None:
    ahead = waiting("Standard", "1", collection=3)
    assert compare(waiting("LiveKit", collection=2), ahead).text == (
        "Standard is at collection 3; LiveKit still waits 2.3\u00a0s."
    )


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (verdict(shadow("LiveKit", state="confirming", digits="4071")), "LiveKit reads the digits back."),
        (
            verdict(still(shadow="LiveKit", mode="livekit", paused="user speaking")),
            "LiveKit still waits while the caller speaks.",
        ),
        (verdict(still(shadow="LiveKit", mode="livekit"), over=True), "LiveKit was still waiting when the call ended."),
    ],
)
def test_what_the_other_does_meanwhile(other: Verdict, words: str) -> None:
    assert compare(done("Standard"), other).text == f"Standard took 4071 at the fourth digit; {words}"


def test_results() -> None:
    livekit = verdict(shadow("LiveKit", state="done", digits="12", result="1 2"))
    assert result_text(livekit) == "The program gets “1 2”."
    error = "Digits input not fully received. Expect 4 digits, got 3"
    wrong = verdict(shadow("LiveKit", state="failed", end_reason="wrong count", result=error))
    assert result_text(wrong) == f"ToolError: {error}"
    silent = verdict(
        shadow("Standard", state="failed", end_reason="first-digit time-out", result="first-digit time-out")
    )
    assert result_text(silent) == "No result: first-digit time-out."
    assert result_text(waiting("LiveKit")) == ""


def test_what_is_waited_for() -> None:
    assert wait_text(waiting("LiveKit")) == "Next digit 2.3 s"
    assert wait_text(verdict(shadow("LiveKit", state="idle", digits=""))) == "It begins with the first key."
    assert wait_text(verdict(still(shadow="LiveKit", mode="livekit", digits=""))) == "No timer before the first digit."
    assert wait_text(verdict(still(shadow="LiveKit", mode="livekit"))) == "No timer runs."
    assert wait_text(verdict(shadow("LiveKit", state="confirming"))) == "The digits are read back."
    assert wait_text(done("LiveKit")) == ""


def test_little_room_leaves_what_came_of_it() -> None:
    took = compare(done("LiveKit", 5.0, reason="inter-digit time-out"), done("Standard", 1.0))
    assert took.brief == "Both took 4071: Standard, LiveKit 4.0\u00a0s later."
    assert compare(done("Standard", reason="stop-key"), waiting("LiveKit")).brief == (
        "Standard took 4071; LiveKit waits 2.3\u00a0s."
    )
    assert compare(failed("LiveKit", 5.0, "40712"), done("Standard", 1.0)).brief == (
        "Standard took 4071; LiveKit failed with 5 digits."
    )
