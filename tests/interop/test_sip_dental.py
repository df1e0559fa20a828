"""baresip at the dental reception: consent, menu, patient number, read-back, and the IVR's goodbye."""

from pathlib import Path

import av
import numpy as np
import pytest
from baresip import baresip
from free_port import free_port
from terminal import Terminal, dtmfphone

pytestmark = pytest.mark.interop

WALK = (
    ("consent.ask", "1"),
    ("main", "1"),
    ("patient.ask", "4071#"),
    ("patient.check", "1"),
    ("appointment", "*"),
    ("main", "#"),
)
"""Where the caller waits for the question, and what it presses then."""


async def said(terminal: Terminal, node: str, *, visit: int = 1) -> str:
    """Wait until the IVR speaks at a node, in its so many-th visit; return what it says."""
    found = await terminal.wait_for(
        "ivr", action="say", node=node, when=lambda _: len(terminal.of("ivr", action="say", node=node)) >= visit
    )
    return str(found["text"])


async def test_a_sip_phone_goes_through_the_dental_reception(tmp_path: Path) -> None:
    port = free_port()
    async with (
        dtmfphone("serve", "--sip", f"127.0.0.1:{port}", "--ivr", "dental") as terminal,
        baresip(tmp_path, {"patient": ";audio_codecs=PCMU"}) as phone,
    ):
        await terminal.wait_for("server", state="listening")
        await phone.dial("patient", f"sip:dentist@127.0.0.1:{port}")
        await phone.wait_for("CALL_ESTABLISHED", "patient")
        visits: dict[str, int] = {}
        for node, keys in WALK:
            visits[node] = visits.get(node, 0) + 1
            words = await said(terminal, node, visit=visits[node])
            if node == "patient.check":
                assert words.startswith("You entered: 4 0 7 1.")
                await terminal.wait_for("ivr", action="said", node=node)
            await phone.press(keys)
        ended = await terminal.wait_for("call", leg="ivr", state="ended")
        await phone.wait_for("CALL_CLOSED", "patient")
    assert ended["reason"] == "The IVR hung up."
    got = terminal.of("key", leg="ivr", direction="received")
    assert "".join(each["key"] for each in got) == "".join(keys for _, keys in WALK), terminal.report()
    assert {each["method"] for each in got} == {"rfc4733"}
    (done,) = terminal.of("collector", node="patient.ask", state="done")
    assert (done["digits"], done["end_reason"]) == ("4071", "count")
    assert terminal.of("ivr", action="enter")[-1]["node"] == "goodbye"
    begin = terminal.of("call", leg="ivr", state="up")[0]["t"]
    spoken = terminal.of("ivr", action="say", node="patient.check")[0]["t"] - begin
    until = terminal.of("ivr", action="said", node="patient.check")[0]["t"] - begin
    with av.open(str(phone.heard())) as container:
        rate = container.streams.audio[0].rate
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)]).astype(float)
    read_back = samples[round(spoken * rate) : round(until * rate)]
    assert np.sqrt(np.mean(read_back**2)) > 300, "baresip heard the number read back"
