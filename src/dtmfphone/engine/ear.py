"""One side of a call listens to the other: what is said is cut into utterances, and each of them recognised."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.engine.events import Event, Leg, Sighting, SightingStarted, Utterance
from dtmfphone.ivr.ears import Ears
from dtmfphone.ivr.end_pointer import (
    DIGITS_HANG_SECONDS,
    RATE,
    WORD_HANG_SECONDS,
    EndPointer,
    SpeechBegan,
    SpeechEnded,
    SpeechEvent,
)
from dtmfphone.ivr.recognition import Grammar, GrammarError, RecognizerError

MOST_WAITING: Final = 3
"""Utterances of one call that wait to be recognised; whatever more is said is not listened to."""
USELESS_REMEDY: Final = "Press keys or type words there, or choose another recognizer."


@dataclass(frozen=True)
class Words:
    """What was said, as far as it was understood."""

    source: str
    """Name of the recognizer."""
    start: float
    duration: float
    text: str
    """In small letters; empty: nothing that may be said there."""
    score: float | None = None
    late: str = ""
    """Where the listener was when they ended, if something else may be said by now."""

    def utterance(self, call: str, leg: Leg, t: float, *, keys: str, note: str) -> Utterance:
        """Return the event that tells at `t` of them, and of what they count as in a call."""
        return Utterance(
            t=t,
            call=call,
            leg=leg,
            direction="received",
            text=self.text,
            source=self.source,
            start=self.start,
            duration=self.duration,
            confidence=self.score,
            keys=keys,
            note=note,
        )


class Listener(Protocol):
    """Whose ear it is."""

    def expected(self) -> tuple[str, Grammar | None]:
        """Return where the listener is, and what may be said there; None: nothing."""
        ...

    def user_changed(self, state: Literal["speaking", "listening"]) -> None:
        """The far end begins to speak now, or ceases."""
        ...

    def heard(self, words: Words) -> None:
        """Take what was said."""
        ...

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Report something that a person should read."""
        ...


class Ear:
    """Takes received audio at any rate; the tones of keys are no speech."""

    def __init__(self, ears: Ears, listener: Listener, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self.ears = ears
        self.works = True
        """False: the recognizer has failed, and nothing is listened to any more."""
        self._listener = listener
        self._spawn = spawn
        self._end_pointer = EndPointer()
        self._resampler = Resampler(RATE, RATE)
        self._rate = RATE
        self._waiting = 0
        """Utterances that are being recognised, or wait for that."""
        self._useless: set[str] = set()
        """Places of which it was said that the recognizer is of no use there."""

    def feed(self, pcm: Pcm, rate: int, t: float) -> None:
        """Take samples whose last one belongs to time `t`."""
        if not self.works:
            return
        if rate != self._rate:
            self._resampler, self._rate = Resampler(rate, RATE), rate
        self._follow(self._end_pointer.feed(self._resampler.process(pcm), t))

    def advance(self, t: float) -> None:
        """Let time pass, for audio may stay away."""
        if self.works:
            self._follow(self._end_pointer.advance(t))

    def sighted(self, event: Event) -> None:
        """Take note of the tones of received keys."""
        match event:
            case SightingStarted(direction="received", method="inband", tentative=False):
                self._follow(self._end_pointer.key_down(event.start, event.t))
            case Sighting(direction="received", method="inband"):
                self._end_pointer.key_up(event.start + event.duration)

    def _follow(self, events: list[SpeechEvent]) -> None:
        for event in events:
            match event:
                case SpeechBegan():
                    self._listener.user_changed("speaking")
                    _, grammar = self._listener.expected()
                    digits = grammar is not None and grammar.digits
                    self._end_pointer.hang_seconds = DIGITS_HANG_SECONDS if digits else WORD_HANG_SECONDS
                case SpeechEnded():
                    self._listener.user_changed("listening")
                    self._ended(event)

    def _ended(self, speech: SpeechEnded) -> None:
        """Have it recognised, as far as anything may be said here."""
        place, grammar = self._listener.expected()
        if grammar is None or not len(speech.pcm) or not (grammar.phrases or grammar.digits):
            return
        if (problem := self._problem(grammar)) is None:
            self._waiting += 1
            self._spawn(self._recognise(speech, place, grammar))
        elif place not in self._useless:
            self._useless.add(place)
            at = f" at {place}" if place else ""
            self._listener.notice("warning", f"What is said{at} is not listened to: {problem}.", USELESS_REMEDY)

    def _problem(self, grammar: Grammar) -> str | None:
        """Return why the recognizer is of no use here, or None."""
        name, most = self.ears.name, self.ears.most_phrases
        if grammar.digits and not self.ears.takes_digits:
            return f"{name} is no good for spoken digits"
        if most is not None and len(grammar.phrases) > most:
            return f"{name} cannot tell {len(grammar.phrases)} phrases apart, at most {most}"
        return f"{name} does not keep up" if self._waiting >= MOST_WAITING else None

    async def _recognise(self, speech: SpeechEnded, place: str, grammar: Grammar) -> None:
        try:
            result = await self.ears.recognise(speech.pcm, grammar)
        except GrammarError as error:
            if place not in self._useless:
                self._useless.add(place)
                self._listener.notice("warning", error.reason, error.remedy)
            return
        except RecognizerError as error:
            if self.works:
                self._give_up(error)
            return
        finally:
            self._waiting -= 1
        late = "" if self._listener.expected() == (place, grammar) else place
        duration = speech.end - speech.start
        self._listener.heard(Words(self.ears.name, speech.start, duration, result.text, result.score, late))

    def _give_up(self, error: RecognizerError) -> None:
        self.works = False
        spoke = self._end_pointer.speaking
        self._end_pointer.reset()
        if spoke:  # nobody will hear when that ends
            self._listener.user_changed("listening")
        self._listener.notice("error", f"{error.reason} The call goes on without it.", error.remedy)
