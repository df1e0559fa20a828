"""One run of a script for one call, without IO: keys, time and pulled audio slots in; audio and events out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from dtmfphone.dtmf.keys import key_of
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import prompt
from dtmfphone.ivr.collector import Collector, Transition
from dtmfphone.ivr.nodes import Collect, HangUp, Menu, Retry, Say, Script
from dtmfphone.ivr.playback import Playback, beep, pause

Action = Literal["enter", "say", "said", "interrupted", "key", "hang-up"]

PIECE_PAUSE: Final = 0.08
"""Seconds between the pieces of a prompt: text and read-back digits."""
TEXT_PAUSE: Final = 0.35
"""Seconds between two texts."""
TAIL_PAUSE: Final = 0.25
"""Seconds of silence that end a prompt, before the timers start or the next node speaks."""
BELATED_SECONDS: Final = 4.0
"""A stop key this soon after the count ended a collection, or during the read-back, belongs to that collection."""


@dataclass(frozen=True)
class Step:
    """The run came to a node, speaks, took a key, or wants the call ended (`hang-up`)."""

    t: float
    node: str
    action: Action
    text: str = ""
    """Of `say`: what is spoken; of `key`: the key."""
    note: str = ""
    """Of `key`: where it led, or why nowhere."""
    accepted: bool = True
    """Of `key`: whether it had an effect that the script foresees."""


@dataclass(frozen=True)
class CollectorStep:
    """The collector of a menu or collection changed."""

    node: str
    expected: str
    """What the caller should press, in words."""
    transition: Transition

    @property
    def t(self) -> float:
        """When."""
        return self.transition.t


@dataclass(frozen=True)
class NoVoice:
    """A beep sounds in place of this text."""

    t: float
    node: str
    text: str
    remedy: str = prompt.SPEECH_REMEDY


SessionEvent = Step | CollectorStep | NoVoice


@dataclass
class IvrSession:
    """A run of a script; every method returns what happened, in order.

    `pull` is asked for each outgoing slot, and moves a prompt on: call `tick` after it, and also at `deadline`. `key`
    is told at the first packet (or the confirmed tone) of a key. Times are monotonic seconds. After `hang-up` the
    caller of these methods ends the call; from then on, and after `hang_up`, nothing happens any more.
    """

    script: Script
    voice_lookup: Callable[[str], Pcm | None]
    """Audio of a text at `RATE`, or None when there is no voice for it."""
    variables: dict[str, str] = field(default_factory=dict, init=False)
    """Digits collected so far."""
    node: str = field(default="", init=False)
    ended: bool = field(default=False, init=False)
    _playback: Playback = field(default_factory=Playback, init=False)
    _saying: bool = field(default=False, init=False)
    _said_at: float | None = field(default=None, init=False)
    """When the last sample of the prompt will have been sent; None: it is still queued."""
    _collector: Collector | None = field(default=None, init=False)
    _expected: str = field(default="", init=False)
    _retries: Counter[str] = field(default_factory=Counter, init=False)
    _belated: tuple[str, float, str] = field(default=("", 0.0, ""), init=False)
    """Stop keys that are ignored, until when, and in the text of which node."""
    _events: list[SessionEvent] = field(default_factory=list, init=False)

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        times = (self._said_at, self._collector.deadline if self._collector else None)
        return min((t for t in times if t is not None), default=None)

    @property
    def speaking(self) -> bool:
        """Whether a prompt sounds."""
        return self._saying

    def start(self, t: float) -> list[SessionEvent]:
        """The call is up: enter the first node."""
        if self.node:
            raise RuntimeError("this session has been started: make a new one for each call")
        self._enter(self.script.start, t)
        return self._drain()

    def key(self, char: str, t: float) -> list[SessionEvent]:
        """The caller pressed a key; raise ValueError when it is none of the sixteen."""
        char = key_of(char).char
        self._advance(t)
        if self.ended or not self.node:
            return self._drain()
        belated, until, text_of = self._belated
        self._belated = ("", 0.0, "")
        reading_back = self.node == text_of and isinstance(self.script.nodes[text_of], Say)
        if char in belated and (t <= until or reading_back):
            self._step(t, "key", char, note="belated stop key, ignored", accepted=False)
            return self._drain()
        self._skip_to_input(t)
        node = self.script.nodes[self.node]
        if isinstance(node, Menu):
            note = f"to {node.keys[char]}" if char in node.keys else "no such choice"
            self._step(t, "key", char, note=note, accepted=char in node.keys)
        elif isinstance(node, Collect):
            self._step(t, "key", char)
        else:
            self._step(t, "key", char, note="the call is ending", accepted=False)
            return self._drain()
        self._interrupt(t)
        if self._collector:
            self._collected(self._collector.key(char, t))
        return self._drain()

    def tick(self, t: float) -> list[SessionEvent]:
        """Let time pass."""
        self._advance(t)
        return self._drain()

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return exactly `samples` mono int16 samples at `rate` Hz for the slot sent at `t`: speech or silence."""
        pcm = self._playback.pull(samples, rate)
        if self._saying and self._said_at is None and not self._playback.speaking:
            self._said_at = t + samples / rate
        return pcm

    def hang_up(self, t: float) -> list[SessionEvent]:
        """The call is over: what was typed is in the last collector event."""
        self._advance(t)
        if not self.ended and self.node:
            self._interrupt(t)
            if self._collector:
                self._report(self._collector.hang_up(t))
            self._end()
        return self._drain()

    def _drain(self) -> list[SessionEvent]:
        events, self._events = self._events, []
        return events

    def _step(self, t: float, action: Action, text: str = "", *, note: str = "", accepted: bool = True) -> None:
        self._events.append(Step(t, self.node, action, text, note, accepted))

    def _advance(self, t: float) -> None:
        """Do all that was due until `t`, in order."""
        while (due := self.deadline) is not None and due <= t:
            if due == self._said_at:
                self._said(due)
            elif self._collector:
                self._collected(self._collector.tick(due))

    def _enter(self, name: str, t: float) -> None:
        self.node = name
        self._retries.clear()
        self._step(t, "enter")
        self._begin(t)

    def _begin(self, t: float, before: str = "") -> None:
        """Speak the node's prompt, after a text that says why again, and open its collection."""
        match self.script.nodes[self.node]:
            case Menu() as menu:
                self._say(t, before, menu.menu)
                self._collect(t, Collector(menu.settings()), f"one key: {', '.join(menu.keys)}")
            case Collect() as collect:
                self._say(t, before, collect.collect)
                settings = collect.settings()
                self._collect(t, Collector(settings), settings.expected)
            case Say() as say:
                self._say(t, say.say)
            case HangUp() as end:
                self._say(t, end.hang_up)

    def _say(self, t: float, *texts: str) -> None:
        texts = tuple(text for text in texts if text.strip())
        self._step(t, "say", " ".join(prompt.written(text, self.variables) for text in texts))
        audio: list[Pcm] = []
        for text in texts:
            audio += [pause(TEXT_PAUSE)] if audio else []
            for place, piece in enumerate(prompt.spoken(text, self.variables)):
                pcm = self.voice_lookup(piece)
                if pcm is None:
                    self._events.append(NoVoice(t, self.node, piece))
                audio += [pause(PIECE_PAUSE)] if place else []
                audio.append(beep() if pcm is None else pcm)
        self._playback.play([*audio, pause(TAIL_PAUSE)])
        self._saying, self._said_at = True, None

    def _collect(self, t: float, collector: Collector, expected: str) -> None:
        self._collector, self._expected = collector, expected
        self._report(collector.start(t, prompting=True))

    def _report(self, transitions: tuple[Transition, ...]) -> None:
        self._events += [CollectorStep(self.node, self._expected, transition) for transition in transitions]

    def _said(self, t: float) -> None:
        self._saying, self._said_at = False, None
        self._step(t, "said")
        if self._collector:
            self._report(self._collector.prompt_ended(t))
        else:
            self._go_on(t)

    def _go_on(self, t: float) -> None:
        """Leave a node that only speaks."""
        match self.script.nodes[self.node]:
            case Say() as say:
                self._enter(say.next, t)
            case HangUp():
                self._step(t, "hang-up")
                self._end()

    def _skip_to_input(self, t: float) -> None:
        """Interrupt nodes that only speak: the key counts for the next menu or collection."""
        while isinstance(node := self.script.nodes[self.node], Say):
            self._interrupt(t)
            self._enter(node.next, t)

    def _interrupt(self, t: float) -> None:
        if self._saying:
            self._saying, self._said_at = False, None
            self._playback.stop()
            self._step(t, "interrupted")

    def _collected(self, transitions: tuple[Transition, ...]) -> None:
        """Report what the collector did, and go where its end leads."""
        self._report(transitions)
        collector = self._collector
        if collector is None or not collector.ended:
            return
        self._collector = None
        t = transitions[-1].t
        match self.script.nodes[self.node]:
            case Menu() as menu:
                if collector.digits in menu.keys:
                    self._enter(menu.keys[collector.digits], t)
                else:
                    self._retry(menu.invalid if collector.digits else menu.time_out, t)
            case Collect() as collect:
                if collector.state == "done":
                    self.variables[collect.variable] = collector.digits
                    if collector.end_reason == "count":
                        self._belated = (collect.stop_keys, t + BELATED_SECONDS, collect.next)
                    self._enter(collect.next, t)
                else:
                    empty = not collector.digits and collector.end_reason != "stop-key"
                    self._retry(collect.time_out if empty else collect.invalid, t)

    def _retry(self, retry: Retry, t: float) -> None:
        why = "time_out" if retry is self._time_out() else "invalid"
        self._retries[why] += 1
        if self._retries[why] > retry.limit:
            self._enter(retry.next, t)
        else:
            self._begin(t, retry.say)

    def _time_out(self) -> Retry | None:
        node = self.script.nodes[self.node]
        return node.time_out if isinstance(node, Menu | Collect) else None

    def _end(self) -> None:
        self.ended = True
        self._collector = None
