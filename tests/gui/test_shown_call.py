from dtmfphone.engine.events import CallChanged, CallState, CollectorChanged, Started
from dtmfphone.gui.shown_call import ShownCall


def phone(call: str, state: CallState, target: str = "") -> CallChanged:
    return CallChanged(t=0.0, call=call, leg="phone", state=state, target=target)


def ivr(call: str, state: CallState = "up", target: str = "dtmfphone") -> CallChanged:
    return CallChanged(t=0.0, call=call, leg="ivr", state=state, target=target, direction="incoming")


def acts(call: str) -> CollectorChanged:
    return CollectorChanged(t=0.0, call=call, state="collecting")


def test_the_ivr_that_answers_the_phone_is_of_its_call() -> None:
    shown = ShownCall()
    assert shown.on_event(phone("call-1", "calling", "builtin:dental"))
    assert (shown.phone, shown.ivr) == ("call-1", "")
    assert shown.on_event(ivr("ivr-1"))
    assert (shown.phone, shown.ivr, shown.builtin) == ("call-1", "ivr-1", True)
    assert not shown.on_event(phone("call-1", "up", "builtin:dental"))
    assert not shown.on_event(phone("call-1", "ended"))
    assert not shown.on_event(ivr("ivr-1", "ended"))
    assert (shown.phone, shown.ivr, shown.phone_over, shown.ivr_over) == ("call-1", "ivr-1", True, True)


def test_a_call_elsewhere_shows_no_ivr_that_others_call() -> None:
    shown = ShownCall()
    shown.on_event(phone("call-1", "calling", "sip:100@example.com"))
    assert not shown.on_event(ivr("ivr-1", target="sip:someone@example.com"))
    assert not shown.on_event(acts("ivr-1"))
    assert (shown.phone, shown.ivr) == ("call-1", "")


def test_callers_before_and_meanwhile_are_not_taken_for_the_phone() -> None:
    shown = ShownCall()
    shown.on_event(ivr("ivr-1", target="127.0.0.1:4000"))
    assert shown.ivr == "ivr-1"
    shown.on_event(phone("call-1", "calling", "builtin:dental"))
    assert not shown.on_event(acts("ivr-1"))
    assert not shown.on_event(ivr("ivr-2", target="127.0.0.1:4001"))
    assert not shown.on_event(acts("ivr-2"))
    assert shown.on_event(ivr("ivr-3", "connecting"))
    assert shown.ivr == "ivr-3"


def test_callers_take_turns() -> None:
    shown = ShownCall()
    shown.on_event(ivr("ivr-1", target="a"))
    assert not shown.on_event(ivr("ivr-2", target="b"))
    shown.on_event(ivr("ivr-1", "ended", target="a"))
    assert shown.ivr_over
    assert shown.on_event(acts("ivr-2"))
    assert (shown.ivr, shown.ivr_over) == ("ivr-2", False)


def test_what_became_of_the_phones_call_stays_until_a_caller_begins() -> None:
    shown = ShownCall()
    shown.on_event(phone("call-1", "up", "sip:100@example.com"))
    shown.on_event(ivr("ivr-1", target="a"))
    shown.on_event(phone("call-1", "ended"))
    assert not shown.on_event(acts("ivr-1"))
    assert not shown.on_event(ivr("ivr-1", target="a"))
    assert shown.phone == "call-1"
    assert shown.on_event(ivr("ivr-2", target="b"))
    assert (shown.phone, shown.ivr) == ("", "ivr-2")


def test_a_new_engine_has_no_calls() -> None:
    shown = ShownCall()
    shown.on_event(phone("call-1", "up", "builtin:dental"))
    shown.end()
    assert shown.phone_over
    assert shown.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert (shown.phone, shown.ivr, shown.phone_over) == ("", "", False)
    assert shown.on_event(phone("call-1", "calling", "sip:a@b"))
