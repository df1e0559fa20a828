"""An engine in the terminal's own loop, with its events to print and to wait for."""

import asyncio
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from dtmfphone.cli.printer import Printer
from dtmfphone.engine.commands import AnyCommand, Shutdown
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import AnyEvent

E = TypeVar("E")


class Session:
    """Runs an engine as long as the `async with` block lasts; keeps every event until it is told to forget."""

    def __init__(self, printer: Printer, *, sound: bool, display: DisplayRing | None = None) -> None:
        self._printer = printer
        self._changed = asyncio.Event()
        self._forgetful = False
        self.events: list[AnyEvent] = []
        self._user: asyncio.Task[object] | None = None
        """Who uses the session; cancelled when its output can no longer be written."""
        self._engine = Engine(self._emit, sound=sound, display=display)

    async def __aenter__(self) -> Self:
        self._user = asyncio.current_task()
        await self._engine.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.submit(Shutdown())
        await self._engine.stopped()

    def submit(self, command: AnyCommand) -> None:
        """Hand a command to the engine."""
        self._engine.submit(command)

    def forget(self) -> None:
        """Keep no events any more, for a session that may last for weeks; none can be waited for afterwards."""
        self._forgetful = True
        self.events.clear()

    async def wait_for(self, found: Callable[[AnyEvent], E | None], timeout: float | None = None, since: int = 0) -> E:
        """Return the first result of `found` that is not None, over all events from number `since` on.

        Raises TimeoutError after `timeout` seconds.
        """
        position = since
        async with asyncio.timeout(timeout):
            while True:
                while position < len(self.events):
                    result = found(self.events[position])
                    position += 1
                    if result is not None:
                        return result
                self._changed.clear()
                await self._changed.wait()

    def _emit(self, event: AnyEvent) -> None:
        if not self._forgetful:
            self.events.append(event)
        try:
            self._printer.show(event)
        except OSError as error:
            self._printer = _Nowhere()
            if not isinstance(error, BrokenPipeError):  # a reader that went away knows
                print(
                    f"dtmfphone: the output cannot be written: {error.strerror}. Make room, or write it elsewhere.",
                    file=sys.stderr,
                )
            if self._user is not None:
                self._user.cancel()
        self._changed.set()


class _Nowhere:
    """Takes the place of a printer whose output can no longer be written."""

    def __init__(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def show(self, event: AnyEvent) -> None:
        """Show nothing."""
