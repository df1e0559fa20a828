"""The engine: takes commands, owns calls, sound card and IVR, reports events."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from dtmfphone import __version__
from dtmfphone.audio.devices import OFF, SoundState
from dtmfphone.audio.sound_card import SoundCard
from dtmfphone.engine.account_lines import AccountLines
from dtmfphone.engine.answering import Answering
from dtmfphone.engine.commands import (
    AnswerCall,
    AnyCommand,
    CloseAccount,
    Dial,
    HangUp,
    Hold,
    KeyDown,
    KeyUp,
    ListVoices,
    OpenAccount,
    PlaceCall,
    RejectCall,
    Say,
    SelectDevices,
    Serve,
    SetAudio,
    SetMethod,
    SetSpeech,
    Shadow,
    Shutdown,
    SkipWait,
    StopDialing,
    StopSaying,
    StopServing,
    Transfer,
)
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import AnyEvent, Device, DevicesChanged, Notice, Started, Stopped
from dtmfphone.engine.serving import Serving
from dtmfphone.engine.shadow_plan import plan_of
from dtmfphone.engine.telephone import Telephone
from dtmfphone.engine.voice_list import voice_list
from dtmfphone.ivr import recognizers
from dtmfphone.ivr.script import names

log = logging.getLogger(__name__)

STATISTICS_SECONDS = 1.0


class Engine:
    """Runs in one event loop; `submit` must be called in it.

    `emit` is called in the loop with each event. Without `sound` no device is opened.
    """

    def __init__(
        self, emit: Callable[[AnyEvent], None], *, sound: bool = True, display: DisplayRing | None = None
    ) -> None:
        self._emit = emit
        self._began = time.monotonic()
        self._sound = SoundCard(self._sound_changed) if sound else None
        self._answering = Answering(emit, self.clock, self._spawn)
        self._serving = Serving(self._answering, emit, self.clock)
        self._phone = Telephone(
            emit,
            self.clock,
            self._spawn,
            sound=self._sound,
            display=display,
            voice=self._answering.voice,
            hearing=self._answering.hearing,
            answer_builtin=self._answering.answer_builtin,
        )
        self._accounts = AccountLines(
            self._answering, emit, self.clock, ring=self._phone.ring, withdraw=self._phone.withdraw
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()
        self._closing = False

    def clock(self) -> float:
        """Return seconds since the session began."""
        return time.monotonic() - self._began

    async def start(self) -> None:
        """Begin to take commands."""
        self._emit(
            Started(
                t=self.clock(),
                version=__version__,
                wall_clock=time.time() - self.clock(),
                ivrs=names(),
                recognizers=recognizers.names(),
            )
        )
        self._spawn(self._report_statistics())
        if self._sound is not None:
            self._spawn(self._sound.open())
        else:
            self._emit(DevicesChanged(t=self.clock(), input=OFF, output=OFF))

    async def stopped(self) -> None:
        """Return when the engine has ended."""
        await self._stopped.wait()

    def submit(self, command: AnyCommand) -> None:
        """Take a command; what comes of it is told by events."""
        if self._closing:
            return
        phone = self._phone
        match command:
            case PlaceCall(account=account):
                phone.place(command, self._accounts.line(account.name) if account is not None else None)
            case HangUp():
                phone.hang_up()
            case KeyDown(key=key):
                phone.key_down(key)
            case KeyUp(key=key):
                phone.key_up(key)
            case Dial():
                phone.dial(command)
            case StopDialing():
                phone.stop_dialing()
            case SkipWait():
                phone.skip_wait()
            case SetMethod(method=method):
                phone.use_method(method)
            case AnswerCall():
                phone.answer()
            case RejectCall(reason=reason):
                phone.reject(reason)
            case Hold(on=on):
                phone.hold(on)
            case Transfer(target=target):
                phone.transfer(target)
            case Say():
                phone.say(command)
            case StopSaying():
                phone.stop_saying()
            case ListVoices():
                self._spawn(self._list_voices())
            case SetSpeech():
                self._answering.hearing.choose(command)
            case OpenAccount(account=account, ivr=ivr):
                self._spawn(self._accounts.open(account, ivr))
            case CloseAccount(name=name):
                self._spawn(self._accounts.close(name))
            case SelectDevices():
                if self._sound is not None:
                    self._spawn(self._sound.open(command.input, command.output))
            case SetAudio():
                if self._sound is not None:
                    self._sound.muted, self._sound.sidetone = command.muted, command.sidetone
            case Serve(listen=addresses, ivr=ivr):
                self._spawn(self._serving.serve(addresses, ivr))
            case StopServing():
                self._spawn(self._serving.stop())
            case Shadow():
                self._shadow(command)
            case Shutdown():
                self._closing = True
                self._spawn(self._shut_down())

    def _shadow(self, command: Shadow) -> None:
        try:
            plan = plan_of(command)
        except ValueError as error:
            text = f"No such shadow collector can watch: {error}."
            self._emit(Notice(t=self.clock(), level="error", text=text, remedy="Nothing was changed."))
            return
        self._phone.shadow(plan)
        self._answering.shadow(plan)

    async def _list_voices(self) -> None:
        self._emit(await asyncio.to_thread(voice_list, self.clock()))

    async def _report_statistics(self) -> None:
        while True:
            await asyncio.sleep(STATISTICS_SECONDS)
            self._answering.report_statistics()
            self._phone.report_statistics()

    def _sound_changed(self, state: SoundState) -> None:
        self._emit(
            DevicesChanged(
                t=self.clock(),
                devices=tuple(Device(device.name, device.inputs, device.outputs) for device in state.devices),
                input=state.input,
                output=state.output,
                problem=state.problem,
                remedy=state.remedy,
                xruns=state.xruns,
            )
        )

    async def _shut_down(self) -> None:
        await asyncio.gather(
            self._serving.stop(), self._accounts.close_all(), self._phone.close(), self._answering.close()
        )
        if self._sound is not None:
            await self._sound.close()
        me = asyncio.current_task()
        others = [task for task in self._tasks if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._emit(Stopped(t=self.clock()))
        self._stopped.set()

    def _spawn(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A task of the engine failed", exc_info=error)
            text = f"Internal error: {error!r}."
            self._emit(Notice(t=self.clock(), level="error", text=text, remedy="Please report it, with the log."))
