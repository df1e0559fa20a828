"""Two user agents call each other over a wire with faults."""

import pytest
from agent_link import ANSWER, HELD, OFFER, Link, Party, lose_first

from dtmfphone.sip.agent_events import (
    Answered,
    Confirmed,
    Ended,
    IncomingCall,
    InfoAnswered,
    InfoReceived,
    OfferRefused,
    Provisional,
    Refused,
    RemoteAnswer,
    RemoteOffer,
    TransferAsked,
    TransferProgress,
    Withdrawn,
)
from dtmfphone.sip.message import Response


def pair(link: Link) -> tuple[Party, Party]:
    return link.join("alice", "192.0.2.1"), link.join("bob", "192.0.2.2")


def establish(link: Link, alice: Party, bob: Party) -> tuple[str, str]:
    """Let Alice call Bob and return both handles."""
    mine = link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    bob.agent.ring(theirs, link.t)
    bob.agent.answer(theirs, ANSWER, link.t)
    alice.wait(Answered)
    bob.wait(Confirmed)
    return mine, theirs


def test_a_call_from_ringing_to_the_end() -> None:
    link = Link()
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    incoming = bob.wait(IncomingCall)
    assert (incoming.caller, incoming.caller_name, incoming.called) == (alice.uri, "Alice", bob.uri)
    assert incoming.sdp == OFFER
    assert alice.agent.call_id(mine) == bob.agent.call_id(incoming.call) == incoming.call_id
    bob.agent.ring(incoming.call, link.t)
    ringing = alice.wait(Provisional)
    assert (ringing.status, ringing.reason, ringing.sdp) == (180, "Ringing", None)
    bob.agent.answer(incoming.call, ANSWER, link.t)
    assert alice.wait(Answered) == Answered(mine, ANSWER, False, ringing.branch)
    assert bob.wait(Confirmed) == Confirmed(incoming.call, None)
    alice.agent.hang_up(mine, link.t)
    assert bob.wait(Ended) == Ended(incoming.call, "far")
    assert alice.wait(Ended) == Ended(mine, "us")
    assert alice.agent.call_id(mine) == bob.agent.call_id(incoming.call) == ""
    assert [len(link.sent(method)) for method in ("INVITE", "ACK", "BYE")] == [1, 1, 1]


@pytest.mark.parametrize(
    "lost", [("INVITE",), ("180 INVITE",), ("200 INVITE",), ("ACK",), ("ACK", "ACK", "ACK"), ("200 INVITE", "ACK")]
)
def test_no_lost_message_breaks_the_set_up(lost: tuple[str, ...]) -> None:
    link = Link()
    link.lost = lose_first(*lost)
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    assert [event.sdp for event in alice.seen(Answered)] == [ANSWER]
    assert len(bob.seen(Confirmed)) == 1
    link.run(60)
    assert not alice.seen(Ended)
    assert not bob.seen(Ended)
    assert alice.agent.call_id(mine)
    assert bob.agent.call_id(theirs)


@pytest.mark.parametrize("lost", [("BYE",), ("200 BYE",), ("BYE", "200 BYE")])
def test_no_lost_message_breaks_the_end(lost: tuple[str, ...]) -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    link.lost = lose_first(*lost)
    bob.agent.hang_up(theirs, link.t)
    assert alice.wait(Ended) == Ended(mine, "far")
    link.run(60)
    assert bob.seen(Ended) == [Ended(theirs, "us")]


def test_both_hang_up_at_once() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    alice.agent.hang_up(mine, link.t)
    bob.agent.hang_up(theirs, link.t)
    link.run(40)
    assert alice.seen(Ended) == [Ended(mine, "us")]
    assert bob.seen(Ended) == [Ended(theirs, "us")]
    assert [each.status for each in link.wire if isinstance(each, Response) and "BYE" in each.headers.get("CSeq")] == [
        200,
        200,
    ]


def test_it_may_ring_for_minutes() -> None:
    link = Link()
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    bob.agent.ring(theirs, link.t)
    link.run(200)
    assert len(link.sent("INVITE")) == 1
    assert len(alice.seen(Provisional)) == 4, "180 is repeated once a minute"
    bob.agent.answer(theirs, ANSWER, link.t)
    assert alice.wait(Answered).call == mine


def test_nobody_there() -> None:
    link = Link()
    alice, bob = pair(link)
    link.lost = lambda message: True
    mine = link.call(alice, bob)
    ended = alice.wait(Ended)
    assert (ended.call, ended.by) == (mine, "timeout")
    assert link.t == pytest.approx(1032, abs=0.1)
    assert len(link.sent("INVITE")) == 7


def test_a_transport_that_fails() -> None:
    link = Link()
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    link.run(0)
    alice.agent.flow_failed(bob.flow, "No way to the host.", link.t)
    link.run(0)
    assert alice.seen(Ended) == [Ended(mine, "transport", "No way to the host.")]


def test_busy() -> None:
    link = Link()
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    bob.agent.refuse(theirs, 486, link.t)
    assert alice.wait(Refused) == Refused(mine, 486, "Busy Here", "")
    link.run(40)
    assert bob.seen(Ended) == [Ended(theirs, "us")]
    assert len(link.sent("ACK")) == 1


