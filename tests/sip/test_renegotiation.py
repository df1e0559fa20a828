"""Changes of a session that is up, against far ends that refuse, cross, forget and vanish."""

import pytest
from agent_link import ANSWER, HELD, OFFER
from scripted_peer import ScriptedPeer, tag_of

from dtmfphone.sip.agent_events import Confirmed, Ended, IncomingCall, OfferRefused, RemoteAnswer, RemoteOffer
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.message import Request

SDP = ("application/sdp", HELD)


def called(peer: ScriptedPeer, *fields: tuple[str, str]) -> tuple[str, Request]:
    """Return handle and INVITE of a call of the user agent that is up."""
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 200, fields=fields, sdp=ANSWER)
    return call, invite


def calling(peer: ScriptedPeer) -> tuple[str, Request, str]:
    """Return handle, INVITE and the user agent's tag of a call of the script that is up."""
    invite = peer.invite(sdp=OFFER)
    call = peer.seen(IncomingCall)[0].call
    peer.agent.answer(call, ANSWER, peer.t)
    tag = tag_of(peer.responses("INVITE")[0])
    peer.in_dialog("ACK", invite, seq=100, tag=tag)
    return call, invite, tag


def test_a_reinvite_refreshes_the_target_and_each_2xx_is_acknowledged() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    again = peer.request("INVITE")
    assert (again.uri, again.body) == ("sip:bob@192.0.2.2:5070", HELD)
    assert CSeq.of(again).number == CSeq.of(invite).number + 1
    assert again.headers.get("Contact") == "<sip:alice@192.0.2.1:5060>"
    answer = peer.respond(again, 200, contact="<sip:bob@192.0.2.3>", sdp=ANSWER)
    peer.receive(answer)
    acks = peer.requests("ACK")[1:]
    assert [(ack.uri, CSeq.of(ack).number) for ack in acks] == [("sip:bob@192.0.2.3", CSeq.of(again).number)] * 2
    assert peer.seen(RemoteAnswer) == [RemoteAnswer(call, ANSWER)]
    peer.agent.hang_up(call, peer.t)
    assert peer.request("BYE").uri == "sip:bob@192.0.2.3"


def test_a_repeated_2xx_is_no_answer_to_the_next_offer() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, b"one", peer.t)
    first = peer.respond(peer.request("INVITE"), 200, sdp=b"answer one")
    peer.agent.offer(call, b"two", peer.t)
    peer.receive(first)
    assert peer.seen(RemoteAnswer) == [RemoteAnswer(call, b"answer one")]
    assert len(peer.requests("ACK")) == 3
    peer.respond(peer.request("INVITE"), 200, sdp=b"answer two")
    assert peer.seen(RemoteAnswer)[1:] == [RemoteAnswer(call, b"answer two")]


@pytest.mark.parametrize("status", [488, 403, 500, 606])
def test_a_refusal_keeps_the_call(status: int) -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    peer.respond(peer.request("INVITE"), status, reason="No", fields=[("Warning", '370 x "Too narrow"')])
    assert peer.seen(OfferRefused) == [OfferRefused(call, status, "No", "Too narrow")]
    peer.advance(60)
    assert not peer.seen(Ended)


@pytest.mark.parametrize("status", [408, 481])
def test_a_far_end_that_forgot_the_call_ends_it(status: int) -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    peer.respond(peer.request("INVITE"), status)
    assert len(peer.requests("BYE")) == 1
    assert [event.call for event in peer.seen(Ended)] == [call]
    assert not peer.seen(OfferRefused)


def test_a_far_end_that_is_gone_ends_the_call() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    peer.advance(33)
    assert peer.seen(Ended)[0].by == "timeout"
    assert peer.requests("BYE")


@pytest.mark.parametrize(("ours", "earliest", "latest"), [(True, 2.1, 4.0), (False, 0.0, 2.0)])
def test_after_a_491_the_caller_waits_longer(ours: bool, earliest: float, latest: float) -> None:
    waits = []
    for _ in range(20):
        peer = ScriptedPeer()
        call = called(peer)[0] if ours else calling(peer)[0]
        for _ in range(5):
            peer.agent.offer(call, HELD, peer.t)
        peer.respond(peer.request("INVITE"), 491, tag="far")
        before, begin = len(peer.requests("INVITE")), peer.t
        while len(peer.requests("INVITE")) == before:
            peer.advance(0.01)
        waits.append(peer.t - begin)
        peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
        assert len(peer.seen(RemoteAnswer)) == 1
    assert earliest - 0.02 <= min(waits)
    assert max(waits) <= latest + 0.02


