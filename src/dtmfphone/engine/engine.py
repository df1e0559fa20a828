"""The engine: takes commands, owns calls, sound card and IVR, reports events."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, Literal

from dtmfphone import __version__
from dtmfphone.audio.devices import OFF, SoundState
from dtmfphone.audio.sound_card import SoundCard
from dtmfphone.calls.call import Answer, Call, CallContext, CallError
from dtmfphone.calls.ways import open_call
from dtmfphone.dtmf.dial_string import DialStringError, parse
from dtmfphone.dtmf.keys import key_of
from dtmfphone.engine.commands import (
    AnyCommand,
    Dial,
    HangUp,
    KeyDown,
    KeyUp,
    PlaceCall,
    SelectDevices,
    Serve,
    SetAudio,
    SetMethod,
    Shutdown,
    SkipWait,
    StopDialing,
    StopServing,
)
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.endpoint import Busy, Endpoint, EndpointError
from dtmfphone.engine.events import AnyEvent, Device, DevicesChanged, Notice, ServerChanged, Started, Stopped
from dtmfphone.engine.ivr_leg import IvrLeg
from dtmfphone.engine.phone import PhoneLeg
from dtmfphone.ivr.script import ScriptError, load, names
from dtmfphone.ivr.voice import Voice

log = logging.getLogger(__name__)

STATISTICS_SECONDS = 1.0
GOODBYE_SECONDS = 2.0
"""How long a shutdown waits for far ends to be told that their call is over."""


class Engine:
    """Runs in one event loop; `submit` must be called in it.

    `emit` is called in the loop with each event. Without `sound` no device is opened.
    """

    def __init__(
        self, emit: Callable[[AnyEvent], None], *, sound: bool = True, display: DisplayRing | None = None
    ) -> None:
        self._emit = emit
        self._display = display
        self._began = time.monotonic()
        self._sound = SoundCard(self._sound_changed) if sound else None
        self._voice = Voice()
        self._phone: PhoneLeg | None = None
        self._answered: dict[str, IvrLeg] = {}
        self._endpoint: Endpoint | None = None
        self._ivr = ""
        """The script that answers at the endpoint."""
        self._served: IvrLeg | None = None
        """The endpoint's caller; there is one line."""
        self._answering = False
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._goodbyes: set[asyncio.Task[None]] = set()
        """Far ends that are being told that their call is over; they may finish at shutdown."""
        self._stopped = asyncio.Event()
        self._closing = False

    def clock(self) -> float:
        """Return seconds since the session began."""
        return time.monotonic() - self._began

    async def start(self) -> None:
        """Begin to take commands."""
        self._emit(Started(t=self.clock(), version=__version__, wall_clock=time.time() - self.clock(), ivrs=names()))
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
        match command:
            case PlaceCall():
                self._place(command)
            case HangUp():
                self._spawn(self._hang_up())
            case KeyDown(key=key):
                self._key_down(key)
            case KeyUp(key=key):
                self._key_up(key)
            case Dial():
                self._dial(command)
            case StopDialing():
                if self._phone is not None:
                    self._phone.stop_dialing()
            case SkipWait():
                if self._phone is not None:
                    self._phone.dialer.skip_wait()
            case SetMethod(method=method):
                if self._phone is not None:
                    self._phone.use_method(method)
            case SelectDevices():
                if self._sound is not None:
                    self._spawn(self._sound.open(command.input, command.output))
            case SetAudio():
                if self._sound is not None:
                    self._sound.muted, self._sound.sidetone = command.muted, command.sidetone
            case Serve():
                self._spawn(self._serve(command))
            case StopServing():
                self._spawn(self._stop_serving())
            case Shutdown():
                self._closing = True
                self._spawn(self._shut_down())

    def _place(self, command: PlaceCall) -> None:
        if self._phone is not None:
            self._notice("error", "A call is already up.", "Hang up before you place another one.")
            return
        phone = self._phone = PhoneLeg(
            f"call-{next(self._numbers)}",
            command.target,
            emit=self._emit,
            clock=self.clock,
            sound=self._sound,
            display=self._display,
            method=command.method,
            on_over=self._phone_over,
        )
        context = CallContext(
            source=phone,
            sink=phone,
            observer=phone,
            slot=phone.slot,
            clock=self.clock,
            answer_builtin=self._answer_builtin,
            codec=command.codec,
            token=command.token,
        )
        phone.placing = self._spawn(self._place_call(phone, context))

    async def _place_call(self, phone: PhoneLeg, context: CallContext) -> None:
        try:
            phone.call = open_call(phone.target.strip(), context)
            await phone.call.place()
        except CallError as error:
            phone.state_changed("failed", error.reason, error.remedy)
        except asyncio.CancelledError:
            phone.state_changed("ended", "Hung up before the call was up.")
            raise

    async def _hang_up(self) -> None:
        phone = self._phone
        if phone is None:
            return
        if phone.placing is not None and not phone.placing.done():
            phone.placing.cancel()
            self._keep_goodbye(phone.placing)
            return
        phone.state_changed("ended", "You hung up.")

    def _phone_over(self) -> None:
        phone, self._phone = self._phone, None
        if phone is not None and phone.call is not None:
            self._keep_goodbye(self._spawn(self._say_goodbye(phone.call)))

    async def _say_goodbye(self, call: Call) -> None:
        try:
            await call.hang_up()
        except CallError as error:
            self._notice("warning", f"The far end was not told of the end of the call. {error.reason}", error.remedy)

    def _keep_goodbye(self, task: asyncio.Task[None]) -> None:
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    def _key_down(self, key: str) -> None:
        char = key_of(key).char
        if self._phone is None:
            if self._sound is not None:
                self._sound.key_down(char)
        elif self._phone.state == "up" and self._phone.method is None:
            self._notice("error", "This call takes no RFC 4733 events.", "Choose the method automatic or in-band.")
        else:
            self._phone.dialer.key_down(char, self.clock())

    def _key_up(self, key: str) -> None:
        if self._phone is not None:
            self._phone.dialer.key_up(key_of(key).char, self.clock())
        elif self._sound is not None:
            self._sound.key_up()

    def _dial(self, command: Dial) -> None:
        if self._phone is None:
            self._notice("error", "There is no call to dial in.", "Call first, then send the digits.")
            return
        if self._phone.state == "up" and self._phone.method is None:
            self._notice("error", "This call takes no RFC 4733 events.", "Choose the method automatic or in-band.")
            return
        try:
            steps = parse(command.digits)
        except DialStringError as error:
            self._notice("error", str(error), "Correct the dial string; nothing was sent.")
            return
        self._phone.dialer.dial(steps, command.duration_ms, command.gap_ms, self.clock())

    async def _answer_builtin(self, name: str, offer: str) -> Answer:
        leg, answer = await self._answer(name, offer, loopback_only=True)
        return Answer(answer, leg.hang_up)

    async def _answer(self, name: str, offer: str, *, loopback_only: bool) -> tuple[IvrLeg, str]:
        try:
            script = load(name)
        except ScriptError as error:
            reason, remedy = _sentences(error)
            raise CallError(f"The IVR cannot answer: {reason}", remedy) from error
        leg = IvrLeg(
            f"ivr-{next(self._numbers)}",
            script,
            self._voice,
            emit=self._emit,
            clock=self.clock,
            loopback_only=loopback_only,
            on_over=self._ivr_over,
        )
        answer = await leg.answer(offer)
        self._answered[leg.id] = leg
        return leg, answer

    def _ivr_over(self, leg: IvrLeg) -> None:
        self._answered.pop(leg.id, None)
        if self._served is leg:
            self._served = None

    async def _serve(self, command: Serve) -> None:
        await self._stop_serving()
        listen = command.listen[0].removeprefix("http://")
        host, _, port = listen.rpartition(":")
        try:
            script = load(command.ivr)
            if not port.isdecimal() or int(port) > 65535:
                raise EndpointError(f"{listen!r} is no address to listen on.", "Use host:port.")
            endpoint = Endpoint(answer=self._answer_offer, hang_up=self._hang_up_answered)
            self._ivr = command.ivr
            url = await endpoint.start(host.strip("[]") or "127.0.0.1", int(port))
        except ScriptError as error:
            reason, remedy = _sentences(error)
        except EndpointError as error:
            reason, remedy = error.reason, error.remedy
        else:
            self._endpoint = endpoint
            await self._voice.prepare(script)  # so that the first caller need not wait for it
            self._emit(ServerChanged(t=self.clock(), state="listening", url=url, ivr=script.name))
            return
        self._emit(ServerChanged(t=self.clock(), state="failed", ivr=command.ivr, reason=reason, remedy=remedy))

    async def _answer_offer(self, offer: str) -> tuple[str, str]:
        if self._served is not None or self._answering:
            raise Busy
        self._answering = True
        try:
            self._served, answer = await self._answer(self._ivr, offer, loopback_only=False)
        finally:
            self._answering = False
        return answer, self._served.id

    async def _hang_up_answered(self, call: str) -> None:
        if (leg := self._answered.get(call)) is not None:
            await leg.hang_up()

    async def _stop_serving(self) -> None:
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            await endpoint.close()
            self._emit(ServerChanged(t=self.clock(), state="closed"))

    async def _report_statistics(self) -> None:
        while True:
            await asyncio.sleep(STATISTICS_SECONDS)
            for leg in (*self._answered.values(), *((self._phone,) if self._phone is not None else ())):
                leg.report_statistics()

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
        await self._hang_up()
        await self._stop_serving()
        for leg in list(self._answered.values()):
            await leg.hang_up()
        if self._sound is not None:
            await self._sound.close()
        if self._goodbyes:
            await asyncio.wait(self._goodbyes, timeout=GOODBYE_SECONDS)
        me = asyncio.current_task()
        others = [task for task in self._tasks if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._voice.close()
        self._emit(Stopped(t=self.clock()))
        self._stopped.set()

    def _notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        self._emit(Notice(t=self.clock(), level=level, text=text, remedy=remedy))

    def _spawn(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A task of the engine failed", exc_info=error)
            self._notice("error", f"Internal error: {error!r}.", "Please report it, with the log.")


def _sentences(error: ScriptError) -> tuple[str, str]:
    """Return the cause and the remedy as sentences."""
    remedy = error.remedy[:1].upper() + error.remedy[1:]
    return str(error).removesuffix(f": {error.remedy}") + ".", remedy if remedy.endswith("?") else f"{remedy}."
