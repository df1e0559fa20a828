"""Our call against far ends that redirect, challenge, fork and break rules."""

import pytest
from agent_link import ANSWER, OFFER
from scripted_peer import PROXY, ScriptedPeer

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.agent_events import Answered, Ended, Provisional, Refused, RemoteOffer
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request
from dtmfphone.sip.via import Via

ROUTES = [("Record-Route", "<sip:p2.example.com;lr>, <sip:192.0.2.9:5080;lr>"), ("Record-Route", "<sip:192.0.2.8;lr>")]
BASIC = 'Digest realm="example", nonce="abc", qop="auth,auth-int", algorithm={}'


def number(request: Request) -> int:
    return CSeq.of(request).number


def branch(request: Request) -> str:
    return Via.parse(request.headers.get("Via")).branch


def test_the_invite_says_what_we_can() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    invite = peer.request("INVITE")
    assert invite.uri == "sip:bob@example.com"
    assert invite.body == OFFER
    assert invite.headers.get("Content-Type") == "application/sdp"
    assert invite.headers.get("Contact") == "<sip:alice@192.0.2.1:5060>"
    assert invite.headers.get("Max-Forwards") == "70"
    assert invite.headers.get("Supported") == "100rel, timer"
    assert "UPDATE" in invite.headers.get("Allow")
    assert invite.headers.get("Session-Expires") == "1800"
    assert NameAddress.parse(invite.headers.get("From")).display == "Alice"
    assert not NameAddress.parse(invite.headers.get("To")).tag


def test_the_ack_of_a_2xx_goes_to_the_contact_by_the_routes_reversed() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 200, fields=ROUTES, sdp=ANSWER)
    ack = peer.request("ACK")
    assert ack.uri == "sip:bob@192.0.2.2:5070"
    assert ack.headers.get_all("Route") == (
        "<sip:192.0.2.8;lr>",
        "<sip:192.0.2.9:5080;lr>",
        "<sip:p2.example.com;lr>",
    )
    assert peer.flow_of(ack) == Flow("udp", "192.0.2.8", 5060)
    assert number(ack) == number(invite)
    assert branch(ack) != branch(invite)
    peer.agent.hang_up(call, peer.t)
    bye = peer.request("BYE")
    assert (bye.uri, bye.headers.get_all("Route")) == (ack.uri, ack.headers.get_all("Route"))
    assert number(bye) == number(invite) + 1


def test_a_strict_router_gets_its_own_address_as_request_uri() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    fields = [("Record-Route", "<sip:192.0.2.7;lr>, <sip:192.0.2.8>")]
    peer.respond(peer.request("INVITE"), 200, fields=fields, sdp=ANSWER)
    ack = peer.request("ACK")
    assert ack.uri == "sip:192.0.2.8"
    assert ack.headers.get_all("Route") == ("<sip:192.0.2.7;lr>", "<sip:bob@192.0.2.2:5070>")
    assert peer.flow_of(ack) == Flow("udp", "192.0.2.8", 5060)


def test_each_repeated_2xx_gets_another_ack() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    answer = peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
    for _ in range(4):
        peer.advance(4)
        peer.receive(answer)
    assert len(peer.requests("ACK")) == 5
    assert len(peer.seen(Answered)) == 1


def test_the_ack_of_a_refusal_goes_where_the_invite_went_and_is_repeated() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    refusal = peer.respond(invite, 486, fields=[("Warning", '399 example.com "Out to lunch"')])
    peer.receive(refusal)
    first, second = peer.requests("ACK")
    assert (first.uri, branch(first)) == (invite.uri, branch(invite))
    assert first == second
    assert peer.seen(Refused) == [Refused(call, 486, "Busy Here", "Out to lunch")]


def test_ringing_has_no_time_limit_of_the_transaction() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 180)
    peer.advance(36)
    peer.respond(peer.request("INVITE"), 200, sdp=ANSWER)
    assert peer.seen(Answered) == [Answered(call, ANSWER, False, "far")]


def test_early_media_comes_from_several_far_ends() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 100, tag="")
    peer.respond(invite, 183, tag="one", sdp=b"one")
    peer.respond(invite, 180, tag="two")
    peer.respond(invite, 180, tag="")
    peer.respond(invite, 199, tag="one")
    peer.respond(invite, 200, tag="two", sdp=b"two")
    assert peer.seen(Provisional) == [
        Provisional(call, 183, "Session Progress", b"one", False, "one"),
        Provisional(call, 180, "Ringing", None, False, "two"),
        Provisional(call, 180, "Ringing", None, False, ""),
        Provisional(call, 199, "", None, False, "one"),
    ]
    assert peer.seen(Answered) == [Answered(call, b"two", False, "two")]


