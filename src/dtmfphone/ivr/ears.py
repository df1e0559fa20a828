"""A recognizer in a process of its own: engines hold the interpreter's lock, and packets must not wait."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any, Final

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.recognition import Grammar, GrammarError, Recognised, RecognizerError

LOAD_SECONDS: Final = 120.0
"""How long an engine may take to load its model."""
ANSWER_SECONDS: Final = 20.0
"""How long it may take for one utterance."""
STOP_SECONDS: Final = 1.0
"""How long it may take to end, before it is made to."""
CLOSE_REMEDY: Final = "Choose the recognizer again, or another one."
_starting = threading.Lock()


@dataclass(frozen=True)
class _Facts:
    most_phrases: int | None
    takes_digits: bool


@dataclass(frozen=True)
class _Failure:
    kind: type[RecognizerError]
    reason: str
    remedy: str


class Ears:
    """Recognises one utterance after another; what is asked meanwhile waits its turn. `open` it first, and once."""

    def __init__(self) -> None:
        self.name = ""
        """The engine's, from `open` on."""
        self.most_phrases: int | None = None
        """It is of no use with more phrases than this; None: any number. Known when it is open."""
        self.takes_digits = False
        """Whether it is any good for strings of digits. Known when it is open."""
        self._worker = ThreadPoolExecutor(1, "ears")
        self._pipe: Connection[Any, Any] | None = None
        self._process: BaseProcess | None = None
        self._closed = False

    @property
    def alive(self) -> bool:
        """Whether the engine's process runs; one that crashed, or was ended as it gave no answer, does not."""
        return self._process is not None and self._process.is_alive()

    async def open(self, name: str, model: str = "") -> None:
        """Start the engine of that name with the model in a folder; raise RecognizerError."""
        self.name = name
        facts = await self._in_turn(lambda: self._start(model))
        assert isinstance(facts, _Facts)
        self.most_phrases, self.takes_digits = facts.most_phrases, facts.takes_digits

    async def recognise(self, pcm: Pcm, grammar: Grammar) -> Recognised:
        """Return what one utterance means, mono int16 samples at 16 kHz; raise RecognizerError, GrammarError."""
        answer = await self._in_turn(lambda: self._ask((pcm, grammar), ANSWER_SECONDS))
        assert isinstance(answer, Recognised)
        return answer

    async def close(self) -> None:
        """End the engine's process, also in the midst of an utterance: whoever waits for it gets RecognizerError."""
        self._closed = True
        await asyncio.to_thread(self._stop)
        await asyncio.to_thread(self._worker.shutdown)
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    async def _in_turn(self, work: Callable[[], object]) -> object:
        if self._closed:
            raise RecognizerError(f"The recognizer {self.name} is closed.", CLOSE_REMEDY)
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _start(self, model: str) -> object:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        process = context.Process(
            target=_serve, args=(far_end, self.name, model), name=f"dtmfphone {self.name}", daemon=True
        )
        with _no_main_module():
            process.start()
        far_end.close()
        self._process = process
        if self._closed:  # `close` found no process to end
            self._stop()
        return self._ask(None, LOAD_SECONDS)

    def _ask(self, question: object, seconds: float) -> object:
        """Return the answer to a question; the answer that comes first needs none."""
        if self._pipe is None or self._process is None:
            raise RecognizerError(f"The recognizer {self.name} is not open.", CLOSE_REMEDY)
        try:
            if question is not None:
                self._pipe.send(question)
            if not self._pipe.poll(seconds):
                self._stop()
                raise RecognizerError(f"The recognizer {self.name} gives no answer within {seconds:g} s.", CLOSE_REMEDY)
            answer: object = self._pipe.recv()
        except (EOFError, OSError):
            self._stop()
            code = self._process.exitcode
            raise RecognizerError(f"The recognizer {self.name} has ended (exit code {code}).", CLOSE_REMEDY) from None
        if isinstance(answer, _Failure):
            raise answer.kind(answer.reason, answer.remedy)
        return answer

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.join(STOP_SECONDS)
            self._process.kill()
            self._process.join()


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep a new process from running the user's script anew, as it would without `if __name__ == "__main__"`."""
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _serve(pipe: "Connection[Any, Any]", name: str, model: str) -> None:
    """Answer until the far end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is the engine's to handle
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # tidies up
    threading.Thread(target=_follow, name="parent", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # packets come first
    from dtmfphone.ivr.recognizers import load_recognizer

    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            engine = load_recognizer(name, model)
        except RecognizerError as error:
            pipe.send(_Failure(RecognizerError, error.reason, error.remedy))
            return
        pipe.send(_Facts(engine.most_phrases, engine.takes_digits))
        while True:
            pcm, grammar = pipe.recv()
            answer: Recognised | _Failure
            try:
                answer = engine.recognise(pcm, grammar)
            except RecognizerError as error:
                kind = GrammarError if isinstance(error, GrammarError) else RecognizerError
                answer = _Failure(kind, error.reason, error.remedy)
            except Exception as error:  # whatever somebody else's code raises
                reason = f"The recognizer {name} failed: {type(error).__name__}: {error}."
                answer = _Failure(RecognizerError, reason, CLOSE_REMEDY)
            pipe.send(answer)


def _follow() -> None:
    """End as soon as who started us has, whatever the engine is at."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
