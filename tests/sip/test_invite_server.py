"""Calls that come in, from callers that lose, repeat, insist and give up."""

import pytest
from agent_link import ANSWER, OFFER
from scripted_peer import PROXY, ScriptedPeer, tag_of

from dtmfphone.sip.agent_events import Confirmed, Ended, IncomingCall, RemoteAnswer, RemoteOffer, Withdrawn
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Headers, Request


def incoming(peer: ScriptedPeer) -> str:
    return peer.seen(IncomingCall)[-1].call


def ack(peer: ScriptedPeer, invite: Request, body: tuple[str, bytes] | None = None) -> None:
    """Confirm our last answer."""
    tag = tag_of(peer.responses("INVITE")[-1])
    peer.in_dialog("ACK", invite, seq=int(invite.headers.get("CSeq").split()[0]), tag=tag, body=body)


def test_ringing_and_the_answer() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER, fields=[("Record-Route", "<sip:192.0.2.9;lr>"), ("Record-Route", "<sip:p2;lr>")])
    call = incoming(peer)
    peer.agent.ring(call, peer.t)
    peer.agent.answer(call, ANSWER, peer.t)
    ringing, answer = peer.responses("INVITE")
    assert (ringing.status, answer.status, answer.body) == (180, 200, ANSWER)
    for response in (ringing, answer):
        assert response.headers.get_all("Record-Route") == ("<sip:192.0.2.9;lr>", "<sip:p2;lr>")
        assert response.headers.get("Contact") == "<sip:alice@192.0.2.1:5060>"
        assert tag_of(response) == tag_of(ringing)
    ack(peer, invite)
    assert peer.seen(Confirmed) == [Confirmed(call, None)]
    peer.agent.hang_up(call, peer.t)
    bye = peer.request("BYE")
    assert bye.uri == "sip:bob@192.0.2.2:5070"
    assert bye.headers.get_all("Route") == ("<sip:192.0.2.9;lr>", "<sip:p2;lr>")
    assert peer.flow_of(bye) == PROXY
    assert bye.headers.get("To") == "<sip:bob@example.com>;tag=far"


def test_100_where_nobody_decides_within_200_ms() -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER)
    peer.advance(0.19)
    assert peer.statuses("INVITE") == []
    peer.advance(0.02)
    assert peer.statuses("INVITE") == [100]


def test_a_200_is_repeated_until_the_ack_in_growing_intervals() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    peer.agent.answer(incoming(peer), ANSWER, peer.t)
    counts = []
    for _ in range(12):
        counts.append(len(peer.responses("INVITE")))
        peer.advance(0.5)
    assert counts == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]
    ack(peer, invite)
    before = len(peer.responses("INVITE"))
    peer.advance(60)
    assert len(peer.responses("INVITE")) == before
    ack(peer, invite)
    assert len(peer.seen(Confirmed)) == 1


def test_without_an_ack_the_call_ends_after_64_t1() -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER)
    call = incoming(peer)
    peer.agent.answer(call, ANSWER, peer.t)
    peer.advance(31.9)
    assert not peer.requests("BYE")
    peer.advance(0.2)
    assert len(peer.requests("BYE")) == 1
    (ended,) = peer.seen(Ended)
    assert (ended.call, ended.by) == (call, "timeout")


def test_an_ack_for_something_else_confirms_nothing() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    peer.agent.answer(incoming(peer), ANSWER, peer.t)
    tag = tag_of(peer.responses("INVITE")[-1])
    peer.in_dialog("ACK", invite, seq=7, tag=tag)
    peer.in_dialog("ACK", invite, seq=100, tag="other")
    assert not peer.seen(Confirmed)


def cancel(peer: ScriptedPeer, invite: Request, *fields: tuple[str, str]) -> None:
    names = ("Via", "From", "To", "Call-ID")
    headers = [(name, invite.headers.get(name)) for name in names]
    cseq = invite.headers.get("CSeq").replace("INVITE", "CANCEL")
    peer.receive(Request(Headers([*headers, ("CSeq", cseq), *fields]), method="CANCEL", uri=invite.uri))


def test_a_caller_who_gives_up_says_why() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    call = incoming(peer)
    peer.agent.ring(call, peer.t)
    cancel(peer, invite, ("Reason", 'SIP;cause=200;text="Call completed elsewhere"'))
    assert peer.statuses("CANCEL") == [200]
    assert peer.statuses("INVITE") == [180, 487]
    assert peer.seen(Withdrawn) == [Withdrawn(call, "Call completed elsewhere")]
    peer.agent.answer(call, ANSWER, peer.t)
    assert peer.statuses("INVITE") == [180, 487]


