"""The addresses at which an IVR answers."""

import asyncio

from dtmfphone.calls.call import CallError
from dtmfphone.calls.line import Incoming, Line, LineChange
from dtmfphone.calls.lines import open_line
from dtmfphone.engine.answering import Answering
from dtmfphone.engine.events import ServerChanged
from dtmfphone.engine.leg import Clock, Emit
from dtmfphone.engine.line_watch import LineWatch
from dtmfphone.engine.live_script import LiveScript


class Serving:
    """Opens and closes lines whose calls a script takes."""

    def __init__(self, answering: Answering, emit: Emit, clock: Clock) -> None:
        self._answering = answering
        self._emit = emit
        self._clock = clock
        self._open: list[tuple[_Served, Line]] = []
        self._changing = asyncio.Lock()

    async def serve(self, addresses: tuple[str, ...], ivr: str) -> None:
        """Serve these addresses and no others."""
        async with self._changing:
            await self._close()
            try:
                script = await self._answering.prepare(ivr)
            except CallError as error:
                for address in addresses:
                    self._failed(address, ivr, error)
                return
            for address in addresses:
                await self._serve(address, script)

    async def stop(self) -> None:
        """Close all addresses; calls go on."""
        async with self._changing:
            await self._close()

    async def _serve(self, address: str, script: LiveScript) -> None:
        served = _Served(address, script, self._answering, self._emit, self._clock)
        try:
            line = open_line(address, served, self._clock)
            await line.open()
        except CallError as error:
            self._failed(address, script.script.name, error)
        else:
            self._open.append((served, line))

    async def _close(self) -> None:
        lines, self._open = self._open, []
        for served, line in lines:
            await line.close()
            self._emit(ServerChanged(t=self._clock(), state="closed", url=served.name))

    def _failed(self, address: str, ivr: str, error: CallError) -> None:
        self._emit(
            ServerChanged(
                t=self._clock(), state="failed", url=address, ivr=ivr, reason=error.reason, remedy=error.remedy
            )
        )


class _Served(LineWatch):
    """The observer of one line."""

    def __init__(self, address: str, script: LiveScript, answering: Answering, emit: Emit, clock: Clock) -> None:
        super().__init__(address, emit, clock)
        self._script = script
        self._answering = answering

    def incoming(self, call: Incoming) -> None:
        """A call came in (see LineObserver)."""
        self._answering.answer(call, self._script.script)

    def withdrawn(self, call: Incoming, reason: str) -> None:
        """A caller gave up (see LineObserver); the script takes calls at once, so its leg was told."""

    def line_changed(self, change: LineChange) -> None:
        """The line came into a state (see LineObserver); that it was closed is told by who closed it."""
        self.name = change.address or self.name
        if change.state in ("ready", "failed"):
            self._emit(
                ServerChanged(
                    t=self._clock(),
                    state="listening" if change.state == "ready" else "failed",
                    url=self.name,
                    ivr=self._script.script.name,
                    reason=change.reason,
                    remedy=change.remedy,
                )
            )
