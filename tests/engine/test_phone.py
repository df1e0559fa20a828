"""The phone's side of a call: methods, fall-backs, early media, hold and transfer, on a clock of the test's own."""

import asyncio
from dataclasses import replace

import pytest
from scripted_call import EVENTS, NO_EVENTS, Phone, PlainCall, ScriptedCall

from dtmfphone.calls.account import Method
from dtmfphone.calls.call import Call, CallError, CallState, Media
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.engine.events import (
    CallChanged,
    Dialing,
    HoldChanged,
    MediaChanged,
    Notice,
    Sighting,
    TransferChanged,
)

RELAY = "application/dtmf-relay"
ADDRESSED = replace(EVENTS, negotiated=False)


def dial(phone: Phone, digits: str, duration: int = 100) -> None:
    phone.leg.keys.dial(parse(digits), duration, 70, phone.now)


def media_of(phone: Phone) -> MediaChanged:
    last: MediaChanged = phone.of(MediaChanged)[-1]
    return last


def sent(phone: Phone) -> int:
    last: Dialing = phone.of(Dialing)[-1]
    return last.sent


def notices(phone: Phone) -> str:
    return " ".join(f"{notice.text} {notice.remedy}".strip() for notice in phone.of(Notice))


@pytest.mark.parametrize(
    ("method", "media", "sip", "chosen", "words"),
    [
        ("auto", EVENTS, True, "rfc4733", "takes telephone-events at 8000 Hz"),
        ("auto", ADDRESSED, False, "rfc4733", "The address says telephone-events at 8000 Hz"),
        ("auto", NO_EVENTS, True, "info", "no telephone-event, so keys go in SIP INFO"),
        ("auto", NO_EVENTS, False, "inband", "no telephone-event, so keys are tones"),
        ("rfc4733", NO_EVENTS, True, None, "RFC 4733 is not available"),
        ("info", EVENTS, True, "info", "application/dtmf-relay"),
        ("info-dtmf", EVENTS, True, "info-dtmf", "application/dtmf;"),
        ("info", EVENTS, False, None, "no SIP INFO"),
        ("inband", EVENTS, True, "inband", "You chose"),
    ],
)
async def test_the_method_and_its_reason(
    method: Method, media: object, sip: bool, chosen: str | None, words: str
) -> None:
    assert isinstance(media, Media)
    phone = Phone(ScriptedCall() if sip else PlainCall(), method)
    phone.up(media)
    told = media_of(phone)
    assert told.method == chosen
    assert words in told.method_reason
    assert phone.call.events_enabled == (chosen == "rfc4733")


async def test_info_is_not_tried_where_the_far_end_says_that_it_allows_none() -> None:
    call = ScriptedCall()
    call.allows_info = False
    phone = Phone(call, "auto")
    call.media = NO_EVENTS
    phone.leg.state_changed("connecting")
    assert media_of(phone).method == "inband"
    assert "takes no SIP INFO (its Allow names no INFO)" in media_of(phone).method_reason
    phone.leg.keys.use_method("info")
    assert media_of(phone).method == "info"


async def test_keys_in_info_go_out_at_key_up_with_their_length_and_wait_for_each_answer() -> None:
    call = ScriptedCall()
    phone = Phone(call)
    phone.up(NO_EVENTS)
    dial(phone, "12")
    await phone.run(0.08)
    assert call.infos == []
    await phone.run(1.0)
    assert call.infos == [("1", 100, RELAY)]
    call.answers.put_nowait((200, "OK"))
    await phone.run(1.0)
    assert [char for char, *_ in call.infos] == ["1", "2"]
    assert "T" not in phone.tones
    call.answers.put_nowait((202, "Accepted"))
    await phone.run(0.2)
    assert phone.of(Dialing)[-1].state == "idle"
    assert sent(phone) == 2
    assert [(key.key, key.status, key.note) for key in phone.of(Sighting)] == [
        ("1", 200, "accepted (200 OK)"),
        ("2", 202, "accepted (202 Accepted)"),
    ]


async def test_a_held_key_has_its_real_length_in_info() -> None:
    call = ScriptedCall()
    phone = Phone(call, "info-dtmf")
    phone.up(EVENTS)
    phone.leg.keys.key_down("5", phone.now)
    await phone.run(0.5)
    phone.leg.dialer.key_up("5", phone.now)
    await phone.run(0.1)
    assert call.infos == [("5", 500, "application/dtmf")]


