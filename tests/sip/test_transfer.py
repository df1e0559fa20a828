"""Blind transfer with far ends that say too little, too much or the wrong thing."""

import pytest
from agent_link import ANSWER, OFFER
from scripted_peer import ScriptedPeer

from dtmfphone.sip.agent_events import Ended, TransferAsked, TransferProgress
from dtmfphone.sip.message import Request


def called(peer: ScriptedPeer) -> tuple[str, Request]:
    call = peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 200, sdp=ANSWER)
    return call, invite


def referring(peer: ScriptedPeer) -> tuple[str, Request]:
    call, invite = called(peer)
    peer.agent.refer(call, "sip:carol@example.com", peer.t)
    peer.collect()
    return call, invite


def notify(peer: ScriptedPeer, invite: Request, fragment: bytes, state: str = "active;expires=60") -> int:
    fields = [("Event", "refer"), ("Subscription-State", state)]
    peer.in_dialog("NOTIFY", invite, fields=fields, body=("message/sipfrag;version=2.0", fragment))
    return peer.statuses("NOTIFY")[-1]


def test_what_we_ask_for() -> None:
    peer = ScriptedPeer()
    referring(peer)
    refer = peer.request("REFER")
    assert refer.uri == "sip:bob@192.0.2.2:5070"
    assert refer.headers.get("Refer-To") == "<sip:carol@example.com>"
    assert refer.headers.get("Referred-By") == "<sip:alice@example.com>"
    assert refer.headers.get("Contact") == "<sip:alice@192.0.2.1:5060>"


def test_progress_to_the_end() -> None:
    peer = ScriptedPeer()
    call, invite = referring(peer)
    assert notify(peer, invite, b"SIP/2.0 100 Trying") == 200, "it may come before the 202"
    peer.respond(peer.request("REFER"), 202)
    notify(peer, invite, b"SIP/2.0 180 Ringing\r\nContact: <sip:carol@example.com>\r\n")
    notify(peer, invite, b"SIP/2.0 200 OK\r\n", "terminated;reason=noresource")
    assert notify(peer, invite, b"SIP/2.0 200 OK\r\n", "terminated") == 200
    assert peer.seen(TransferProgress) == [
        TransferProgress(call, 100, "Trying", False),
        TransferProgress(call, 180, "Ringing", False),
        TransferProgress(call, 200, "OK", True),
    ]
    peer.advance(1000)
    assert len(peer.seen(TransferProgress)) == 3


@pytest.mark.parametrize("fragment", [b"", b"nonsense", b"SIP/2.0 abc", b"\xff\xfe"])
def test_an_end_that_says_nothing_tells_the_last_that_was_known(fragment: bytes) -> None:
    peer = ScriptedPeer()
    call, invite = referring(peer)
    notify(peer, invite, b"SIP/2.0 183 Session Progress")
    notify(peer, invite, fragment, "Terminated;reason=timeout")
    assert peer.seen(TransferProgress)[-1] == TransferProgress(call, 183, "Session Progress", True)


@pytest.mark.parametrize("status", [403, 405, 603])
def test_a_transfer_that_is_refused(status: int) -> None:
    peer = ScriptedPeer()
    call, invite = referring(peer)
    peer.respond(peer.request("REFER"), status, reason="No")
    assert peer.seen(TransferProgress) == [TransferProgress(call, status, "No", True)]
    assert not peer.seen(Ended)
    peer.agent.refer(call, "sip:dave@example.com", peer.t)
    peer.respond(peer.request("REFER"), 202)
    notify(peer, invite, b"SIP/2.0 200 OK")
    assert peer.seen(TransferProgress)[-1] == TransferProgress(call, 200, "OK", True)


def test_a_challenged_transfer() -> None:
    peer = ScriptedPeer()
    referring(peer)
    peer.respond(peer.request("REFER"), 401, fields=[("WWW-Authenticate", 'Digest realm="r", nonce="n"')])
    assert "Authorization" in peer.request("REFER").headers


def test_a_transfer_that_nothing_is_heard_of() -> None:
    peer = ScriptedPeer()
    call, _ = referring(peer)
    peer.respond(peer.request("REFER"), 202)
    peer.advance(179)
    assert not peer.seen(TransferProgress)
    peer.advance(2)
    assert peer.seen(TransferProgress) == [TransferProgress(call, 408, "No more news came.", True)]


def test_no_answer_to_the_request() -> None:
    peer = ScriptedPeer()
    call, _ = referring(peer)
    peer.advance(33)
    assert [(event.status, event.final) for event in peer.seen(TransferProgress)] == [(408, True)]
    assert peer.agent.call_id(call)


def test_a_far_end_that_will_not_tell() -> None:
    peer = ScriptedPeer()
    call, _ = referring(peer)
    peer.respond(peer.request("REFER"), 202, fields=[("Refer-Sub", "false")])
    assert peer.seen(TransferProgress) == [TransferProgress(call, 202, "Accepted", True)]


def test_news_of_something_else() -> None:
    peer = ScriptedPeer()
    _, invite = called(peer)
    assert notify(peer, invite, b"SIP/2.0 200 OK") == 481
    peer.in_dialog("NOTIFY", invite, fields=[("Event", "presence")])
    assert peer.statuses("NOTIFY") == [481, 489]


def test_the_far_end_asks_us() -> None:
    peer = ScriptedPeer()
    call, invite = called(peer)
    fields = [("Refer-To", '"Carol" <sip:carol@example.com?Replaces=x>'), ("Referred-By", "<sip:boss@example.com>")]
    refer = peer.in_dialog("REFER", invite, fields=fields)
    assert peer.statuses("REFER") == [202]
    assert peer.seen(TransferAsked) == [TransferAsked(call, "sip:carol@example.com?Replaces=x", "sip:boss@example.com")]
    first = peer.request("NOTIFY")
    assert first.headers.get("Event") == f"refer;id={refer.headers.get('CSeq').split()[0]}"
    assert first.headers.get("Subscription-State") == "active;expires=180"
    assert first.body == b"SIP/2.0 100 Trying\r\n"
    peer.respond(first, 200)
    peer.in_dialog("REFER", invite, fields=fields)
    assert peer.statuses("REFER") == [202, 491], "one at a time"
    peer.agent.report_transfer(call, 486, "Busy Here", peer.t)
    last = peer.request("NOTIFY")
    assert last.body == b"SIP/2.0 486 Busy Here\r\n"
    assert last.headers.get("Subscription-State") == "terminated;reason=noresource"
    peer.agent.report_transfer(call, 200, "OK", peer.t)
    assert peer.request("NOTIFY") is last


@pytest.mark.parametrize("fields", [[], [("Refer-To", "<a:b>"), ("Refer-To", "<c:d>")], [("Refer-To", "<")]])
def test_a_request_without_one_target_is_bad(fields: list[tuple[str, str]]) -> None:
    peer = ScriptedPeer()
    _, invite = called(peer)
    peer.in_dialog("REFER", invite, fields=fields)
    assert peer.statuses("REFER") == [400]
    assert not peer.seen(TransferAsked)