def test_an_answer_that_came_while_it_rang_counts() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 183, sdp=ANSWER)
    peer.respond(peer.request("INVITE"), 200)
    assert peer.seen(Answered) == [Answered(call, ANSWER, False, "far")]


def test_of_forked_answers_the_first_is_the_call() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 200, tag="one", sdp=ANSWER)
    late = peer.respond(invite, 200, tag="two", contact="<sip:bob@192.0.2.3>", sdp=ANSWER)
    assert [ack.uri for ack in peer.requests("ACK")] == ["sip:bob@192.0.2.2:5070", "sip:bob@192.0.2.3"]
    bye = peer.request("BYE")
    assert (bye.uri, NameAddress.parse(bye.headers.get("To")).tag) == ("sip:bob@192.0.2.3", "two")
    peer.respond(bye, 200)
    peer.receive(late)
    assert len(peer.requests("ACK")) == 3
    assert len(peer.requests("BYE")) == 1
    assert len(peer.seen(Answered)) == 1
    assert not peer.seen(Ended)
    assert peer.agent.call_id(call)


def test_so_many_forked_answers_that_nobody_can_mean_it() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    for n in range(100):
        peer.respond(peer.request("INVITE"), 180, tag=f"t{n}")
    for n in range(100):
        peer.respond(peer.request("INVITE"), 200, tag=f"t{n}", sdp=ANSWER)
    assert len(peer.requests("ACK")) == 16
    assert len(peer.seen(Answered)) == 1


def test_cancel_has_the_branch_of_the_invite_and_the_487_is_acknowledged() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.agent.hang_up(call, peer.t)
    assert not peer.requests("CANCEL")
    peer.respond(invite, 100, tag="")
    cancel = peer.request("CANCEL")
    assert (cancel.uri, branch(cancel), number(cancel)) == (invite.uri, branch(invite), number(invite))
    peer.respond(cancel, 200)
    assert not peer.seen(Ended)
    peer.respond(invite, 487)
    assert peer.seen(Ended) == [Ended(call, "us")]
    assert branch(peer.request("ACK")) == branch(invite)


def test_a_2xx_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 180)
    peer.agent.hang_up(call, peer.t)
    answer = peer.respond(invite, 200, sdp=ANSWER)
    assert len(peer.requests("ACK")) == len(peer.requests("BYE")) == 1
    assert not peer.seen(Ended)
    peer.respond(peer.request("BYE"), 200)
    assert peer.seen(Ended) == [Ended(call, "us")]
    peer.receive(answer)
    assert len(peer.requests("ACK")) == 2
    assert not peer.seen(Answered)


def test_a_cancel_that_nothing_follows_ends_after_64_t1() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 180)
    peer.agent.hang_up(call, peer.t)
    peer.respond(peer.request("CANCEL"), 200)
    peer.advance(31.9)
    assert not peer.seen(Ended)
    peer.advance(0.2)
    assert peer.seen(Ended) == [Ended(call, "us")]


def test_a_challenge_while_we_give_up_is_not_answered() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.agent.hang_up(call, peer.t)
    peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", BASIC.format("MD5"))])
    assert peer.seen(Ended) == [Ended(call, "us")]
    assert len(peer.requests("INVITE")) == 1


@pytest.mark.parametrize(
    ("status", "asked", "given"),
    [(401, "WWW-Authenticate", "Authorization"), (407, "Proxy-Authenticate", "Proxy-Authorization")],
)
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_challenge_is_answered_with_the_next_number(status: int, asked: str, given: str, algorithm: str) -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    first = peer.request("INVITE")
    peer.respond(first, status, fields=[(asked, BASIC.format(algorithm))])
    second = peer.request("INVITE")
    assert number(second) == number(first) + 1
    assert branch(second) != branch(first)
    for name in ("Call-ID", "From", "To"):
        assert second.headers.get(name) == first.headers.get(name)
    assert f"algorithm={algorithm}" in second.headers.get(given)
    assert 'uri="sip:bob@example.com"' in second.headers.get(given)
    peer.respond(second, 200, sdp=ANSWER)
    assert peer.request("ACK").headers.get(given) == second.headers.get(given)
    assert number(peer.request("ACK")) == number(second)
    assert len(peer.seen(Answered)) == 1


def test_two_challenges_one_after_the_other_are_both_answered() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 407, fields=[("Proxy-Authenticate", BASIC.format("MD5"))])
    peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", BASIC.format("SHA-256"))])
    invite = peer.request("INVITE")
    assert "algorithm=MD5" in invite.headers.get("Proxy-Authorization")
    assert "nc=00000002" in invite.headers.get("Proxy-Authorization")
    assert "algorithm=SHA-256" in invite.headers.get("Authorization")


