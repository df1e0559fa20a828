from typing import Any

import msgspec
import pytest

from dtmfphone.engine.events import (
    AnyEvent,
    CollectorChanged,
    Dialing,
    IvrBox,
    IvrGraph,
    IvrStep,
    IvrWay,
    Notice,
    RecordedKey,
    RecordedRejection,
    RecordingEvent,
    Sighting,
    SightingRejected,
    SightingStarted,
    SignallingMessage,
    TransferChanged,
    Utterance,
)
from dtmfphone.engine.masking import mask
from dtmfphone.engine.wire import to_json

CALL: dict[str, Any] = {
    "t": 0.5,
    "call": "c",
    "leg": "phone",
    "direction": "received",
    "key": "7",
    "method": "inband",
    "start": 0.25,
}
FILE: dict[str, Any] = {
    "t": 0.5,
    "file": "a.wav",
    "channel": 0,
    "direction": "received",
    "key": "7",
    "method": "inband",
    "start": 0.25,
}
TONES: dict[str, Any] = {"duration": 0.06, "low_hz": 852.0, "high_hz": 1209.0, "low_deviation": 0.1, "twist_db": 1.0}


def message(rest: str) -> SignallingMessage:
    return SignallingMessage(
        t=0.5,
        direction="sent",
        transport="udp",
        local="192.0.2.1:5060",
        remote="192.0.2.2:5060",
        summary="INFO sip:bob@example.com",
        text=f"INFO sip:bob@example.com SIP/2.0\n{rest}",
    )


@pytest.mark.parametrize(
    "event",
    [
        Sighting(**CALL, **TONES, id="x"),
        Sighting(**CALL | {"method": "info"}, duration=0.06, id="x", content_type="application/dtmf-relay", status=200),
        message("Content-Type: application/dtmf-relay\n\nSignal=7\nDuration=160\n"),
        message("c: application/dtmf\r\n\r\n7"),
        message("Refer-To: <sip:77@example.com>\nContent-Length: 0\n\n"),
        SightingStarted(**CALL, id="x", tentative=True),
        SightingRejected(**CALL, **TONES, reason="twist", detail="High tone 12 dB over the low one."),
        SightingRejected(**CALL, **TONES, reason="frequency", detail="Low tone 852.0 Hz, high tone 1209.0 Hz."),
        RecordedKey(**FILE, **TONES, reported=0.5),
        RecordedRejection(**FILE, **TONES, reported=0.5, reason="frequency", detail="852.0 Hz"),
        CollectorChanged(t=0.5, call="c", state="collecting", digits="7"),
        CollectorChanged(t=0.5, call="c", state="done", digits="77", shadow="LiveKit", result="7 7"),
        Dialing(t=0.5, call="c", state="sending", current="7", remaining="77"),
        IvrStep(t=0.5, call="c", script="s", node="n", action="key", text="7"),
        IvrStep(t=0.5, call="c", script="s", node="n", action="say", text="You pressed 7."),
        IvrStep(t=0.5, call="c", script="s", node="n", action="send", text="77w"),
        IvrStep(t=0.5, call="c", script="s", node="n", action="set", text="pin = 7"),
        IvrStep(t=0.5, call="c", script="s", node="n", action="transfer", text="sip:7@example.com"),
        TransferChanged(t=0.5, call="c", state="asked", target="sip:77@example.com"),
        IvrGraph(
            t=0.5,
            call="c",
            script="s",
            title="s",
            boxes=(IvrBox(node="n", role="do", line="set: 7", text="pin = 7", x=0, y=0, width=0, height=0),),
            ways=(IvrWay(source="n", target="n", label="= 7"),),
        ),
    ],
    ids=lambda event: type(event).__name__,
)
def test_no_digit_is_left(event: AnyEvent | RecordingEvent) -> None:
    hidden = mask(event)
    assert type(hidden) is type(event)
    text = to_json(hidden).decode()
    assert "•" in text
    assert not any(digit in text for digit in ("7", "852", "1209"))


def test_what_gives_no_key_away_stays() -> None:
    refused = mask(SightingRejected(**CALL, **TONES, reason="twist", detail="High tone 12 dB over the low one."))
    assert (refused.detail, refused.twist_db, refused.low_deviation) == ("High tone 12 dB over the low one.", 1.0, 0.1)
    invite = message("Accept: application/dtmf-relay\n\nv=0\nm=audio 4000 RTP/AVP 0\n")
    assert mask(invite) == invite
    relay = mask(message("Content-Type: application/dtmf-relay\n\nSignal= 5\nDuration= 160\n"))
    assert relay.text.endswith("Signal= •\nDuration= 160\n")
    notice = Notice(t=0.0, level="info", text="Press 7.")
    assert mask(notice) is notice


@pytest.mark.parametrize(
    ("action", "text", "hidden"),
    [
        ("say", "You entered: A 9 D. If that is right, press 1.", "You entered: • • •. If that is right, press •."),
        ("say", "You said: office hours. If that is right, say yes.", "You said: • •. If that is right, say yes."),
        ("say", "Sie haben gesagt: Termin. Stimmt das?", "Sie haben gesagt: •. Stimmt das?"),
        ("transfer", "sip:A9@192.0.2.1;transport=tcp", "sip:••@192.0.2.1;transport=tcp"),
        ("transfer", "tel:+4930#", "tel:+•••••"),
    ],
)
def test_what_a_script_makes_of_an_answer_is_hidden(action: Any, text: str, hidden: str) -> None:
    assert mask(IvrStep(t=0.5, call="c", script="s", node="n", action=action, text=text)).text == hidden


def test_words_may_be_digits() -> None:
    said = Utterance(
        t=0.5,
        call="c",
        leg="ivr",
        direction="received",
        text="double five oh",
        source="typed",
        start=0.4,
        keys="550",
        note="550 is too short",
    )
    hidden = mask(said)
    assert (hidden.text, hidden.keys, hidden.note) == ("• • •", "•••", "••• is too short")
    assert mask(msgspec.structs.replace(said, text="")).text == ""
