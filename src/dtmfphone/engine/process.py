"""The engine's own process: commands come in and events go out through one pipe."""

import asyncio
import contextlib
import signal
import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue

from dtmfphone.calls.lines import LINES
from dtmfphone.calls.plugin import preload
from dtmfphone.calls.ways import WAYS
from dtmfphone.engine.commands import Shutdown
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import AnyEvent, Statistics
from dtmfphone.engine.pacing import run_loop
from dtmfphone.engine.wire import decode_command, encode

BATCH = 500
"""Most events in one message."""
BACKLOG = 100_000
"""Events kept for a window that does not read; beyond it, statistics are dropped first."""


def run(pipe: "Connection[bytes, bytes]", display: str) -> None:
    """Run the engine until it is told to shut down or the window is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is the window's to handle
    ring = DisplayRing.attach(display)
    preload((*WAYS.values(), *LINES.values()))  # else the first call would stop the loop for half a second
    try:
        run_loop(_serve(pipe, ring))
    finally:
        ring.close()


async def _serve(pipe: "Connection[bytes, bytes]", ring: DisplayRing) -> None:
    loop = asyncio.get_running_loop()
    events: SimpleQueue[AnyEvent | None] = SimpleQueue()

    def emit(event: AnyEvent) -> None:
        if events.qsize() < BACKLOG or not isinstance(event, Statistics):
            events.put(event)

    engine = Engine(emit, display=ring)
    writer = threading.Thread(target=_write, args=(pipe, events), name="events", daemon=True)
    reader = threading.Thread(target=_read, args=(pipe, engine, loop), name="commands", daemon=True)
    writer.start()
    await engine.start()
    reader.start()
    await engine.stopped()
    events.put(None)
    await asyncio.to_thread(writer.join)


def _read(pipe: "Connection[bytes, bytes]", engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(engine.submit, Shutdown())
            return
        loop.call_soon_threadsafe(engine.submit, decode_command(message))


def _write(pipe: "Connection[bytes, bytes]", events: "SimpleQueue[AnyEvent | None]") -> None:
    while (event := events.get()) is not None:
        batch = [event]
        while len(batch) < BATCH and not events.empty():
            more = events.get()
            if more is None:
                events.put(None)
                break
            batch.append(more)
        try:
            pipe.send_bytes(encode(batch))
        except OSError:
            return  # the window is gone: the reader shuts the engine down
