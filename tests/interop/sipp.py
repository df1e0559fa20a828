"""sipp as the far end: it plays a scenario, and says whether the other side kept to it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from free_port import free_port
from program import Program, need, running

_MESSAGE = re.compile(r"\S+ message (received|sent) ?\[\d+\] bytes ?:\n\n(.*)", re.DOTALL)


class Sipp:
    """A running sipp."""

    def __init__(self, program: Program, folder: Path, host: str, port: int, media_port: int) -> None:
        self.program = program
        self.port = port
        self.media_port = media_port
        """Where it echoes RTP."""
        self.address = f"sip:sipp@[{host}]:{port}" if ":" in host else f"sip:sipp@{host}:{port}"
        self._folder = folder

    async def succeeded(self, timeout: float = 30.0) -> None:
        """Wait until the scenario is over; fail the test unless the other side kept to it."""
        code = await self.program.exit_code(timeout)
        assert code == 0, self.report()

    def received(self, pattern: str = "") -> list[str]:
        """Return the messages that it received whose start line matches, in order."""
        return [text for way, text in self._messages() if way == "received" and re.match(pattern, text)]

    def report(self) -> str:
        """Return what passed, for a failed test."""
        errors = self._folder / "errors"
        lines = [f"{way}:\n{text}" for way, text in self._messages()]
        return "\n".join(["sipp says:", errors.read_text() if errors.exists() else "nothing", *lines])

    def _messages(self) -> list[tuple[str, str]]:
        log = self._folder / "messages"
        if not log.exists():
            return []
        text = log.read_bytes().decode(errors="replace").replace("\r\n", "\n")
        parts = (_MESSAGE.match(part) for part in re.split(r"-{20,} \S+ \S+\n", text))
        return [(part[1], part[2].strip("\n")) for part in parts if part]


@asynccontextmanager
async def sipp(
    folder: Path,
    scenario: str,
    *,
    target: str = "",
    user: str = "sipp",
    transport: str = "udp",
    calls: int = 1,
    host: str = "127.0.0.1",
) -> AsyncIterator[Sipp]:
    """Run sipp for its calls: it calls a target `host:port`, or waits for the call."""
    need(sipp="sip-tester")
    port = free_port()
    media_port = free_port(4)
    (folder / "scenario.xml").write_text(scenario)
    command = [
        "sipp", "-sf", "scenario.xml", "-i", host, "-p", str(port), "-m", str(calls), "-r", "100",
        "-nostdin", "-nd", "-t", {"udp": "u1", "tcp": "t1"}[transport], "-mi", host, "-mp", str(media_port),
        "-trace_msg", "-message_file", "messages", "-trace_err", "-error_file", "errors",
        "-timeout", "20s", "-timeout_error", "-timer_resol", "1", "-rtp_echo",
    ]  # fmt: skip
    if target:
        command += ["-s", user, target]
    async with running(*command, folder=folder) as program:
        if not target:
            await program.listens(port, f"{transport}6" if ":" in host else transport)
        yield Sipp(program, folder, host, port, media_port)
