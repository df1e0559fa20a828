"""The window's end of the pipe to the engine, which runs in a process of its own."""

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import SimpleQueue

from dtmfphone.engine.commands import AnyCommand, Shutdown
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent

STOP_SECONDS = 3.0
"""How long the engine may take to hang up before its process is ended."""


class EngineLink:
    """Starts the engine's process, sends it commands and hands on its events.

    `on_events` and `on_lost` are called from a thread of the link.
    """

    def __init__(self, on_events: Callable[[list[AnyEvent]], None], on_lost: Callable[[str], None]) -> None:
        self._on_events = on_events
        self._on_lost = on_lost
        self._commands: SimpleQueue[AnyCommand | None] = SimpleQueue()
        self._closing = False
        self.display = DisplayRing.create()

    def start(self) -> None:
        """Start the engine; commands sent before it is ready wait in the pipe."""
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=_run_engine, args=(far_end, self.display.name), name="dtmfphone engine")
        self._process.start()
        far_end.close()
        self._reader = threading.Thread(target=self._read, args=(self._pipe,), name="engine events", daemon=True)
        self._writer = threading.Thread(target=self._write, args=(self._pipe,), name="engine commands", daemon=True)
        self._reader.start()
        self._writer.start()

    @property
    def pid(self) -> int | None:
        """The engine's process."""
        return self._process.pid

    def send(self, command: AnyCommand) -> None:
        """Hand a command to the engine; never blocks."""
        self._commands.put(command)

    def close(self) -> None:
        """Hang up, end the engine and free the shared memory."""
        self._closing = True
        self.send(Shutdown())
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._commands.put(None)
        self._writer.join()
        self._reader.join()
        self._pipe.close()
        self.display.close()

    def _write(self, pipe: "Connection[bytes, bytes]") -> None:
        from dtmfphone.engine.wire import encode

        while (command := self._commands.get()) is not None:
            try:
                pipe.send_bytes(encode(command))
            except (BrokenPipeError, ConnectionResetError):
                return  # the reader reports the loss

    def _read(self, pipe: "Connection[bytes, bytes]") -> None:
        from dtmfphone.engine.wire import decode_events

        while True:
            try:
                batch = pipe.recv_bytes()
            except (EOFError, ConnectionResetError):
                break
            self._on_events(decode_events(batch))
        if not self._closing:
            self._process.join(STOP_SECONDS)
            self._on_lost(f"The engine stopped (exit code {self._process.exitcode}); calls have ended.")


def _run_engine(pipe: "Connection[bytes, bytes]", display: str) -> None:
    from dtmfphone.engine.process import run

    run(pipe, display)
