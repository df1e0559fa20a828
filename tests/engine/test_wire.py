import json

import pytest

from dtmfphone.engine.events import AnyEvent, Sighting, SightingRejected, SightingRetracted, SightingStarted
from dtmfphone.engine.wire import decode_events, encode, event_from_json, to_json

EVENTS: list[AnyEvent] = [
    SightingStarted(
        t=1.0, call="c", leg="ivr", id="1", direction="received", key="5", method="inband", start=0.9, tentative=True
    ),
    SightingRetracted(t=1.1, call="c", leg="ivr", id="1"),
    SightingRejected(
        t=1.1,
        call="c",
        leg="ivr",
        direction="received",
        key="5",
        method="inband",
        start=0.9,
        duration=0.022,
        low_hz=770.0,
        low_deviation=0.0,
        reason="too-short",
        detail="22 ms, 40 ms is the least.",
    ),
    Sighting(
        t=1.0,
        call="c",
        leg="ivr",
        id="2",
        direction="received",
        key="5",
        method="inband",
        start=0.9,
        duration=0.08,
        pause=0.07,
        verdicts={"att": "pass", "ntt": "twist +6.0 dB (limit +5)"},
    ),
]


def test_the_window_gets_what_the_engine_said() -> None:
    assert decode_events(encode(EVENTS)) == EVENTS


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_json_reads_back(event: AnyEvent) -> None:
    assert event_from_json(to_json(event)) == event


def test_what_is_not_known_is_absent() -> None:
    line = json.loads(to_json(EVENTS[3]))
    assert line["event"] == "key"
    assert not {"low_hz", "snr_db", "packets", "note"} & set(line)
