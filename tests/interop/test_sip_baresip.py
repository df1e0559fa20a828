"""baresip is called, and calls."""

from collections.abc import AsyncIterator

import av
import numpy as np
import pytest
import pytest_asyncio
from baresip import CODECS, Baresip, baresip
from certificates import Authority
from ear import listen
from free_port import free_port
from terminal import JsonObject, Terminal, completed, dtmfphone

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

CLOCKS = {"pcmu": 8000, "pcma": 8000, "g722": 8000, "opus": 48000}


class FarEnd:
    """A running baresip and what its TLS is signed with."""

    def __init__(self, peer: Baresip, authority: Authority) -> None:
        self.peer = peer
        self.authority = authority

    def address(self, account: str, transport: str = "udp") -> str:
        port = self.peer.port + (1 if transport == "tls" else 0)
        return self.peer.address(account, port=port, transport=transport)

    async def ended(self, account: str, *, after: int) -> None:
        await self.peer.wait_for("CALL_CLOSED", account, after=after)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def far_end(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FarEnd]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    accounts = {name: f";audio_codecs={codec}" for name, codec in CODECS.items()}
    accounts |= {"srtp": ";audio_codecs=PCMU;mediaenc=srtp-mand", "any": ""}
    certificate = authority.certificate("IP:127.0.0.1")
    async with baresip(tmp_path_factory.mktemp("baresip"), accounts, certificate=certificate) as peer:
        yield FarEnd(peer, authority)


def media(terminal: Terminal, leg: str = "phone") -> JsonObject:
    return terminal.of("media", leg=leg)[-1]


def keys(sightings: list[JsonObject]) -> str:
    return "".join(each["key"] for each in sightings)


@pytest.mark.parametrize(
    ("account", "transport"),
    [("pcmu", "udp"), ("pcma", "udp"), ("g722", "udp"), ("opus", "udp"), ("g722", "tcp"), ("opus", "tls")],
)
async def test_baresip_hears_every_key(far_end: FarEnd, account: str, transport: str) -> None:
    begin = len(far_end.peer.events)
    digits = "1234567890*#ABCD" if account == "pcmu" else "12#"
    options = ("--digits", digits, "--duration", "60", "--gap", "60", "--stay", "0")
    trust = ("--ca-file", str(far_end.authority.file)) if transport == "tls" else ()
    code, terminal = await completed("call", far_end.address(account, transport), *options, *trust)
    assert code == 0, terminal.report()
    await far_end.ended(account, after=begin)
    assert far_end.peer.digits(account, after=begin) == digits, far_end.peer.report()
    agreed = media(terminal)
    assert (agreed["codec"], agreed["clock"], agreed["event_payload_type"]) == (account, CLOCKS[account], 101)
    assert agreed["event_clock"] == CLOCKS[account], "baresip answers telephone-event/8000 to Opus, too, but means this"
    assert agreed["method"] == "rfc4733"
    if account == "opus":
        assert any("8000 Hz" in each["text"] for each in terminal.of("notice")), terminal.report()


async def test_encrypted_audio_in_both_directions(far_end: FarEnd) -> None:
    begin = len(far_end.peer.events)
    code, terminal = await completed(
        "call", far_end.address("srtp"), "--digits", "12#", "--stay", "1.5", "--srtp", "required"
    )
    assert code == 0, terminal.report()
    await far_end.ended("srtp", after=begin)
    assert far_end.peer.digits("srtp", after=begin) == "12#", far_end.peer.report()
    assert media(terminal)["secure"] is True
    statistics = terminal.of("stats", leg="phone")[-1]
    assert statistics["packets_received"] > 50, terminal.report()
    # baresip's first packet may come before its keys do.
    assert statistics.get("junk_packets", 0) <= 1
    samples = heard(far_end.peer)
    assert samples.size > 8000


async def test_a_far_end_that_does_not_encrypt_is_refused_when_encryption_is_required(far_end: FarEnd) -> None:
    code, terminal = await completed("call", far_end.address("pcmu"), "--srtp", "required")
    assert code == 1, terminal.report()
    last = terminal.of("call", leg="phone")[-1]
    assert last["state"] == "failed"
    assert "encrypt" in last["reason"] or "SRTP" in last["remedy"], last


@pytest.mark.parametrize(("method", "code", "heard_there"), [("info", 0, "12#"), ("info-dtmf", 1, "")])
async def test_keys_by_info(far_end: FarEnd, method: str, code: int, heard_there: str) -> None:
    begin = len(far_end.peer.events)
    got, terminal = await completed(
        "call", far_end.address("pcmu"), "--digits", "12#", "--duration", "60", "--method", method, "--stay", "0"
    )
    assert got == code, terminal.report()
    await far_end.ended("pcmu", after=begin)
    assert far_end.peer.digits("pcmu", after=begin) == heard_there
    told = terminal.of("key", direction="sent", method="info")
    assert {each["status"] for each in told} == ({200} if code == 0 else {488})