def test_a_challenge_and_a_longer_interval_are_met() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    challenge = 'Digest realm="r", nonce="n", qop="auth"'
    peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", challenge)])
    assert "Authorization" in peer.request("INVITE").headers
    peer.respond(peer.request("INVITE"), 422, fields=[("Min-SE", "2000")])
    again = peer.request("INVITE")
    assert (again.headers.get("Session-Expires"), again.headers.get("Min-SE")) == ("2000", "2000")
    assert again.body == HELD
    peer.respond(again, 200, sdp=ANSWER)
    assert "nc=00000002" in again.headers.get("Authorization")
    assert peer.request("ACK").headers.get("Authorization") == again.headers.get("Authorization")
    peer.agent.hang_up(call, peer.t)
    bye = peer.request("BYE")
    assert "nc=00000003" in bye.headers.get("Authorization"), "proved before it is asked for"
    peer.respond(bye, 407, fields=[("Proxy-Authenticate", challenge)])
    assert "Proxy-Authorization" in peer.request("BYE").headers
    peer.respond(peer.request("BYE"), 200)
    assert peer.seen(Ended) == [Ended(call, "us")]


def test_a_2xx_without_an_answer_is_told() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    peer.respond(peer.request("INVITE"), 200)
    assert peer.seen(OfferRefused)[0].status is None


def test_of_offers_that_wait_the_newest_is_made() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    for sdp in (b"one", b"two", b"three"):
        peer.agent.offer(call, sdp, peer.t)
    assert peer.request("INVITE").body == b"one"
    peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
    assert peer.request("INVITE").body == b"three"


def test_there_is_nothing_to_change_before_the_call_is_answered() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 180)
    peer.agent.offer(call, HELD, peer.t)
    peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
    peer.advance(10)
    assert len(peer.requests("INVITE")) == 1


def test_an_offer_between_our_200_and_its_ack_waits_for_the_ack() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    call = peer.seen(IncomingCall)[0].call
    peer.agent.answer(call, ANSWER, peer.t)
    peer.agent.offer(call, HELD, peer.t)
    assert not peer.requests("INVITE")
    peer.in_dialog("ACK", invite, seq=100, tag=tag_of(peer.responses("INVITE")[0]))
    assert peer.request("INVITE").body == HELD
    assert peer.seen(Confirmed)


def test_a_reinvite_of_the_far_end_is_answered_until_its_ack() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    again = peer.in_dialog("INVITE", invite, fields=[("Contact", "<sip:bob@192.0.2.3>")], body=SDP)
    assert peer.seen(RemoteOffer) == [RemoteOffer(call, HELD)]
    peer.agent.accept_offer(call, ANSWER, peer.t)
    peer.advance(1.6)
    assert peer.statuses("INVITE") == [200, 200, 200]
    assert peer.responses("INVITE")[0].body == ANSWER
    peer.in_dialog("ACK", invite, seq=CSeq.of(again).number)
    peer.advance(40)
    assert len(peer.responses("INVITE")) == 3
    peer.agent.hang_up(call, peer.t)
    assert peer.request("BYE").uri == "sip:bob@192.0.2.3"


def test_a_reinvite_without_offer_gets_ours_and_the_ack_brings_the_answer() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    again = peer.in_dialog("INVITE", invite)
    assert peer.seen(RemoteOffer) == [RemoteOffer(call, None)]
    peer.agent.accept_offer(call, OFFER, peer.t)
    assert peer.responses("INVITE")[0].body == OFFER
    peer.in_dialog("ACK", invite, seq=CSeq.of(again).number, body=("application/sdp", ANSWER))
    assert peer.seen(RemoteAnswer) == [RemoteAnswer(call, ANSWER)]


def test_a_change_that_is_never_confirmed_ends_the_call() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.agent.accept_offer(call, ANSWER, peer.t)
    peer.advance(33)
    assert peer.seen(Ended)[0].by == "timeout"
    assert peer.requests("BYE")


def test_a_refused_reinvite_of_the_far_end_leaves_all_as_it_was() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("INVITE", invite, fields=[("Contact", "<sip:bob@192.0.2.3>")], body=SDP)
    peer.agent.refuse_offer(call, 488, peer.t)
    assert peer.statuses("INVITE") == [488]
    peer.agent.hang_up(call, peer.t)
    assert peer.request("BYE").uri == "sip:bob@192.0.2.2:5070"


def test_offers_that_cross_get_491_and_those_that_come_in_between_500() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.in_dialog("UPDATE", invite, body=SDP)
    assert (peer.statuses("INVITE"), peer.statuses("UPDATE")) == ([491], [491])
    peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.in_dialog("UPDATE", invite, body=SDP)
    assert peer.statuses("INVITE") == [491, 500]
    assert 0 <= int(peer.responses("INVITE")[-1].headers.get("Retry-After")) <= 10
    assert peer.statuses("UPDATE") == [491, 500]
    assert len(peer.seen(RemoteOffer)) == 1


def test_a_reinvite_may_be_cancelled() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    again = peer.in_dialog("INVITE", invite, body=SDP)
    cseq = again.headers.get("CSeq").replace("INVITE", "CANCEL")
    headers = again.headers.replaced("CSeq", cseq).without("Content-Type")
    peer.receive(Request(headers, method="CANCEL", uri=again.uri))
    assert peer.statuses("INVITE") == [487]
    peer.agent.accept_offer(call, ANSWER, peer.t)
    assert peer.statuses("INVITE") == [487]
    assert peer.agent.call_id(call)