def test_a_cancel_after_the_answer_changes_nothing() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    peer.agent.answer(incoming(peer), ANSWER, peer.t)
    cancel(peer, invite)
    assert peer.statuses("CANCEL") == [200]
    assert not peer.seen(Withdrawn)
    ack(peer, invite)
    assert peer.seen(Confirmed)


def test_a_bye_while_it_rings_ends_the_call_too() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    call = incoming(peer)
    peer.agent.ring(call, peer.t)
    peer.in_dialog("BYE", invite, tag=tag_of(peer.responses("INVITE")[-1]))
    assert peer.statuses("BYE") == [200]
    assert peer.statuses("INVITE") == [180, 487]
    assert peer.seen(Withdrawn) == [Withdrawn(call, "")]


@pytest.mark.parametrize(("status", "reason"), [(486, "Busy Here"), (603, "Decline"), (480, "Gone Fishing")])
def test_refusals(status: int, reason: str) -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER)
    call = incoming(peer)
    peer.agent.refuse(call, status, peer.t, reason if reason == "Gone Fishing" else "")
    refusal = peer.responses("INVITE")[-1]
    assert (refusal.status, refusal.reason) == (status, reason)
    assert peer.seen(Ended) == [Ended(call, "us")]
    peer.advance(1)
    assert len(peer.responses("INVITE")) == 2, "repeated until ACK"
    peer.receive(Request(invite.headers.replaced("CSeq", "100 ACK"), method="ACK", uri=invite.uri))
    peer.advance(60)
    assert len(peer.responses("INVITE")) == 2


def test_hanging_up_while_it_rings_declines() -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER)
    peer.agent.hang_up(incoming(peer), peer.t)
    assert peer.statuses("INVITE") == [603]


def test_an_invite_without_offer_gets_ours() -> None:
    peer = ScriptedPeer()
    invite = peer.invite()
    call = incoming(peer)
    assert peer.seen(IncomingCall)[0].sdp is None
    peer.agent.ring(call, peer.t, OFFER)
    assert peer.statuses("INVITE") == [180], "an offer cannot travel unreliably"
    peer.agent.answer(call, OFFER, peer.t)
    assert peer.responses("INVITE")[-1].body == OFFER
    ack(peer, invite, ("application/sdp", ANSWER))
    assert peer.seen(Confirmed) == [Confirmed(call, ANSWER)]


def test_an_sdp_among_other_parts_is_found() -> None:
    peer = ScriptedPeer()
    body = (
        b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/sdp\r\n\r\n"
        + OFFER
        + b"\r\n--x--"
    )
    invite = peer.invite(sdp=body)
    mixed = Request(
        invite.headers.replaced("Content-Type", 'multipart/mixed;boundary="x"')
        .replaced("Call-ID", "mixed")
        .replaced("Via", f"SIP/2.0/UDP 192.0.2.9;branch={peer.branch()}"),
        body,
        "INVITE",
        invite.uri,
    )
    peer.receive(mixed)
    assert peer.seen(IncomingCall)[-1].sdp == OFFER


@pytest.mark.parametrize(
    ("fields", "status", "name", "value"),
    [
        ([("Require", "100rel, foo"), ("Require", "bar")], 420, "Unsupported", "foo, bar"),
        ([("Supported", "timer"), ("Session-Expires", "60")], 422, "Min-SE", "90"),
        ([("Content-Encoding", "gzip")], 415, "Accept-Encoding", "identity"),
    ],
)
def test_what_we_cannot_do_is_refused(fields: list[tuple[str, str]], status: int, name: str, value: str) -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER, fields=fields)
    assert peer.statuses("INVITE") == [status]
    assert peer.responses("INVITE")[0].headers.get(name) == value
    assert not peer.seen(IncomingCall)
    peer.advance(40)
    assert peer.agent.deadline is None
    assert not peer.agent._core.cancelled


def test_a_caller_who_cannot_be_reached_is_refused() -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER, contact="nonsense")
    peer.invite(sdp=OFFER, fields=[("Record-Route", "<nonsense>")])
    peer.invite(sdp=OFFER, uri="http://example.com")
    assert peer.statuses("INVITE") == [400, 400, 416]


def test_one_call_too_many_is_busy() -> None:
    peer = ScriptedPeer()
    for _ in range(300):
        peer.invite(sdp=OFFER)
    assert len(peer.seen(IncomingCall)) == 256
    assert peer.statuses("INVITE").count(486) == 44