@pytest.mark.parametrize(
    ("answer", "words"),
    [((405, "Method Not Allowed"), "405 Method Not Allowed"), ((None, "no answer in time"), "no answer in time")],
)
async def test_where_info_is_refused_the_same_key_goes_as_a_tone(answer: tuple[int | None, str], words: str) -> None:
    call = ScriptedCall()
    call.answers.put_nowait(answer)
    phone = Phone(call)
    phone.up(NO_EVENTS)
    dial(phone, "12")
    await phone.run(1.0)
    assert [char for char, *_ in call.infos] == ["1"]
    assert (media_of(phone).method, sent(phone)) == ("inband", 2)
    assert words in media_of(phone).method_reason
    assert words in notices(phone)
    keys = [(key.key, key.method) for key in phone.of(Sighting) if key.method == "info"]
    assert keys == [("1", "info")]
    assert [len(tone) for tone in phone.tones.split(".") if tone] in ([5, 5], [6, 6], [5, 6], [6, 5])


async def test_a_refused_key_does_not_count_where_the_user_chose_info() -> None:
    call = ScriptedCall()
    for answer in ((200, "OK"), (415, "Unsupported Media Type"), (200, "OK")):
        call.answers.put_nowait(answer)
    phone = Phone(call, "info")
    phone.up(EVENTS)
    dial(phone, "123")
    await phone.run(2.0)
    assert [char for char, *_ in call.infos] == ["1", "2", "3"]
    assert (phone.of(Dialing)[-1].state, sent(phone)) == ("idle", 2)
    assert "415 Unsupported Media Type" in notices(phone)
    assert media_of(phone).method == "info"
    assert "T" not in phone.tones


async def test_after_a_refusal_the_user_may_try_info_again() -> None:
    call = ScriptedCall()
    call.answers.put_nowait((501, "Not Implemented"))
    phone = Phone(call)
    phone.up(NO_EVENTS)
    dial(phone, "1")
    await phone.run(1.0)
    assert media_of(phone).method == "inband"
    phone.leg.keys.use_method("auto")
    assert media_of(phone).method == "info"


async def test_a_key_that_is_no_event_of_the_far_end_goes_another_way() -> None:
    call = ScriptedCall()
    call.answers.put_nowait((200, "OK"))
    phone = Phone(call)
    phone.up(replace(EVENTS, event_codes=frozenset(range(12))))
    dial(phone, "1A2")
    await phone.run(1.0)
    assert phone.keys == "12"
    assert [char for char, *_ in call.infos] == ["A"]
    assert sent(phone) == 3
    assert "takes only the telephone-events 0-11; other keys go as SIP INFO" in notices(phone)


async def test_without_sip_it_goes_as_a_tone() -> None:
    phone = Phone(PlainCall())
    phone.up(replace(EVENTS, event_codes=frozenset(range(12))))
    dial(phone, "1A2")
    await phone.run(1.0)
    assert phone.keys == "12"
    assert len([tone for tone in phone.tones.split(".") if tone]) == 1
    assert "other keys go as tones" in notices(phone)


async def test_where_the_user_chose_rfc4733_it_is_refused() -> None:
    phone = Phone(ScriptedCall(), "rfc4733")
    phone.up(replace(EVENTS, event_codes=frozenset((*range(10), 11))))
    dial(phone, "1*2")
    phone.leg.keys.key_down("*", phone.now)
    await phone.run(1.0)
    assert phone.keys == ""
    assert notices(phone).count("takes only the telephone-events 0-9,11. Choose the method automatic") == 2


async def test_queued_before_the_far_end_answered_it_is_dropped_and_told() -> None:
    phone = Phone(ScriptedCall(), "rfc4733")
    dial(phone, "1*2")
    phone.up(replace(EVENTS, event_codes=frozenset(range(10))))
    await phone.run(1.0)
    assert (phone.keys, sent(phone)) == ("12", 2)
    assert "takes only the telephone-events 0-9" in notices(phone)


async def test_in_early_media_keys_by_hand_go_out_and_dial_strings_wait() -> None:
    phone = Phone(ScriptedCall())
    phone.leg.state_changed("ringing", "180 Ringing")
    dial(phone, "12")
    await phone.run(0.6)
    phone.call.media = EVENTS
    phone.leg.media_changed()
    assert media_of(phone).method == "rfc4733"
    phone.leg.keys.key_down("9", phone.now)
    phone.leg.dialer.key_up("9", phone.now)
    await phone.run(1.0)
    assert phone.keys == "9"
    phone.up(EVENTS)
    await phone.run(1.0)
    assert phone.keys == "912"


