"""Utterances out of the audio of a call, and what becomes of them; the recognizer answers as the test says."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Literal

import numpy as np
import pytest
from scripted_ears import ScriptedEars

from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.dtmf.tones import ToneGenerator
from dtmfphone.engine.ear import MOST_WAITING, USELESS_REMEDY, Ear, Words
from dtmfphone.engine.events import Notice
from dtmfphone.engine.leg import CallLeg
from dtmfphone.ivr import shipped
from dtmfphone.ivr.end_pointer import WORD_HANG_SECONDS
from dtmfphone.ivr.recognition import Grammar, GrammarError, Recognised, RecognizerError
from dtmfphone.ivr.voice import RATE

YES_NO = Grammar(("yes", "no"))
CALL_RATE = 8000


class Hearer:
    """One side of a call with an ear, on a clock of its own."""

    def __init__(self, grammar: Grammar | None = YES_NO, answer: Recognised | RecognizerError | None = None) -> None:
        self.now = 1.0
        self.place = "ask"
        self.grammar = grammar
        self.log: list[str] = []
        self.words: list[Words] = []
        self.events: list[Any] = []
        self.ears = ScriptedEars(answer or Recognised("yes", 0.8))
        self.leg = CallLeg("ivr-1", "ivr", self.events.append, lambda: self.now)
        self.leg.ear = Ear(self.ears, self, self._spawn)
        self.answers = asyncio.Event()
        """The recognizer answers when it is set."""
        self.answers.set()
        self._jobs: list[asyncio.Task[None]] = []

    def expected(self) -> tuple[str, Grammar | None]:
        return self.place, self.grammar

    def user_changed(self, state: Literal["speaking", "listening"]) -> None:
        self.log.append(state)

    def heard(self, words: Words) -> None:
        self.log.append(words.text)
        self.words.append(words)

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        self.leg.notice(level, text, remedy)

    async def hear(self, pcm: Any) -> None:
        """Let audio at the call's rate come, and recognition go on."""
        for start in range(0, len(pcm) // 160 * 160, 160):
            self.now += 0.02
            self.leg.incoming(pcm[start : start + 160], CALL_RATE, self.now, jump=False)
        await self.think()

    async def quiet(self, seconds: float = 1.0) -> None:
        hiss = np.random.default_rng(1).normal(0, 5, round(seconds * CALL_RATE)).astype(np.int16)
        await self.hear(hiss)

    async def think(self) -> None:
        while self._jobs and self.answers.is_set():
            await self._jobs.pop()

    @property
    def notices(self) -> list[str]:
        return [f"{event.text} {event.remedy}" for event in self.events if isinstance(event, Notice)]

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        self._jobs.append(asyncio.get_running_loop().create_task(self._late(job)))

    async def _late(self, job: Coroutine[Any, Any, None]) -> None:
        await self.answers.wait()
        await job


def spoken(text: str = "one.") -> Any:
    pcm = shipped.read(text)
    assert pcm is not None
    return Resampler(RATE, CALL_RATE).process(pcm)


def tone(char: str, seconds: float) -> Any:
    tones = ToneGenerator(CALL_RATE)
    tones.key_down(char)
    return to_int16(tones.render(round(seconds * CALL_RATE)))


async def test_an_utterance_is_recognised_when_it_is_over() -> None:
    hearer = Hearer()
    await hearer.quiet()
    began = hearer.now
    word = spoken()
    await hearer.hear(word)
    assert hearer.log == ["speaking"]
    await hearer.quiet()
    assert hearer.log == ["speaking", "listening", "yes"]
    (words,) = hearer.words
    assert (words.source, words.score, words.late) == ("parrot", 0.8, "")
    assert words.start == pytest.approx(began, abs=0.06)
    assert words.duration == pytest.approx(len(word) / CALL_RATE, abs=0.15)
    ((seconds, grammar),) = hearer.ears.asked
    assert words.duration < seconds < words.duration + 0.6
    assert grammar == YES_NO


async def test_audio_that_stays_away_ends_an_utterance_too() -> None:
    hearer = Hearer()
    await hearer.quiet()
    await hearer.hear(spoken())
    assert hearer.leg.ear is not None
    hearer.leg.ear.advance(hearer.now + WORD_HANG_SECONDS / 2)
    assert hearer.log == ["speaking"]
    hearer.leg.ear.advance(hearer.now + 2 * WORD_HANG_SECONDS)
    await hearer.think()
    assert hearer.log == ["speaking", "listening", "yes"]


async def test_the_tone_of_a_key_is_no_speech() -> None:
    hearer = Hearer()
    await hearer.quiet()
    for char in "159#":
        await hearer.hear(tone(char, 0.4))
        await hearer.quiet(0.6)
    assert [event.key for event in hearer.events if type(event).__name__ == "Sighting"] == list("159#")
    assert hearer.ears.asked == []
    assert hearer.words == []
    await hearer.hear(spoken())
    await hearer.quiet()
    assert hearer.log[-3:] == ["speaking", "listening", "yes"], "speech after it is heard"


@pytest.mark.parametrize("grammar", [None, Grammar()])
async def test_where_nothing_may_be_said_only_that_somebody_speaks_is_told(grammar: Grammar | None) -> None:
    hearer = Hearer(grammar)
    await hearer.quiet()
    await hearer.hear(spoken())
    await hearer.quiet()
    assert hearer.log == ["speaking", "listening"]
    assert hearer.ears.asked == []
    assert hearer.notices == []


@pytest.mark.parametrize(
    ("grammar", "words"),
    [
        (Grammar(("a", "b", "c")), "parrot cannot tell 3 phrases apart, at most 2"),
        (Grammar(digits=True), "parrot is no good for spoken digits"),
    ],
)
async def test_a_recognizer_that_is_of_no_use_is_not_asked_and_that_is_said_once_per_place(
    grammar: Grammar, words: str
) -> None:
    hearer = Hearer(grammar)
    await hearer.quiet()
    for place in ("ask", "ask", "menu"):
        hearer.place = place
        await hearer.hear(spoken())
        await hearer.quiet(1.2)
    assert hearer.notices == [
        f"What is said at {place} is not listened to: {words}. {USELESS_REMEDY}" for place in ("ask", "menu")
    ]
    assert hearer.ears.asked == []
    assert hearer.log == ["speaking", "listening"] * 3


async def test_a_grammar_that_the_recognizer_refuses_is_told_once_and_others_are_listened_to() -> None:
    hearer = Hearer(answer=GrammarError("parrot knows no such word.", "Use another one."))
    await hearer.quiet()
    for _ in range(2):
        await hearer.hear(spoken())
        await hearer.quiet()
    assert hearer.notices == ["parrot knows no such word. Use another one."]
    hearer.place, hearer.ears.answer = "menu", Recognised("yes")
    await hearer.hear(spoken())
    await hearer.quiet()
    assert [words.text for words in hearer.words] == ["yes"]


async def test_words_that_come_when_the_listener_has_gone_on_are_marked() -> None:
    hearer = Hearer()
    await hearer.quiet()
    await hearer.hear(spoken())
    hearer.ears.answer = Recognised("no")
    recognise = hearer.ears.recognise

    async def slow(pcm: Any, grammar: Grammar) -> Recognised:
        hearer.place = "menu"
        return await recognise(pcm, grammar)

    hearer.ears.recognise = slow  # type: ignore[method-assign]
    await hearer.quiet()
    (words,) = hearer.words
    assert (words.text, words.late) == ("no", "ask")


async def test_what_is_said_while_too_much_waits_is_not_kept() -> None:
    hearer = Hearer()
    hearer.answers = asyncio.Event()
    await hearer.quiet()
    for _ in range(MOST_WAITING + 2):
        await hearer.hear(spoken())
        await hearer.quiet()
    hearer.answers.set()
    await hearer.think()
    assert len(hearer.words) == MOST_WAITING
    assert hearer.notices == [f"What is said at ask is not listened to: parrot does not keep up. {USELESS_REMEDY}"]
    await hearer.hear(spoken())
    await hearer.quiet()
    assert len(hearer.words) == MOST_WAITING + 1, "it has caught up"


async def test_a_recognizer_that_fails_while_somebody_speaks_leaves_nobody_speaking() -> None:
    hearer = Hearer(answer=RecognizerError("The recognizer parrot has ended.", "Choose it again."))
    hearer.answers = asyncio.Event()
    await hearer.quiet()
    await hearer.hear(spoken())
    await hearer.quiet()
    await hearer.hear(spoken())
    assert hearer.log == ["speaking", "listening", "speaking"]
    hearer.answers.set()
    await hearer.think()
    assert hearer.log == ["speaking", "listening"] * 2
    await hearer.quiet()
    assert hearer.log == ["speaking", "listening"] * 2


async def test_a_recognizer_that_fails_is_told_of_once_and_not_asked_again() -> None:
    hearer = Hearer(answer=RecognizerError("The recognizer parrot has ended.", "Choose it again."))
    await hearer.quiet()
    for _ in range(2):
        await hearer.hear(spoken())
        await hearer.quiet()
    assert hearer.notices == ["The recognizer parrot has ended. The call goes on without it. Choose it again."]
    assert len(hearer.ears.asked) == 1
    assert hearer.leg.ear is not None
    assert not hearer.leg.ear.works
