"""A person at the dental reception: consent, a menu, the patient number typed by clicks, read back and confirmed."""

import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from person import Window, keys, window_on_a_screen

pytestmark = pytest.mark.interop

Events = list[dict[str, Any]]
NUMBER = "4071"
RECORDED = "recorded with the caller's consent, to "


@pytest.fixture(params=["dark", "light"])
def window(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Window]:
    with window_on_a_screen(request.param, tmp_path) as window:
        yield window


def steps(log: Events, action: str, node: str) -> Events:
    return [e for e in log if e["event"] == "ivr" and e["action"] == action and e["node"] == node]


def wait_said(window: Window, node: str) -> str:
    """Wait until the IVR begins to speak at a node; return what it says."""
    return str(window.wait_for(f"the words at {node}", lambda log: steps(log, "say", node))[-1]["text"])


def wait_collected(window: Window, digits: str) -> dict[str, Any]:
    """Wait until the IVR's own collector holds these digits."""
    return dict(
        window.wait_for(
            f"the digits {digits}",
            lambda log: [
                e for e in log if e["event"] == "collector" and not e.get("shadow") and e.get("digits") == digits
            ],
        )[0]
    )


def test_a_patient_is_found_by_clicks(window: Window, tmp_path: Path) -> None:
    window.wait_for("the engine's start", lambda log: any(e["event"] == "started" for e in log))
    time.sleep(1.5)  # the analyzer comes after the first paint and moves nothing, but let it
    where = window.ask("where")
    click = window.screen.click
    click(where["target"])
    window.screen.do("key", "ctrl+a")
    window.screen.do("type", "--delay", "30", "builtin:dental")
    window.picture(tmp_path, "dental-1-target")
    click(where["call"])

    wait_said(window, "welcome")
    assert "press 1" in wait_said(window, "consent.ask")
    window.picture(tmp_path, "dental-2-consent")
    click(where["key 1"])
    wait_said(window, "main")
    log = window.ask("log")
    (record,) = steps(log, "record", "record")
    assert record["text"] == "start"
    (recorded,) = [e["text"] for e in log if e["event"] == "notice" and RECORDED in e["text"]]
    window.picture(tmp_path, "dental-3-menu")
    click(where["key 1"])

    assert "four digit patient number" in wait_said(window, "patient.ask")
    for count, key in enumerate(NUMBER, 1):
        click(where[f"key {key}"])
        wait_collected(window, NUMBER[:count])
        if count == 2:
            window.picture(tmp_path, "dental-4-digits")
            assert any("4 digits, then #" in words for words in window.ask("collector"))
    click(where["key #"])
    assert wait_collected(window, NUMBER)["state"] == "done"
    said = wait_said(window, "patient.check")
    assert said.startswith("You entered: 4 0 7 1.")
    window.wait_for(
        "the belated stop key",
        lambda log: [e for e in steps(log, "key", "patient.check") if e["text"] == "#" and "ignored" in e["note"]],
    )
    window.picture(tmp_path, "dental-5-read-back")
    window.wait_for("the end of the read-back", lambda log: steps(log, "said", "patient.check"))
    click(where["key 1"])
    assert wait_said(window, "appointment").startswith("We have found your file.")
    window.picture(tmp_path, "dental-6-found")

    log = window.ask("log")
    entered = [e["node"] for e in log if e["event"] == "ivr" and e["action"] == "enter"]
    assert entered == [
        "welcome",
        "consent",
        "consent.ask",
        "consent.given",
        "record",
        "recorded",
        "main",
        "patient",
        "patient.ask",
        "patient.check",
        "patient.known",
        "appointment",
    ]
    assert [e["key"] for e in keys(log, "ivr", "received")] == list("114071#1")
    click(where["call"])
    window.wait_for(
        "the end", lambda log: [e for e in log if e["event"] == "call" and e["leg"] == "ivr" and e["state"] == "ended"]
    )
    time.sleep(0.3)
    window.picture(tmp_path, "dental-7-ended")
    assert_read_back_is_in(Path(recorded.partition(RECORDED)[2]), log)


def assert_read_back_is_in(path: Path, log: Events) -> None:
    """The recording of both sides has the IVR's voice, on the right, as long as the read-back took."""
    begin = steps(log, "say", "patient.check")[0]["t"]
    end = steps(log, "said", "patient.check")[0]["t"]
    with wave.open(str(path)) as file:
        stereo = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        began = begin - steps(log, "record", "record")[0]["t"]
        part = slice(round(began * file.getframerate()), round((began + end - begin) * file.getframerate()))
    voice = stereo[part, 1].astype(float)
    assert end - begin > 3.0, "four digits and a question take a while"
    assert np.sqrt(np.mean(voice**2)) > 200