def test_the_caller_gives_up_while_it_rings() -> None:
    link = Link()
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    bob.agent.ring(theirs, link.t)
    alice.wait(Provisional)
    alice.agent.hang_up(mine, link.t)
    assert bob.wait(Withdrawn) == Withdrawn(theirs, "")
    assert alice.wait(Ended) == Ended(mine, "us")
    link.run(40)
    assert len(link.sent("ACK")) == 1
    assert not link.sent("BYE")


def test_cancel_waits_for_a_provisional() -> None:
    link = Link(delay=0.05)
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    link.run(0)
    alice.agent.hang_up(mine, link.t)
    link.run(0.04)
    assert not link.sent("CANCEL")
    link.run(1)
    assert len(link.sent("CANCEL")) == 1
    assert alice.seen(Ended) == [Ended(mine, "us")]
    assert bob.seen(Withdrawn)


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    link = Link(delay=0.05)
    alice, bob = pair(link)
    mine = link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    bob.agent.ring(theirs, link.t)
    alice.wait(Provisional)
    alice.agent.hang_up(mine, link.t)
    bob.agent.answer(theirs, ANSWER, link.t)
    assert bob.wait(Confirmed).call == theirs
    assert bob.wait(Ended) == Ended(theirs, "far")
    link.run(40)
    assert alice.seen(Ended) == [Ended(mine, "us")]
    assert not alice.seen(Answered)


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    link = Link()
    alice, bob = pair(link)
    link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    link.lost = lose_first("ACK", "ACK")
    bob.agent.answer(theirs, ANSWER, link.t)
    bob.agent.hang_up(theirs, link.t)
    alice.wait(Answered)
    assert not link.sent("BYE")
    assert alice.wait(Ended).by == "far"
    assert len(link.sent("ACK")) == 3


def test_an_answer_that_is_never_confirmed_ends_the_call() -> None:
    link = Link()
    alice, bob = pair(link)
    link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    link.lost = lose_first(*["ACK"] * 50)
    begin = link.t
    bob.agent.answer(theirs, ANSWER, link.t)
    ended = bob.wait(Ended)
    assert (ended.by, round(link.t - begin)) == ("timeout", 32)
    assert alice.wait(Ended).by == "far"


def test_an_invite_without_offer() -> None:
    link = Link()
    alice, bob = pair(link)
    mine = link.call(alice, bob, None)
    incoming = bob.wait(IncomingCall)
    assert incoming.sdp is None
    bob.agent.answer(incoming.call, OFFER, link.t)
    answered = alice.wait(Answered)
    assert (answered.sdp, answered.wants_answer) == (OFFER, True)
    assert not link.sent("ACK")
    alice.agent.accept_offer(mine, ANSWER, link.t)
    assert bob.wait(Confirmed) == Confirmed(incoming.call, ANSWER)


def test_hold_and_resume_both_ways() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    for one, other, call, other_call in ((alice, bob, mine, theirs), (bob, alice, theirs, mine)):
        one.agent.offer(call, HELD, link.t)
        assert other.wait(RemoteOffer) == RemoteOffer(other_call, HELD)
        other.agent.accept_offer(other_call, ANSWER, link.t)
        assert one.wait(RemoteAnswer) == RemoteAnswer(call, ANSWER)
    link.run(40)
    assert not alice.seen(Ended)
    assert not bob.seen(Ended)
    assert len(link.sent("ACK")) == 3


def test_a_refused_change_leaves_the_call_as_it_was() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    alice.agent.offer(mine, HELD, link.t)
    bob.wait(RemoteOffer)
    bob.agent.refuse_offer(theirs, 488, link.t)
    assert alice.wait(OfferRefused) == OfferRefused(mine, 488, "Not Acceptable Here")
    link.run(40)
    assert alice.agent.call_id(mine)
    alice.agent.offer(mine, HELD, link.t)
    assert bob.wait(RemoteOffer).sdp == HELD


def test_offers_that_cross_are_both_made_in_the_end() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    alice.agent.offer(mine, HELD, link.t)
    bob.agent.offer(theirs, HELD + b"a=bob\r\n", link.t)
    begin = link.t
    alice_offer = alice.wait(RemoteOffer)
    assert link.t - begin <= 2.1, "who was called tries again first"
    alice.agent.accept_offer(alice_offer.call, ANSWER, link.t)
    assert bob.wait(RemoteOffer).sdp == HELD
    assert 2.1 <= link.t - begin <= 4.2
    bob.agent.accept_offer(theirs, ANSWER, link.t)
    link.run(10)
    assert len(alice.seen(RemoteAnswer)) == len(bob.seen(RemoteAnswer)) == 1
    assert sum(1 for message in link.wire if isinstance(message, Response) and message.status == 491) == 2


