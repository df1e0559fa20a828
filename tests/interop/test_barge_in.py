"""A key silences the IVR's prompt: seen in a capture of a plain RTP call, read by tshark."""

from pathlib import Path

import numpy as np
import pytest
from rtp_relay import rtp_relay
from terminal import completed, dtmfphone
from tshark import Tshark

from dtmfphone.calls.rtp.g711 import decoding

pytestmark = pytest.mark.interop

LOUD = 300
BOUND = 0.5
"""Seconds from the key to silence, on the busiest machine; bench/bench_barge_in.py measures what it takes."""
QUIET = 2.0
"""Seconds without a word after that: the script waits for another key."""
EVENT_OF_5 = "5"


@pytest.mark.parametrize("method", ["rfc4733", "inband"])
async def test_a_key_ends_the_prompt_on_the_wire(tmp_path: Path, method: str) -> None:
    async with dtmfphone("serve", "--rtp", "127.0.0.1:0?codec=PCMU", "--ivr", "echo") as terminal:
        listening = await terminal.wait_for("server", state="listening")
        ivr_port = int(listening["url"].rpartition(":")[2])
        async with rtp_relay(ivr_port) as relay:
            # After two seconds it asks for keys, and is not through with that.
            options = ("--digits", ",5", "--method", method, "--duration", "200", "--stay", str(BOUND + QUIET))
            code, caller = await completed("call", f"rtp://127.0.0.1:{relay.port}?codec=PCMU", *options)
            assert code == 0, caller.report()
            await terminal.wait_for("call", leg="ivr", state="ended")
    assert terminal.of("ivr", action="interrupted"), terminal.report()

    tshark = Tshark(tmp_path, relay.packets, {relay.port: "rtp", relay.inner_port: "rtp"})
    fields = ("frame.time_epoch", "rtp.payload")
    spoken = [
        float(each["frame.time_epoch"])
        for each in tshark.read(f"rtp.p_type == 0 && udp.dstport == {relay.inner_port}", *fields)
        if is_loud(each["rtp.payload"])
    ]
    if method == "rfc4733":
        pressed = tshark.read(f"rtpevent.event_id == {EVENT_OF_5} && udp.dstport == {relay.port}", *fields)
    else:
        sent = tshark.read(f"rtp.p_type == 0 && udp.dstport == {relay.port}", *fields)
        pressed = [each for each in sent if is_loud(each["rtp.payload"])]
    key = float(pressed[0]["frame.time_epoch"])
    assert [t for t in spoken if key - 0.5 < t < key], "it was speaking"
    assert [t - key for t in spoken if key + BOUND < t < key + BOUND + QUIET] == []


def is_loud(payload: str) -> bool:
    pcm = decoding("pcmu")[np.frombuffer(bytes.fromhex(payload.replace(":", "")), np.uint8)]
    return bool((np.abs(pcm.astype(np.int32)) > LOUD).any())
