"""Requests that no call waits for, or that ask for what we cannot do."""

import pytest
from agent_link import ANSWER, OFFER, tokens
from scripted_peer import PROXY, ScriptedPeer

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent import UserAgent
from dtmfphone.sip.agent_events import Ended, IncomingCall, InfoAnswered, InfoReceived
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.message import Headers, Request
from dtmfphone.sip.transaction_events import Junk


def outside(peer: ScriptedPeer, method: str, *fields: tuple[str, str], tag: str = "") -> int | None:
    """Send a request that belongs to no dialog and return how it is answered."""
    headers = [
        ("Via", f"SIP/2.0/UDP 192.0.2.9;branch={peer.branch()}"),
        ("From", "<sip:bob@example.com>;tag=far"),
        ("To", f"<sip:alice@example.com>{tag}"),
        ("Call-ID", peer.branch()),
        ("CSeq", f"1 {method}"),
        *fields,
    ]
    peer.receive(Request(Headers(headers), method=method, uri="sip:alice@192.0.2.1"))
    statuses = peer.statuses(method)
    return statuses[-1] if statuses else None


def called(peer: ScriptedPeer) -> tuple[str, Request]:
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 200, sdp=ANSWER)
    return call, invite


def test_options_say_what_we_can_in_and_out_of_dialogs() -> None:
    peer = ScriptedPeer()
    _, invite = called(peer)
    peer.in_dialog("OPTIONS", invite)
    assert outside(peer, "OPTIONS") == 200
    for response in peer.responses("OPTIONS"):
        assert response.status == 200
        assert "UPDATE" in response.headers.get("Allow")
        assert response.headers.get("Supported") == "100rel, timer"
        assert "application/dtmf-relay" in response.headers.get("Accept")
        assert response.headers.get("Server") == "dtmfphone"


def test_a_request_that_may_go_no_further_has_arrived() -> None:
    assert outside(ScriptedPeer(), "OPTIONS", ("Max-Forwards", "0")) == 200


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "PUBLISH", "REGISTER", "FOO"])
def test_methods_that_we_do_not_know(method: str) -> None:
    peer = ScriptedPeer()
    assert outside(peer, method) == 405
    assert peer.responses(method)[0].headers.get("Allow").startswith("INVITE, ACK, CANCEL, BYE")
    _, invite = called(peer)
    peer.in_dialog(method, invite)
    assert peer.statuses(method) == [405, 405]


@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "PRACK", "INFO", "NOTIFY", "REFER", "OPTIONS"])
def test_dialogs_that_do_not_exist(method: str) -> None:
    assert outside(ScriptedPeer(), method, tag=";tag=unknown") == 481


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "PRACK", "INFO", "NOTIFY"])
def test_requests_that_need_a_dialog(method: str) -> None:
    assert outside(ScriptedPeer(), method) == 481


def test_nobody_sends_us_elsewhere_without_a_call() -> None:
    assert outside(ScriptedPeer(), "REFER", ("Refer-To", "<sip:carol@example.com>")) == 603


def test_a_strangers_tag_is_not_let_into_a_call() -> None:
    peer = ScriptedPeer()
    _, invite = called(peer)
    stranger = invite.with_headers(invite.headers.replaced("Call-ID", "other"))
    peer.in_dialog("BYE", stranger)
    peer.in_dialog("BYE", invite.with_headers(invite.headers.replaced("To", "<sip:bob@example.com>;tag=mallory")))
    assert peer.statuses("BYE") == [481, 481]
    assert not peer.seen(Ended)


def test_acks_and_responses_that_belong_nowhere_are_dropped() -> None:
    peer = ScriptedPeer()
    assert outside(peer, "ACK", tag=";tag=unknown") is None
    peer.receive(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKno\r\nFrom: <sip:a@b>;tag=1\r\n"
                 b"To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n")  # fmt: skip
    peer.receive(b"nonsense")
    assert len(peer.seen(Junk)) == 2
    assert not peer.sent


def test_a_call_that_has_ended_is_unknown_to_both_sides() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("BYE", invite)
    peer.in_dialog("BYE", invite)
    assert peer.statuses("BYE") == [200, 481]
    before = len(peer.sent)
    agent = peer.agent
    agent.hang_up(call, peer.t)
    agent.ring(call, peer.t)
    agent.answer(call, ANSWER, peer.t)
    agent.refuse(call, 486, peer.t)
    agent.offer(call, OFFER, peer.t)
    agent.accept_offer(call, ANSWER, peer.t)
    agent.refuse_offer(call, 488, peer.t)
    agent.refer(call, "sip:carol@example.com", peer.t)
    agent.report_transfer(call, 200, "OK", peer.t)
    assert agent.info(call, "application/dtmf", b"1", peer.t) == ""
    peer.collect()
    assert len(peer.sent) == before


def test_keys_in_info() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("INFO", invite, body=("Application/DTMF-Relay; x=y", b"Signal=5\r\nDuration=100\r\n"))
    peer.in_dialog("INFO", invite, body=("application/dtmf", b"5"))
    peer.in_dialog("INFO", invite)
    peer.in_dialog("INFO", invite, body=("application/media_control+xml", b"<x/>"))
    peer.in_dialog("INFO", invite, fields=[("Info-Package", "foo")], body=("application/foo", b"x"))
    assert peer.statuses("INFO") == [200, 200, 200, 415, 469]
    assert peer.responses("INFO")[3].headers.get("Accept") == "application/dtmf-relay, application/dtmf"
    assert peer.seen(InfoReceived) == [
        InfoReceived(call, "application/dtmf-relay", b"Signal=5\r\nDuration=100\r\n", peer.t),
        InfoReceived(call, "application/dtmf", b"5", peer.t),
    ]


