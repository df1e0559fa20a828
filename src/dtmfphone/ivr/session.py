"""One run of a script for one call, without IO: keys, time and pulled audio slots in; audio and events out."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from dtmfphone.dtmf.keys import key_of
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import prompt
from dtmfphone.ivr.collection import Transition, UserState
from dtmfphone.ivr.collector import Collector
from dtmfphone.ivr.document import Script, full_name
from dtmfphone.ivr.nodes import (
    LONGEST_VALUE,
    Asking,
    Branch,
    Collect,
    Confirm,
    HangUp,
    Menu,
    Node,
    Play,
    Record,
    Repeat,
    Result,
    Retry,
    Run,
    Say,
    Send,
    Set,
    Transfer,
)
from dtmfphone.ivr.playback import Playback, beep
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.session_events import (
    RECORDING_REMEDY,
    Action,
    CollectorStep,
    Heard,
    NoVoice,
    SessionEvent,
    Step,
)
from dtmfphone.ivr.speech import Lookup, nothing, speech
from dtmfphone.ivr.spoken_digits import spoken_keys

BELATED_SECONDS: Final = 4.0
"""A stop key this soon after the count ended a collection, or during the read-back, belongs to that collection."""


@dataclass
class IvrSession:
    """A run of a script; every method returns what happened, in order.

    `pull` is asked for each outgoing slot, and moves a prompt on: call `tick` after it, and also at `deadline`. `key`
    is told at the first packet (or the confirmed tone) of a key. Times are monotonic seconds. After `hang-up` the
    caller of these methods ends the call; from then on, and after `hang_up`, nothing happens any more.
    """

    script: Script
    voice_lookup: Lookup
    """Audio of a text at `RATE`, or None when there is no voice for it."""
    recording_lookup: Lookup = nothing
    """Audio of a sound file at `RATE`, or None when it cannot be read."""
    variables: dict[str, str] = field(default_factory=dict, init=False)
    """Digits collected so far, and other values."""
    node: str = field(default="", init=False)
    """Full name of the node where the call is."""
    ended: bool = field(default=False, init=False)
    callers: list[str] = field(default_factory=list, init=False)
    """The nodes that run the tasks in which the call is, the outermost first."""
    _playback: Playback = field(default_factory=Playback, init=False)
    _saying: bool = field(default=False, init=False)
    _said_at: float | None = field(default=None, init=False)
    """When the last sample of the prompt will have been sent; None: it is still queued."""
    _collector: Collector | None = field(default=None, init=False)
    _expected: str = field(default="", init=False)
    _retries: Counter[str] = field(default_factory=Counter, init=False)
    _repeats: Counter[str] = field(default_factory=Counter, init=False)
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
        if not self.ended and self.node:
            self._key(char, t)
        return self._drain()

    @property
    def grammar(self) -> Grammar | None:
        """What may be said now; empty where speech only interrupts; None: nothing is listened to."""
        node = self._here if self.node and not self.ended else None
        language = self.script.language
        match node:
            case Menu():
                phrases = [word for words in node.words.values() for word in words]
                phrases = phrases or [language.keys[key].lower() for key in node.keys]
                return Grammar(tuple(phrases), language=language.code)
            case Confirm():
                return Grammar((language.yes[0], language.no[0]), language=language.code)
            case Collect():
                return Grammar(digits=True, language=language.code)
            case Say(barge_in=True) | Play(barge_in=True):
                return Grammar(language=language.code)
        return None

    def user_changed(self, state: UserState, t: float) -> list[SessionEvent]:
        """The caller began or ceased to speak: that interrupts as a key does, and pauses the timers."""
        self._advance(t)
        if not self.ended and self.node:
            if state == "speaking":
                self._skip_to_input(t)
            if self._collector:
                self._collected(self._collector.user_changed(state, t))
            node = self._here
            if state == "speaking" and self._saying and isinstance(node, Asking) and node.barge_in:
                self._interrupt(t)
                if self._collector:
                    self._report(self._collector.prompt_ended(t))
        return self._drain()

    def heard(
        self, text: str, t: float, *, source: str = "typed", confidence: float | None = None
    ) -> list[SessionEvent]:
        """The caller said something; words that are not `typed` are unsure, and confirmed before they count."""
        self._advance(t)
        if not self.ended and self.node:
            self._skip_to_input(t)
            node = self._here
            said = text.lower()
            keys = spoken_keys(said, self.script.language.code) or ""
            if isinstance(node, Menu | Confirm):
                keys = next((key for key, words in node.spoken().items() if said in words), keys)
            taken = isinstance(node, Collect) or (isinstance(node, Menu | Confirm) and keys in node.choices())
            note = "" if keys and taken else "no such choice"
            self._events.append(Heard(t, self.node, text, source, confidence, keys if taken else "", note))
            for char in keys if taken else "":
                self._interrupt(t)
                if self._collector:
                    self._collected(self._collector.key(char, t))
        return self._drain()

    def sent(self, t: float) -> list[SessionEvent]:
        """The keys that were to be sent have gone out, or cannot be sent."""
        self._advance(t)
        if self.node and not self.ended and isinstance(node := self._here, Send):
            self._enter(node.next, t)
        return self._drain()

    def transfer_failed(self, t: float) -> list[SessionEvent]:
        """The transfer did not work; one that did ends the call."""
        self._advance(t)
        if self.node and not self.ended and isinstance(node := self._here, Transfer):
            self._enter(node.failed, t)
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

    @property
    def _here(self) -> Node:
        return self.script.node(self.node)

    @property
    def _task(self) -> str:
        return self.node.rpartition(".")[0]

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

    def _key(self, char: str, t: float) -> None:
        belated, until, text_of = self._belated
        self._belated = ("", 0.0, "")
        reading_back = self.node == text_of and isinstance(self._here, Say)
        if char in belated and (t <= until or reading_back):
            self._step(t, "key", char, note="belated stop key, ignored", accepted=False)
            return
        self._skip_to_input(t)
        node = self._here
        if self._saying and isinstance(node, Say | Play | Asking) and not node.barge_in:
            self._step(t, "key", char, note="not while this is said", accepted=False)
            return
        if isinstance(node, Menu | Confirm):
            choices = node.choices()
            note = f"to {full_name(self._task, choices[char][0])}" if char in choices else "no such choice"
            self._step(t, "key", char, note=note, accepted=char in choices)
        elif isinstance(node, Collect):
            self._step(t, "key", char)
        else:
            busy = {Send: "keys are being sent", Transfer: "the call is being transferred"}
            self._step(t, "key", char, note=busy.get(type(node), "the call is ending"), accepted=False)
            return
        self._interrupt(t)
        if self._collector:
            self._collected(self._collector.key(char, t))

    def _enter(self, name: str, t: float) -> None:
        """Come to a node of the task in which the call is, and on to the first that waits for something."""
        onward: str | None = full_name(self._task, name)
        while onward is not None:
            self.node = onward
            self._retries.clear()
            self._step(t, "enter")
            onward = self._pass(t)

    def _pass(self, t: float) -> str | None:
        """Do what is done at once in this node, and return where that leads; else begin, and return None."""
        match self._here:
            case Set() as node:
                for name, value in node.set.items():
                    self._set(name, prompt.filled(value, self.variables), t)
                to = node.next
            case Branch() as node:
                to = node.cases.get(self.variables[node.branch], node.otherwise)
            case Repeat() as node:
                self._repeats[self.node] += 1
                again = self._repeats[self.node] <= node.limit
                if not again:
                    del self._repeats[self.node]
                to = node.repeat if again else node.next
            case Record() as node:
                refused = node.record == "start" and self.variables.get(node.consent or "") != "yes"
                note = "no consent: nothing is recorded" if refused else ""
                self._step(t, "record", node.record, note=note, accepted=not refused)
                to = node.next
            case Run() as node:
                self.callers.append(self.node)
                return full_name(node.run, self.script.tasks[node.run].start)
            case Result() as node:
                self.node = self.callers.pop()
                run = self._here
                assert isinstance(run, Run)
                to = run.results[node.result]
            case _:
                self._begin(t)
                return None
        return full_name(self._task, to)

    def _begin(self, t: float, before: str = "") -> None:
        """Speak the node's prompt, after a text that says why again, and open its collection."""
        match self._here:
            case Menu() as menu:
                self._say(t, before, menu.menu)
                self._collect(t, Collector(menu.settings()), f"one key: {', '.join(menu.keys)}")
            case Confirm() as question:
                self._say(t, before, question.confirm)
                expected = f"{question.yes_key} for yes, {question.no_key} for no"
                self._collect(t, Collector(question.settings()), expected)
            case Collect() as collect:
                self._say(t, before, collect.collect)
                settings = collect.settings()
                self._collect(t, Collector(settings), settings.expected)
            case Say() as say:
                self._say(t, say.say)
            case Play() as play:
                self._play(t, play.play)
            case HangUp() as end:
                self._say(t, end.hang_up)
            case Send() as send:
                self._step(t, "send", prompt.filled(send.send, self.variables))
            case Transfer() as transfer:
                self._step(t, "transfer", prompt.filled(transfer.transfer, self.variables))

    def _set(self, name: str, value: str, t: float) -> None:
        self.variables[name] = value[:LONGEST_VALUE]
        self._step(t, "set", f"{name} = {self.variables[name]}")

    def _say(self, t: float, *texts: str) -> None:
        texts = tuple(text for text in texts if text.strip())
        language = self.script.language
        self._step(t, "say", " ".join(prompt.written(text, self.variables, language) for text in texts))
        audio, missing = speech(texts, self.variables, self.voice_lookup, language)
        self._events += [NoVoice(t, self.node, piece) for piece in missing]
        self._sound(audio)

    def _play(self, t: float, name: str) -> None:
        self._step(t, "say", f"[{name}]")
        pcm = self.recording_lookup(name)
        if pcm is None:
            self._events.append(NoVoice(t, self.node, name, RECORDING_REMEDY))
        self._sound([beep() if pcm is None else pcm])

    def _sound(self, audio: list[Pcm]) -> None:
        self._playback.play(audio)
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
            return
        match self._here:
            case Say(next=to) | Play(next=to):
                self._enter(to, t)
            case HangUp():
                self._step(t, "hang-up")
                self._end()

    def _skip_to_input(self, t: float) -> None:
        """Interrupt nodes that only speak: the key counts for the next menu or collection."""
        while isinstance(node := self._here, Say | Play) and node.barge_in:
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
        match self._here:
            case Menu() | Confirm() as node:
                choices = node.choices()
                if collector.digits in choices:
                    to, value = choices[collector.digits]
                    if node.variable is not None:
                        self._set(node.variable, value, t)
                    self._enter(to, t)
                else:
                    self._retry("invalid" if collector.digits else "time_out", t)
            case Collect() as collect:
                if collector.state == "done":
                    self.variables[collect.variable] = collector.digits
                    if collector.end_reason == "count":
                        text_of = full_name(self._task, collect.next)
                        self._belated = (collect.stop_keys, t + BELATED_SECONDS, text_of)
                    self._enter(collect.next, t)
                else:
                    empty = not collector.digits and collector.end_reason != "stop-key"
                    self._retry("time_out" if empty else "invalid", t)

    def _retry(self, why: str, t: float) -> None:
        node = self._here
        assert isinstance(node, Asking)
        retry: Retry = node.time_out if why == "time_out" else node.invalid
        self._retries[why] += 1
        if self._retries[why] > retry.limit:
            self._enter(retry.next, t)
        else:
            self._begin(t, retry.say)

    def _end(self) -> None:
        self.ended = True
        self._collector = None
