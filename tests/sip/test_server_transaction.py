"""Server transactions: repeated requests, answers until they are safe, and where answers go."""

import pytest
from sip_samples import INVITE, OPTIONS
from transaction_bench import THEM, Bench

from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request
from dtmfphone.sip.reply import reply
from dtmfphone.sip.transaction_events import (
    CancelReceived,
    Junk,
    RequestReceived,
    ServerTransactionFailed,
    Transmit,
)
from dtmfphone.sip.transactions import MAX_SERVER_TRANSACTIONS

TCP = Flow("tcp", "192.0.2.9", 40000, connection=7)
ACK = INVITE.replace(b"INVITE", b"ACK")
CANCEL = INVITE.replace(b"INVITE", b"CANCEL")


def incoming(bench: Bench, data: bytes = INVITE, flow: Flow = THEM) -> tuple[str, Request]:
    bench.receive(data, flow)
    event = bench.events(RequestReceived)[-1]
    assert event.transaction is not None
    return event.transaction, event.request


def respond(bench: Bench, name: str, request: Request, status: int) -> None:
    bench.layer.respond(name, reply(request, status, tag="b1"), bench.t)


def test_a_repeated_invite_is_answered_with_what_was_answered_last() -> None:
    bench = Bench()
    name, request = incoming(bench)
    bench.receive(INVITE)
    assert bench.sent() == []
    respond(bench, name, request, 180)
    bench.receive(INVITE)
    assert len(bench.sent()) == 2
    assert len(set(bench.sent())) == 1
    assert len(bench.events(RequestReceived)) == 1


def test_an_invite_without_an_answer_is_answered_with_100_after_200_ms() -> None:
    bench = Bench()
    incoming(bench)
    bench.run(60)
    assert bench.times() == [0.2]
    response = bench.last_response()
    assert response.status == 100
    assert response.headers.get("To") == "<sip:bob@example.com>"


def test_a_refusal_is_repeated_by_timer_g_until_the_ack() -> None:
    bench = Bench()
    name, request = incoming(bench)
    respond(bench, name, request, 486)
    bench.run(6)
    assert bench.times() == [0, 0.5, 1.5, 3.5]
    bench.receive(INVITE)
    assert bench.times()[-1] == 6
    bench.receive(ACK)
    bench.receive(ACK)
    bench.receive(INVITE)
    bench.run(10.9)
    assert len(bench.times()) == 5
    assert bench.layer.deadline == pytest.approx(11)
    bench.run(12)
    assert bench.layer.deadline is None
    assert len(bench.events(RequestReceived)) == 1, "the ACK is not for the user agent"


def test_a_refusal_that_is_never_acknowledged_fails_by_timer_h() -> None:
    bench = Bench()
    name, request = incoming(bench)
    respond(bench, name, request, 486)
    bench.run(100)
    assert bench.times() == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    failed = bench.events(ServerTransactionFailed)
    assert [(event.transaction, event.cause) for event in failed] == [(name, "timeout")]
    assert bench.layer.deadline is None


def test_a_200_is_repeated_by_the_user_agent_and_its_ack_is_told_of() -> None:
    bench = Bench()
    name, request = incoming(bench)
    respond(bench, name, request, 200)
    bench.receive(INVITE)
    bench.run(5)
    assert bench.times() == [0]
    respond(bench, name, request, 200)
    respond(bench, name, request, 486)
    assert bench.times() == [0, 5]
    bench.receive(ACK.replace(b"z9hG4bKabc", b"z9hG4bKown"))
    bench.receive(ACK)
    acks = bench.events(RequestReceived)[1:]
    assert [(event.request.method, event.transaction) for event in acks] == [("ACK", None)] * 2
    bench.run(33)
    assert bench.layer.deadline is None
    respond(bench, name, request, 200)
    assert bench.times() == [0, 5]


def test_other_requests_are_answered_once_and_repeated_for_timer_j() -> None:
    bench = Bench()
    name, request = incoming(bench, OPTIONS)
    bench.receive(OPTIONS)
    assert bench.sent() == []
    respond(bench, name, request, 200)
    respond(bench, name, request, 500)
    bench.run(31)
    bench.receive(OPTIONS)
    assert bench.times() == [0, 31]
    bench.run(33)
    assert bench.layer.deadline is None


