from io import StringIO

import msgspec
import pytest

from dtmfphone.cli.printer import printer
from dtmfphone.dtmf.digits import Reason
from dtmfphone.engine.events import Sighting, SightingRejected, SightingRetracted, SightingStarted

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


def printed(*events: Sighting | SightingRejected | SightingStarted | SightingRetracted, json: bool = False) -> str:
    out = StringIO()
    shown = printer(json=json, masked=False, out=out)
    for event in events:
        shown.show(event)
    return out.getvalue()


def test_a_refused_burst_says_why() -> None:
    assert (
        printed(REFUSED)
        == "   1.000  ivr   <- 5  inband   refused: too short. It lasted 22.1 ms; the least is 24.5 ms.\n"
    )


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
