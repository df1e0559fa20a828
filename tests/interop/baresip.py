"""baresip as the far end: a softphone with its own SIP and RTP stack."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from free_port import free_port
from program import Program, need, running

CODECS = {"pcmu": "PCMU", "pcma": "PCMA", "g722": "G722/16000", "opus": "opus/48000/2"}
_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
{certificate}
net_interface 127.0.0.1
rtp_ports {rtp}-{rtp_end}
module_path /usr/lib/baresip/modules
audio_source ausine,440
statmode_default off
snd_path {folder}/sound
ausrc_srate 48000
ausrc_channels 2
module stdio.so
module opus.so
module g722.so
module g711.so
module ausine.so
module sndfile.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Baresip:
    """A running baresip; each account answers by itself, and is called by its name."""

    def __init__(self, program: Program, folder: Path, port: int, control: asyncio.StreamWriter) -> None:
        self.program = program
        self.port = port
        """For UDP and TCP; TLS is on the next one."""
        self.events: list[dict[str, Any]] = []
        self._folder = folder
        self._control = control
        self._changed = asyncio.Event()

    def address(self, account: str, *, port: int | None = None, transport: str = "") -> str:
        """Return the SIP URI of an account."""
        return f"sip:{account}@127.0.0.1:{port or self.port}" + (f";transport={transport}" if transport else "")

    def heard(self) -> Path:
        """Return the recording of what it heard in its last call, complete when the call has ended."""
        return max((self._folder / "sound").glob("*-dec.wav"), key=lambda path: path.stat().st_mtime)

    def of(self, kind: str, account: str, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the events of an account of a kind: CALL_ESTABLISHED, CALL_DTMF_START, ..."""
        return [
            each
            for each in self.events[after:]
            if each.get("type") == kind and each.get("accountaor", "").startswith(f"sip:{account}@")
        ]

    def digits(self, account: str, *, after: int = 0) -> str:
        """Return the digits whose begin an account heard."""
        return "".join(each["param"] for each in self.of("CALL_DTMF_START", account, after=after))

    async def wait_for(
        self, kind: str, account: str, *, count: int = 1, after: int = 0, timeout: float = 15.0
    ) -> dict[str, Any]:
        """Return the event of an account that makes so many of its kind, waiting for it if need be."""
        try:
            async with asyncio.timeout(timeout):
                while len(found := self.of(kind, account, after=after)) < count:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pytest.fail(f"not {count} × {kind} of {account} in {timeout:g} s; {self.report()}")
        return found[count - 1]

    async def dial(self, account: str, target: str) -> None:
        """Call a SIP URI from an account."""
        begin = len(self.events)
        self.command("uafind", f"sip:{account}@127.0.0.1")
        self.command("dial", target)
        await self.wait_for("CALL_LOCAL_SDP", account, after=begin)

    def hold(self, account: str, *, on: bool) -> None:
        """Put the call of an account on hold, or resume it."""
        self.command("uafind", f"sip:{account}@127.0.0.1")
        self.program.type("x" if on else "X")

    def command(self, name: str, parameters: str = "") -> None:
        """Give a command."""
        message = json.dumps({"command": name, "params": parameters}).encode()
        self._control.write(b"%d:%s," % (len(message), message))

    async def press(self, keys: str) -> None:
        """Press keys in the call of the account that dialled last."""
        for key in keys:
            begin = len(self.program.output)
            self.program.type(key)
            await self.program.wait_for(f"send DTMF digit end: '{re.escape(key)}'", after=begin)

    def report(self) -> str:
        """Return what was seen, for a failed test."""
        return "\n".join(["events of baresip:", *map(json.dumps, self.events), self.program.report()])

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Read the netstrings of the control connection until it closes."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(length + 1))[:-1])
                if message.get("event"):
                    self.events.append(message)
                    self._changed.set()


@asynccontextmanager
async def baresip(folder: Path, accounts: dict[str, str], *, certificate: Path | None = None) -> AsyncIterator[Baresip]:
    """Run baresip with accounts, each with its parameters; with a certificate and its key in one file, with TLS too."""
    need(baresip="baresip")
    port = free_port(2)
    rtp = free_port(40)
    control = free_port()
    config = _CONFIG.format(
        port=port,
        rtp=rtp,
        rtp_end=rtp + 40,
        control=control,
        folder=folder,
        certificate=f"sip_certificate {certificate}" if certificate else "",
    )
    (folder / "config").write_text(config)
    (folder / "accounts").write_text(
        "".join(
            f"<sip:{name}@127.0.0.1>;answermode=auto;regint=0{parameters}\n" for name, parameters in accounts.items()
        )
    )
    (folder / "contacts").touch()
    (folder / "sound").mkdir()
    async with running("baresip", "-f", str(folder), "-s", folder=folder) as program:
        await program.wait_for(r"baresip is ready")
        reader, writer = await asyncio.open_connection("127.0.0.1", control)
        peer = Baresip(program, folder, port, writer)
        reading = asyncio.create_task(peer.read(reader))
        try:
            yield peer
        finally:
            writer.close()
            reading.cancel()