@pytest.mark.parametrize("account", ["pcmu", "opus"])
async def test_tones_in_the_audio(far_end: FarEnd, account: str) -> None:
    begin = len(far_end.peer.events)
    code, terminal = await completed(
        "call", far_end.address(account), "--digits", "12#D", "--method", "inband", "--stay", "0.3"
    )
    assert code == 0, terminal.report()
    await far_end.ended(account, after=begin)
    assert far_end.peer.digits(account, after=begin) == ""
    assert keys_in(heard(far_end.peer)) == "12#D"


async def test_hold_and_resume_and_keys_afterwards(far_end: FarEnd) -> None:
    begin, output = len(far_end.peer.events), len(far_end.peer.program.output)
    code, terminal = await completed("call", far_end.address("pcmu"), "--digits", "1", "--hold", "0.5", "--stay", "0.5")
    assert code == 0, terminal.report()
    await far_end.ended("pcmu", after=begin)
    passed = far_end.peer.program.output[output:]
    assert passed.count("a=sendonly") == 1
    assert passed.count("a=recvonly") == 1
    assert [each.get("here", False) for each in terminal.of("hold")] == [True, False]


async def test_baresip_holds_and_resumes(far_end: FarEnd) -> None:
    peer = far_end.peer
    begin = len(peer.events)
    async with dtmfphone("call", far_end.address("pcmu"), "--digits", ",,7", "--stay", "0") as terminal:
        await terminal.wait_for("call", leg="phone", state="up")
        await peer.wait_for("CALL_ESTABLISHED", "pcmu", after=begin)
        peer.hold("pcmu", on=True)
        await terminal.wait_for("hold", there=True)
        peer.hold("pcmu", on=False)
        await terminal.wait_for("hold", when=lambda each: not each.get("there"))
        assert await terminal.exit_code() == 0
    await far_end.ended("pcmu", after=begin)
    assert peer.digits("pcmu", after=begin) == "7"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("account", ["pcmu", "g722", "opus"])
async def test_baresip_dials_into_the_menu(far_end: FarEnd, account: str, transport: str) -> None:
    peer = far_end.peer
    port = free_port()
    async with dtmfphone("serve", "--sip", f"127.0.0.1:{port}", "--ivr", "echo") as terminal:
        await terminal.wait_for("server", state="listening")
        begin = len(peer.events)
        await peer.dial(account, f"sip:menu@127.0.0.1:{port};transport={transport}")
        await peer.wait_for("CALL_ESTABLISHED", account, after=begin)
        await peer.press("17#")
        await terminal.wait_for(
            "key", leg="ivr", direction="received", key="#", when=lambda each: each["method"] == "rfc4733"
        )
        peer.command("hangup")
        await terminal.wait_for("call", leg="ivr", state="ended")
    got = terminal.of("key", leg="ivr", direction="received", method="rfc4733")
    assert keys(got) == "17#", terminal.report()
    assert all(0.1 < each["duration"] < 0.4 for each in got), terminal.report()
    assert [each["end_packets"] for each in got] == [3, 3, 3]
    assert (media(terminal, "ivr")["codec"], media(terminal, "ivr")["clock"]) == (account, CLOCKS[account])
    loudness = np.abs(heard(peer).astype(float))
    assert loudness.max() > 1000, "baresip heard the menu speak"


async def test_baresip_dials_into_the_menu_over_tls(far_end: FarEnd) -> None:
    peer = far_end.peer
    port = free_port(2)
    certificate = far_end.authority.certificate("IP:127.0.0.1")
    address = f"127.0.0.1:{port};transport=tls;cert={certificate};key={certificate}"
    async with dtmfphone("serve", "--sip", address, "--ivr", "echo") as terminal:
        await terminal.wait_for("server", state="listening")
        begin = len(peer.events)
        await peer.dial("pcma", f"sip:menu@127.0.0.1:{port};transport=tls")
        await peer.wait_for("CALL_ESTABLISHED", "pcma", after=begin)
        await peer.press("8")
        await terminal.wait_for("key", leg="ivr", direction="received", key="8", method="rfc4733")
        peer.command("hangup")
        await terminal.wait_for("call", leg="ivr", state="ended")
    assert media(terminal, "ivr")["codec"] == "pcma"


async def test_encrypted_call_into_the_menu(far_end: FarEnd) -> None:
    peer = far_end.peer
    port = free_port()
    async with dtmfphone("serve", "--sip", f"127.0.0.1:{port}", "--ivr", "echo") as terminal:
        await terminal.wait_for("server", state="listening")
        begin = len(peer.events)
        await peer.dial("srtp", f"sip:menu@127.0.0.1:{port}")
        await peer.wait_for("CALL_ESTABLISHED", "srtp", after=begin)
        await peer.press("5")
        await terminal.wait_for("key", leg="ivr", direction="received", key="5", method="rfc4733")
        peer.command("hangup")
        await terminal.wait_for("call", leg="ivr", state="ended")
    assert media(terminal, "ivr")["secure"] is True


def heard(peer: Baresip) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return what baresip heard in its last call, mono at 8 kHz."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=8000)
    with av.open(str(peer.heard())) as container:
        frames = [out for frame in [*container.decode(audio=0), None] for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


def keys_in(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> str:
    return "".join(each.key for each in listen(samples, 8000))
