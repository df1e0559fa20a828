"""Registration with registrars of all kinds."""

import pytest
from scripted_peer import PROXY, ScriptedPeer

from dtmfphone.sip.agent import UserAgent
from dtmfphone.sip.agent_events import Registered, RegistrationFailed, Unregistered
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.identity import Identity

OURS = "<sip:alice@192.0.2.1:5060>"
CHALLENGE = 'Digest realm="example.com", nonce="{}", qop="auth", algorithm=SHA-256'


def registering(expires: int = 600) -> ScriptedPeer:
    peer = ScriptedPeer()
    peer.agent.register("sip:example.com", expires, peer.t, to=PROXY)
    peer.collect()
    return peer


def accept(peer: ScriptedPeer, contact: str, *fields: tuple[str, str]) -> None:
    peer.respond(peer.request("REGISTER"), 200, contact=contact, fields=fields)


def test_what_is_asked_for() -> None:
    peer = registering()
    request = peer.request("REGISTER")
    assert request.uri == "sip:example.com"
    assert request.headers.get("To") == "<sip:alice@example.com>"
    assert request.headers.get("From").startswith('"Alice" <sip:alice@example.com>;tag=')
    assert request.headers.get("Contact") == f"{OURS};expires=600"
    assert request.headers.get("Expires") == "600"


def test_it_is_renewed_before_it_expires() -> None:
    peer = registering()
    accept(peer, f"{OURS};expires=600")
    assert peer.seen(Registered) == [Registered(600, "sip:alice@192.0.2.1:5060", None)]
    peer.advance(539.9)
    assert len(peer.requests("REGISTER")) == 1
    peer.advance(0.2)
    first, second = peer.requests("REGISTER")
    assert second.headers.get("Call-ID") == first.headers.get("Call-ID")
    assert CSeq.of(second).number == CSeq.of(first).number + 1
    accept(peer, f"{OURS};expires=40")
    peer.advance(20.1)
    assert len(peer.requests("REGISTER")) == 3


@pytest.mark.parametrize(
    ("contact", "fields", "expires"),
    [
        ("<sip:alice@192.0.2.7>;expires=10, <sip:alice@192.0.2.1:5060;ob>;q=0.5;expires=300", [], 300),
        (f"{OURS};expires=500, {OURS};expires=400", [], 400),
        ("<sip:alice@192.0.2.1:5060>", [("Expires", "200")], 200),
        ("", [("Expires", "100")], 100),
        ("<sip:somebody@192.0.2.7>;expires=10", [], 600),
        ("nonsense <", [], 600),
        (f"{OURS};expires=0", [], 1),
    ],
)
def test_our_own_contact_says_how_long_it_lasts(contact: str, fields: list[tuple[str, str]], expires: int) -> None:
    peer = registering()
    accept(peer, contact, *fields)
    assert [event.expires for event in peer.seen(Registered)] == [expires]


def test_where_the_registrar_saw_us() -> None:
    peer = registering()
    request = peer.request("REGISTER")
    via = request.headers.get("Via").replace(";rport", ";rport=40123;received=203.0.113.5")
    peer.respond(request.with_headers(request.headers.replaced("Via", via)), 200)
    assert peer.seen(Registered)[0].seen_as == ("203.0.113.5", 40123)
    peer.agent.local["udp"] = ("203.0.113.5", 40123)
    peer.agent.renew(peer.t)
    contacts = ("<sip:alice@203.0.113.5:40123>;expires=600", f"{OURS};expires=0")
    assert peer.request("REGISTER").headers.get_all("Contact") == contacts
    accept(peer, contacts[0])
    peer.agent.renew(peer.t)
    assert peer.request("REGISTER").headers.get_all("Contact") == contacts[:1]


def test_a_registrar_that_wants_longer() -> None:
    peer = registering(60)
    peer.respond(peer.request("REGISTER"), 423, fields=[("Min-Expires", "3600")])
    assert peer.request("REGISTER").headers.get("Expires") == "3600"
    peer.respond(peer.request("REGISTER"), 423, fields=[("Min-Expires", "60")])
    assert peer.seen(RegistrationFailed) == [RegistrationFailed(423, "Interval Too Brief", True)]


def test_a_challenge_is_answered_and_remembered() -> None:
    peer = registering()
    peer.respond(peer.request("REGISTER"), 401, fields=[("WWW-Authenticate", CHALLENGE.format("one"))])
    assert "nc=00000001" in peer.request("REGISTER").headers.get("Authorization")
    accept(peer, f"{OURS};expires=600")
    peer.advance(541)
    assert "nc=00000002" in peer.request("REGISTER").headers.get("Authorization")
    stale = CHALLENGE.format("two") + ", stale=true"
    peer.respond(peer.request("REGISTER"), 401, fields=[("WWW-Authenticate", stale)])
    assert 'nonce="two"' in peer.request("REGISTER").headers.get("Authorization")
    accept(peer, f"{OURS};expires=600")
    assert len(peer.seen(Registered)) == 2


def test_a_wrong_password_is_final() -> None:
    peer = registering()
    for nonce in ("one", "two"):
        peer.respond(peer.request("REGISTER"), 401, fields=[("WWW-Authenticate", CHALLENGE.format(nonce))])
    (failed,) = peer.seen(RegistrationFailed)
    assert (failed.status, failed.final) == (401, True)
    assert failed.unproved is not None
    assert "password" in failed.unproved.cause
    peer.advance(100_000)
    assert len(peer.requests("REGISTER")) == 2


