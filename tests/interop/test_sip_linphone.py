"""linphonec is called, and calls."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from free_port import free_port
from linphone import Linphone, linphone
from terminal import completed, dtmfphone

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def far_end(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Linphone]:
    async with linphone(tmp_path_factory.mktemp("linphone")) as peer:
        yield peer


@pytest.mark.parametrize(("codec", "clock", "transport"), [("opus", 48000, "udp"), ("pcma", 8000, "tcp")])
async def test_linphone_hears_every_key(far_end: Linphone, codec: str, clock: int, transport: str) -> None:
    begin = len(far_end.program.output)
    options = ("--digits", "123A*0#D", "--codec", codec, "--transport", transport, "--stay", "0")
    code, terminal = await completed("call", far_end.address, *options)
    assert code == 0, terminal.report() + far_end.program.report()
    await far_end.program.wait_for(r"Call \d+ with .* ended", after=begin)
    assert far_end.digits(after=begin) == "123A*0#D", far_end.program.report()
    agreed = terminal.of("media", leg="phone")[-1]
    assert (agreed["codec"], agreed["clock"], agreed["event_clock"]) == (codec, clock, clock)


@pytest.mark.parametrize(("method", "heard"), [("info", "12#"), ("info-dtmf", "")])
async def test_linphone_accepts_every_info_but_hears_one_kind(far_end: Linphone, method: str, heard: str) -> None:
    begin = len(far_end.program.output)
    code, terminal = await completed(
        "call", far_end.address, "--digits", "12#", "--method", method, "--codec", "pcmu", "--stay", "0"
    )
    assert code == 0, terminal.report()
    await far_end.program.wait_for(r"Call \d+ with .* ended", after=begin)
    assert far_end.digits(after=begin) == heard
    told = terminal.of("key", direction="sent", method="info")
    assert [each["status"] for each in told] == [200] * 3
    assert all("accepted" in each["note"] and "received" not in each["note"] for each in told), terminal.report()


@pytest.mark.parametrize("info", [False, True])
async def test_linphone_dials_into_the_menu(tmp_path_factory: pytest.TempPathFactory, info: bool) -> None:
    port = free_port()
    async with (
        dtmfphone("serve", "--sip", f"127.0.0.1:{port}", "--ivr", "echo") as terminal,
        linphone(tmp_path_factory.mktemp("linphone"), info=info) as caller,
    ):
        await terminal.wait_for("server", state="listening")
        caller.command(f"call sip:menu@127.0.0.1:{port}")
        await terminal.wait_for("call", leg="ivr", state="up")
        await caller.program.wait_for(r"Media streams established")
        caller.command("47*#")
        method = "info" if info else "rfc4733"
        await terminal.wait_for("key", leg="ivr", direction="received", key="#", method=method)
        caller.command("terminate")
        ended = await terminal.wait_for("call", leg="ivr", state="ended")
    assert "hung up" in ended["reason"]
    got = terminal.of("key", leg="ivr", direction="received")
    assert "".join(each["key"] for each in got) == "47*#", terminal.report()
    assert {each["method"] for each in got} == {method}
