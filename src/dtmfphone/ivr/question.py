"""A node's question to the caller, sans-IO: keys and words in; what they count as, and what its collector does, out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dtmfphone.ivr.asking_nodes import Asking, Collect, Confirm, Menu
from dtmfphone.ivr.belated_stop import BELATED, BELATED_SECONDS, BelatedStop
from dtmfphone.ivr.collection import Transition, UserState
from dtmfphone.ivr.collector import NO, YES, Collector
from dtmfphone.ivr.document import Script, full_name
from dtmfphone.ivr.language import Language
from dtmfphone.ivr.meaning import Meaning, answer, grammar, meaning
from dtmfphone.ivr.prompt import read_back_words
from dtmfphone.ivr.recognition import Grammar


@dataclass(frozen=True)
class Reaction:
    """What a key or words did."""

    accepted: bool
    note: str
    """Where it led, or why nowhere."""
    keys: str = ""
    """The keys that words count as."""
    transitions: tuple[Transition, ...] = ()
    """What the collector did."""
    again: Literal["", "invalid", "unclear"] = ""
    """What the question must be asked again for: an answer that is none, or one that nobody understood."""


@dataclass(frozen=True)
class Outcome:
    """What the end of a question leads to: a node with a value, or the question again."""

    to: str = ""
    value: str = ""
    variable: str | None = None
    """Keeps the value."""
    why: Literal["", "invalid", "time_out", "refused"] = ""
    """Why it must be asked again."""


@dataclass
class Question:
    """One time that a node asks: a collection of keys, into which words go as keys.

    Words that are not sure are read back, as is all that a node wants to have confirmed: then 1 or yes takes it and 2
    or no asks again. Of the other keys, those of a menu count as such meanwhile; in a collection, where the next digit
    may well be a 1, none does. A question that has ended is done with; make a new one to ask again.
    """

    node: Asking
    task: str
    """The task in which the node is."""
    language: Language
    user: UserState = "listening"
    """What the caller does now."""
    asked_next: bool = False
    """Whether the script itself has the answer confirmed next, so that nothing need be read back here."""
    collector: Collector = field(init=False)
    _sure: bool = field(default=True, init=False)
    _phrase: str = field(default="", init=False)
    """The words of a menu that are to be confirmed."""

    def __post_init__(self) -> None:
        self._renew()

    @property
    def confirming(self) -> bool:
        """Whether something was read back, or is."""
        return self.collector.state == "confirming"

    @property
    def expected(self) -> str:
        """What the caller should press, in words."""
        return f"{YES} for yes, {NO} for no" if self.confirming else self.node.expected

    @property
    def grammar(self) -> Grammar:
        """What may be said."""
        return grammar(self.node, self.language, confirming=self.confirming)

    @property
    def read_back(self) -> tuple[str, Mapping[str, str]]:
        """What is said to have the answer confirmed: a prompt, and the values in it."""
        begin = self.language.you_entered if self._sure else self.language.you_said
        return f"{begin} {{answer}}. {self.language.is_it_right}", {"answer": self._phrase or self.collector.digits}

    @property
    def outcome(self) -> Outcome:
        """Where the end of the collection leads."""
        node, ended, digits = self.node, self.collector.state, self.collector.digits
        why = self.collector.end_reason
        if ended == "failed" and why == "refused":
            return Outcome(why="refused")
        if isinstance(node, Menu | Confirm):
            if ended == "failed" or digits not in node.choices():
                return Outcome(why="time_out" if ended == "failed" else "invalid")
            to, value = node.choices()[digits]
            return Outcome(to, value, node.variable)
        assert isinstance(node, Collect)
        if ended == "done":
            return Outcome(node.next, digits, node.variable)
        silent = why == "confirm time-out" or (not digits and why != "stop-key")
        return Outcome(why="time_out" if silent else "invalid")

    def belated_stop(self, t: float) -> BelatedStop:
        """Return the stop keys that may still come after the collection that ended at `t`."""
        if (
            not isinstance(self.node, Collect)
            or self.collector.end_reason != "count"
            or self.collector.settings.confirm
        ):
            return BelatedStop()
        return BelatedStop(self.node.stop_keys, t + BELATED_SECONDS, full_name(self.task, self.node.next))

    def press(self, char: str, t: float) -> Reaction:
        """The caller pressed a key."""
        if self.confirming:
            return self._confirm(char, t)
        note = self._way(char)
        return Reaction(note != _NO_CHOICE, note, char, self.collector.key(char, t))

    def hear(self, text: str, t: float, *, sure: bool) -> Reaction:
        """The caller said words; none at all are some that a recognizer did not understand."""
        if self.confirming and (key := answer(text, self.language)):
            return self._confirm(key, t)
        found = meaning(self.node, text, self.language)
        if self.confirming and isinstance(self.node, Collect) and found is not None and len(found.keys) == 1:
            return self._confirm(found.keys, t)
        if self.confirming and (found is None or isinstance(self.node, Collect)):
            return Reaction(accepted=False, note="neither yes nor no", again="unclear")
        if found is None and not text.strip():
            return Reaction(accepted=False, note="not understood", again="unclear")
        if found is None and isinstance(self.node, Collect):
            return Reaction(accepted=False, note="no digits", again="unclear")
        if found is None:
            return Reaction(accepted=False, note=_NO_CHOICE, again="invalid")
        if isinstance(self.node, Collect) and not self._fits(found.keys):
            return Reaction(accepted=False, note="too many digits", again="invalid")
        return self._take(found, t, sure=sure or isinstance(self.node, Confirm))

    def user_changed(self, state: UserState, t: float) -> tuple[Transition, ...]:
        """The caller began or ceased to speak."""
        self.user = state
        return self.collector.user_changed(state, t)

    def abandon(self, t: float) -> tuple[Transition, ...]:
        """Drop what has been collected, for a reason that no collector knows."""
        return tuple(replace(transition, end_reason="") for transition in self.collector.hang_up(t))

    def _take(self, found: Meaning, t: float, *, sure: bool) -> Reaction:
        transitions: tuple[Transition, ...] = ()
        if self.confirming:
            transitions = self._renew(t)
        if not sure and not self.asked_next:
            self._sure, self._phrase = False, found.phrase
            self.collector.settings = replace(self.collector.settings, confirm=True)
        for key in found.keys:
            if not self.confirming:
                transitions += self.collector.key(key, t)
        note = self._way(found.keys)
        return Reaction(
            accepted=True, note=note if sure else "not sure, to be confirmed", keys=found.keys, transitions=transitions
        )

    def _confirm(self, char: str, t: float) -> Reaction:
        if char == YES:
            note = "confirmed" if isinstance(self.node, Collect) else f"confirmed, {self._way(self.collector.digits)}"
            return Reaction(accepted=True, note=note, keys=char, transitions=self.collector.confirm(t))
        if char == NO:
            return Reaction(accepted=True, note="refused", keys=char, transitions=self.collector.refuse(t))
        if isinstance(self.node, Menu) and char in self.node.keys:
            return self._take(Meaning(char), t, sure=True)
        belated = self.collector.end_reason == "count" and char in self.collector.settings.stop_keys
        return Reaction(accepted=False, note=BELATED if belated else "neither yes nor no")

    def _renew(self, t: float | None = None) -> tuple[Transition, ...]:
        """Drop what has been collected; begin at once where a time is given."""
        self._sure, self._phrase = True, ""
        self.collector = Collector(self.node.settings())
        self.collector.user_changed(self.user, t or 0.0)
        return self.collector.start(t) if t is not None else ()

    def _way(self, char: str) -> str:
        """Say where a key leads."""
        if not isinstance(self.node, Menu | Confirm):
            return ""
        choices = self.node.choices()
        return f"to {full_name(self.task, choices[char][0])}" if char in choices else _NO_CHOICE

    def _fits(self, keys: str) -> bool:
        """Say whether spoken keys are no more than are wanted; a stop key is the last."""
        settings = self.collector.settings
        digits = keys[:-1] if keys[-1] in settings.stop_keys else keys
        return len(self.collector.digits) + len(digits) <= settings.max_digits and not set(digits) & set(
            settings.stop_keys
        )


_NO_CHOICE = "no such choice"


def read_back_texts(script: Script) -> tuple[str, ...]:
    """Return every text that the questions of a script may need to have an answer confirmed."""
    asking = [node for _, node in script.all_nodes() if isinstance(node, Menu | Collect)]
    if not asking:
        return ()
    language = script.language
    phrases = [phrase for node in asking if isinstance(node, Menu) for words in node.words.values() for phrase in words]
    confirmed = any(isinstance(node, Collect) and node.confirm for node in asking)
    entered = (language.you_entered,) if confirmed else ()
    return (language.you_said, *entered, language.is_it_right, *phrases, *read_back_words(language))
