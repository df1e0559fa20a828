"""linphonec as the far end: a softphone with its own SIP and RTP stack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from free_port import free_port
from program import Program, need, running

_CONFIG = """\
[sip]
bind_address=127.0.0.1
sip_port={port}
sip_tcp_port={port}
sip_tls_port=0
default_proxy=-1
use_info={info}
use_rfc2833={events}
use_ipv6=0
guess_hostname=0

[rtp]
audio_rtp_port={rtp}
bind_address=127.0.0.1

[net]
mtu=0

[sound]
use_files=1

[video]
enabled=0
"""


class Linphone:
    """A running linphonec, which answers by itself."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port
        self.address = f"sip:linphone@127.0.0.1:{port}"

    def command(self, line: str) -> None:
        """Give a command."""
        self.program.type(line + "\n")

    def digits(self, *, after: int = 0) -> str:
        """Return the digits that it heard."""
        return "".join(
            line.removeprefix("Receiving tone ")[:1]
            for line in self.program.output[after:].splitlines()
            if line.startswith("Receiving tone ")
        )


@asynccontextmanager
async def linphone(folder: Path, *, info: bool = False) -> AsyncIterator[Linphone]:
    """Run linphonec; it sends keys as telephone-events, or as SIP INFO."""
    need(linphonec="linphone-cli")
    port = free_port()
    config = folder / "linphonerc"
    config.write_text(_CONFIG.format(port=port, rtp=free_port(2), info=int(info), events=int(not info)))
    # Without this folder it hangs and says nothing.
    (folder / ".local/share/linphone").mkdir(parents=True)
    environment = {"HOME": str(folder), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}
    command = ("linphonec", "-a", "-c", str(config), "-d", "1", "-l", str(folder / "log"))
    async with running(*command, folder=folder, environment=environment) as program:
        await program.wait_for(r"linphonec> ")
        peer = Linphone(program, port)
        peer.command("soundcard use files")
        yield peer
        peer.command("quit")
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await program.exit_code()
