"""Dialogs: routes, targets, numbers (RFC 3261 section 12)."""

from dataclasses import replace

import pytest

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.cseq import CSeq
from dtmfphone.sip.dialog import Dialog, contact_uri
from dtmfphone.sip.flow import Flow
from dtmfphone.sip.message import Headers, Request
from dtmfphone.sip.reply import reply

FLOW = Flow("udp", "192.0.2.9", 5060)
INVITE = Request(
    Headers(
        [
            ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx"),
            ("From", '"Alice" <sip:alice@example.com>;tag=a'),
            ("To", "<sip:bob@example.com>"),
            ("Call-ID", "call"),
            ("CSeq", "5 INVITE"),
            ("Contact", "<sip:alice@192.0.2.1>"),
            ("Record-Route", "<sip:p1.example.com;lr>, <sip:p2.example.com;lr>"),
        ]
    ),
    method="INVITE",
    uri="sip:bob@example.com",
)
ANSWER = reply(
    INVITE,
    200,
    tag="b",
    fields=[("Record-Route", "<sip:192.0.2.7;lr>, <sip:192.0.2.8;lr>"), ("Contact", "Bob <sip:bob@192.0.2.2>")],
)


def client() -> Dialog:
    return Dialog.of_client(INVITE, ANSWER, FLOW)


def server() -> Dialog:
    return Dialog.of_server(INVITE, "b", 77, FLOW)


def test_the_two_sides_of_a_dialog() -> None:
    caller, called = client(), server()
    assert caller.routes == ("<sip:192.0.2.8;lr>", "<sip:192.0.2.7;lr>")
    assert called.routes == ("<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>")
    assert (caller.target, called.target) == ("sip:bob@192.0.2.2", "sip:alice@192.0.2.1")
    assert (caller.local, caller.remote) == (called.remote, called.local)
    assert (caller.local.tag, caller.remote.tag) == ("a", "b")


def test_a_request_in_a_dialog() -> None:
    dialog = server()
    request = dialog.request("BYE", dialog.next_seq())
    assert request.uri == "sip:alice@192.0.2.1"
    assert CSeq.of(request) == (78, "BYE")
    assert request.headers.get_all("Route") == dialog.routes
    assert NameAddress.parse(request.headers.get("To")).tag == "a"
    assert dialog.next_hop() == Flow("udp", "p1.example.com", 0)


def test_requests_that_were_overtaken_are_not_in_order() -> None:
    dialog = server()
    numbers = (6, 6, 5, 4, 9, 8)
    requests = [INVITE.with_headers(INVITE.headers.replaced("CSeq", f"{n} INVITE")) for n in numbers]
    assert [dialog.in_order(request) for request in requests] == [True, True, False, False, True, False]


def test_the_target_moves_but_not_to_nowhere() -> None:
    dialog = client()
    moved = Flow("udp", "192.0.2.10", 5060)
    dialog.refresh(ANSWER.with_headers(ANSWER.headers.replaced("Contact", "<sip:bob@192.0.2.3>")), moved)
    assert (dialog.target, dialog.flow) == ("sip:bob@192.0.2.3", moved)
    for contact in ("", "*", "nonsense", "<mailto:bob@example.com>"):
        dialog.refresh(ANSWER.with_headers(ANSWER.headers.replaced("Contact", contact)), moved)
        assert dialog.target == "sip:bob@192.0.2.3"


def test_the_2xx_decides_on_the_routes() -> None:
    dialog = client()
    dialog.confirm(ANSWER.with_headers(ANSWER.headers.without("Record-Route")), FLOW)
    assert dialog.routes == ()
    assert dialog.next_hop() == Flow("udp", "192.0.2.2", 5060)


def test_a_strict_router() -> None:
    dialog = replace(client(), routes=("<sip:192.0.2.8>", "<sip:192.0.2.7;lr>"))
    request = dialog.request("INFO", 6)
    assert request.uri == "sip:192.0.2.8"
    assert request.headers.get_all("Route") == ("<sip:192.0.2.7;lr>", "<sip:bob@192.0.2.2>")


def test_what_cannot_be_reached_itself_is_reached_the_way_it_came() -> None:
    assert replace(client(), routes=(), target="tel:+15551234").next_hop() == FLOW
    assert replace(client(), routes=("<sip:192.0.2.8;transport=ws;lr>",)).next_hop() == FLOW


def test_a_record_route_that_nobody_can_read() -> None:
    with pytest.raises(ValueError, match="address"):
        Dialog.of_client(INVITE, ANSWER.with_headers(ANSWER.headers.replaced("Record-Route", "<x:y>")), FLOW)


def test_the_first_of_several_contacts_counts() -> None:
    contacts = '"One, Two" <sip:one@192.0.2.1>;q=0.1, <sip:two@192.0.2.2>'
    assert contact_uri(INVITE.with_headers(INVITE.headers.replaced("Contact", contacts))) == "sip:one@192.0.2.1"
