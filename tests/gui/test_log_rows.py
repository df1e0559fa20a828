import msgspec
import numpy as np
import pytest

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.engine.events import CallChanged, IvrStep, Notice, Sighting, SightingRejected, SightingStarted, Utterance
from dtmfphone.engine.ivr_report import step_event
from dtmfphone.engine.masking import mask
from dtmfphone.gui.log_rows import Column, LogEvent, cell, clock_text, details, log_event, note
from dtmfphone.ivr.script import parse
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import Step

SPEECH: Pcm = np.full(16000, 1000, dtype=np.int16)

EVENT = Sighting(
    t=61.3,
    call="c",
    leg="phone",
    id="1",
    direction="sent",
    key="5",
    method="rfc4733",
    start=61.2345,
    duration=0.1,
    volume=10,
    packets=8,
    end_packets=3,
    ended_by="end-bit",
    press_to_wire=0.0142,
)
TONE = Sighting(
    t=1.0,
    call="c",
    leg="ivr",
    id="2",
    direction="received",
    key="#",
    method="inband",
    start=0.9,
    duration=0.0856,
    low_hz=941.24,
    high_hz=1476.9,
    low_dbm0=-11.26,
    high_dbm0=-9.0,
    twist_db=2.26,
    snr_db=31.4,
)
STARTED = SightingStarted(
    t=1.0, call="c", leg="phone", id="3", direction="received", key="A", method="inband", start=0.9
)
REFUSED = SightingRejected(
    t=1.0,
    call="c",
    leg="phone",
    direction="received",
    key="5",
    method="inband",
    start=0.9,
    duration=0.022,
    low_hz=771.5,
    high_hz=1336.0,
    low_deviation=0.195,
    high_deviation=-0.001,
    low_dbm0=-10.0,
    high_dbm0=-12.0,
    twist_db=-2.0,
    snr_db=30.0,
    reason="too-short",
    detail="22 ms, 40 ms is the least.",
)
CALLING = CallChanged(t=1.0, call="c", leg="phone", state="calling", target="builtin:pin")
FAILED = CallChanged(t=1.0, call="c", leg="phone", state="failed", reason="Refused.")
SAYS = IvrStep(t=2.0, call="c", script="s", node="menu", action="say", text="Press 1.")
ENTERS = IvrStep(t=2.0, call="c", script="s", node="menu", action="enter")
NO_CHOICE = IvrStep(t=2.0, call="c", script="s", node="menu", action="key", text="7", note="no such choice")

HEARD = Utterance(
    t=3.0,
    call="c",
    leg="ivr",
    direction="received",
    text="yes",
    source="pocketsphinx",
    start=2.25,
    duration=0.5,
    confidence=0.714,
    keys="1",
)
TYPED = msgspec.structs.replace(HEARD, source="typed", confidence=None, keys="", duration=0.0, note="no such choice")


@pytest.mark.parametrize(
    ("event", "cells"),
    [
        (
            EVENT,
            ["1:01.234", "Phone", "↑ sent", "RFC 4733", "5", "100", "-10", "", "8 packets, 3 ends · 14 ms to wire"],
        ),
        (
            TONE,
            [
                "0:00.900",
                "IVR",
                "↓ received",
                "In-band",
                "#",
                "86",
                "-11.3 / -9.0",
                "+2.3",
                "941.2 + 1476.9 Hz · S/N 31 dB",
            ],
        ),
        (STARTED, ["0:00.900", "Phone", "↓ received", "In-band", "A", "…", "", "", ""]),
        (
            REFUSED,
            [
                "0:00.900",
                "Phone",
                "↓ received",
                "In-band",
                "5",
                "22",
                "-10.0 / -12.0",
                "-2.0",
                "refused: too short · 22 ms, 40 ms is the least",
            ],
        ),
        (CALLING, ["0:01.000", "Phone", "", "call", "", "", "", "", "Calling: builtin:pin"]),
        (FAILED, ["0:01.000", "Phone", "", "call", "", "", "", "", "Call failed. Refused"]),
        (SAYS, ["0:02.000", "IVR", "", "speech", "", "", "", "", "“Press 1.”"]),
        (ENTERS, ["0:02.000", "IVR", "", "", "", "", "", "", "enters menu"]),
        (NO_CHOICE, ["0:02.000", "IVR", "", "", "7", "", "", "", "no such choice"]),
        (
            HEARD,
            ["0:02.250", "IVR", "↓ received", "speech", "", "500", "", "", "“yes” → 1 · pocketsphinx · 0.71"],
        ),
        (TYPED, ["0:02.250", "IVR", "↓ received", "typed", "", "", "", "", "“yes” · no such choice"]),
        (
            msgspec.structs.replace(HEARD, text="", keys="", confidence=None),
            ["0:02.250", "IVR", "↓ received", "speech", "", "500", "", "", "not understood · pocketsphinx"],
        ),
    ],
    ids=[
        "event",
        "tone",
        "started",
        "refused",
        "calling",
        "failed",
        "says",
        "enters",
        "no-choice",
        "heard",
        "typed",
        "unheard",
    ],
)
def test_cells(event: LogEvent, cells: list[str]) -> None:
    assert [cell(event, column) for column in Column] == cells


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"lost_packets": 2}, "2 lost"),
        ({"marker": False}, "no marker"),
        ({"ended_by": "time-out"}, "ended by time-out"),
        ({"note": "doubled"}, "doubled"),
        ({"packets": 1, "end_packets": 1}, "1 packet, 1 end"),
        ({"verdicts": {"att": "pass", "ntt": "twist +6.0 dB (limit +5)"}}, "fails ntt"),
    ],
)
def test_oddities_are_noted(facts: dict[str, object], words: str) -> None:
    bare = Sighting(
        t=0.0, call="c", leg="phone", id="1", direction="sent", key="5", method="rfc4733", start=0.0, duration=0.1
    )
    event = msgspec.structs.replace(bare, **facts)
    assert cell(event, Column.NOTE) == words


