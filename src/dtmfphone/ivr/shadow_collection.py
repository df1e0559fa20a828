"""Digit collectors that watch the keys of one call beside each other, sans-IO: what happens in, their verdicts out."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Final

from dtmfphone.ivr.collection import SAME_MOMENT, AgentState, Mode, State, Transition, UserState
from dtmfphone.ivr.collector import Collector
from dtmfphone.ivr.collector_settings import CollectorSettings
from dtmfphone.ivr.livekit_collector import LiveKitCollector, LiveKitSettings

WOULD: Final[dict[State, str]] = {"done": "be done", "failed": "fail", "confirming": "read back"}
TAKEN_OFF: Final = "taken off"


@dataclass(frozen=True)
class Shadow:
    """One collector that watches."""

    name: str
    settings: LiveKitSettings | CollectorSettings

    @property
    def mode(self) -> Mode:
        """Whose rules it keeps."""
        return "livekit" if isinstance(self.settings, LiveKitSettings) else "standard"

    def following(self, script: CollectorSettings) -> "Shadow":
        """Return it with the count, times and stop keys of a script's collection; it needs no confirmation if unasked.

        In LiveKit's mode only the most digits, the first stop key and the time between digits can be kept.
        """
        if isinstance(self.settings, CollectorSettings):
            return replace(self, settings=replace(script, confirm=self.settings.confirm))
        return replace(
            self,
            settings=replace(
                self.settings,
                num_digits=script.max_digits,
                timeout=self.settings.timeout if script.inter_digit_seconds is None else script.inter_digit_seconds,
                stop_key=script.stop_keys[:1] or "#",
            ),
        )


@dataclass(frozen=True)
class ShadowStep:
    """A shadow changed."""

    shadow: Shadow
    collection: int
    """Which of the call, from 1; 0: none has begun."""
    node: str
    """Of the script, where one is followed."""
    transition: Transition
    result: str = ""
    """What the program behind the collector gets, the error that it gets, or why there is neither."""

    @property
    def expected(self) -> str:
        """What the caller should press, in words."""
        return self.shadow.settings.expected


@dataclass
class _Watch:
    """A shadow and its collector of the collection that is under way."""

    shadow: Shadow
    collector: Collector | LiveKitCollector | None = None
    read_back: bool = False
    """Whether the agent has begun to speak since the digits wait for confirmation."""

    @property
    def open(self) -> Collector | LiveKitCollector | None:
        """The collector, unless nothing can happen to it."""
        return None if self.collector is None or self.collector.ended else self.collector


@dataclass
class ShadowCollection:
    """All shadows of one call; every method returns what changed, in order.

    A collection begins with a key, for all at once; one that has ended takes nothing until all have, so that verdicts
    of the same number are about the same keys. Where a standard one has a time for the first digit, a collection
    begins before: with `start`, and when the agent speaks after one has ended and no key is held. With `follows` it
    begins where the script says, and nowhere else; what is unfinished then is reported as such, and only a `belated`
    stop key can still end it. What the agent says after the script's own collection has ended would not be said yet by
    an agent with another collector, so it does not touch the timers.

    A read-back ends when the agent has spoken and stopped. That the caller then agrees is not understood from speech:
    a standard one takes the keys 1 and 2, one in LiveKit's mode goes on waiting. Times are seconds of one clock; what
    is told at the time of a deadline comes before it, until `tick`.
    """

    shadows: tuple[Shadow, ...]
    follows: bool = False
    number: int = field(default=0, init=False)
    _watches: list[_Watch] = field(default_factory=list, init=False)
    _node: str = field(default="", init=False)
    _script_over: bool = field(default=False, init=False)
    """Whether a script is followed whose own collection has ended, and none has begun since."""
    _left: list[tuple[ShadowStep, Collector | LiveKitCollector]] = field(default_factory=list, init=False)
    """What was unfinished when the script went on, as it was reported, until the next key."""
    _agent: AgentState = field(default="listening", init=False)
    _user: UserState = field(default="listening", init=False)

    def __post_init__(self) -> None:
        self._watches = [_Watch(shadow) for shadow in self.shadows]

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        times = (watch.collector.deadline for watch in self._watches if watch.collector is not None)
        return min((t for t in times if t is not None), default=None)

    def start(self, t: float) -> list[ShadowStep]:
        """The call is up."""
        if self._waits_for_first_digit:
            return self._begin(t)
        return [self._step(watch, Transition(t, "idle")) for watch in self._watches]

    def key(self, char: str, t: float) -> list[ShadowStep]:
        """A key was pressed."""
        seen = self._arrive(t)
        self._left.clear()
        seen += self._begin_unless_open(t)
        for watch in self._watches:
            if collector := watch.open:
                seen += self._steps(watch, collector.key(char, t))
        return seen

    def belated(self, char: str, t: float) -> list[ShadowStep]:
        """A stop key of the script's collection before this one was pressed: it counts for who still waited then."""
        seen = self._arrive(t)
        for told, collector in self._left:
            in_time = collector.deadline is None or t <= collector.deadline
            ends = (*collector.key(char, t), *collector.tick(t)) if in_time else ()
            if ends and collector.ended:
                seen.append(replace(told, transition=ends[-1], result=_result(collector)))
        self._left.clear()
        return seen

    def spoken(self, digits: str, t: float) -> list[ShadowStep]:
        """Digits were heard; raise ValueError when one is none of the sixteen."""
        seen = self._arrive(t)
        seen += self._begin_unless_open(t)
        for watch in self._watches:
            if collector := watch.open:
                take = collector.spoken
                if isinstance(collector, LiveKitCollector) and collector.settings.confirm:
                    take = collector.read_back
                seen += self._steps(watch, take(digits, t))
        return seen

    def user_changed(self, state: UserState, t: float) -> list[ShadowStep]:
        """Who presses the keys began or ceased to speak."""
        seen = self._arrive(t)
        self._user = state
        for watch in self._watches:
            if collector := watch.open:
                seen += self._steps(watch, collector.user_changed(state, t))
        return seen

    def agent_changed(self, state: AgentState, t: float) -> list[ShadowStep]:
        """Whom the keys are for began or ceased to speak or think."""
        seen = self._arrive(t)
        began, self._agent = state == "speaking" != self._agent, state
        if began and self._waits_for_first_digit and self._untouched:
            return seen + self._abandoned("the agent spoke again", t) + self._begin(t)
        for watch in self._watches:
            if (collector := watch.open) and not (self._script_over and collector.state != "confirming"):
                seen += self._steps(watch, collector.agent_changed(state, t))
                seen += self._read_back(watch, collector, t)
        return seen

    def follow(self, script: CollectorSettings, t: float, node: str = "") -> list[ShadowStep]:
        """The script begins a collection: so does every shadow, with its settings."""
        seen = self.tick(t) + self._abandoned("the script went on", t)
        self._node, self._script_over = node, False
        return seen + self._begin(t, script)

    def script_ended(self) -> None:
        """The script's own collection is over."""
        self._script_over = self.follows

    def tick(self, t: float) -> list[ShadowStep]:
        """Let time pass."""
        seen: list[ShadowStep] = []
        while (due := self.deadline) is not None and due <= t:
            seen += self._due(due)
        return seen

    def hang_up(self, t: float) -> list[ShadowStep]:
        """The call is over: collections that are under way fail, and keep what was typed."""
        seen = self.tick(t)
        for watch in self._watches:
            if collector := watch.open:
                seen += self._steps(watch, collector.hang_up(t))
        return seen

    def take_off(self, t: float) -> list[ShadowStep]:
        """The shadows watch no longer."""
        return [self._step(watch, Transition(t, "idle"), TAKEN_OFF) for watch in self._watches]

    @property
    def _waits_for_first_digit(self) -> bool:
        """Whether a collection has to begin before its first key."""
        return not self.follows and any(
            isinstance(shadow.settings, CollectorSettings) and shadow.settings.first_digit_seconds is not None
            for shadow in self.shadows
        )

    @property
    def _untouched(self) -> bool:
        """Whether some have ended and the others hold no key: nothing is lost by a new collection."""
        still = [collector for watch in self._watches if (collector := watch.open)]
        return len(still) < len(self._watches) and not any(collector.digits for collector in still)

    def _arrive(self, t: float) -> list[ShadowStep]:
        """Do what was due before `t`; what is due at `t` can still be taken back."""
        seen: list[ShadowStep] = []
        while (due := self.deadline) is not None and due < t - SAME_MOMENT:
            seen += self._due(due)
        return seen

    def _due(self, due: float) -> list[ShadowStep]:
        return [
            step
            for watch in self._watches
            if (collector := watch.open)
            for step in self._steps(watch, collector.tick(due))
        ]

    def _begin_unless_open(self, t: float) -> list[ShadowStep]:
        return [] if self.follows or any(watch.open for watch in self._watches) else self._begin(t)

    def _begin(self, t: float, script: CollectorSettings | None = None) -> list[ShadowStep]:
        self.number += 1
        seen: list[ShadowStep] = []
        for watch, own in zip(self._watches, self.shadows, strict=True):
            watch.shadow = own if script is None else own.following(script)
            watch.read_back = False
            if isinstance(settings := watch.shadow.settings, LiveKitSettings):
                watch.collector = LiveKitCollector(settings, self._user, self._agent)
                begun = watch.collector.start(t)
            else:
                watch.collector = Collector(settings)
                begun = watch.collector.start(t)
                begun += watch.collector.user_changed(self._user, t)
                begun += watch.collector.agent_changed(self._agent, t)
            seen += self._steps(watch, begun[-1:])
        return seen

    def _read_back(self, watch: _Watch, collector: Collector | LiveKitCollector, t: float) -> list[ShadowStep]:
        """Note whether the agent has read back what LiveKit's collector waits to have confirmed."""
        if not isinstance(collector, LiveKitCollector) or collector.state != "confirming":
            return []
        if self._agent == "speaking":
            watch.read_back = True
        elif watch.read_back and self._agent != "thinking":
            watch.read_back = False
            return self._steps(watch, collector.read_back_ended(t))
        return []

    def _abandoned(self, why: str, t: float) -> list[ShadowStep]:
        """Tell of the shadows that are not waited for what they would come to."""
        seen: list[ShadowStep] = []
        self._left.clear()
        for watch in self._watches:
            if collector := watch.open:
                now = Transition(t, collector.state, collector.digits)
                due, still = collector.deadline, deepcopy(collector)
                would = "wait on"
                if due is not None:  # nothing else happens to it any more
                    would = f"{WOULD[collector.tick(due)[-1].state]} {due - t:.1f} s later"
                seen.append(self._step(watch, now, f"{why}; this one would {would}"))
                self._left.append((seen[-1], still))
        return seen

    def _steps(self, watch: _Watch, transitions: tuple[Transition, ...]) -> list[ShadowStep]:
        return [
            self._step(watch, now, _result(watch.collector) if now.state in ("done", "failed") else "")
            for now in transitions
        ]

    def _step(self, watch: _Watch, now: Transition, result: str = "") -> ShadowStep:
        return ShadowStep(watch.shadow, self.number, self._node, now, result)


def _result(collector: Collector | LiveKitCollector | None) -> str:
    """Return what the program behind a collector that has ended gets."""
    assert collector is not None
    if collector.state == "done":
        return collector.user_input
    if isinstance(collector, LiveKitCollector) and collector.error:
        return collector.error
    words = collector.end_reason.replace("stop-key", "stop key")
    count = len(collector.digits)
    return f"{words} after {count} digit{'s' * (count != 1)}" if count else words
