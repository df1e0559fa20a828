"""Client transactions: retransmission, time-outs, ACK and CANCEL, by the timers of RFC 3261."""

import pytest
from transaction_bench import THEM, Bench

from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Request
from dtmfphone.sip.transaction_events import Junk, ResponseReceived, TransactionFailed, Transmit

TCP = Flow("tcp", "192.0.2.9", 5060)


def statuses(bench: Bench) -> list[int]:
    return [event.response.status for event in bench.events(ResponseReceived)]


def requests(bench: Bench, method: str) -> list[bytes]:
    return [data for data in bench.sent() if data.startswith(method.encode() + b" ")]


def test_via_is_put_on_top() -> None:
    bench = Bench()
    name = bench.send("OPTIONS")
    via, *_ = bench.last_request().headers
    assert via == ("Via", f"SIP/2.0/UDP 192.0.2.1:5060;branch={name};rport")
    assert name.startswith("z9hG4bK")
    bench.send("OPTIONS", TCP)
    assert bench.last_request().headers.get("Via").startswith("SIP/2.0/TCP ")


def test_an_unanswered_invite_is_repeated_by_timer_a_until_timer_b() -> None:
    bench = Bench()
    name = bench.send("INVITE")
    bench.run(100)
    assert bench.times() == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert len(set(bench.sent())) == 1
    assert bench.events(TransactionFailed) == [TransactionFailed(name, "timeout", "No answer came within 32 seconds.")]
    assert bench.log[-1][0] == 32
    assert bench.layer.deadline is None


def test_an_unanswered_request_is_repeated_by_timer_e_until_timer_f() -> None:
    bench = Bench()
    name = bench.send("BYE")
    bench.run(100)
    assert bench.times() == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert [event.transaction for event in bench.events(TransactionFailed)] == [name]


@pytest.mark.parametrize("method", ["INVITE", "BYE"])
def test_a_reliable_transport_needs_no_repetition(method: str) -> None:
    bench = Bench()
    bench.send(method, TCP)
    bench.run(100)
    assert bench.times() == [0]
    assert len(bench.events(TransactionFailed)) == 1


def test_ringing_may_last_minutes() -> None:
    bench = Bench()
    bench.send("INVITE")
    bench.run(1)
    bench.answer(100)
    bench.answer(180)
    bench.run(300)
    assert bench.times() == [0, 0.5]
    bench.answer(180)
    bench.answer(200)
    assert statuses(bench) == [100, 180, 180, 200]
    assert bench.events(TransactionFailed) == []


def test_every_repeated_200_is_told_of_for_32_seconds() -> None:
    bench = Bench()
    bench.send("INVITE")
    bench.answer(200)
    bench.run(31)
    bench.answer(200, "other-branch")
    bench.answer(180)
    bench.answer(486)
    assert statuses(bench) == [200, 200]
    bench.run(33)
    bench.answer(200)
    assert statuses(bench) == [200, 200]
    assert "belongs to no request" in bench.events(Junk)[0].reason
    assert len(bench.sent()) == 1


def test_a_refusal_is_acknowledged_with_the_same_branch_uri_and_route() -> None:
    bench = Bench()
    name = bench.send("INVITE")
    bench.answer(486)
    ack = bench.last_request()
    assert (ack.method, ack.uri) == ("ACK", "sip:bob@example.com")
    assert ack.headers.get_all("Via") == (f"SIP/2.0/UDP 192.0.2.1:5060;branch={name};rport",)
    assert ack.headers.get("Route") == "<sip:proxy.example.com;lr>"
    assert ack.headers.get("To") == "<sip:bob@example.com>;tag=b1"
    assert ack.headers.get("From") == "<sip:alice@example.com>;tag=a1"
    assert ack.headers.get("CSeq") == "1 ACK"
    assert "Subject" not in ack.headers
    bench.run(20)
    bench.answer(486)
    assert len(requests(bench, "ACK")) == 2
    assert statuses(bench) == [486]
    bench.run(33)
    assert bench.layer.deadline is None


def test_a_200_that_crosses_a_refusal_is_told_of() -> None:
    bench = Bench()
    bench.send("INVITE")
    bench.answer(487)
    bench.answer(200, "late")
    assert statuses(bench) == [487, 200]


def test_a_final_answer_to_other_requests_is_told_of_once() -> None:
    bench = Bench()
    bench.send("BYE")
    bench.answer(100)
    bench.answer(200)
    bench.answer(200)
    assert statuses(bench) == [100, 200]
    assert bench.layer.deadline == 5
    bench.run(6)
    bench.answer(200)
    assert statuses(bench) == [100, 200]