def test_details_of_a_key() -> None:
    event = msgspec.structs.replace(
        TONE,
        low_deviation=0.0255,
        high_deviation=-0.0068,
        pause=0.07,
        verdicts={"att": "pass", "etsi": "pass", "ntt": "twist +6.0 dB (limit +5)"},
        note="late",
    )
    assert details(event).splitlines() == [
        "Low tone 941.24 Hz, +0.03 % off, -11.3 dBm0",
        "High tone 1476.90 Hz, -0.01 % off, -9.0 dBm0",
        "Twist +2.3 dB",
        "S/N 31.4 dB",
        "After a pause of 70 ms",
        "Passes att, etsi",
        "Fails ntt: twist +6.0 dB (limit +5)",
        "late",
    ]


def test_details_of_a_refused_burst() -> None:
    lines = details(REFUSED).splitlines()
    assert lines[:2] == [
        "refused: too short · 22 ms, 40 ms is the least",
        "Low tone 771.50 Hz, +0.20 % off, -10.0 dBm0",
    ]
    assert details(EVENT) == details(CALLING) == ""


def test_what_has_no_row() -> None:
    assert log_event(msgspec.structs.replace(STARTED, tentative=True)) is None
    assert log_event(Notice(t=0.0, level="info", text="x")) is None
    assert log_event(IvrStep(t=0.0, call="c", script="s", node="n", action="said")) is None


@pytest.mark.parametrize(
    ("action", "text", "why", "words"),
    [
        ("send", "42#", "", "sends 42#"),
        ("set", "pin = 1234", "", "sets pin = 1234"),
        ("record", "start", "", "recording: start"),
        ("record", "start", "no consent: nothing is recorded", "recording: start, no consent: nothing is recorded"),
        ("transfer", "sip:desk@example.com", "", "transfers the call to sip:desk@example.com"),
    ],
)
def test_what_a_script_does(action: str, text: str, why: str, words: str) -> None:
    step = msgspec.structs.replace(SAYS, action=action, text=text, note=why)
    assert log_event(step) is step
    assert note(step) == words
    assert not any(digit in note(mask(step)) for digit in "1234#")


SCRIPT = """
title: T
start: main
nodes:
  main:
    menu: Press 1.
    keys: {"1": pin}
    invalid: {say: Sorry., next: end}
    time_out: {say: Sorry., next: end}
  pin:
    collect: Your PIN.
    variable: pin
    max_digits: 2
    invalid: {say: Sorry., next: end}
    time_out: {say: Sorry., next: end}
    next: last
  last: {say: The end., barge_in: false, next: end}
  end: {hang_up: Bye.}
"""


def test_a_script_tells_why_a_key_came_to_nothing() -> None:
    """A key that did what its sighting and the next step tell has no row."""
    session = IvrSession(parse(SCRIPT), lambda _text: SPEECH)
    steps = session.start(0.0)
    for t, key in enumerate("5145#9", 1):
        steps += session.key(key, 0.1 * t)
    events = [step_event("c", "s", step) for step in steps if isinstance(step, Step) and step.action == "key"]
    rows = [row for event in events if (row := log_event(event)) is not None]
    assert len(events) == 6
    assert [(cell(row, Column.KEY), cell(row, Column.NOTE)) for row in rows] == [
        ("5", "no such choice"),
        ("#", "belated stop key, ignored"),
        ("9", "not while this is said"),
    ]


@pytest.mark.parametrize(
    ("t", "text"), [(0.0, "0:00.000"), (59.9996, "1:00.000"), (3600.5, "60:00.500"), (-0.25, "-0:00.250")]
)
def test_clock(t: float, text: str) -> None:
    assert clock_text(t) == text


@pytest.mark.parametrize(
    ("direction", "status", "said"),
    [
        ("sent", 200, "accepted (200) · application/dtmf-relay · 14 ms to wire"),
        ("sent", 415, "refused (415) · application/dtmf-relay · 14 ms to wire"),
        ("sent", None, "no answer · application/dtmf-relay · 14 ms to wire"),
        ("received", None, "application/dtmf-relay · 14 ms to wire"),
    ],
)
def test_a_200_to_info_is_an_acceptance_and_no_more(direction: str, status: int | None, said: str) -> None:
    changes = {"direction": direction, "status": status, "content_type": "application/dtmf-relay"}
    nothing = {"packets": None, "end_packets": None, "ended_by": None, "volume": None}
    event = msgspec.structs.replace(EVENT, method="info", **changes, **nothing)
    assert cell(event, Column.METHOD) == "SIP INFO"
    assert cell(event, Column.NOTE) == said