def test_a_stale_nonce_is_replaced() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", BASIC.format("MD5"))])
    fresh = BASIC.format("MD5").replace("abc", "fresh") + ", stale=true"
    peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", fresh)])
    assert 'nonce="fresh"' in peer.request("INVITE").headers.get("Authorization")
    assert len(peer.requests("INVITE")) == 3


def test_a_wrong_password_is_refused_once_and_for_all() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    for nonce in ("one", "two"):
        challenge = BASIC.format("MD5").replace("abc", nonce)
        peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", challenge)])
    (refused,) = peer.seen(Refused)
    assert (refused.call, refused.status) == (call, 401)
    assert refused.unproved is not None
    assert "password" in refused.unproved.cause
    assert len(peer.requests("INVITE")) == 2
    assert "secret" not in repr(peer.agent) + repr(peer.events)


def test_without_a_user_nothing_is_proved() -> None:
    peer = ScriptedPeer(user="", password="")
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", BASIC.format("MD5"))])
    assert peer.seen(Refused)[0].status == 401
    assert len(peer.requests("INVITE")) == 1


def test_challenges_without_end_are_left_at_that() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    for n in range(20):
        challenge = BASIC.format("MD5").replace("example", f"realm{n}")
        peer.respond(peer.request("INVITE"), 401, fields=[("WWW-Authenticate", challenge)])
    assert len(peer.requests("INVITE")) <= 6
    assert len(peer.seen(Refused)) == 1


def test_a_redirected_call_goes_on_at_the_best_contact() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    first = peer.request("INVITE")
    contacts = "<sip:worse@192.0.2.4>;q=0.2, <mailto:bob@example.com>, <sip:best@192.0.2.5:5099;transport=tcp>;q=0.9"
    peer.respond(first, 302, contact=contacts)
    second = peer.request("INVITE")
    assert peer.request("ACK").uri == first.uri
    assert second.uri == "sip:best@192.0.2.5:5099;transport=tcp"
    assert peer.flow_of(second) == Flow("tcp", "192.0.2.5", 5099)
    assert second.headers.get("To") == first.headers.get("To")
    assert number(second) > number(first)
    peer.respond(second, 486)
    third = peer.request("INVITE")
    assert third.uri == "sip:worse@192.0.2.4"
    peer.respond(third, 404)
    assert peer.seen(Refused) == [Refused(call, 404, "Not Found", "")]


def test_with_an_outbound_proxy_redirected_calls_go_there_too() -> None:
    peer = ScriptedPeer(route=("<sip:192.0.2.9;lr>",))
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 302, contact="<sip:carol@192.0.2.4>")
    second = peer.request("INVITE")
    assert (second.uri, second.headers.get("Route")) == ("sip:carol@192.0.2.4", "<sip:192.0.2.9;lr>")
    assert peer.flow_of(second) == PROXY


def test_redirects_in_a_circle_come_to_an_end() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    for n in range(20):
        peer.respond(peer.request("INVITE"), 302, contact=f"<sip:bob{n}@192.0.2.4>, <sip:bob@example.com>")
    assert len(peer.requests("INVITE")) == 6
    assert peer.seen(Refused) == [Refused(call, 302, "Moved Temporarily", "")]


def test_a_decline_everywhere_ends_the_search() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 302, contact="<sip:b@192.0.2.4>, <sip:c@192.0.2.5>")
    peer.respond(peer.request("INVITE"), 603)
    assert peer.seen(Refused)[0].status == 603
    assert len(peer.requests("INVITE")) == 2


def test_a_secure_call_is_not_redirected_to_an_insecure_one() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER, target="sips:bob@example.com")
    assert peer.request("INVITE").headers.get("Contact") == "<sips:alice@192.0.2.1:5060>"
    peer.respond(peer.request("INVITE"), 302, contact="<sip:bob@192.0.2.4>")
    assert peer.seen(Refused)[0].status == 302


def test_a_session_interval_that_is_too_small_is_raised() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    first = peer.request("INVITE")
    peer.respond(first, 422, fields=[("Min-SE", "3600")])
    second = peer.request("INVITE")
    assert (second.headers.get("Session-Expires"), second.headers.get("Min-SE")) == ("3600", "3600")
    assert number(second) > number(first)
    peer.respond(second, 422, fields=[("Min-SE", "90")])
    assert peer.seen(Refused)[0].status == 422


