from io import StringIO

import msgspec
import pytest

from dtmfphone.cli.printer import printer
from dtmfphone.dtmf.digits import Reason
from dtmfphone.engine.events import (
    AccountChanged,
    AnyEvent,
    CallChanged,
    CollectorChanged,
    Dialing,
    HoldChanged,
    MediaChanged,
    Sighting,
    SightingRejected,
    SightingRetracted,
    SightingStarted,
    SignallingMessage,
    TransferChanged,
    Utterance,
)

REFUSED = SightingRejected(
    t=1.0,
    call="c",
    leg="ivr",
    direction="received",
    key="5",
    method="inband",
    start=0.9,
    duration=0.022,
    reason="too-short",
    detail="It lasted 22.1 ms; the least is 24.5 ms.",
)
TONE = Sighting(
    t=1.0,
    call="c",
    leg="ivr",
    id="1",
    direction="received",
    key="5",
    method="inband",
    start=0.9,
    duration=0.08,
    verdicts={"att": "pass", "ntt": "twist +6.0 dB (limit +5)"},
)


def printed(*events: AnyEvent, json: bool = False, trace: bool = False) -> str:
    out = StringIO()
    shown = printer(json=json, masked=False, trace=trace, out=out)
    for event in events:
        shown.show(event)
    return out.getvalue()


def test_a_refused_burst_says_why() -> None:
    assert (
        printed(REFUSED)
        == "   1.000  ivr   <- 5  inband   refused: too short. It lasted 22.1 ms; the least is 24.5 ms.\n"
    )


def test_a_dial_string_that_waits_says_for_what() -> None:
    pause = Dialing(t=1.0, call="c", state="waiting", remaining="12", reason="Pauses for 2 s.")
    last = msgspec.structs.replace(pause, remaining="", reason="Waits until the far end has spoken.")
    assert [line.strip() for line in printed(pause, last).splitlines()] == [
        "1.000  dial  pauses for 2 s; then 12",
        "1.000  dial  waits until the far end has spoken",
    ]


@pytest.mark.parametrize("reason", ["speech", "noise"])
def test_what_was_hardly_a_key_is_for_scripts_only(reason: Reason) -> None:
    event = msgspec.structs.replace(REFUSED, reason=reason)
    assert printed(event) == ""
    assert f'"reason":"{reason}"' in printed(event, json=True)


def test_guesses_are_for_scripts_only() -> None:
    guess = SightingStarted(
        t=1.0, call="c", leg="ivr", id="1", direction="received", key="5", method="inband", start=0.9, tentative=True
    )
    gone = SightingRetracted(t=1.0, call="c", leg="ivr", id="1")
    assert printed(guess, gone) == ""
    lines = printed(guess, gone, json=True).splitlines()
    assert ['"key-start"' in lines[0], '"tentative":true' in lines[0], '"key-retracted"' in lines[1]] == [True] * 3


def test_profiles_that_a_key_does_not_keep_to() -> None:
    assert "fails ntt" in printed(TONE)
    assert "fails" not in printed(msgspec.structs.replace(TONE, verdicts={"att": "pass"}))


MESSAGE = SignallingMessage(
    t=1.5,
    direction="sent",
    transport="tcp",
    local="192.0.2.1:40000",
    remote="192.0.2.2:5060",
    summary="BYE sip:bob@192.0.2.2",
    text="BYE sip:bob@192.0.2.2 SIP/2.0\nCSeq: 2 BYE\n\n",
    call="call-1",
)


def test_messages_are_shown_where_a_trace_is_wanted() -> None:
    assert printed(MESSAGE) == printed(MESSAGE, json=True) == ""
    assert printed(MESSAGE, trace=True) == (
        "   1.500  sip   tcp 192.0.2.1:40000 -> 192.0.2.2:5060\n"
        "          BYE sip:bob@192.0.2.2 SIP/2.0\n"
        "          CSeq: 2 BYE\n"
        "          \n"
    )
    assert '"event":"signalling"' in printed(MESSAGE, json=True, trace=True)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (HoldChanged(t=1.0, call="c", here=True), "hold  by us"),
        (
            Utterance(
                t=1.0,
                call="c",
                leg="phone",
                direction="sent",
                text="yes",
                source="espeak-ng",
                start=0.5,
                duration=0.4,
                note="cut short: the call ended",
            ),
            "phone -> “yes”  espeak-ng  400 ms  cut short: the call ended",
        ),
        (
            Utterance(
                t=1.0,
                call="c",
                leg="ivr",
                direction="received",
                text="yes",
                source="parrot",
                start=0.5,
                duration=0.4,
                confidence=0.75,
                keys="1",
                note="to main",
            ),
            "ivr   <- “yes”  parrot  confidence 75%  400 ms  as 1  to main",
        ),
        (
            CollectorChanged(t=1.0, call="c", state="collecting", digits="1", paused="user speaking"),
            "collector collecting: 1, timers wait: user speaking",
        ),
        (HoldChanged(t=1.0, call="c", there=True), "hold  by the far end"),
        (HoldChanged(t=1.0, call="c", here=True, there=True), "hold  by both sides"),
        (HoldChanged(t=1.0, call="c"), "hold  over, the call goes on"),
        (
            TransferChanged(t=1.0, call="c", state="failed", target="sip:carol@example.com", reason="603 Decline"),
            "transfer failed  sip:carol@example.com 603 Decline",
        ),
        (
            AccountChanged(
                t=1.0, account="office", state="registered", address="sip:a@b", contact="sip:a@192.0.2.1", expires=60
            ),
            "account office registered  sip:a@b at sip:a@192.0.2.1 for 60 s",
        ),
        (
            AccountChanged(t=1.0, account="office", state="failed", reason="Wrong password.", remedy="Type it anew."),
            "account office failed  Wrong password. Type it anew.",
        ),
        (
            CallChanged(
                t=1.0,
                call="c",
                leg="phone",
                state="incoming",
                direction="incoming",
                target="sip:bob@example.com",
                account="office",
            ),
            "call  incoming  sip:bob@example.com (account office)",
        ),
        (
            MediaChanged(
                t=1.0,
                call="c",
                leg="phone",
                codec="pcmu",
                clock=8000,
                payload_type=0,
                secure=True,
                method="info",
                method_reason="No events.",
            ),
            "media pcmu (0, 8000 Hz), encrypted, no telephone-event; keys by info  No events.",
        ),
        (
            Sighting(
                t=1.0,
                call="c",
                leg="phone",
                id="1",
                direction="sent",
                key="5",
                method="info",
                start=0.9,
                duration=0.1,
                content_type="application/dtmf-relay",
                status=200,
                note="accepted (200 OK)",
            ),
            "phone -> 5  info     100 ms  application/dtmf-relay  accepted (200 OK)",
        ),
    ],
)
def test_what_sip_brings_is_a_line(event: AnyEvent, line: str) -> None:
    assert printed(event) == f"   1.000  {line}\n"
