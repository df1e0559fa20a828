"""Whatever comes in, in whatever order: nothing is raised, and nothing is kept for ever."""

from collections.abc import Callable

from agent_link import ANSWER, HELD, OFFER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted_peer import PROXY, ScriptedPeer

from dtmfphone.sip.agent_events import Ended, IncomingCall, Refused, RemoteOffer, Withdrawn
from dtmfphone.sip.message import Headers, Message, Request, Response
from dtmfphone.sip.reply import reply

METHODS = ("INVITE", "ACK", "CANCEL", "BYE", "UPDATE", "PRACK", "INFO", "REFER", "NOTIFY", "OPTIONS", "MESSAGE")
STATUSES = (100, 180, 183, 199, 200, 202, 301, 302, 401, 407, 408, 422, 423, 481, 486, 487, 488, 491, 503, 603)
VALUES = {
    "Contact": ["<sip:b@192.0.2.7>", "*", "<", "", "tel:+1", "<sip:x@[::1]:1;transport=tcp>;q=nan", "sip:%00@h"],
    "Record-Route": ["<sip:192.0.2.7;lr>", "<sip:192.0.2.8>", "<sip:x;transport=ws;lr>", "<", ","],
    "Require": ["100rel", "timer", "foo", ","],
    "Supported": ["100rel, timer", ""],
    "RSeq": ["1", "2", "-1", "x", "99999999999"],
    "RAck": ["1 1 INVITE", "x", ""],
    "Session-Expires": ["90;refresher=uas", "90;refresher=uac", "1;refresher=uac", "1", "x", "999999999"],
    "Min-SE": ["2000", "x", "99999999"],
    "Min-Expires": ["3600", "x"],
    "WWW-Authenticate": ['Digest realm="r", nonce="n", qop="auth"', 'Digest realm="r",nonce="m",stale=true', "Basic"],
    "Proxy-Authenticate": ['Digest realm="p", nonce="n", algorithm=SHA-256', 'Digest realm="', ""],
    "Refer-To": ["<sip:c@192.0.2.7>", "<", "mailto:x"],
    "Event": ["refer", "presence", ""],
    "Subscription-State": ["active", "terminated;reason=gone", ""],
    "Content-Type": ["application/sdp", "multipart/mixed;boundary=x", "message/sipfrag", "application/dtmf", "?"],
    "Expires": ["0", "60", "x"],
    "Allow": ["INVITE, UPDATE", ""],
    "Reason": ['SIP;cause=200;text="x', ";", ""],
    "Warning": ['399 x "y"', "399", ""],
    "To": ["<sip:alice@example.com>", "<sip:alice@example.com>;tag=far", "x"],
    "From": ["<sip:alice@example.com>;tag=two", "<"],
    "CSeq": ["1 INVITE", "99999999999 BYE", "x"],
    "Call-ID": ["other", ""],
    "Max-Forwards": ["0", "-1", "x"],
}
BODIES = [
    b"",
    OFFER,
    ANSWER,
    b"SIP/2.0 200 OK\r\n",
    b"\xff\x00",
    b"--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--",
]
CHANGES = st.lists(st.sampled_from([(name, value) for name, values in VALUES.items() for value in values]), max_size=3)
Act = Callable[[ScriptedPeer], None]


SPOILT = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=2)
"""Places and what stands there instead."""


def changed(message: Message, changes: list[tuple[str, str]], spoilt: list[tuple[int, int]]) -> bytes:
    headers = message.headers
    for name, value in changes:
        headers = headers.replaced(name, value)
    data = bytearray(bytes(message.with_headers(headers)))
    for place, byte in spoilt:
        data[place % len(data)] = byte
    return bytes(data)


@st.composite
def responding(draw: st.DrawFn) -> Act:
    """Answer one of our last requests."""
    status, tag = draw(st.sampled_from(STATUSES)), draw(st.sampled_from(("far", "two", "")))
    back, changes, body = draw(st.integers(1, 4)), draw(CHANGES), draw(st.sampled_from(BODIES))
    spoilt = draw(SPOILT)

    def act(peer: ScriptedPeer) -> None:
        requests = [message for message, _ in peer.sent if isinstance(message, Request)]
        if requests:
            fields = [("Contact", "<sip:bob@192.0.2.2>"), ("RSeq", "1"), ("Content-Type", "application/sdp")]
            response = reply(requests[-min(back, len(requests))], status, tag=tag, fields=fields)
            peer.receive(changed(Response(response.headers, body, status), changes, spoilt))

    return act