def test_answers_over_a_connection_go_back_on_it_and_so_do_requests() -> None:
    peer = ScriptedPeer()
    flow = Flow("tcp", "192.0.2.2", 40000, connection=7)
    headers = [
        ("Via", "SIP/2.0/TCP 192.0.2.2:5070;branch=z9hG4bKx"),
        ("From", "<sip:bob@example.com>;tag=far"),
        ("To", "<sip:alice@example.com>"),
        ("Call-ID", "tcp"),
        ("CSeq", "1 INVITE"),
        ("Contact", "<sip:bob@192.0.2.2:5070;transport=tcp>"),
    ]
    invite = Request(Headers(headers), method="INVITE", uri="sip:alice@192.0.2.1")
    peer.receive(invite, flow)
    call = incoming(peer)
    peer.agent.answer(call, OFFER, peer.t)
    answer = peer.responses("INVITE")[-1]
    assert peer.flow_of(answer) == flow
    assert answer.headers.get("Contact") == "<sip:alice@192.0.2.1:5060;transport=tcp>"
    ack(peer, invite, ("application/sdp", ANSWER))
    peer.agent.hang_up(call, peer.t)
    assert peer.flow_of(peer.request("BYE")) == Flow("tcp", "192.0.2.2", 5070, connection=7)


def prack(peer: ScriptedPeer, invite: Request, *, rack: str = "", body: tuple[str, bytes] | None = None) -> None:
    ringing = peer.responses("INVITE")[-1]
    rack = rack or f"{ringing.headers.get('RSeq')} {invite.headers.get('CSeq')}"
    peer.in_dialog("PRACK", invite, tag=tag_of(ringing), fields=[("RAck", rack)], body=body)


def test_ringing_is_reliable_where_the_caller_insists() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER, fields=[("Require", "100rel")])
    call = incoming(peer)
    peer.agent.ring(call, peer.t)
    assert peer.responses("INVITE")[0].headers.get("Require") == "100rel"
    peer.advance(3.6)
    assert peer.statuses("INVITE") == [180] * 4, "at 0, 0.5, 1.5 and 3.5 s"
    peer.agent.answer(call, ANSWER, peer.t)
    assert 200 not in peer.statuses("INVITE")
    prack(peer, invite, rack="1 1 INVITE")
    assert peer.statuses("PRACK") == [481]
    prack(peer, invite)
    assert peer.statuses("PRACK") == [481, 200]
    assert peer.statuses("INVITE") == [180] * 4 + [200]
    assert peer.responses("INVITE")[-1].body == ANSWER
    ack(peer, invite)
    assert peer.seen(Confirmed)


def test_early_media_that_was_confirmed_is_the_answer() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER, fields=[("Require", "100rel")])
    call = incoming(peer)
    peer.agent.ring(call, peer.t)
    peer.agent.ring(call, peer.t, ANSWER)
    assert peer.statuses("INVITE") == [180], "one at a time"
    prack(peer, invite)
    assert peer.statuses("INVITE") == [180, 183]
    first, second = peer.responses("INVITE")
    assert int(second.headers.get("RSeq")) == int(first.headers.get("RSeq")) + 1
    assert second.body == ANSWER
    prack(peer, invite, body=("application/sdp", b"another offer"))
    assert peer.seen(RemoteOffer) == [RemoteOffer(call, b"another offer")]
    peer.agent.accept_offer(call, b"another answer", peer.t)
    assert peer.responses("PRACK")[-1].body == b"another answer"
    peer.agent.answer(call, ANSWER, peer.t)
    assert not peer.responses("INVITE")[-1].body
    ack(peer, invite)
    assert peer.seen(Confirmed) == [Confirmed(call, None)]


def test_an_offer_in_a_prack_before_the_first_one_was_answered() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(sdp=OFFER, fields=[("Require", "100rel")])
    peer.agent.ring(incoming(peer), peer.t)
    prack(peer, invite, body=("application/sdp", b"another offer"))
    assert peer.statuses("PRACK") == [488]
    assert not peer.seen(RemoteOffer)


def test_our_offer_while_it_rings_is_answered_in_the_prack() -> None:
    peer = ScriptedPeer()
    invite = peer.invite(fields=[("Supported", "100rel")])
    call = incoming(peer)
    peer.agent.ring(call, peer.t, OFFER)
    assert peer.responses("INVITE")[0].body == OFFER
    prack(peer, invite, body=("application/sdp", ANSWER))
    assert peer.seen(RemoteAnswer) == [RemoteAnswer(call, ANSWER)]
    peer.agent.answer(call, OFFER, peer.t)
    assert not peer.responses("INVITE")[-1].body


def test_without_a_prack_the_call_is_refused() -> None:
    peer = ScriptedPeer()
    peer.invite(sdp=OFFER, fields=[("Require", "100rel")])
    call = incoming(peer)
    peer.agent.ring(call, peer.t)
    peer.advance(33)
    assert peer.statuses("INVITE")[-1] == 504
    (ended,) = peer.seen(Ended)
    assert (ended.call, ended.by) == (call, "timeout")
