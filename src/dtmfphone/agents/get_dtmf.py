"""Collect digits from a call, as the `GetDtmfTask` of livekit-agents does."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Final

from dtmfphone.agents.call import DtmfCall, ToolError
from dtmfphone.agents.dtmf_event import DtmfEvent
from dtmfphone.ivr.collection import AgentState, Transition, UserState
from dtmfphone.ivr.livekit_collector import LiveKitCollector, LiveKitSettings

ReadBack = Callable[[str], Awaitable[bool]]
ARGUMENTS: Final = {"timeout": "dtmf_input_timeout", "stop_key": "dtmf_stop_event"}
"""What GetDtmfTask calls the settings of the collector."""


@dataclass(frozen=True)
class GetDtmfResult:
    """What was collected."""

    user_input: str
    """The keys with a space between them, without the stop key: `1 2 3`."""


class GetDtmfTask:
    """Await it once to collect digits: `result = await GetDtmfTask(call, num_digits=4)`.

    It ends by the stop key or when `dtmf_input_timeout` seconds have passed since the last key, not when all digits are
    in; before the first key it waits for ever. A wrong count raises ToolError. Digits that are said, in one go, are the
    result at once, however many they are; keys that were pressed before are not joined with them. All of that is as in
    livekit-agents 1.8.

    Different from there: the call is an argument; no language model takes part, so only words that mean keys and
    nothing else are digits (`my number is four two`, not `four or five`), `read_back` asks the caller for confirmation,
    and `extra_instructions` and `chat_ctx` are kept as attributes for it to read; what is pressed or said during a
    read-back is left to that; ToolError has the keys as `digits`; the end of the call raises ToolError instead of
    leaving the task waiting; invalid settings raise ValueError naming the field.
    """

    def __init__(
        self,
        call: DtmfCall,
        *,
        num_digits: int,
        ask_for_confirmation: bool = False,
        dtmf_input_timeout: float = 4.0,
        dtmf_stop_event: DtmfEvent = DtmfEvent.POUND,
        chat_ctx: object = None,
        extra_instructions: str | None = None,
        read_back: ReadBack | None = None,
    ) -> None:
        """`read_back`: gets `user_input`, returns whether the caller agrees; needed for `ask_for_confirmation`.

        After a refusal, or a key pressed once the read-back is over, digits are collected anew.
        """
        if ask_for_confirmation and read_back is None:
            raise ValueError("read_back is missing: ask_for_confirmation needs a function that asks")
        try:
            settings = LiveKitSettings(num_digits, dtmf_input_timeout, str(dtmf_stop_event), ask_for_confirmation)
        except ValueError as error:
            field, _, problem = str(error).partition(" ")
            raise ValueError(f"{ARGUMENTS.get(field, field)} {problem}") from None
        self.chat_ctx = chat_ctx
        self.extra_instructions = extra_instructions
        self._call = call
        self._read_back = read_back
        self._collector = LiveKitCollector(settings, call.user_state, call.agent_state)
        self._timer: asyncio.TimerHandle | None = None
        self._reading: asyncio.Task[None] | None = None

    def __await__(self) -> Generator[Any, None, GetDtmfResult]:
        return self._run().__await__()

    async def _run(self) -> GetDtmfResult:
        self._loop = asyncio.get_running_loop()
        self._result: asyncio.Future[GetDtmfResult] = self._loop.create_future()
        collector, call = self._collector, self._call
        collector.user, collector.agent = call.user_state, call.agent_state
        collector.start(self._loop.time())
        if call.over:
            raise ToolError(call.over)
        call.listen(self)
        try:
            return await self._result
        finally:
            call.unlisten(self)
            for pending in (self._timer, self._reading):
                if pending is not None:
                    pending.cancel()

    def key_pressed(self, key: DtmfEvent) -> None:
        """Take a key (see Listener)."""
        self._follow(self._collector.key(key.value, self._loop.time()))

    def words_heard(self, _text: str, keys: str, _confidence: float | None, /) -> None:
        """Take digits that were said (see Listener)."""
        if not keys or (self._reading is not None and not self._reading.done()):
            return
        take = self._collector.read_back if self._collector.settings.confirm else self._collector.spoken
        self._follow(take(keys, self._loop.time()))

    def user_changed(self, state: UserState) -> None:
        """Take a change of who speaks (see Listener)."""
        self._follow(self._collector.user_changed(state, self._loop.time()))

    def agent_changed(self, state: AgentState) -> None:
        """Take a change of who speaks (see Listener)."""
        self._follow(self._collector.agent_changed(state, self._loop.time()))

    def call_ended(self, reason: str) -> None:
        """Fail with what was typed (see Listener)."""
        self._follow(self._collector.hang_up(self._loop.time()), reason)

    def _follow(self, transitions: tuple[Transition, ...], reason: str = "") -> None:
        collector = self._collector
        for transition in transitions:
            if transition.interrupts:
                self._call.interrupt()
                if transition.state == "confirming":
                    self._reading = self._loop.create_task(self._confirm())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if collector.ended and not self._result.done():
            if collector.state == "done":
                self._result.set_result(GetDtmfResult(collector.user_input))
            else:
                self._result.set_exception(ToolError(collector.error or reason, collector.digits))
        elif (due := collector.deadline) is not None:
            self._timer = self._loop.call_at(due, self._expire, due)

    def _expire(self, due: float) -> None:
        self._timer = None
        self._follow(self._collector.tick(due))

    async def _confirm(self) -> None:
        assert self._read_back is not None
        digits = self._collector.digits
        try:
            agreed = await self._read_back(" ".join(digits))
        except Exception as error:
            if not self._result.done():
                self._result.set_exception(error)
            return
        now = self._loop.time()
        self._follow(self._collector.spoken(digits, now) if agreed else self._collector.read_back_ended(now))
