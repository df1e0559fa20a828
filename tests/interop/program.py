"""A program that runs on a terminal of its own: its output is awaited line by line, words are typed into it."""

import asyncio
import os
import pty
import re
import shutil
import time
import tty
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest


def need(**packages: str) -> None:
    """Look for programs, each with the package that has it; where one is missing, fail under CI and skip elsewhere."""
    missing = dict.fromkeys(package for program, package in packages.items() if shutil.which(program) is None)
    if missing:
        message = f"Not installed: {', '.join(missing)}"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(message)
        pytest.skip(message)


class Program:
    """A running program and what it wrote so far."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, terminal: int) -> None:
        self.name = name
        self.output = ""
        self._process = process
        self._terminal = terminal
        self._changed = asyncio.Event()
        os.set_blocking(terminal, False)
        asyncio.get_running_loop().add_reader(terminal, self._read)

    async def wait_for(self, pattern: str, *, after: int = 0, timeout: float = 15.0) -> re.Match[str]:
        """Return the first match in the output behind a position, waiting for it if need be."""
        expression = re.compile(pattern)
        try:
            async with asyncio.timeout(timeout):
                while (found := expression.search(self.output, after)) is None:
                    if self._process.returncode is not None:
                        pytest.fail(f"{self.name} ended before it wrote {pattern!r}: {self.report()}")
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pytest.fail(f"{self.name} did not write {pattern!r} in {timeout:g} s; {self.report()}")
        return found

    async def listens(self, port: int, transport: str, *, timeout: float = 15.0) -> None:
        """Wait until something listens on the port; `transport` is udp, udp6, tcp or tcp6."""
        anywhere = "0" * (32 if transport.endswith("6") else 8)
        needle = f":{port:04X} {anywhere}:0000 {'07' if transport.startswith('udp') else '0A'} "
        sockets = Path(f"/proc/net/{transport}")
        deadline = time.monotonic() + timeout
        while needle not in await asyncio.to_thread(sockets.read_text):
            if self._process.returncode is not None or time.monotonic() > deadline:
                pytest.fail(f"{self.name} does not listen on {transport} port {port}; {self.report()}")
            await asyncio.sleep(0.01)

    def count(self, pattern: str, *, after: int = 0) -> int:
        """Return how often the output behind a position matches."""
        return len(re.findall(pattern, self.output[after:]))

    def type(self, text: str) -> None:
        """Type as a person would."""
        os.write(self._terminal, text.encode())

    async def exit_code(self, timeout: float = 30.0) -> int:
        """Wait until the program ends by itself."""
        try:
            async with asyncio.timeout(timeout):
                return await self._process.wait()
        except TimeoutError:
            pytest.fail(f"{self.name} does not end; {self.report()}")

    async def end(self) -> None:
        """End it with SIGTERM; kill it when it does not follow."""
        for action, patience in ((self._process.terminate, 5.0), (self._process.kill, 5.0)):
            if self._process.returncode is not None:
                break
            with suppress(ProcessLookupError):
                action()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._process.wait()
        self._read()
        asyncio.get_running_loop().remove_reader(self._terminal)
        os.close(self._terminal)

    def report(self) -> str:
        """Return what it wrote, for a failed test."""
        return f"output of {self.name}:\n{self.output[-20_000:]}"

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal, 65536):
                self.output += data.decode(errors="replace").replace("\r\n", "\n")
        except BlockingIOError:
            pass
        except OSError:  # EIO: the program has closed its end
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._changed.set()


@asynccontextmanager
async def running(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[Program]:
    """Start a program in a folder; end it with the block."""
    ours, its = pty.openpty()
    tty.setraw(its)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=its,
            stdout=its,
            stderr=its,
            cwd=folder,
            env={**os.environ, "TERM": "dumb", **(environment or {})},
            start_new_session=True,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(its)
    program = Program(Path(command[0]).name, process, ours)
    try:
        yield program
    finally:
        await program.end()
