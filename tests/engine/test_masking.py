from typing import Any

import pytest

from dtmfphone.engine.events import (
    AnyEvent,
    CollectorChanged,
    Dialing,
    IvrStep,
    Notice,
    RecordedKey,
    RecordedRejection,
    RecordingEvent,
    Sighting,
    SightingRejected,
    SightingStarted,
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


@pytest.mark.parametrize(
    "event",
    [
        Sighting(**CALL, **TONES, id="x"),
        SightingStarted(**CALL, id="x", tentative=True),
        SightingRejected(**CALL, **TONES, reason="twist", detail="High tone 12 dB over the low one."),
        SightingRejected(**CALL, **TONES, reason="frequency", detail="Low tone 852.0 Hz, high tone 1209.0 Hz."),
        RecordedKey(**FILE, **TONES, reported=0.5),
        RecordedRejection(**FILE, **TONES, reported=0.5, reason="frequency", detail="852.0 Hz"),
        CollectorChanged(t=0.5, call="c", state="collecting", digits="7"),
        Dialing(t=0.5, call="c", state="sending", current="7", remaining="77"),
        IvrStep(t=0.5, call="c", script="s", node="n", action="key", text="7"),
        IvrStep(t=0.5, call="c", script="s", node="n", action="say", text="You pressed 7."),
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
    notice = Notice(t=0.0, level="info", text="Press 7.")
    assert mask(notice) is notice
