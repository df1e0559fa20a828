"""The phone: one call at a time, placed or taken, and what a person does in it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Literal

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import Call, CallContext, CallError
from dtmfphone.calls.line import Incoming, Line
from dtmfphone.calls.ways import open_call
from dtmfphone.dtmf.dial_string import DialStringError, parse
from dtmfphone.dtmf.keys import key_of
from dtmfphone.engine.commands import Dial, Method, PlaceCall, Say
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import CallChanged, Notice
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.leg import Clock, Emit, Spawn
from dtmfphone.engine.mouth import Listener
from dtmfphone.engine.phone import GIVEN_UP, PhoneLeg, Sound
from dtmfphone.engine.shadow_plan import ShadowPlan
from dtmfphone.ivr.voice import Voice

GOODBYE_SECONDS = 2.0
"""How long a shutdown waits for far ends to be told that their call is over."""


class Telephone:
    """Owns the phone's call."""

    def __init__(
        self,
        emit: Emit,
        clock: Clock,
        spawn: Spawn,
        *,
        sound: Sound | None,
        display: DisplayRing | None,
        voice: Voice,
        hearing: Hearing,
        answer_builtin: Callable[[str, Incoming], Listener | None],
    ) -> None:
        """`answer_builtin` lets an IVR of ours take a call, and returns who takes words there; None: it is busy."""
        self._emit = emit
        self._clock = clock
        self._spawn = spawn
        self._sound = sound
        self._display = display
        self._voice = voice
        self._hearing = hearing
        self._answer_builtin = answer_builtin
        self._phone: PhoneLeg | None = None
        self._plan: ShadowPlan | None = None
        self._numbers = count(1)
        self._goodbyes: set[asyncio.Task[None]] = set()
        """Far ends that are being told that their call is over; they may finish at shutdown."""

    def place(self, command: PlaceCall, line: Line | None) -> None:
        """Call somebody, over the line of an account where there is one."""
        if self._phone is not None:
            self._notice("error", "A call is already up.", "Hang up before you place another one.")
            return
        account = command.account
        phone = self._phone = self._leg(command.target, command.method, account)
        context = replace(self._context(phone), codec=command.codec, token=command.token, account=account, line=line)
        phone.placing = self._spawn(phone.place(lambda: open_call(phone.target.strip(), context)))

    def ring(self, call: Incoming, account: Account) -> None:
        """Let a call ring here that came in on an account, or refuse it where there is another one."""
        if self._phone is not None:
            self._keep_goodbye(self._spawn(call.refuse("busy")))
            self._emit(
                CallChanged(
                    t=self._clock(),
                    call=f"call-{next(self._numbers)}",
                    leg="phone",
                    state="ended",
                    target=call.caller,
                    direction="incoming",
                    account=account.name,
                    reason="You were on the phone; the caller heard that you are busy.",
                )
            )
            return
        self._phone = self._leg(call.caller, account.method, account, call)

    def withdraw(self, call: Incoming, reason: str) -> None:
        """The caller gave up."""
        if self._phone is not None and self._phone.ringing_here is call:
            self._phone.state_changed("ended", reason or "The caller gave up.")

    def answer(self) -> None:
        """Take the call that rings here."""
        phone = self._phone
        if phone is None or phone.ringing_here is None:
            self._notice("error", "No call rings here.")
            return
        call, phone.ringing_here = phone.ringing_here, None
        context = self._context(phone)
        phone.placing = self._spawn(phone.place(lambda: call.open(context)))

    def reject(self, refusal: Literal["declined", "busy"]) -> None:
        """Refuse the call that rings here."""
        phone = self._phone
        if phone is None or phone.ringing_here is None:
            self._notice("error", "No call rings here.")
            return
        call, phone.ringing_here = phone.ringing_here, None
        self._keep_goodbye(self._spawn(call.refuse(refusal)))
        phone.state_changed("ended", "You declined the call." if refusal == "declined" else "You were busy.")

    def hang_up(self) -> None:
        """End the call in whatever state it is."""
        phone = self._phone
        if phone is None:
            return
        if phone.ringing_here is not None:
            self.reject("declined")
        elif phone.placing is not None and not phone.placing.done():
            phone.placing.cancel()
            # It tells of its end itself, unless it had not even begun.
            phone.placing.add_done_callback(lambda _: phone.state_changed("ended", GIVEN_UP))
            self._keep_goodbye(phone.placing)
        else:
            phone.state_changed("ended", "You hung up.")

    def key_down(self, key: str) -> None:
        """A key goes down."""
        char = key_of(key).char
        if (phone := self._talking) is not None:
            phone.keys.key_down(char, self._clock())
        elif self._sound is not None:
            self._sound.key_down(char)

    def key_up(self, key: str) -> None:
        """A key goes up."""
        if (phone := self._talking) is not None:
            phone.dialer.key_up(key_of(key).char, self._clock())
        elif self._sound is not None:
            self._sound.key_up()

    def dial(self, command: Dial) -> None:
        """Send a dial string."""
        if (phone := self._talking) is None:
            self._notice("error", "There is no call to dial in.", "Call first, then send the digits.")
            return
        try:
            steps = parse(command.digits)
        except DialStringError as error:
            self._notice("error", str(error), "Correct the dial string; nothing was sent.")
            return
        phone.keys.dial(steps, command.duration_ms, command.gap_ms, self._clock())

    def stop_dialing(self) -> None:
        """Drop what is still to be sent."""
        if self._phone is not None:
            self._phone.keys.stop(self._clock())

    def skip_wait(self) -> None:
        """Go on where the dial string waits."""
        if self._phone is not None:
            self._phone.dialer.skip_wait()

    def use_method(self, method: Method) -> None:
        """Choose how keys are sent."""
        if self._phone is not None:
            self._phone.keys.use_method(method)

    def say(self, command: Say) -> None:
        """Speak words into the call."""
        if (phone := self._talking) is None:
            self._notice("error", "There is no call to speak in.", "Call first, then say it.")
        else:
            phone.say(command)

    def stop_saying(self) -> None:
        """Say no more."""
        if self._phone is not None:
            self._phone.mouth.stop("it was interrupted")

    def shadow(self, plan: ShadowPlan | None) -> None:
        """Put shadow collectors on this call and the next ones; None takes them off."""
        self._plan = plan
        if self._phone is not None:
            self._phone.shadow(plan)

    def hold(self, on: bool) -> None:
        """Put the call on hold or resume it."""
        if (phone := self._up("put on hold" if on else "resume")) is not None:
            self._spawn(phone.hold(on))

    def transfer(self, target: str) -> None:
        """Ask the far end to call somebody else."""
        if (phone := self._up("transfer")) is not None:
            self._spawn(phone.transfer(target))

    def report_statistics(self) -> None:
        """Report the counters of the call."""
        if self._phone is not None:
            self._phone.report_statistics()

    async def close(self) -> None:
        """Hang up, and give the far end the time to hear of it."""
        self.hang_up()
        await asyncio.sleep(0)
        if self._goodbyes:
            await asyncio.wait(self._goodbyes, timeout=GOODBYE_SECONDS)

    @property
    def _talking(self) -> PhoneLeg | None:
        """The call, unless it only rings here."""
        return self._phone if self._phone is not None and self._phone.ringing_here is None else None

    def _up(self, what: str) -> PhoneLeg | None:
        if self._phone is not None and self._phone.state == "up":
            return self._phone
        self._notice("error", f"There is no call to {what}.")
        return None

    def _leg(self, target: str, method: Method, account: Account | None, call: Incoming | None = None) -> PhoneLeg:
        phone = PhoneLeg(
            f"call-{next(self._numbers)}",
            target,
            emit=self._emit,
            clock=self._clock,
            spawn=self._spawn,
            sound=self._sound,
            display=self._display,
            method=method,
            voice=self._voice,
            hearing=self._hearing,
            on_over=self._over,
            account=account.name if account is not None else "",
            incoming=call,
        )
        phone.shadow(self._plan)
        return phone

    def _context(self, phone: PhoneLeg) -> CallContext:
        def answer_builtin(name: str, call: Incoming) -> None:
            phone.mouth.listener = self._answer_builtin(name, call)

        return CallContext(
            source=phone,
            sink=phone,
            observer=phone,
            slot=phone.keys.slot,
            clock=self._clock,
            answer_builtin=answer_builtin,
        )

    def _over(self) -> None:
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

    def _notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        self._emit(Notice(t=self._clock(), level=level, text=text, remedy=remedy))