async def test_a_far_end_that_rings_is_heard_until_its_own_audio_comes() -> None:
    phone = Phone(PlainCall())
    phone.leg.state_changed("ringing", "180 Ringing")
    phone.call.media = EVENTS
    phone.leg.media_changed()
    phone.hear()
    phone.leg.state_changed("ringing", "181 Call Is Being Forwarded")
    assert phone.sound.rings == ["ring-back", None, None]


@pytest.mark.parametrize("state", ["up", "ended", "failed"])
async def test_it_rings_no_longer_than_the_far_end_does(state: CallState) -> None:
    phone = Phone(PlainCall())
    phone.leg.state_changed("ringing", "180 Ringing")
    phone.leg.state_changed(state)
    assert phone.sound.rings == ["ring-back", None]


async def test_in_early_media_keys_by_hand_go_in_info_too() -> None:
    call = ScriptedCall()
    call.answers.put_nowait((200, "OK"))
    phone = Phone(call)
    call.media = NO_EVENTS
    phone.leg.state_changed("ringing", "183 Session Progress")
    dial(phone, "12")
    phone.leg.keys.key_down("9", phone.now)
    phone.leg.dialer.key_up("9", phone.now)
    await phone.run(1.0)
    assert [char for char, *_ in call.infos] == ["9"]
    assert sent(phone) == 1
    assert "T" not in phone.tones


async def test_info_that_was_refused_while_it_rang_is_tried_again_in_the_call() -> None:
    call = ScriptedCall()
    call.answers.put_nowait((481, "Call Does Not Exist"))
    call.answers.put_nowait((200, "OK"))
    phone = Phone(call)
    call.media = NO_EVENTS
    phone.leg.state_changed("ringing", "183 Session Progress")
    phone.leg.keys.key_down("9", phone.now)
    phone.leg.dialer.key_up("9", phone.now)
    await phone.run(1.0)
    assert (media_of(phone).method, "T" in phone.tones) == ("inband", True)
    assert "did not take a key in SIP INFO (481 Call Does Not Exist): it goes as a tone" in notices(phone)
    phone.up(NO_EVENTS)
    dial(phone, "1")
    phone.tones = ""
    await phone.run(1.0)
    assert [char for char, *_ in call.infos] == ["9", "1"]
    assert (media_of(phone).method, "T" in phone.tones, sent(phone)) == ("info", False, 2)


async def test_info_without_an_answer_gives_way_to_tones_after_four_seconds_and_the_late_answer_is_shown() -> None:
    call = ScriptedCall()
    phone = Phone(call)
    phone.up(NO_EVENTS)
    dial(phone, "12")
    await phone.run(4.0)
    assert "T" not in phone.tones
    await phone.run(0.6)
    assert ([char for char, *_ in call.infos], sent(phone)) == (["1"], 2)
    assert len([tone for tone in phone.tones.split(".") if tone]) == 2
    assert "did not take a key in SIP INFO (no answer within 4 s): it goes as a tone" in notices(phone)
    assert "no answer within 4 s" in media_of(phone).method_reason
    call.answers.put_nowait((200, "OK"))
    await phone.run(1.0)
    late = [key for key in phone.of(Sighting) if key.method == "info"]
    assert [(key.key, key.status) for key in late] == [("1", 200)]
    assert sent(phone) == 2
    assert media_of(phone).method == "inband"


async def test_who_chose_info_waits_for_its_answer() -> None:
    call = ScriptedCall()
    phone = Phone(call, "info")
    phone.up(NO_EVENTS)
    dial(phone, "12")
    await phone.run(10.0)
    call.answers.put_nowait((200, "OK"))
    await phone.run(0.5)
    assert [char for char, *_ in call.infos] == ["1", "2"]
    assert notices(phone) == ""


async def test_a_new_agreement_may_change_the_method_and_says_so() -> None:
    phone = Phone(ScriptedCall())
    phone.up(EVENTS)
    before = len(phone.of(MediaChanged))
    phone.leg.media_changed()
    assert len(phone.of(MediaChanged)) == before, "nothing new, nothing told"
    phone.call.media = NO_EVENTS
    phone.leg.media_changed()
    assert media_of(phone).method == "info"
    assert "Keys go another way from now on. The far end negotiated no telephone-event" in notices(phone)
    phone.leg.keys.use_method("inband")
    assert len(phone.of(Notice)) == 1, "the user's own choice is no news"