@pytest.mark.parametrize("status", [403, 404, 600])
def test_a_refusal_is_final(status: int) -> None:
    peer = registering()
    peer.respond(peer.request("REGISTER"), status, fields=[("Warning", '399 x "Not you"')])
    assert peer.seen(RegistrationFailed) == [RegistrationFailed(status, "Not you", True)]
    peer.advance(10_000)
    assert len(peer.requests("REGISTER")) == 1


def test_without_an_answer_it_is_tried_again_less_and_less_often() -> None:
    peer = registering()
    peer.advance(10)
    starts = []
    for _ in range(9):
        number = CSeq.of(peer.request("REGISTER")).number
        peer.agent.flow_failed(PROXY, "Nobody is there.", peer.t)
        begin = peer.t
        while CSeq.of(peer.request("REGISTER")).number == number:
            peer.advance(1)
        starts.append(peer.t - begin)
    failures = peer.seen(RegistrationFailed)
    assert failures == [RegistrationFailed(None, "Nobody is there.", False)] * 9
    for n, pause in enumerate(starts):
        assert 0.5 * min(30 * 2**n, 1800) <= pause <= min(30 * 2**n, 1800) + 1
    accept(peer, f"{OURS};expires=600")
    assert peer.seen(Registered)


def test_a_registrar_says_when_to_come_back() -> None:
    peer = registering()
    peer.respond(peer.request("REGISTER"), 503, fields=[("Retry-After", "300 (maintenance)")])
    assert peer.seen(RegistrationFailed) == [RegistrationFailed(503, "Service Unavailable", False)]
    peer.advance(299.9)
    assert len(peer.requests("REGISTER")) == 1
    peer.advance(0.2)
    assert len(peer.requests("REGISTER")) == 2


def test_unregistering() -> None:
    peer = registering()
    accept(peer, f"{OURS};expires=600")
    peer.agent.local["udp"] = ("198.51.100.1", 5060)
    peer.agent.unregister(peer.t)
    peer.agent.unregister(peer.t)
    assert peer.request("REGISTER").headers.get("Contact") == f"{OURS};expires=0"
    assert peer.request("REGISTER").headers.get("Expires") == "0"
    accept(peer, "")
    assert peer.seen(Unregistered) == [Unregistered()]
    peer.advance(10_000)
    assert len(peer.requests("REGISTER")) == 2


def test_unregistering_while_a_request_is_on_its_way_comes_after_it() -> None:
    peer = registering()
    peer.agent.unregister(peer.t)
    assert len(peer.requests("REGISTER")) == 1
    accept(peer, f"{OURS};expires=600")
    assert peer.request("REGISTER").headers.get("Expires") == "0"
    assert not peer.seen(Unregistered)
    accept(peer, "")
    assert peer.seen(Unregistered) == [Unregistered()]
    assert not peer.seen(Registered)


def test_unregistering_with_a_challenge() -> None:
    peer = registering()
    accept(peer, f"{OURS};expires=600")
    peer.agent.unregister(peer.t)
    peer.respond(peer.request("REGISTER"), 401, fields=[("WWW-Authenticate", CHALLENGE.format("one"))])
    assert "Authorization" in peer.request("REGISTER").headers
    accept(peer, "")
    assert peer.seen(Unregistered)


def test_a_registrar_that_is_gone_when_told_so() -> None:
    peer = registering()
    accept(peer, f"{OURS};expires=600")
    peer.agent.unregister(peer.t)
    peer.advance(33)
    assert peer.seen(Unregistered) == [Unregistered()]


def test_unregistering_what_was_never_registered() -> None:
    peer = ScriptedPeer()
    peer.agent.unregister(peer.t)
    assert peer.seen(Unregistered) == [Unregistered()]
    peer.agent.register("sip:example.com", 600, peer.t, to=PROXY)
    peer.respond(peer.request("REGISTER"), 403)
    peer.agent.unregister(peer.t)
    assert len(peer.seen(Unregistered)) == 2
    assert len(peer.requests("REGISTER")) == 1


def test_another_registration_takes_the_place_of_the_first() -> None:
    peer = registering()
    first = peer.request("REGISTER")
    peer.agent.register("sip:example.net", 600, peer.t, to=PROXY)
    accept(peer, f"{OURS};expires=600")
    peer.respond(first, 200)
    assert len(peer.seen(Registered)) == 1
    peer.advance(540.1)
    assert [request.uri for request in peer.requests("REGISTER")][1:] == ["sip:example.net"] * 2


def test_the_device_names_itself() -> None:
    peer = ScriptedPeer()
    identity = Identity("sip:alice@example.com", instance="urn:uuid:00000000-0000-1000-8000-000A95A0E128")
    peer.agent = UserAgent(identity, token=iter("abcdefghijklmnop").__next__)
    peer.agent.local["udp"] = ("192.0.2.1", 5060)
    peer.agent.register("sip:example.com", 600, peer.t, to=PROXY)
    contact = peer.request("REGISTER").headers.get("Contact")
    assert contact == f'{OURS};+sip.instance="<{identity.instance}>";expires=600'


def test_a_registrar_that_cannot_be_one() -> None:
    with pytest.raises(ValueError, match="address"):
        ScriptedPeer().agent.register("http://example.com", 600, 0, to=PROXY)