@st.composite
def asking(draw: st.DrawFn) -> Act:
    """Send a request, in a dialog where there is one."""
    method, own, changes = draw(st.sampled_from(METHODS)), draw(st.booleans()), draw(CHANGES)
    body, seq, spoilt = draw(st.sampled_from(BODIES)), draw(st.integers(0, 60)), draw(SPOILT)

    def act(peer: ScriptedPeer) -> None:
        sent = [message for message, _ in peer.sent if isinstance(message, Request if own else Response)]
        headers = (
            sent[-1].headers if sent else Headers([("From", "<sip:alice@h>;tag=x"), ("To", "<sip:bob@h>;tag=far")])
        )
        ends = (headers.get("To"), headers.get("From"))
        fields = [
            ("Via", f"SIP/2.0/UDP 192.0.2.9;branch={peer.branch() if seq % 5 else 'z9hG4bKsame'}"),
            ("From", ends[0] if own else ends[1]),
            ("To", ends[1] if own else ends[0]),
            ("Call-ID", headers.get("Call-ID", "none")),
            ("CSeq", f"{seq + 90} {method}"),
            ("Contact", "<sip:bob@192.0.2.2>"),
            ("Content-Type", "application/sdp"),
        ]
        peer.receive(changed(Request(Headers(fields), body, method, "sip:alice@192.0.2.1"), changes, spoilt))

    return act


@st.composite
def calling(draw: st.DrawFn) -> Act:
    """Call the user agent."""
    changes, sdp = draw(CHANGES), draw(st.sampled_from([OFFER, None]))

    def act(peer: ScriptedPeer) -> None:
        peer.invite(
            fields=[change for change in changes if change[0] not in ("To", "From", "CSeq", "Call-ID")], sdp=sdp
        )

    return act


@st.composite
def commanding(draw: st.DrawFn) -> Act:
    """Let the user agent do something with one of its calls."""
    which, command = draw(st.integers(0, 3)), draw(st.integers(0, 13))

    def act(peer: ScriptedPeer) -> None:
        agent, t = peer.agent, peer.t
        calls = [event.call for event in peer.seen(IncomingCall)] + peer.handles
        call = calls[-1 - which % len(calls)] if calls else ""
        commands: list[Callable[[], object]] = [
            lambda: peer.call(OFFER),
            lambda: peer.call(None),
            lambda: agent.hang_up(call, t),
            lambda: agent.ring(call, t),
            lambda: agent.ring(call, t, ANSWER),
            lambda: agent.answer(call, ANSWER, t),
            lambda: agent.refuse(call, 486, t),
            lambda: agent.offer(call, HELD, t),
            lambda: agent.accept_offer(call, ANSWER, t),
            lambda: agent.refuse_offer(call, 488, t),
            lambda: agent.info(call, "application/dtmf", b"1", t),
            lambda: agent.refer(call, "sip:carol@192.0.2.3", t),
            lambda: agent.report_transfer(call, 200, "OK", t),
            lambda: agent.register("sip:192.0.2.9", 60, t, to=PROXY),
        ]
        commands[command]()
        peer.collect()

    return act


def waiting(seconds: float) -> Act:
    return lambda peer: peer.advance(seconds)


def repeating(data: bytes) -> Act:
    return lambda peer: peer.receive(data)


ACTS = st.one_of(
    commanding(),
    commanding(),
    responding(),
    responding(),
    asking(),
    asking(),
    calling(),
    st.floats(0, 50).map(waiting),
    st.binary(max_size=80).map(repeating),
)


def kept(peer: ScriptedPeer) -> list[int]:
    """Return how much the user agent keeps of each kind."""
    agent = peer.agent
    core = agent._core
    return [len(each) for each in (agent._calls, agent._by_tag, core.waiting, core.cancelled, core.schedule.alarms)]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(ACTS, min_size=5, max_size=40))
def test_nothing_is_raised_and_nothing_is_left(acts: list[Act]) -> None:
    peer = ScriptedPeer()
    for act in acts:
        act(peer)
    for call in [event.call for event in peer.seen(IncomingCall)] + peer.handles:
        peer.agent.hang_up(call, peer.t)
        peer.agent.refuse_offer(call, 488, peer.t)
    peer.agent.unregister(peer.t)
    peer.advance(2000)
    assert kept(peer) == [0, 0, 0, 0, 0]
    assert peer.agent.deadline is None
    ends = [event.call for event in peer.events if isinstance(event, Refused | Ended | Withdrawn)]
    assert len(ends) == len(set(ends)), "a call ends once"
    assert set(ends) == {event.call for event in peer.seen(IncomingCall)} | set(peer.handles)


def test_a_flood_of_changes_keeps_nothing() -> None:
    peer = ScriptedPeer()
    peer.call(OFFER)
    invite = peer.request("INVITE")
    peer.respond(invite, 200, fields=[("Session-Expires", "1800;refresher=uac")], sdp=ANSWER)
    for _ in range(500):
        body = ("application/sdp", HELD)
        fields = [("Supported", "timer"), ("Session-Expires", "1800;refresher=uac")]
        peer.in_dialog("UPDATE", invite, fields=fields, body=body)
        peer.agent.accept_offer(peer.seen(RemoteOffer)[-1].call, ANSWER, peer.t)
        peer.sent.clear()
    peer.advance(40)
    assert kept(peer) == [1, 1, 0, 0, 1]
    assert not peer.seen(Refused)
