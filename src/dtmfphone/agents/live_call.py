"""A call of this engine, placed or answered by a Python program."""

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Self

from dtmfphone.agents import outcomes
from dtmfphone.agents.call import Listener, ToolError
from dtmfphone.agents.dtmf_event import DtmfEvent
from dtmfphone.engine.commands import (
    Account,
    AnswerCall,
    AnyCommand,
    Dial,
    Method,
    OpenAccount,
    PlaceCall,
    Say,
    SetSpeech,
    Shutdown,
    StopSaying,
)
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
    SpeechChanged,
    Utterance,
)
from dtmfphone.engine.presses import Presses
from dtmfphone.ivr.collection import AgentState, UserState
from dtmfphone.ivr.language import LANGUAGES

log = logging.getLogger(__name__)
Outcome = Callable[[AnyEvent], str | None]
CALL_SECONDS = 60.0
"""How long the far end may take to answer."""
KEY_SECONDS = 5.0
"""How long a key may take to go out."""


class LiveCall:
    """One call without a sound card: `async with LiveCall("builtin:echo") as call:`, up as long as that block lasts.

    Raises ToolError when it does not come up. `say` sets `agent_state`; with a recognizer the far end's speech sets
    `user_state`. What else is known of who speaks or thinks, tell by `set_user_state` and `set_agent_state`.
    """

    def __init__(
        self,
        target: str = "",
        *,
        account: Account | None = None,
        method: Method = "auto",
        on_interrupt: Callable[[], object] = lambda: None,
        recognizer: str = "",
        model: str = "",
        language: str = "en",
    ) -> None:
        """`target`: who is called (`builtin:NAME`, `sip:...`, ...); empty: the next call to `account` is answered.

        `on_interrupt` is called when what the agent says must stop; what `say` says stops by itself. `recognizer`
        listens to the far end, with the `model` in a folder where it needs one (see `dtmfphone.ivr.recognizers`);
        empty: nobody does. Digits are recognised only by one that is good for them, such as `vosk`; what means which
        digit is known in the languages of `dtmfphone.ivr.language`, two letters, by other names ValueError.
        """
        if language not in LANGUAGES:
            raise ValueError(f"language is {language!r}: use one of {', '.join(LANGUAGES)}")
        if not target and account is None:
            raise ValueError("target is missing: name who is called, or the account whose next call is answered")
        self.user_state: UserState = "listening"
        self.agent_state: AgentState = "listening"
        self._target = target
        self._account = account
        self._method: Method = method
        self._on_interrupt = on_interrupt
        self._speech = SetSpeech(recognizer=recognizer, model=model, phone=True, language=language)
        self._over = ""
        self._listeners: list[Listener] = []
        self._waiting: set[asyncio.Queue[AnyEvent]] = set()
        """Events for those who wait for what comes of their commands."""
        self._saying = asyncio.Lock()
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
        self._engine.submit(StopSaying())
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
        command = Dial(digits=key.value, gap_ms=40)
        await self._do(command, outcomes.key_out, KEY_SECONDS, f"The key did not go out within {KEY_SECONDS:g} s.")

    async def say(self, text: str, voice: str = "") -> bool:
        """Speak a text, and return when it is over: whether all of it was said; raises ToolError when none can be.

        `voice`: as `dtmfphone ivr voices` lists them; empty: the usual one. `agent_state` is `speaking` meanwhile.
        Texts are said one after the other, with a second between them; the end of the task that says one cuts it short.
        """
        async with self._saying:
            if self._over:
                raise ToolError(self._over)
            try:
                event = await self._do(Say(text=text, voice=voice), outcomes.said)
            except asyncio.CancelledError:
                self._engine.submit(StopSaying())
                raise
        if self._over:
            raise ToolError(self._over)
        return isinstance(event, Utterance) and not event.note

    async def _come_up(self) -> None:
        if self._speech.recognizer:
            await self._do(self._speech, outcomes.listening)
        command: AnyCommand = AnswerCall()
        if self._target:
            command = PlaceCall(target=self._target, method=self._method, account=self._account)
        elif self._account is not None:
            await self._do(OpenAccount(account=self._account), outcomes.rings)
        late = f"The far end did not answer within {CALL_SECONDS:g} s."
        await self._do(command, outcomes.up, CALL_SECONDS, late)

    async def _close(self) -> None:
        self._engine.submit(Shutdown())
        await self._engine.stopped()

    async def _do(
        self, command: AnyCommand, outcome: Outcome, seconds: float | None = None, late: str = ""
    ) -> AnyEvent:
        """Have a command done, and return the event that says so; raise ToolError when it was not, or is `late`."""
        events: asyncio.Queue[AnyEvent] = asyncio.Queue()
        self._waiting.add(events)
        try:
            self._engine.submit(command)
            async with asyncio.timeout(seconds):
                while (failure := outcome(event := await events.get())) is None:
                    pass
        except TimeoutError:
            raise ToolError(late) from None
        finally:
            self._waiting.remove(events)
        if failure:
            raise ToolError(failure)
        return event

    def _take(self, event: AnyEvent) -> None:
        match event:
            case Notice(level="warning" | "error") if event.level == "warning" or not self._waiting:
                log.warning("%s", f"{event.text} {event.remedy}".strip())
            case CallChanged(leg="phone") | AccountChanged() | Dialing() | Notice():
                self._tell_waiting(event)
            case Utterance(leg="phone", direction="sent"):
                self._tell_waiting(event)
            case Utterance(leg="phone", direction="received"):
                for listener in (*self._listeners,):
                    listener.words_heard(event.text, event.keys, event.confidence)
            case SpeechChanged(direction="sent"):
                self.set_agent_state("speaking" if event.speaking else "listening")
            case SpeechChanged(direction="received"):
                self.set_user_state("speaking" if event.speaking else "listening")
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
            self._over = outcomes.over(event)
            for listener in (*self._listeners,):
                listener.call_ended(self._over)

    def _tell_waiting(self, event: AnyEvent) -> None:
        for events in self._waiting:
            events.put_nowait(event)

    def _pressed(self, key: str, before: SightingMethod | None) -> None:
        if before is None:
            for listener in (*self._listeners,):
                listener.key_pressed(DtmfEvent(key))