def test_a_request_in_work_is_repeated_every_t2_until_timer_f() -> None:
    bench = Bench()
    bench.send("BYE")
    bench.answer(100)
    bench.run(100)
    assert bench.times() == [0, 0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert len(bench.events(TransactionFailed)) == 1


def test_over_a_reliable_transport_a_final_answer_ends_it() -> None:
    bench = Bench()
    bench.send("BYE", TCP)
    bench.answer(200)
    assert bench.layer.deadline is None
    bench.send("INVITE", TCP)
    bench.answer(404, first=1)
    assert bench.layer.deadline is None
    assert bench.last_request().method == "ACK"


def test_cancel_waits_for_a_provisional_answer() -> None:
    bench = Bench()
    name = bench.send("INVITE")
    bench.layer.cancel(name, bench.t)
    bench.run(1)
    assert requests(bench, "CANCEL") == []
    bench.answer(100)
    cancel = bench.last_request()
    assert (cancel.method, cancel.uri) == ("CANCEL", "sip:bob@example.com")
    assert cancel.headers.get_all("Via") == (f"SIP/2.0/UDP 192.0.2.1:5060;branch={name};rport",)
    assert cancel.headers.get("CSeq") == "1 CANCEL"
    assert cancel.headers.get("Route") == "<sip:proxy.example.com;lr>"
    assert cancel.headers.get("To") == "<sip:bob@example.com>"
    bench.layer.cancel(name, bench.t)
    bench.run(1.6)
    assert len(requests(bench, "CANCEL")) == 2, "repeated by timer E, not begun again"
    place = next(index for index, data in enumerate(bench.sent()) if data.startswith(b"CANCEL"))
    bench.answer(200, first=place)
    bench.answer(487)
    assert statuses(bench) == [100, 487]
    bench.run(100)
    assert bench.events(TransactionFailed) == []
    assert len(requests(bench, "CANCEL")) == 2


def test_a_call_that_is_answered_before_the_cancel_is_not_cancelled() -> None:
    bench = Bench()
    name = bench.send("INVITE")
    bench.layer.cancel(name, bench.t)
    bench.answer(200)
    bench.run(100)
    assert requests(bench, "CANCEL") == []
    assert statuses(bench) == [200]


def test_a_cancelled_call_without_a_final_answer_fails_after_32_seconds() -> None:
    bench = Bench()
    name = bench.send("INVITE")
    bench.answer(180)
    bench.run(10)
    bench.layer.cancel(name, bench.t)
    bench.run(100)
    assert [event.text for event in bench.events(TransactionFailed)] == [
        "The cancelled call was not confirmed within 32 seconds."
    ]
    assert bench.log[-1][0] == 42


def test_cancel_of_something_else_is_harmless() -> None:
    bench = Bench()
    name = bench.send("BYE")
    bench.layer.cancel(name, bench.t)
    bench.layer.cancel("unknown", bench.t)
    assert len(bench.sent()) == 1


def test_the_ack_to_a_200_has_a_branch_of_its_own() -> None:
    bench = Bench()
    name = bench.send("INVITE")
    bench.answer(200)
    asked = bench.last_request()
    ack = Request(asked.headers.without("Via").replaced("CSeq", "1 ACK"), b"", "ACK", "sip:contact@192.0.2.9")
    bench.layer.acknowledge(ack, TCP, "192.0.2.1:5060")
    sent = bench.events(Transmit)[-1]
    assert sent.to == TCP
    assert sent.data.startswith(b"ACK sip:contact@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK")
    assert name.encode() not in sent.data


def test_a_failed_flow_ends_what_waits_on_it() -> None:
    bench = Bench()
    waiting = bench.send("BYE", TCP)
    ringing = bench.send("INVITE", TCP)
    answered = bench.send("INVITE", TCP)
    bench.answer(180, first=1)
    bench.answer(200, first=2)
    elsewhere = bench.send("OPTIONS")
    bench.layer.flow_failed(Flow("tcp", "192.0.2.9", 5060, connection=3), "The connection was closed.")
    failed = bench.events(TransactionFailed)
    assert [event.transaction for event in failed] == [waiting, ringing]
    assert {(event.cause, event.text) for event in failed} == {("transport", "The connection was closed.")}
    assert answered != elsewhere
    bench.layer.flow_failed(THEM, "unreachable")
    assert bench.events(TransactionFailed)[-1].transaction == elsewhere


def test_another_connection_to_the_same_place_is_another_flow() -> None:
    bench = Bench()
    bench.send("BYE", Flow("tcp", "192.0.2.9", 5060, connection=2))
    bench.layer.flow_failed(Flow("tcp", "192.0.2.9", 5060, connection=3), "closed")
    bench.layer.flow_failed(Flow("tcp", "192.0.2.9", 5060), "refused")
    assert bench.events(TransactionFailed) == []


def test_a_late_tick_does_not_send_in_bursts() -> None:
    bench = Bench()
    bench.send("INVITE")
    bench.layer.tick(20)
    assert len(bench.sent()) == 2
