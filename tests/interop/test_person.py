"""A person's session: the real window on an X server, real clicks, holds and key presses."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from person import Window, keys, window_on_a_screen

pytestmark = pytest.mark.interop


@pytest.fixture(params=["dark", "light"])
def window(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Window]:
    with window_on_a_screen(request.param, tmp_path) as window:
        yield window


def test_a_person_calls_clicks_holds_types_and_hangs_up(window: Window, tmp_path: Path) -> None:
    window.wait_for("the engine's start", lambda log: any(e["event"] == "started" for e in log))
    time.sleep(1.5)  # the analyzer comes after the first paint and moves nothing, but let it
    where = window.ask("where")
    window.picture(tmp_path, "1-idle")
    window.screen.click(where["call"])
    window.wait_for("the call", lambda log: [e for e in log if e["event"] == "call" and e["state"] == "up"])
    window.wait_for("the greeting", lambda log: [e for e in log if e["event"] == "ivr" and e["action"] == "say"])

    window.screen.click(where["key 2"])
    window.wait_for(
        "the answer to 2",
        lambda log: [e for e in log if e["event"] == "ivr" and e["action"] == "say" and "open" in e.get("text", "")],
    )
    window.picture(tmp_path, "2-clicked")

    window.screen.click(where["key 4"], hold=0.6)
    held = window.wait_for("the held key", lambda log: [e for e in keys(log, "ivr", "received") if e["key"] == "4"])[0]
    assert 0.5 <= held["duration"] <= 0.85

    for name in ("4", "0", "KP_7", "1"):
        window.screen.do("key", name)
        time.sleep(0.15)
    window.wait_for(
        "the patient's number",
        lambda log: [
            e for e in log if e["event"] == "collector" and e["state"] == "done" and e.get("digits") == "4071"
        ],
    )
    window.picture(tmp_path, "3-typed")
    window.screen.do("key", "numbersign")
    got = window.wait_for(
        "all keys", lambda log: len(keys(log, "ivr", "received")) >= 7 and keys(log, "ivr", "received")
    )
    assert [e["key"] for e in got] == list("244071#")
    sent = keys(window.ask("log"), "phone", "sent")
    assert [e["key"] for e in sent] == list("244071#")
    assert all(e["method"] == "rfc4733" and e["end_packets"] == 3 for e in sent)

    window.screen.click(where["dial"])
    window.screen.do("type", "--delay", "40", "12*,3")
    window.screen.do("key", "Return")
    window.wait_for("the dial string", lambda log: [e["key"] for e in keys(log, "phone", "sent")][-4:] == list("12*3"))
    window.picture(tmp_path, "4-dialled")
    window.screen.click(where["call"])
    window.wait_for("the end", lambda log: [e for e in log if e["event"] == "call" and e["state"] == "ended"])
    time.sleep(0.3)
    window.picture(tmp_path, "5-ended")
