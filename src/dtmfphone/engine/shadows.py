"""The shadow collectors of one leg of a call: their timer, whom they hear, and the events that tell of them."""

import asyncio
from typing import Final

from dtmfphone.dtmf.talking import Talking
from dtmfphone.engine.events import Direction
from dtmfphone.engine.ivr_report import collector_event
from dtmfphone.engine.leg import CallLeg, Clock, Emit
from dtmfphone.engine.shadow_plan import ShadowPlan
from dtmfphone.ivr.collection import AgentState, UserState
from dtmfphone.ivr.shadow_collection import ShadowCollection, ShadowStep

AGENT_HANG: Final = 0.7
"""Seconds of quiet after which a far end that spoke has come to the end of what it says."""
USER_HANG: Final = 0.55
"""Seconds of quiet after which an agent takes it that its caller has ceased to speak, as LiveKit's do."""


class Shadows:
    """Watches the keys of one direction of a call; who presses them is the user, the other side is the agent."""

    def __init__(
        self, leg: CallLeg, plan: ShadowPlan, emit: Emit, clock: Clock, *, keys: Direction, follows: bool = False
    ) -> None:
        """`keys`: whose, those that the leg sends or receives. `follows`: see ShadowCollection."""
        self._leg = leg
        self._emit = emit
        self._clock = clock
        self._keys: Direction = keys
        self._collection = ShadowCollection(plan.shadows, follows)
        self._timer: asyncio.TimerHandle | None = None
        self._talkings: list[Talking] = []
        """Of those who are listened to."""

    def start(self, *, hears_agent: bool = True) -> None:
        """Begin to watch a call that is up; `hears_agent`: by ear, else `agent_changed` tells of the agent."""
        self._listen(self._keys, Talking(USER_HANG, self._user_talks))
        if hears_agent:
            self._listen("received" if self._keys == "sent" else "sent", Talking(AGENT_HANG, self._agent_talks))
        self._report(self._collection.start(self._clock()))

    def pressed(self, direction: Direction, char: str, t: float) -> None:
        """A key was pressed on either side."""
        if direction == self._keys:
            self._report(self._collection.key(char, t))

    def spoken(self, direction: Direction, keys: str, t: float) -> None:
        """Digits were spoken on either side: the agent takes them from its user."""
        if direction == self._keys:
            self._report(self._collection.spoken(keys, t))

    def user_changed(self, state: UserState, t: float) -> None:
        """Who presses the keys began or ceased to speak."""
        self._report(self._collection.user_changed(state, t))

    def agent_changed(self, state: AgentState, t: float) -> None:
        """Whom the keys are for began or ceased to speak; what was due by then had come before."""
        self._report(self._collection.tick(t) + self._collection.agent_changed(state, t))

    def hang_up(self) -> None:
        """The call is over."""
        self._report(self._collection.hang_up(self._clock()))
        self._close()

    def take_off(self) -> None:
        """Watch no longer."""
        self._report(self._collection.take_off(self._clock()))
        self._close()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._talkings.clear()
        self._leg.listen("sent", None)
        self._leg.listen("received", None)

    def _listen(self, direction: Direction, talking: Talking) -> None:
        self._talkings.append(talking)
        self._leg.listen(direction, talking)

    def _user_talks(self, active: bool, t: float) -> None:
        self.user_changed("speaking" if active else "listening", t)

    def _agent_talks(self, active: bool, t: float) -> None:
        self.agent_changed("speaking" if active else "listening", t)

    def _tick(self) -> None:
        t = self._clock()
        for talking in self._talkings:
            talking.tick(t)
        self._report(self._collection.tick(t))

    def _report(self, steps: list[ShadowStep]) -> None:
        for step in steps:
            self._emit(collector_event(self._leg.id, step))
        self._arm()

    def _arm(self) -> None:
        """Look again when the next timer ends: always in a later turn of the loop, as a real collector would."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        times = [self._collection.deadline, *(talking.deadline for talking in self._talkings)]
        if (deadline := min((t for t in times if t is not None), default=None)) is not None:
            delay = max(0.0, deadline - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)