def test_info_that_is_never_answered_costs_no_call() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    names = [peer.agent.info(call, "application/dtmf-relay", b"Signal=1", peer.t) for _ in range(2)]
    peer.advance(3.9)
    assert len({str(info.headers.get("CSeq")) for info in peer.requests("INFO")}) == 1
    peer.advance(0.2)
    assert len({str(info.headers.get("CSeq")) for info in peer.requests("INFO")}) == 2
    last = peer.request("INFO")
    peer.advance(29)
    assert [(event.request, event.status) for event in peer.seen(InfoAnswered)] == [(names[0], None)]
    peer.respond(last, 401, fields=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert "Authorization" in peer.request("INFO").headers
    peer.respond(peer.request("INFO"), 405)
    assert peer.seen(InfoAnswered)[1] == InfoAnswered(call, names[1], 405, "Method Not Allowed")
    assert not peer.seen(Ended)


def test_no_info_before_the_call_is_up() -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER)
    call = peer.seen(IncomingCall)[0].call
    name = peer.agent.info(call, "application/dtmf-relay", b"Signal=1", peer.t)
    peer.agent.refer(call, "sip:carol@example.com", peer.t)
    assert peer.seen(InfoAnswered) == [InfoAnswered(call, name, None, "The call is not up.")]
    assert not peer.requests("INFO")
    assert not peer.requests("REFER")


def test_a_late_answer_is_told_and_sends_nothing_twice() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    names = [peer.agent.info(call, "application/dtmf", key, peer.t) for key in (b"1", b"2", b"3")]
    first = peer.request("INFO")
    peer.advance(4.1)
    second = peer.request("INFO")
    peer.respond(first, 200)
    assert peer.request("INFO") == second, "the third one waits for the second"
    peer.respond(second, 200)
    peer.respond(peer.request("INFO"), 200)
    assert [event.request for event in peer.seen(InfoAnswered)] == names
    peer.advance(40)
    assert [event.status for event in peer.seen(InfoAnswered)] == [200] * 3


def test_info_while_it_rings_goes_to_the_far_end_that_is_heard() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 180, tag="silent")
    peer.respond(invite, 183, tag="loud", sdp=ANSWER)
    peer.respond(invite, 180, tag="third")
    name = peer.agent.info(call, "application/dtmf", b"1", peer.t)
    info = peer.request("INFO")
    assert NameAddress.parse(info.headers.get("To")).tag == "loud"
    peer.respond(info, 481)
    assert peer.seen(InfoAnswered)[0].request == name
    assert not peer.seen(Ended), "the INVITE goes on"
    peer.respond(invite, 200, tag="loud", sdp=ANSWER)
    peer.agent.info(call, "application/dtmf", b"2", peer.t)
    assert int(peer.request("INFO").headers.get("CSeq").split()[0]) > int(info.headers.get("CSeq").split()[0])


def test_no_info_after_the_goodbye() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    for key in (b"1", b"2"):
        peer.agent.info(call, "application/dtmf", key, peer.t)
    first = peer.request("INFO")
    peer.agent.hang_up(call, peer.t)
    peer.respond(first, 200)
    assert peer.request("INFO") == first


def test_info_for_a_call_that_the_far_end_forgot() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.info(call, "application/dtmf-relay", b"Signal=1", peer.t)
    peer.respond(peer.request("INFO"), 481)
    assert peer.seen(InfoAnswered)[0].status == 481
    assert [event.by for event in peer.seen(Ended)] == ["far"]


def test_no_endless_queue_of_info() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    for _ in range(300):
        peer.agent.info(call, "application/dtmf-relay", b"Signal=1", peer.t)
    assert [event.status for event in peer.seen(InfoAnswered)] == [None] * 43, "256 wait for the first one"


def test_calls_to_oneself() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    peer.receive(peer.request("INVITE"))
    call = peer.seen(IncomingCall)[0].call
    peer.agent.answer(call, ANSWER, peer.t)
    peer.receive(peer.responses("INVITE")[0])
    peer.receive(peer.request("ACK"))
    assert [type(event).__name__ for event in peer.events] == ["IncomingCall", "Answered", "Confirmed"]


def test_an_identity_needs_an_address() -> None:
    with pytest.raises(ValueError, match="address"):
        UserAgent(Identity("alice"), token=tokens("a"))
    assert "secret" not in repr(Identity("sip:alice@example.com", password="secret"))


def test_a_request_without_a_name_for_its_far_end() -> None:
    peer = ScriptedPeer()
    peer.receive(
        b"INVITE sip:alice@192.0.2.1 SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nf: sip:bob@example.com\r\n"
        b"t: sip:alice@example.com\r\ni: old\r\nCSeq: 1 INVITE\r\nm: sip:bob@192.0.2.2\r\n\r\n",
        PROXY,
    )
    incoming = peer.seen(IncomingCall)[0]
    peer.agent.answer(incoming.call, OFFER, peer.t)
    peer.agent.hang_up(incoming.call, peer.t)
    peer.advance(33)
    assert peer.request("BYE").headers.get("To") == "<sip:bob@example.com>"