def test_reliable_provisional_responses_get_a_prack_each() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    invite = peer.request("INVITE")

    def ring(status: int, number: int, sdp: bytes | None = None) -> None:
        peer.respond(invite, status, fields=[("Require", "100rel"), ("RSeq", str(number)), *ROUTES], sdp=sdp)

    ring(183, 7, ANSWER)
    prack = peer.request("PRACK")
    assert prack.headers.get("RAck") == f"7 {number(invite)} INVITE"
    assert prack.uri == "sip:bob@192.0.2.2:5070"
    assert prack.headers.get("Route") == "<sip:192.0.2.8;lr>"
    assert number(prack) == number(invite) + 1
    ring(183, 7, ANSWER)
    ring(180, 9)
    assert len(peer.requests("PRACK")) == 1, "neither for a repeated one nor for one that came too early"
    ring(180, 8)
    assert peer.request("PRACK").headers.get("RAck") == f"8 {number(invite)} INVITE"
    assert peer.seen(Provisional) == [
        Provisional(call, 183, "Session Progress", ANSWER, True, "far"),
        Provisional(call, 180, "Ringing", None, True, "far"),
    ]
    peer.respond(invite, 200, fields=ROUTES)
    assert peer.seen(Answered) == [Answered(call, ANSWER, False, "far")]
    assert number(peer.request("ACK")) == number(invite)


def test_a_prack_that_is_challenged() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 180, fields=[("Require", "100rel"), ("RSeq", "1")])
    first = peer.request("PRACK")
    peer.respond(first, 407, fields=[("Proxy-Authenticate", BASIC.format("MD5"))])
    second = peer.request("PRACK")
    assert "Proxy-Authorization" in second.headers
    assert second.headers.get("RAck") == first.headers.get("RAck")
    assert number(second) == number(first) + 1


def test_an_offer_in_a_reliable_response_is_answered_in_the_prack() -> None:
    peer = ScriptedPeer()
    call = peer.call(None)
    invite = peer.request("INVITE")
    assert not invite.body
    peer.respond(invite, 183, fields=[("Require", "100rel"), ("RSeq", "1")], sdp=OFFER)
    assert peer.seen(RemoteOffer) == [RemoteOffer(call, OFFER)]
    assert not peer.requests("PRACK")
    peer.agent.accept_offer(call, ANSWER, peer.t)
    assert peer.request("PRACK").body == ANSWER
    peer.respond(invite, 200)
    assert peer.seen(Answered) == [Answered(call, OFFER, False, "far")]
    assert not peer.request("ACK").body


def test_a_description_in_an_unreliable_response_is_no_offer() -> None:
    peer = ScriptedPeer()
    call = peer.call(None)
    peer.respond(peer.request("INVITE"), 183, sdp=b"preview")
    peer.respond(peer.request("INVITE"), 200, sdp=OFFER)
    assert peer.seen(Provisional)[0].sdp is None
    assert peer.seen(Answered) == [Answered(call, OFFER, True, "far")]


def test_hanging_up_instead_of_an_answer_to_the_offer_in_a_2xx() -> None:
    peer = ScriptedPeer()
    call = peer.call(None)
    peer.respond(peer.request("INVITE"), 200, sdp=OFFER)
    assert peer.seen(Answered) == [Answered(call, OFFER, True, "far")]
    peer.agent.hang_up(call, peer.t)
    assert not peer.request("ACK").body
    peer.respond(peer.request("BYE"), 200)
    assert peer.seen(Ended) == [Ended(call, "us")]


def test_a_2xx_without_contact_is_acknowledged_where_it_was_called() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 200, contact="", sdp=ANSWER)
    assert peer.request("ACK").uri == "sip:bob@example.com"


def test_a_record_route_that_nobody_can_read_ends_the_call() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 180, fields=[("Record-Route", "<nonsense")])
    peer.respond(peer.request("INVITE"), 200, fields=[("Record-Route", "<nonsense")], sdp=ANSWER)
    (ended,) = peer.seen(Ended)
    assert (ended.call, ended.by) == (call, "transport")


def test_a_far_end_older_than_tags() -> None:
    peer = ScriptedPeer()
    call = peer.call(OFFER)
    peer.respond(peer.request("INVITE"), 200, tag="", sdp=ANSWER)
    assert peer.seen(Answered) == [Answered(call, ANSWER, False, "")]
    peer.agent.hang_up(call, peer.t)
    assert "tag" not in peer.request("BYE").headers.get("To")


def test_a_target_that_cannot_be_written_is_refused_at_once() -> None:
    peer = ScriptedPeer()
    with pytest.raises(ValueError, match="URI"):
        peer.call(OFFER, target="sip:bob@example.com\r\nX: y")
    assert peer.agent.deadline is None