def test_update_with_and_without_an_offer() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("UPDATE", invite, fields=[("Contact", "<sip:bob@192.0.2.3>")])
    assert peer.statuses("UPDATE") == [200]
    assert not peer.seen(RemoteOffer)
    peer.in_dialog("UPDATE", invite, body=SDP)
    assert peer.seen(RemoteOffer) == [RemoteOffer(call, HELD)]
    peer.agent.accept_offer(call, ANSWER, peer.t)
    assert peer.responses("UPDATE")[-1].body == ANSWER
    peer.in_dialog("UPDATE", invite, body=SDP)
    peer.agent.refuse_offer(call, 488, peer.t)
    assert peer.statuses("UPDATE") == [200, 200, 488]
    peer.agent.hang_up(call, peer.t)
    assert peer.request("BYE").uri == "sip:bob@192.0.2.3"


def test_update_with_an_offer_before_ours_was_answered() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 180)
    peer.in_dialog("UPDATE", invite, body=SDP)
    assert peer.statuses("UPDATE") == [491]
    peer.respond(invite, 183, fields=[("Require", "100rel"), ("RSeq", "1")], sdp=ANSWER)
    peer.in_dialog("UPDATE", invite, body=SDP)
    assert peer.seen(RemoteOffer) == [RemoteOffer(call, HELD)]
    peer.agent.accept_offer(call, ANSWER, peer.t)
    assert peer.statuses("UPDATE") == [491, 200]


def test_update_with_an_offer_before_theirs_was_answered() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    peer.agent.ring(peer.seen(IncomingCall)[0].call, peer.t)
    peer.in_dialog("UPDATE", invite, tag=tag_of(peer.responses("INVITE")[0]), body=SDP)
    assert peer.statuses("UPDATE") == [500]


def test_requests_that_overtook_each_other_get_500() -> None:
    peer = ScriptedPeer()
    _, invite = called(peer)
    peer.in_dialog("OPTIONS", invite, seq=500)
    peer.in_dialog("INVITE", invite, seq=400, body=SDP)
    assert peer.statuses("OPTIONS") == [200]
    assert peer.statuses("INVITE") == [500]
    assert "Retry-After" in peer.responses("INVITE")[0].headers
    assert not peer.seen(RemoteOffer)


def test_the_far_end_may_always_hang_up() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("OPTIONS", invite, seq=500)
    peer.in_dialog("BYE", invite, seq=1)
    assert peer.statuses("BYE") == [200]
    assert peer.seen(Ended) == [Ended(call, "far")]


def test_a_reinvite_that_follows_on_a_200_that_was_not_confirmed() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.agent.accept_offer(call, b"one", peer.t)
    again = peer.in_dialog("INVITE", invite, body=SDP)
    peer.agent.accept_offer(call, b"two", peer.t)
    peer.advance(1)
    assert [response.body for response in peer.responses("INVITE")] == [b"one", b"two", b"two"]
    peer.in_dialog("ACK", invite, seq=CSeq.of(again).number)
    peer.advance(60)
    assert not peer.seen(Ended)


def test_no_reinvite_before_the_invite_is_answered() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    call = peer.seen(IncomingCall)[0].call
    peer.agent.ring(call, peer.t)
    tag = tag_of(peer.responses("INVITE")[0])
    peer.in_dialog("INVITE", invite, tag=tag, body=SDP)
    peer.in_dialog("REFER", invite, tag=tag, fields=[("Refer-To", "<sip:carol@example.com>")])
    assert peer.statuses("INVITE") == [180, 500]
    assert peer.statuses("REFER") == [481]


def test_after_bye_there_is_nothing_to_talk_about() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.agent.hang_up(call, peer.t)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.in_dialog("INFO", invite)
    peer.in_dialog("NOTIFY", invite, fields=[("Event", "presence")])
    assert [peer.statuses(method) for method in ("INVITE", "INFO", "NOTIFY")] == [[481], [481], [489]]


def test_hanging_up_leaves_no_offer_unanswered() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.agent.hang_up(call, peer.t)
    assert peer.statuses("INVITE") == [487]
    assert peer.requests("BYE")


def test_the_far_end_hangs_up_with_its_own_offer_open() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    peer.in_dialog("INVITE", invite, body=SDP)
    peer.in_dialog("BYE", invite, fields=[("Reason", 'Q.850;cause=16;text="Normal call clearing"')])
    assert peer.statuses("INVITE") == [487]
    assert peer.seen(Ended) == [Ended(call, "far", "Normal call clearing")]


def test_an_answer_to_our_offer_after_we_hung_up_is_acknowledged() -> None:
    peer = ScriptedPeer()
    call, _ = called(peer)
    peer.agent.offer(call, HELD, peer.t)
    again = peer.request("INVITE")
    peer.agent.hang_up(call, peer.t)
    peer.respond(again, 200, sdp=ANSWER)
    assert CSeq.of(peer.request("ACK")).number == CSeq.of(again).number
    assert not peer.seen(RemoteAnswer)
    peer.respond(peer.request("BYE"), 200)
    assert peer.seen(Ended) == [Ended(call, "us")]
