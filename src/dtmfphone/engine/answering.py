"""The calls that IVRs answer."""

import asyncio
import weakref
from itertools import count

from dtmfphone.calls.call import CallError
from dtmfphone.calls.line import Incoming
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.ivr_ear import IvrEar
from dtmfphone.engine.ivr_leg import IvrLeg
from dtmfphone.engine.leg import Clock, Emit, Spawn
from dtmfphone.engine.live_script import LOOK_SECONDS, LiveScript
from dtmfphone.engine.shadow_plan import ShadowPlan
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.script import ScriptError, load
from dtmfphone.ivr.voice import Voice

MAX_CALLS = 100
"""Further callers are told that it is busy."""


class Answering:
    """Lets scripts answer calls, whatever line they came in on."""

    def __init__(self, emit: Emit, clock: Clock, spawn: Spawn) -> None:
        self._emit = emit
        self._clock = clock
        self._spawn = spawn
        self.voice = Voice()
        self.hearing = Hearing(emit, clock, spawn)
        self._legs: dict[str, IvrLeg] = {}
        self._live: weakref.WeakSet[LiveScript] = weakref.WeakSet()
        """Scripts that follow their files, as long as somebody serves them."""
        self._watching: asyncio.Task[None] | None = None
        self._numbers = count(1)
        self._plan: ShadowPlan | None = None

    async def prepare(self, name: str) -> LiveScript:
        """Return a script whose prompts are ready, so that its first caller need not wait; raise CallError.

        One from a file follows the file.
        """
        live = LiveScript(name, load_script(name), self.voice, self._emit, self._clock)
        await self.voice.prepare(live.script)
        if live.has_file:
            self._live.add(live)
            if self._watching is None:
                self._watching = self._spawn(self._watch())
        return live

    def answer(self, call: Incoming, script: Script, account: str = "") -> IvrLeg | None:
        """Let the script take a call, or refuse the call where there are too many: None."""
        if len(self._legs) >= MAX_CALLS:
            self._spawn(call.refuse("busy"))
            return None
        leg = IvrLeg(
            f"ivr-{next(self._numbers)}",
            call,
            script,
            self.voice,
            self.hearing,
            emit=self._emit,
            clock=self._clock,
            spawn=self._spawn,
            on_over=self._over,
            account=account,
        )
        self._legs[leg.id] = leg
        leg.shadow(self._plan)
        leg.answer()
        return leg

    def answer_builtin(self, name: str, call: Incoming) -> IvrEar | None:
        """Let the script of that name take a call, and return who takes words there; raise CallError.

        None: there are too many calls.
        """
        leg = self.answer(call, load_script(name))
        return leg.listener if leg is not None else None

    def shadow(self, plan: ShadowPlan | None) -> None:
        """Put shadow collectors on all calls that are answered, and will be; None takes them off."""
        self._plan = plan
        for leg in self._legs.values():
            leg.shadow(plan)

    def report_statistics(self) -> None:
        """Report the counters of all calls that are up."""
        for leg in self._legs.values():
            leg.report_statistics()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for live in list(self._live):
                await live.look()

    async def close(self) -> None:
        """Hang up all calls."""
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(leg.hang_up("The program ends.") for leg in self._legs.values()))
        self.voice.close()
        await self.hearing.close()

    def _over(self, leg: IvrLeg) -> None:
        self._legs.pop(leg.id, None)


def load_script(name: str) -> Script:
    """Return a built-in script or one from a file; raise CallError."""
    try:
        return load(name)
    except ScriptError as error:
        remedy = error.remedy[:1].upper() + error.remedy[1:]
        raise CallError(
            f"The IVR cannot answer: {str(error).removesuffix(f': {error.remedy}')}.",
            remedy if remedy.endswith("?") else f"{remedy}.",
        ) from error
