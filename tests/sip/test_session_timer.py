"""Session timers in all roles."""

import pytest
from agent_link import ANSWER, OFFER
from scripted_peer import ScriptedPeer, tag_of

from dtmfphone.sip.agent_events import Ended, IncomingCall, Note, RemoteAnswer
from dtmfphone.sip.message import Request

ALLOW = ("Allow", "INVITE, ACK, BYE, UPDATE")


def called(peer: ScriptedPeer, expires: str, *fields: tuple[str, str]) -> str:
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 200, fields=[("Session-Expires", expires), *fields], sdp=ANSWER)
    return call


def calling(peer: ScriptedPeer, *fields: tuple[str, str]) -> tuple[str, Request, str]:
    invite = peer.invite(sdp=OFFER, fields=fields)
    call = peer.seen(IncomingCall)[0].call
    peer.agent.answer(call, ANSWER, peer.t)
    tag = tag_of(peer.responses("INVITE")[0])
    peer.in_dialog("ACK", invite, seq=100, tag=tag)
    return call, invite, tag


def test_we_refresh_by_update_where_the_far_end_allows_it() -> None:
    peer = ScriptedPeer()
    call = called(peer, "1000;refresher=uac", ALLOW)
    for n in range(1, 4):
        peer.advance(500)
        update = peer.request("UPDATE")
        assert len(peer.requests("UPDATE")) == n
        assert update.headers.get("Session-Expires") == "1000;refresher=uac"
        assert not update.body
        peer.respond(update, 200, fields=[("Session-Expires", "1000;refresher=uac")])
    assert peer.agent.call_id(call)
    assert not peer.seen(RemoteAnswer)


@pytest.mark.parametrize("refused", [False, True])
def test_we_refresh_by_reinvite_where_there_is_no_update(refused: bool) -> None:
    peer = ScriptedPeer()
    call = called(peer, "1000;refresher=uac", *([ALLOW] if refused else []))
    peer.advance(500)
    if refused:
        peer.respond(peer.request("UPDATE"), 501)
    assert len(peer.requests("INVITE")) == 2
    assert peer.request("INVITE").body == OFFER
    peer.respond(peer.request("INVITE"), 200, fields=[("Session-Expires", "1000;refresher=uac")], sdp=ANSWER)
    assert peer.seen(RemoteAnswer) == [RemoteAnswer(call, ANSWER)]
    peer.advance(500)
    assert len(peer.requests("INVITE")) == 3


def test_a_refresh_that_is_refused_ends_the_call_before_the_session_expires() -> None:
    peer = ScriptedPeer()
    called(peer, "1000;refresher=uac", ALLOW)
    peer.advance(500)
    peer.respond(peer.request("UPDATE"), 403)
    assert peer.seen(Note)
    peer.advance(467)
    assert not peer.seen(Ended)
    peer.advance(2)
    assert peer.seen(Ended)[0].by == "timeout"
    assert peer.requests("BYE")


def test_a_refresh_that_is_challenged() -> None:
    peer = ScriptedPeer()
    called(peer, "1000;refresher=uac", ALLOW)
    peer.advance(500)
    peer.respond(peer.request("UPDATE"), 401, fields=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert "Authorization" in peer.request("UPDATE").headers
    peer.respond(peer.request("UPDATE"), 200, fields=[("Session-Expires", "1000;refresher=uac")])
    peer.advance(490)
    assert not peer.seen(Ended)


def test_a_refresh_that_crosses_is_tried_again() -> None:
    peer = ScriptedPeer()
    called(peer, "1000;refresher=uac", ALLOW)
    peer.advance(500)
    peer.respond(peer.request("UPDATE"), 491)
    peer.advance(4.1)
    assert len(peer.requests("UPDATE")) == 2


def test_the_far_end_does_not_refresh() -> None:
    peer = ScriptedPeer()
    call = called(peer, "90;refresher=uas")
    peer.advance(59.9)
    assert not peer.requests("BYE")
    peer.advance(0.2)
    assert len(peer.requests("BYE")) == 1
    text = "The session was not refreshed within 90 seconds."
    assert peer.seen(Ended) == [Ended(call, "timeout", text)]


def test_no_session_expires_in_the_answer_means_no_timer() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
    peer.advance(100_000)
    assert peer.agent.call_id(call)
    assert len(peer.requests("INVITE")) == 1


def test_a_caller_who_knows_timers_refreshes() -> None:
    peer = ScriptedPeer()
    call, invite, tag = calling(peer, ("Supported", "timer"), ("Session-Expires", "300"))
    answer = peer.responses("INVITE")[0]
    assert answer.headers.get("Session-Expires") == "300;refresher=uac"
    assert answer.headers.get("Require") == "timer"
    for _ in range(3):
        peer.advance(150)
        fields = [("Supported", "timer"), ("Session-Expires", "300;refresher=uac")]
        peer.in_dialog("UPDATE", invite, tag=tag, fields=fields)
        assert peer.responses("UPDATE")[-1].headers.get("Session-Expires") == "300;refresher=uac"
    peer.advance(267)
    assert not peer.seen(Ended)
    peer.advance(2)
    assert [event.call for event in peer.seen(Ended)] == [call]


def test_a_caller_who_wants_us_to_refresh() -> None:
    peer = ScriptedPeer()
    calling(peer, ("Supported", "timer"), ("Session-Expires", "300;refresher=uas"), ALLOW)
    answer = peer.responses("INVITE")[0]
    assert answer.headers.get("Session-Expires") == "300;refresher=uas"
    assert "Require" not in answer.headers
    peer.advance(150)
    assert peer.request("UPDATE").headers.get("Session-Expires") == "300;refresher=uac"


def test_an_interval_that_a_proxy_put_in_is_kept_by_us() -> None:
    peer = ScriptedPeer()
    calling(peer, ("x", "60"))
    assert peer.responses("INVITE")[0].headers.get("Session-Expires") == "60;refresher=uas"
    peer.advance(30)
    assert len(peer.requests("INVITE")) == 1


def test_too_short_an_interval_in_a_refresh_is_refused() -> None:
    peer = ScriptedPeer()
    _, invite, tag = calling(peer)
    peer.in_dialog("UPDATE", invite, tag=tag, fields=[("Supported", "timer"), ("Session-Expires", "30")])
    assert peer.statuses("UPDATE") == [422]
    assert peer.responses("UPDATE")[0].headers.get("Min-SE") == "90"


@pytest.mark.parametrize("value", ["", "soon", "-5", "99999999999999", ";refresher=uac", "0"])
def test_intervals_that_are_none(value: str) -> None:
    peer = ScriptedPeer()
    call = called(peer, value)
    peer.advance(100_000)
    assert peer.agent.call_id(call)