def test_over_a_reliable_transport_nothing_is_repeated() -> None:
    bench = Bench()
    name, request = incoming(bench, flow=TCP)
    respond(bench, name, request, 486)
    bench.run(10)
    assert bench.times() == [0]
    bench.receive(ACK, TCP)
    assert bench.layer.deadline is None
    name, request = incoming(bench, OPTIONS, TCP)
    respond(bench, name, request, 200)
    assert bench.layer.deadline is None


def test_cancel_is_answered_and_told_of_once() -> None:
    bench = Bench()
    name, request = incoming(bench)
    respond(bench, name, request, 180)
    bench.receive(CANCEL)
    bench.receive(CANCEL)
    assert [event.transaction for event in bench.events(CancelReceived)] == [name]
    response = bench.last_response()
    assert (response.status, response.headers.get("CSeq")) == (200, "7 CANCEL")
    respond(bench, name, request, 487)
    assert bench.last_response().status == 487


def test_cancel_of_a_call_that_is_answered_changes_nothing() -> None:
    bench = Bench()
    name, request = incoming(bench)
    respond(bench, name, request, 200)
    bench.receive(CANCEL)
    assert bench.last_response().status == 200
    assert bench.events(CancelReceived) == []


def test_cancel_of_nothing() -> None:
    bench = Bench()
    bench.receive(CANCEL)
    response = bench.last_response()
    assert response.status == 481
    assert ";tag=" in response.headers.get("To")


def test_via_says_where_a_request_came_from() -> None:
    bench = Bench()
    _, request = incoming(bench, flow=Flow("udp", "203.0.113.5", 61000))
    assert request.headers.get("Via") == (
        "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport=61000;received=203.0.113.5"
    )


def test_only_the_topmost_via_is_changed() -> None:
    bench = Bench()
    two = INVITE.replace(
        b"SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport",
        b"SIP/2.0/UDP h;branch=z9hG4bKp;received=9.9.9.9, SIP/2.0/TCP x;y",
    )
    name, request = incoming(bench, two.replace(b"Max-", b"Via: SIP/2.0/TLS z\r\nMax-"))
    assert request.headers.get_all("Via") == (
        "SIP/2.0/UDP h;branch=z9hG4bKp;received=192.0.2.9",
        "SIP/2.0/TCP x;y",
        "SIP/2.0/TLS z",
    )
    respond(bench, name, request, 200)
    assert bench.last_response().headers.get_all("Via") == request.headers.get_all("Via")


@pytest.mark.parametrize(
    ("via", "source", "way"),
    [
        (b"UDP 192.0.2.9:5070;rport", THEM, THEM),
        (b"UDP 10.0.0.1:5070;rport", Flow("udp", "203.0.113.5", 61000), Flow("udp", "203.0.113.5", 61000)),
        (b"UDP 10.0.0.1:5075", Flow("udp", "203.0.113.5", 61000), Flow("udp", "203.0.113.5", 5075)),
        (b"UDP pc.example.com", Flow("udp", "203.0.113.5", 61000), Flow("udp", "203.0.113.5", 5060)),
        (b"UDP [2001:db8::1];rport", Flow("udp", "2001:db8::1", 61000), Flow("udp", "2001:db8::1", 61000)),
        (b"TCP 10.0.0.1:5075", TCP, TCP),
    ],
)
def test_the_way_back(via: bytes, source: Flow, way: Flow) -> None:
    bench = Bench()
    name, request = incoming(
        bench, INVITE.replace(b"UDP 192.0.2.9:5070;branch=z9hG4bKabc;rport", via + b";branch=z9hG4bKabc"), source
    )
    respond(bench, name, request, 200)
    assert bench.events(Transmit)[-1].to == way


def test_an_answer_finds_another_way_when_the_connection_is_closed() -> None:
    bench = Bench()
    name, request = incoming(bench, INVITE.replace(b"UDP", b"TCP"), TCP)
    bench.layer.flow_failed(TCP, "closed")
    respond(bench, name, request, 200)
    back = Flow("tcp", "192.0.2.9", 5070)
    assert bench.events(Transmit)[-1].to == back
    bench.layer.flow_failed(back, "refused")
    failed = bench.events(ServerTransactionFailed)
    assert [(event.transaction, event.cause, event.text) for event in failed] == [(name, "transport", "refused")]


