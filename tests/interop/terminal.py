"""`dtmfphone` as a program of its own: started, read line by line, ended."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

JsonObject = dict[str, Any]


class Terminal:
    """A run of `dtmfphone ... --json` and the events that it printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._changed = asyncio.Event()
        self.events: list[JsonObject] = []
        self.errors = ""
        """What it wrote to its standard error."""
        self.on_event: Callable[[JsonObject], None] = lambda _: None
        """Called with each event as it is read."""

    def of(self, event: str, **facts: object) -> list[JsonObject]:
        """Return the events of a kind with these facts."""
        return [each for each in self.events if _has(each, {"event": event, **facts})]

    async def wait_for(
        self, event: str, *, timeout: float = 30.0, when: Callable[[JsonObject], bool] = lambda _: True, **facts: object
    ) -> JsonObject:
        """Return the first event of a kind with these facts, waiting for it if need be."""
        position = 0
        try:
            async with asyncio.timeout(timeout):
                while True:
                    while position < len(self.events):
                        found = self.events[position]
                        position += 1
                        if _has(found, {"event": event, **facts}) and when(found):
                            return found
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pytest.fail(f"no event {event} {facts} in {timeout:g} s; {self.report()}")

    async def exit_code(self, timeout: float = 60.0) -> int:
        """Wait until the program ends and return its exit code."""
        try:
            async with asyncio.timeout(timeout):
                code = await self._process.wait()
        except TimeoutError:
            pytest.fail(f"dtmfphone does not end; {self.report()}")
        return code

    async def end(self) -> None:
        """End the program with SIGTERM, as a service manager would; kill it when it does not follow."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await self._process.wait()
                return
        self._process.kill()
        await self._process.wait()

    def report(self) -> str:
        """Return what was seen, for a failed test."""
        lines = [json.dumps(each) for each in self.events if each["event"] not in ("stats", "devices")]
        return "\n".join(["events:", *lines, "standard error:", self.errors])

    async def read_events(self) -> None:
        """Read the program's lines until it ends; each must be a JSON object."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            event = json.loads(line)
            self.events.append(event)
            self.on_event(event)
            self._changed.set()

    async def read_errors(self) -> None:
        """Read what it complains about."""
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self.errors += line.decode()


def _has(event: JsonObject, facts: dict[str, object]) -> bool:
    return all(event.get(name) == value for name, value in facts.items())


@asynccontextmanager
async def dtmfphone(*args: str, environment: dict[str, str] | None = None) -> AsyncIterator[Terminal]:
    """Run `dtmfphone ARGS --json`; end it with SIGTERM when it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dtmfphone",
        *args,
        "--json",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    terminal = Terminal(process)
    readers = asyncio.gather(terminal.read_events(), terminal.read_errors())
    try:
        yield terminal
    finally:
        await terminal.end()
        await readers


async def completed(*args: str, environment: dict[str, str] | None = None) -> tuple[int, Terminal]:
    """Run `dtmfphone ARGS --json` to its end; returns the exit code and what it printed."""
    async with dtmfphone(*args, environment=environment) as terminal:
        code = await terminal.exit_code()
    return code, terminal
