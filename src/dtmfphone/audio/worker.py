"""One thread for calls that block and must not overlap."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """Runs jobs one after the other in a daemon thread, so that a job that hangs cannot keep the program alive."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, job: Callable[[], T]) -> asyncio.Future[T]:
        """Queue a job; the future brings its result to the running loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def deliver(set_outcome: Callable[[Any], None], outcome: Any) -> None:
            if not future.done():
                set_outcome(outcome)

        def work() -> None:
            try:
                outcome = job()
            except BaseException as error:
                tell(future.set_exception, error)
            else:
                tell(future.set_result, outcome)

        def tell(set_outcome: Callable[[Any], None], outcome: Any) -> None:
            try:
                loop.call_soon_threadsafe(deliver, set_outcome, outcome)
            except RuntimeError:
                if not loop.is_closed():
                    raise

        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._jobs.put(work)
        return future

    def stop(self) -> None:
        """End the thread after the jobs that are queued; a later job starts a new one."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread = None

    def _run(self) -> None:
        while (work := self._jobs.get()) is not None:
            work()
