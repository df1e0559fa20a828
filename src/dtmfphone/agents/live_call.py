"""A call of this engine, placed or answered by a Python program."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from dtmfphone.agents.call import Listener, ToolError
from dtmfphone.agents.dtmf_event import DtmfEvent
from dtmfphone.engine.commands import Account, AnswerCall, AnyCommand, Dial, Method, OpenAccount, PlaceCall, Shutdown
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import (
    AccountChanged,
    AnyEvent,
    CallChanged,
    Dialing,
    Notice,
    Sighting,
    SightingMethod,
    SightingStarted,
)
from dtmfphone.engine.presses import Presses
from dtmfphone.ivr.collection import AgentState, UserState

T = TypeVar("T")
CALL_SECONDS = 60.0
"""How long the far end may take to answer."""
KEY_SECONDS = 5.0
"""How long a key may take to go out."""


class LiveCall:
    """One call without sound: `async with LiveCall("builtin:echo") as call:`, up as long as that block lasts.

    Raises ToolError when it does not come up. Who speaks is not detected: say so with `set_user_state` and
    `set_agent_state`.
    """

    def __init__(
        self,
        target: str = "",
        *,
        account: Account | None = None,
        method: Method = "auto",
        on_interrupt: Callable[[], object] = lambda: None,
    ) -> None:
        """`target`: who is called (`builtin:NAME`, `sip:...`, ...); empty: the next call to `account` is answered.

        `on_interrupt` is called when what the agent says must stop.
        """
        if not target and account is None:
            raise ValueError("target is missing: name who is called, or the account whose next call is answered")
        self.user_state: UserState = "listening"
        self.agent_state: AgentState = "listening"
        self._target = target
        self._account = account
        self._method: Method = method
        self._on_interrupt = on_interrupt
        self._over = ""
        self._listeners: list[Listener] = []
        self._events: list[AnyEvent] = []
        self._changed = asyncio.Event()
        self._seen: set[str] = set()
        """Names of the received key presses that go on."""
        self._presses = Presses()
        self._engine = Engine(self._take, sound=False)

    async def __aenter__(self) -> Self:
        await self._engine.start()
        try:
            await self._come_up()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    @property
    def over(self) -> str:
        """Why the call is over; empty: it is not."""
        return self._over

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of what happens from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Tell it no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def interrupt(self) -> None:
        """What the agent says must stop now."""
        self._on_interrupt()

    def set_user_state(self, state: UserState) -> None:
        """The far end began or ceased to speak."""
        self.user_state = state
        for listener in (*self._listeners,):
            listener.user_changed(state)

    def set_agent_state(self, state: AgentState) -> None:
        """The agent began or ceased to speak or think."""
        self.agent_state = state
        for listener in (*self._listeners,):
            listener.agent_changed(state)

    async def send_key(self, key: DtmfEvent) -> None:
        """Press a key for 100 ms, and return when it has gone out; raises ToolError when it has not."""
        if self._over:
            raise ToolError(self._over)
        self._ask(Dial(digits=key.value, gap_ms=40))
        try:
            failure = await self._wait(_key_out, KEY_SECONDS)
        except TimeoutError:
            raise ToolError(f"The key did not go out within {KEY_SECONDS:g} s.") from None
        if failure:
            raise ToolError(failure)

    async def _come_up(self) -> None:
        if self._target:
            self._ask(PlaceCall(target=self._target, method=self._method, account=self._account))
        elif self._account is not None:
            self._ask(OpenAccount(account=self._account))
            if failure := await self._wait(_rings, None):
                raise ToolError(failure)
            self._ask(AnswerCall())
        try:
            failure = await self._wait(_up, CALL_SECONDS)
        except TimeoutError:
            raise ToolError(f"The far end did not answer within {CALL_SECONDS:g} s.") from None
        if failure:
            raise ToolError(failure)

    async def _close(self) -> None:
        self._engine.submit(Shutdown())
        await self._engine.stopped()

    def _ask(self, command: AnyCommand) -> None:
        self._events.clear()
        self._engine.submit(command)

    async def _wait(self, found: Callable[[AnyEvent], T | None], timeout: float | None) -> T:
        """Return the first result of `found` that is not None, over all events since a command was submitted."""
        async with asyncio.timeout(timeout):
            while True:
                while self._events:
                    result = found(self._events.pop(0))
                    if result is not None:
                        return result
                self._changed.clear()
                await self._changed.wait()

    def _take(self, event: AnyEvent) -> None:
        match event:
            case CallChanged(leg="phone") | AccountChanged() | Dialing() | Notice(level="error"):
                self._events.append(event)
                self._changed.set()
            case SightingStarted(leg="phone", direction="received", tentative=False):
                if event.id not in self._seen:
                    self._seen.add(event.id)
                    self._pressed(event.key, self._presses.began(event.key, event.method, event.start))
            case Sighting(leg="phone", direction="received"):
                end = event.start + event.duration
                if event.id in self._seen:
                    self._seen.remove(event.id)
                    self._presses.ended(event.key, event.method, end)
                else:
                    self._pressed(event.key, self._presses.seen(event.key, event.method, event.start, end))
        if isinstance(event, CallChanged) and event.leg == "phone" and event.state in ("ended", "failed"):
            self._over = _why(event)
            for listener in (*self._listeners,):
                listener.call_ended(self._over)

    def _pressed(self, key: str, before: SightingMethod | None) -> None:
        if before is None:
            for listener in (*self._listeners,):
                listener.key_pressed(DtmfEvent(key))


def _why(event: CallChanged) -> str:
    return f"{event.reason} {event.remedy}".strip() or "The call is over."


def _rings(event: AnyEvent) -> str | None:
    """Return the empty text when a call rings, or why none can."""
    match event:
        case CallChanged(state="incoming"):
            return ""
        case AccountChanged(state="failed") | AccountChanged(state="closed"):
            return f"{event.reason} {event.remedy}".strip() or "The account is closed."
        case _:
            return None


def _up(event: AnyEvent) -> str | None:
    """Return the empty text when a call is up, or why it is not."""
    match event:
        case CallChanged(state="up"):
            return ""
        case CallChanged(state="ended") | CallChanged(state="failed"):
            return _why(event)
        case _:
            return None


def _key_out(event: AnyEvent) -> str | None:
    """Return the empty text when the queue of keys is empty, or why the key was not sent."""
    match event:
        case Dialing(state="idle"):
            return ""
        case Dialing(state="stopped"):
            return event.reason or "The key was not sent."
        case CallChanged(state="ended") | CallChanged(state="failed"):
            return _why(event)
        case Notice():
            return f"{event.text} {event.remedy}".strip()
        case _:
            return None