def test_an_offer_waits_until_the_far_ends_is_done() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    alice.agent.offer(mine, HELD, link.t)
    bob.wait(RemoteOffer)
    bob.agent.offer(theirs, OFFER, link.t)
    link.run(1)
    assert not alice.seen(RemoteOffer)
    bob.agent.accept_offer(theirs, ANSWER, link.t)
    assert alice.wait(RemoteOffer).sdp == OFFER


def test_info_goes_in_order_although_requests_are_lost() -> None:
    link = Link(seed=5, loss=0.3)
    alice, bob = pair(link)
    mine, _ = establish(link, alice, bob)
    names = [
        alice.agent.info(mine, "application/dtmf-relay", f"Signal={n}\r\nDuration=100\r\n".encode(), link.t)
        for n in range(10)
    ]
    link.run(120, until=lambda: len(alice.seen(InfoAnswered)) == 10)
    assert [(event.request, event.status) for event in alice.seen(InfoAnswered)] == [(name, 200) for name in names]
    assert [event.body[7:8] for event in bob.seen(InfoReceived)] == [b"%d" % n for n in range(10)]


def test_info_of_another_kind_is_refused() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, _ = establish(link, alice, bob)
    name = alice.agent.info(mine, "application/x-unknown", b"?", link.t)
    assert alice.wait(InfoAnswered) == InfoAnswered(mine, name, 415, "Unsupported Media Type")
    assert not bob.seen(InfoReceived)


def test_blind_transfer() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    alice.agent.refer(mine, "sip:carol@192.0.2.3", link.t)
    assert bob.wait(TransferAsked) == TransferAsked(theirs, "sip:carol@192.0.2.3", alice.uri)
    assert alice.wait(TransferProgress) == TransferProgress(mine, 100, "Trying", False)
    bob.agent.report_transfer(theirs, 180, "Ringing", link.t)
    assert alice.wait(TransferProgress) == TransferProgress(mine, 180, "Ringing", False)
    bob.agent.report_transfer(theirs, 200, "OK", link.t)
    assert alice.wait(TransferProgress) == TransferProgress(mine, 200, "OK", True)
    alice.agent.hang_up(mine, link.t)
    assert bob.wait(Ended).by == "far"


def test_a_transfer_that_is_declined() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    alice.agent.refer(mine, "sip:carol@192.0.2.3", link.t)
    bob.wait(TransferAsked)
    alice.wait(TransferProgress)
    bob.agent.report_transfer(theirs, 603, "Decline", link.t)
    assert alice.wait(TransferProgress) == TransferProgress(mine, 603, "Decline", True)


def test_the_session_is_refreshed_as_long_as_both_are_there() -> None:
    link = Link()
    alice, bob = pair(link)
    mine, theirs = establish(link, alice, bob)
    link.run(4 * 3600 + 10)
    assert len(link.sent("UPDATE")) == 16
    assert alice.agent.call_id(mine)
    assert bob.agent.call_id(theirs)
    link.lost = lambda message: True
    assert (alice.wait(Ended, 3600).by, bob.seen(Ended)) == ("timeout", [])
    assert bob.wait(Ended, 3600).text == "The session was not refreshed within 1800 seconds."


def test_a_bad_wire() -> None:
    for seed in range(30):
        link = Link(seed=seed, loss=0.25, doubled=0.3, delay=0.1, jitter=0.2)
        alice, bob = pair(link)
        mine = link.call(alice, bob)
        theirs = bob.wait(IncomingCall).call
        bob.agent.ring(theirs, link.t)
        link.run(3)
        bob.agent.answer(theirs, ANSWER, link.t)
        alice.wait(Answered)
        bob.wait(Confirmed)
        alice.agent.offer(mine, HELD, link.t)
        bob.wait(RemoteOffer)
        bob.agent.accept_offer(theirs, ANSWER, link.t)
        alice.wait(RemoteAnswer)
        link.run(20)
        bob.agent.hang_up(theirs, link.t)
        link.run(100)
        assert [len(alice.seen(kind)) for kind in (Answered, RemoteAnswer, Ended)] == [1, 1, 1]
        assert [len(bob.seen(kind)) for kind in (IncomingCall, Confirmed, RemoteOffer, Ended)] == [1, 1, 1, 1]


def test_a_call_over_a_stream() -> None:
    link = Link()
    alice = link.join("alice", "192.0.2.1", transport="tcp")
    bob = link.join("bob", "192.0.2.2", transport="tcp")
    mine, theirs = establish(link, alice, bob)
    assert "transport=tcp" in link.sent("INVITE")[0].headers.get("Contact")
    bob.agent.hang_up(theirs, link.t)
    assert alice.wait(Ended) == Ended(mine, "far")


def test_addresses_of_ipv6() -> None:
    link = Link()
    alice, bob = link.join("alice", "2001:db8::1"), link.join("bob", "2001:db8::2")
    link.call(alice, bob)
    theirs = bob.wait(IncomingCall).call
    bob.agent.answer(theirs, ANSWER, link.t)
    assert bob.wait(Confirmed).call == theirs
    assert link.sent("INVITE")[0].headers.get("Contact") == "<sip:alice@[2001:db8::1]:5060>"
    assert link.sent("ACK")[0].uri == "sip:bob@[2001:db8::2]:5060"
