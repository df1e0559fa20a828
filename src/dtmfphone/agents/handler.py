"""Hand each key of a call to a function."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable

from dtmfphone.agents.call import DtmfCall
from dtmfphone.agents.dtmf_event import DtmfEvent
from dtmfphone.ivr.collection import AgentState, UserState

log = logging.getLogger(__name__)
Callback = Callable[[DtmfEvent], Awaitable[object] | object]


class DtmfHandler:
    """Calls `callback` with each key that the far end presses, from `start` to `stop` or the end of the call.

    Different from VideoSDK's: keys are always `DtmfEvent`, a string, and key 0 is one of them; whatever can be awaited
    is awaited, one key after the other in their order; it takes a call, not a job context, and can be stopped. As
    there, an exception of the callback is logged and the next key is handed on.
    """

    def __init__(self, callback: Callback | None = None) -> None:
        self._callback = callback
        self._keys: asyncio.Queue[DtmfEvent] = asyncio.Queue()
        self._call: DtmfCall | None = None
        self._worker: asyncio.Task[None] | None = None

    def set_callback(self, callback: Callback | None) -> None:
        """Replace the callback for all keys that it has not been called with."""
        self._callback = callback

    def start(self, call: DtmfCall) -> None:
        """Begin; raises RuntimeError when it has begun."""
        if self._call is not None:
            raise RuntimeError("this handler has been started: stop it first")
        self._call = call
        self._worker = asyncio.get_running_loop().create_task(self._work())
        call.listen(self)

    async def stop(self) -> None:
        """End, when the callback has had all keys that were pressed."""
        if self._call is None or self._worker is None:
            return
        self._call.unlisten(self)
        await self._keys.join()
        self._worker.cancel()
        self._call = self._worker = None

    def key_pressed(self, key: DtmfEvent) -> None:
        """Take a key (see Listener)."""
        self._keys.put_nowait(key)

    def words_heard(self, _text: str, _keys: str, _confidence: float | None, /) -> None:
        """Words are no keys (see Listener)."""

    def user_changed(self, state: UserState) -> None:
        """Who speaks does not matter (see Listener)."""

    def agent_changed(self, state: AgentState) -> None:
        """Who speaks does not matter (see Listener)."""

    def call_ended(self, reason: str) -> None:
        """No key follows (see Listener)."""

    async def _work(self) -> None:
        while True:
            key = await self._keys.get()
            try:
                result = self._callback(key) if self._callback is not None else None
                if inspect.isawaitable(result):
                    await result
            except Exception:
                log.exception("The callback for keys failed")
            finally:
                self._keys.task_done()