def test_a_sender_without_the_magic_branch_is_understood() -> None:
    bench = Bench()
    old = [data.replace(b";branch=z9hG4bKabc", b"") for data in (INVITE, CANCEL, ACK)]
    name, request = incoming(bench, old[0])
    bench.receive(old[0])
    bench.receive(old[1])
    assert [event.transaction for event in bench.events(CancelReceived)] == [name]
    respond(bench, name, request, 487)
    bench.receive(old[2].replace(b"To: <sip:bob@example.com>", b"To: <sip:bob@example.com>;tag=b1"))
    bench.run(10)
    assert bench.layer.deadline is None
    assert len(bench.events(RequestReceived)) == 1
    bench.receive(old[0].replace(b"7 INVITE", b"8 INVITE"))
    assert len(bench.events(RequestReceived)) == 2


def test_copies_of_a_forked_request_are_refused() -> None:
    bench = Bench()
    incoming(bench)
    bench.receive(INVITE.replace(b"z9hG4bKabc", b"z9hG4bKother"))
    assert bench.last_response().status == 482
    assert len(bench.events(RequestReceived)) == 1
    inside = INVITE.replace(b"z9hG4bKabc", b"z9hG4bKthird").replace(
        b"<sip:bob@example.com>", b"<sip:bob@example.com>;tag=b"
    )
    bench.receive(inside)
    assert len(bench.events(RequestReceived)) == 2


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"CSeq: 7 INVITE", b"CSeq: 7 BYE", 400),
        (b"Call-ID: call-1@192.0.2.9\r\n", b"", 400),
        (b"To: <sip:bob@example.com>", b"To: <<<", 400),
        (b"Content-Length: 0", b"Content-Length: 10", 400),
        (b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia", 505),
    ],
)
def test_bad_requests_are_refused_and_shown(old: bytes, new: bytes, status: int) -> None:
    bench = Bench()
    bench.receive(INVITE.replace(old, new), Flow("udp", "203.0.113.5", 61000))
    sent = bench.events(Transmit)[-1]
    assert sent.to == Flow("udp", "203.0.113.5", 61000)
    assert sent.data.startswith(f"SIP/2.0 {status} ".encode())
    assert b"received=203.0.113.5" in sent.data
    assert len(bench.events(Junk)) == 1
    assert bench.events(RequestReceived) == []


def test_a_bad_ack_is_never_answered() -> None:
    bench = Bench()
    bench.receive(ACK.replace(b"7 ACK", b"7 INVITE"))
    assert bench.sent() == []
    assert len(bench.events(Junk)) == 1


def test_junk_is_shown_and_keep_alives_are_not() -> None:
    bench = Bench()
    for data in (b"\r\n\r\n", b"\0", b""):
        bench.receive(data)
    assert bench.log == []
    bench.receive(b"noise")
    assert bench.events(Junk) == [
        Junk(b"noise", THEM, "The first line is neither that of a request nor that of a response.")
    ]


def test_memory_is_bounded() -> None:
    bench = Bench()
    for number in range(MAX_SERVER_TRANSACTIONS + 5):
        bench.receive(OPTIONS.replace(b"bKopt", b"bK%d" % number).replace(b"call-2", b"c%d" % number))
    assert len(bench.events(RequestReceived)) == MAX_SERVER_TRANSACTIONS
    assert {data.split(b"\r\n")[0] for data in bench.sent()} == {b"SIP/2.0 503 Service Unavailable"}
    within = OPTIONS.replace(b"bKopt", b"bKin").replace(b"call-2", b"up").replace(b"com>\r", b"com>;tag=b1\r")
    incoming(bench, within)
    assert len(bench.events(RequestReceived)) == MAX_SERVER_TRANSACTIONS + 1, "a request within a dialog gets in"
    for event in bench.events(RequestReceived)[:2]:
        assert event.transaction is not None
        respond(bench, event.transaction, event.request, 200)
    bench.receive(OPTIONS)
    bench.receive(OPTIONS.replace(b"bKopt", b"bKlast").replace(b"call-2", b"last"))
    assert len(bench.events(RequestReceived)) == MAX_SERVER_TRANSACTIONS + 3