async def test_a_tone_ends_where_the_method_changes() -> None:
    phone = Phone(PlainCall(), "inband")
    phone.up(EVENTS)
    phone.leg.keys.key_down("1", phone.now)
    await phone.run(0.3)
    phone.leg.keys.use_method("rfc4733")
    phone.tones = ""
    await phone.run(0.5)
    assert "T" not in phone.tones[1:]
    assert phone.keys == ""


async def test_nothing_is_heard_of_us_on_hold_and_keys_are_refused() -> None:
    call = ScriptedCall()
    phone = Phone(call)
    phone.up(EVENTS)
    assert phone.leg.pull(160, 8000, phone.now).any()
    dial(phone, "123")
    await phone.run(0.06)
    await phone.leg.hold(on=True)
    assert not phone.leg.pull(160, 8000, phone.now).any()
    await phone.run(1.0)
    phone.leg.keys.key_down("9", phone.now)
    dial(phone, "9")
    assert notices(phone).count("The call is on hold, so no keys can be sent. Resume it first.") == 2
    assert phone.keys == "1"
    await phone.leg.hold(on=False)
    await phone.run(1.0)
    assert phone.keys == "123"
    assert [(event.here, event.there) for event in phone.of(HoldChanged)] == [(True, False), (False, False)]


async def test_what_a_call_cannot_do_is_said() -> None:
    phone = Phone(PlainCall())
    phone.up(EVENTS)
    await phone.leg.hold(on=True)
    await phone.leg.transfer("sip:carol@example.com")
    assert "cannot be put on hold" in notices(phone)
    assert "cannot be transferred" in notices(phone)
    assert phone.over == 0


async def test_a_refused_hold_and_transfer_are_told_with_the_remedy_and_the_call_goes_on() -> None:
    call = ScriptedCall()
    call.refusal = CallError("The far end refused (488 Not Acceptable Here).", "Go on talking.")
    phone = Phone(call)
    phone.up(EVENTS)
    await phone.leg.hold(on=True)
    await phone.leg.transfer("sip:carol@example.com")
    assert notices(phone).count("(488 Not Acceptable Here). Go on talking.") == 2
    assert (phone.leg.state, phone.over) == ("up", 0)


async def test_the_call_ends_when_it_was_transferred() -> None:
    phone = Phone(ScriptedCall())
    phone.up(EVENTS)
    await phone.leg.transfer("sip:carol@example.com")
    told = [(event.state, event.target, event.reason) for event in phone.of(TransferChanged)]
    carol = "sip:carol@example.com"
    assert told == [("asked", carol, ""), ("trying", carol, "100 Trying"), ("done", carol, "")]
    last: CallChanged = phone.of(CallChanged)[-1]
    assert (last.state, last.reason, phone.over) == ("ended", "The far end was transferred.", 1)


async def test_a_call_that_ends_while_info_is_under_way() -> None:
    call = ScriptedCall()
    phone = Phone(call)
    phone.up(NO_EVENTS)
    dial(phone, "12")
    await phone.run(0.3)
    phone.leg.state_changed("ended", "The far end hung up.")
    call.answers.put_nowait((481, "Call Does Not Exist"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await phone.run(0.3)
    assert notices(phone) == ""
    assert [char for char, *_ in call.infos] == ["1"]
    assert (phone.of(Dialing)[-1].state, sent(phone)) == ("stopped", 0)


async def test_a_far_end_that_hangs_up_in_the_gap_behind_the_last_key_has_all_of_them() -> None:
    phone = Phone(PlainCall())
    phone.up(EVENTS)
    dial(phone, "1")
    await phone.run(0.12)
    assert sent(phone) == 1
    phone.leg.state_changed("ended", "The far end hung up.")
    assert (phone.of(Dialing)[-1].state, sent(phone)) == ("stopped", 1)


async def test_a_call_that_breaks_inside_is_over() -> None:
    def broken() -> Call:
        raise ZeroDivisionError

    phone = Phone(ScriptedCall())
    with pytest.raises(ZeroDivisionError):
        await phone.leg.place(broken)
    over = phone.of(CallChanged)[-1]
    assert (over.state, over.reason) == ("failed", "The call ended by an internal error.")
