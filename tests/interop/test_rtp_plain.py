"""RTP without signalling: between two of dtmfphone, and to and from FFmpeg."""

from pathlib import Path

import av
import numpy as np
import pytest
from ear import listen
from free_port import free_port
from program import need, running
from terminal import Terminal, completed, dtmfphone

from dtmfphone.__main__ import main

pytestmark = [pytest.mark.interop]

KEY = {"MEDIA_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"}
_SDP = """\
v=0
o=- 0 0 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP {payload_type}
a=rtpmap:{payload_type} {codec}
"""


def keys(terminal: Terminal, **facts: object) -> str:
    return "".join(each["key"] for each in terminal.of("key", **facts))


@pytest.mark.parametrize(
    "query",
    ["codec=PCMU", "codec=PCMA&events=96", "codec=G722", "codec=OPUS&pt=97", "codec=PCMU&srtp=MEDIA_KEY"],
)
async def test_a_stream_into_the_menu_and_back(query: str) -> None:
    port = free_port(2)
    served = f"127.0.0.1:{port}?{query}"
    async with dtmfphone("serve", "--rtp", served, "--ivr", "echo", environment=KEY) as terminal:
        await terminal.wait_for("server", state="listening")
        code, caller = await completed(
            "call", f"rtp://{served}", "--digits", "12#", "--duration", "60", "--stay", "0.5", environment=KEY
        )
        assert code == 0, caller.report() + terminal.report()
        await terminal.wait_for("call", leg="ivr", state="ended")
    assert keys(caller, direction="sent", method="rfc4733") == "12#"
    got = terminal.of("key", leg="ivr", direction="received", method="rfc4733")
    assert "".join(each["key"] for each in got) == "12#", terminal.report()
    assert [each["duration"] for each in got] == pytest.approx([0.06] * 3)
    assert [each["lost_packets"] for each in got] == [0] * 3
    statistics = caller.of("stats", leg="phone")[-1]
    assert statistics["packets_received"] > 20, caller.report()


async def test_without_events_keys_are_tones() -> None:
    port = free_port(2)
    served = f"127.0.0.1:{port}?codec=PCMA&events=none"
    async with dtmfphone("serve", "--rtp", served, "--ivr", "echo") as terminal:
        await terminal.wait_for("server", state="listening")
        code, caller = await completed("call", f"rtp://{served}", "--digits", "4*", "--stay", "0.5")
        assert code == 0, caller.report()
        await terminal.wait_for("call", leg="ivr", state="ended")
    assert keys(terminal, leg="ivr", direction="received", method="inband") == "4*", terminal.report()


@pytest.mark.parametrize(
    ("query", "rtpmap"), [("codec=PCMU", "0 PCMU/8000"), ("codec=OPUS&pt=97&events=none", "97 opus/48000/2")]
)
async def test_ffmpeg_hears_our_tones(tmp_path: Path, query: str, rtpmap: str) -> None:
    need(ffmpeg="ffmpeg")
    port = free_port(2)
    payload_type, _, codec = rtpmap.partition(" ")
    (tmp_path / "in.sdp").write_text(_SDP.format(port=port, payload_type=payload_type, codec=codec))
    command = ("ffmpeg", "-protocol_whitelist", "file,udp,rtp", "-i", "in.sdp", "-ar", "8000", "-ac", "1", "out.wav")
    async with running(*command, folder=tmp_path) as ffmpeg:
        await ffmpeg.listens(port, "udp")
        code, terminal = await completed(
            "call", f"rtp://127.0.0.1:{port}?{query}", "--digits", ",12#D", "--method", "inband", "--stay", "0.5"
        )
        assert code == 0, terminal.report()
        # Our RTCP BYE ends it.
        assert await ffmpeg.exit_code() == 0, ffmpeg.report()
    with av.open(str(tmp_path / "out.wav")) as container:
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])
    assert "".join(each.key for each in listen(samples, 8000)) == "12#D", ffmpeg.report()


@pytest.mark.parametrize(
    ("encoder", "query"),
    [
        (("-c:a", "pcm_alaw", "-ar", "8000"), "codec=PCMA"),
        (("-c:a", "g722", "-ar", "16000"), "codec=G722"),
        (("-c:a", "libopus", "-ar", "48000", "-b:a", "32k", "-payload_type", "98"), "codec=OPUS&pt=98"),
    ],
)
async def test_ffmpeg_sends_tones_into_the_menu(tmp_path: Path, encoder: tuple[str, ...], query: str) -> None:
    need(ffmpeg="ffmpeg")
    port = free_port(2)
    assert main(["tone", "159#", "--rate", "48000", "-o", str(tmp_path / "tones.wav")]) == 0
    async with dtmfphone("serve", "--rtp", f"127.0.0.1:{port}?{query}", "--ivr", "echo") as terminal:
        await terminal.wait_for("server", state="listening")
        # A second of silence before and after the tones.
        command = ("ffmpeg", "-re", "-i", "tones.wav", "-af", "adelay=1000,apad=pad_dur=1", "-ac", "1", *encoder)
        async with running(*command, "-f", "rtp", f"rtp://127.0.0.1:{port}", folder=tmp_path) as ffmpeg:
            assert await ffmpeg.exit_code() == 0, ffmpeg.report()
            await terminal.wait_for("key", leg="ivr", direction="received", method="inband", key="#")
    assert keys(terminal, leg="ivr", direction="received") == "159#", terminal.report()
