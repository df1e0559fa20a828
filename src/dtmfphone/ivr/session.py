"""One run of a script for one call, without IO: keys, words, time and pulled audio slots in; audio and events out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dtmfphone.dtmf.keys import key_of
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import prompt
from dtmfphone.ivr.belated_stop import BELATED, BelatedStop
from dtmfphone.ivr.collection import Transition, UserState
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.journey import Journey
from dtmfphone.ivr.narrator import Narrator
from dtmfphone.ivr.nodes import Asking, Collect, HangUp, Play, Say, Send, Transfer
from dtmfphone.ivr.question import Question, Reaction
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.session_events import TYPED, Heard, SessionEvent
from dtmfphone.ivr.speech import Lookup, nothing
from dtmfphone.ivr.spoken_digits import spoken_keys


@dataclass
class IvrSession:
    """A run of a script; every method returns what happened, in order.

    `pull` is asked for each outgoing slot, and moves a prompt on: call `tick` after it, and also at `deadline`. `key`
    is told at the first packet (or the confirmed tone) of a key, `user_changed` when the caller begins and ceases to
    speak, `heard` what was said. Times are monotonic seconds. After `hang-up` the caller of these methods ends the
    call; from then on, and after `hang_up`, nothing happens any more.
    """

    script: Script
    voice_lookup: Lookup
    """Audio of a text at `RATE`, or None when there is no voice for it."""
    recording_lookup: Lookup = nothing
    """Audio of a sound file at `RATE`, or None when it cannot be read."""
    ended: bool = field(default=False, init=False)
    _journey: Journey = field(init=False)
    _narrator: Narrator = field(init=False)
    _question: Question | None = field(default=None, init=False)
    _user: UserState = field(default="listening", init=False)
    _retries: Counter[str] = field(default_factory=Counter, init=False)
    _belated: BelatedStop = field(default=BelatedStop(), init=False)

    def __post_init__(self) -> None:
        self._journey = Journey(self.script)
        self._narrator = Narrator(self.voice_lookup, self.recording_lookup, self._journey)

    @property
    def node(self) -> str:
        """Full name of the node where the call is."""
        return self._journey.name

    @property
    def variables(self) -> Mapping[str, str]:
        """Digits collected so far, and other values."""
        return self._journey.variables

    @property
    def callers(self) -> Sequence[str]:
        """The nodes that run the tasks in which the call is, the outermost first."""
        return self._journey.callers

    @property
    def deadline(self) -> float | None:
        """When `tick` should be called next, or None."""
        times = (self._narrator.ends_at, self._question.collector.deadline if self._question else None)
        return min((t for t in times if t is not None), default=None)

    @property
    def speaking(self) -> bool:
        """Whether a prompt sounds."""
        return self._narrator.speaking

    def start(self, t: float) -> list[SessionEvent]:
        """The call is up: enter the first node."""
        if self.node:
            raise RuntimeError("this session has been started: make a new one for each call")
        self._enter(self.script.start, t)
        return self._narrator.drain()

    def key(self, char: str, t: float) -> list[SessionEvent]:
        """The caller pressed a key; raise ValueError when it is none of the sixteen."""
        char = key_of(char).char
        self._advance(t)
        if self._running:
            reaction = self._refusal(char, t) or self._asked.press(char, t)
            self._narrator.step(t, "key", char, note=reaction.note, accepted=reaction.accepted)
            self._react(reaction, t)
        return self._narrator.drain()

    @property
    def grammar(self) -> Grammar | None:
        """What may be said now; empty where speech only interrupts; None: nothing is listened to."""
        if self._question is not None:
            return self._question.grammar
        listens = self._running and isinstance(node := self._journey.node, Say | Play) and node.barge_in
        return Grammar(language=self.script.language.code) if listens else None

    def user_changed(self, state: UserState, t: float) -> list[SessionEvent]:
        """The caller began or ceased to speak: that interrupts as a key does, and pauses the timers."""
        self._advance(t)
        self._user = state
        if self._running:
            if state == "speaking":
                self._skip_to_input(t)
            if self._question is not None:
                self._report(self._question.user_changed(state, t))
                if state == "speaking" and self._question.node.barge_in and self._narrator.interrupt(t):
                    self._report(self._question.collector.prompt_ended(t))
        return self._narrator.drain()

    def heard(self, text: str, t: float, *, source: str = TYPED, confidence: float | None = None) -> list[SessionEvent]:
        """The caller said something; no words: something that was not understood.

        Words that are not `typed` are not sure: in a menu or a collection they count when they have been confirmed.
        """
        self._advance(t)
        if self._running:
            keys = spoken_keys(text, self.script.language.code) or ""
            reaction = self._refusal(keys, t) or self._asked.hear(text, t, sure=source == TYPED)
            self._narrator.events.append(Heard(t, self.node, text, source, confidence, reaction.keys, reaction.note))
            self._react(reaction, t)
        return self._narrator.drain()

    def sent(self, t: float) -> list[SessionEvent]:
        """The keys that were to be sent have gone out, or cannot be sent."""
        self._advance(t)
        if self._running and isinstance(node := self._journey.node, Send):
            self._enter(node.next, t)
        return self._narrator.drain()

    def transfer_failed(self, t: float) -> list[SessionEvent]:
        """The transfer did not work; one that did ends the call."""
        self._advance(t)
        if self._running and isinstance(node := self._journey.node, Transfer):
            self._enter(node.failed, t)
        return self._narrator.drain()

    def tick(self, t: float) -> list[SessionEvent]:
        """Let time pass."""
        self._advance(t)
        return self._narrator.drain()

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        """Return exactly `samples` mono int16 samples at `rate` Hz for the slot sent at `t`: speech or silence."""
        return self._narrator.pull(samples, rate, t)

    def hang_up(self, t: float) -> list[SessionEvent]:
        """The call is over: what was typed is in the last collector event."""
        self._advance(t)
        if self._running:
            self._narrator.interrupt(t)
            if self._question is not None:
                self._report(self._question.collector.hang_up(t))
            self._end()
        return self._narrator.drain()

    @property
    def _running(self) -> bool:
        return bool(self.node) and not self.ended

    @property
    def _asked(self) -> Question:
        assert self._question is not None
        return self._question

    def _advance(self, t: float) -> None:
        """Do all that was due until `t`, in order."""
        while (due := self.deadline) is not None and due <= t:
            if due == self._narrator.ends_at:
                self._said(due)
            elif self._question is not None:
                self._collected(self._question.collector.tick(due))

    def _refusal(self, keys: str, t: float) -> Reaction | None:
        """Skip to where keys and words count; return why they count for nothing, or None when they do."""
        belated, self._belated = self._belated, BelatedStop()
        if belated.has(keys, t, saying=self.node if isinstance(self._journey.node, Say) else ""):
            return Reaction(accepted=False, note=BELATED)
        self._skip_to_input(t)
        node = self._journey.node
        if self.speaking and isinstance(node, Say | Play | Asking) and not node.barge_in:
            return Reaction(accepted=False, note="not while this is said")
        if isinstance(node, Asking):
            return None
        busy = {Send: "keys are being sent", Transfer: "the call is being transferred"}
        return Reaction(accepted=False, note=busy.get(type(node), "the call is ending"))

    def _react(self, reaction: Reaction, t: float) -> None:
        """Do what keys or words lead to."""
        if reaction.transitions:
            self._narrator.interrupt(t)
            self._collected(reaction.transitions)
        if reaction.again == "invalid":
            self._retry("invalid", t)
        elif reaction.again == "unclear":
            self._clarify(t)

    def _enter(self, name: str, t: float) -> None:
        self._retries.clear()
        self._narrator.events += self._journey.enter(name, t)
        self._begin(t)

    def _begin(self, t: float, before: str = "") -> None:
        """Speak the node's prompt, after a text that says why again, and open its collection."""
        match self._journey.node:
            case Asking() as node:
                here = self._journey
                self._narrator.say(t, before, node.question)
                self._question = Question(node, here.task, self.script.language, self._user, here.asked_next)
                self._report(self._question.collector.start(t, prompting=True))
            case Say(say=text) | HangUp(hang_up=text):
                self._narrator.say(t, text)
            case Play() as play:
                self._narrator.play(t, play.play)
            case Send() as send:
                self._narrator.step(t, "send", prompt.filled(send.send, self.variables))
            case Transfer() as transfer:
                self._narrator.step(t, "transfer", prompt.filled(transfer.transfer, self.variables))

    def _report(self, transitions: tuple[Transition, ...]) -> None:
        self._narrator.collected(transitions, self._asked.expected)

    def _said(self, t: float) -> None:
        self._narrator.said(t)
        if self._question is not None:
            self._report(self._question.collector.prompt_ended(t))
            return
        match self._journey.node:
            case Say(next=to) | Play(next=to):
                self._enter(to, t)
            case HangUp():
                self._narrator.step(t, "hang-up")
                self._end()

    def _skip_to_input(self, t: float) -> None:
        """Interrupt nodes that only speak: what interrupts counts for the next menu or collection."""
        while isinstance(node := self._journey.node, Say | Play) and node.barge_in:
            self._narrator.interrupt(t)
            self._enter(node.next, t)

    def _collected(self, transitions: tuple[Transition, ...]) -> None:
        """Report what the collector did; have it confirmed, or go where its end leads."""
        self._report(transitions)
        question = self._asked
        if question.confirming:
            self._read_back(transitions[-1].t)
        if not question.collector.ended:
            return
        self._question = None
        t = transitions[-1].t
        outcome = question.outcome
        if outcome.why == "refused":
            self._begin(t)
        elif outcome.why:
            self._retry(outcome.why, t)
        else:
            if outcome.variable is not None:
                step = self._journey.set(outcome.variable, outcome.value, t)
                self._narrator.events += [] if isinstance(question.node, Collect) else [step]
            self._belated = question.belated_stop(t)
            self._enter(outcome.to, t)

    def _read_back(self, t: float) -> None:
        text, values = self._asked.read_back
        self._narrator.say(t, text, values=values)

    def _retry(self, why: Literal["invalid", "time_out"], t: float) -> None:
        node = self._journey.node
        assert isinstance(node, Asking)
        retry = node.time_out if why == "time_out" else node.invalid
        self._narrator.interrupt(t)
        if self._question is not None:
            self._report(self._question.abandon(t))
            self._question = None
        self._retries[why] += 1
        if self._retries[why] > retry.limit:
            self._enter(retry.next, t)
        else:
            self._begin(t, retry.say)

    def _clarify(self, t: float) -> None:
        """Ask again as nobody understood the answer, once in a visit: there may be nothing but noise."""
        question = self._asked
        if self._retries["unclear"] or (question.collector.digits and not question.confirming):
            return
        self._retries["unclear"] += 1
        self._narrator.interrupt(t)
        if question.confirming:
            self._report(question.collector.prompt_started(t))
            self._read_back(t)
        else:
            self._begin(t, question.node.invalid.say)

    def _end(self) -> None:
        self.ended = True
        self._question = None
