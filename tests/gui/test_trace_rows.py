import pytest
from sip_messages import invite, message, response

from dtmfphone.gui.trace_rows import heading, trace_row


@pytest.mark.parametrize(
    ("status", "label", "tone"),
    [
        ("180 Ringing", "180 Ringing · INVITE", "muted"),
        ("200 OK", "200 OK · INVITE", "good"),
        ("302 Moved Temporarily", "302 Moved Temporarily · INVITE", "accent"),
        ("401 Unauthorized", "401 Unauthorized · INVITE", "warn"),
        ("407 Proxy Authentication Required", "407 Proxy Authentication Required · INVITE", "warn"),
        ("486 Busy Here", "486 Busy Here · INVITE", "bad"),
        ("603", "603 · INVITE", "bad"),
    ],
)
def test_responses(status: str, label: str, tone: str) -> None:
    row = trace_row(response(status))
    assert (row.method, row.status, row.label, row.tone) == ("INVITE", int(status[:3]), label, tone)


def test_a_request_has_the_colour_of_its_direction() -> None:
    row = trace_row(invite())
    assert (row.method, row.status, row.label, row.tone) == ("INVITE", 0, "INVITE bob@192.0.2.1", "sent")
    assert row.spoken == "0:01.000 INVITE bob@192.0.2.1 sent to 192.0.2.1:5060"
    back = trace_row(message("BYE sip:a@b SIP/2.0", "2 BYE", direction="received"), repeated=True)
    assert (back.tone, back.spoken) == ("received", "0:01.000 BYE a@b received from 192.0.2.1:5060, again")


def test_what_is_no_message_shows_its_summary() -> None:
    row = trace_row(message("\x00\x01 rubbish", direction="received"))
    assert (row.method, row.status, row.label) == ("", 0, "\x00\x01 rubbish")


def test_heading() -> None:
    assert heading(invite()) == "0:01.000  UDP  192.0.2.9:5060 → 192.0.2.1:5060"
    assert heading(response("200 OK")) == "0:01.000  UDP  192.0.2.9:5060 ← 192.0.2.1:5060"
