"""What the phone hears its far end say."""

import asyncio
from typing import Any

import pytest
from scripted_call import EVENTS, Phone, PlainCall
from scripted_ears import Lending, ScriptedEars

from dtmfphone.calls.call import CallState
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.engine.events import SpeechChanged, Utterance
from dtmfphone.engine.phone_ear import PhoneEar
from dtmfphone.ivr import shipped
from dtmfphone.ivr.recognition import Grammar, Recognised
from dtmfphone.ivr.voice import RATE


class Listening(Phone):
    """A phone that listens."""

    def __init__(self, answer: Recognised) -> None:
        super().__init__(PlainCall())
        self.ears = ScriptedEars(answer)
        self.ears.takes_digits = True
        self.hearing = Lending(self.ears, self.events.append, lambda: self.now, self._spawn)
        self.leg._ear = PhoneEar(
            self.leg, self.hearing, emit=self.events.append, clock=lambda: self.now, spawn=self._spawn
        )

    async def hear_word(self) -> None:
        """Let the far end say a word."""
        word: Any = shipped.read("five.")
        pcm = Resampler(RATE, 8000).process(word)
        for start in range(0, len(pcm) // 160 * 160, 160):
            self.leg.push(pcm[start : start + 160], 8000, self.now, jump=False)
            await self.run(0.02)
        await self.run(1.5)  # no more audio comes
        await asyncio.sleep(0)


@pytest.mark.parametrize(("text", "keys", "note"), [("double five", "55", ""), ("", "", "no digits")])
async def test_what_the_far_end_says_is_told_with_its_keys(text: str, keys: str, note: str) -> None:
    phone = Listening(Recognised(text, 0.5))
    phone.up(EVENTS)
    await phone.run(0.5)
    await phone.hear_word()
    (heard,) = phone.of(Utterance)
    assert (heard.leg, heard.direction, heard.source, heard.confidence) == ("phone", "received", "parrot", 0.5)
    assert (heard.text, heard.keys, heard.note) == (text, keys, note)
    assert [grammar for _, grammar in phone.ears.asked] == [Grammar(digits=True)]
    assert [(event.direction, event.speaking) for event in phone.of(SpeechChanged)] == [
        ("received", True),
        ("received", False),
    ]


async def test_it_listens_from_the_answer_to_the_end_of_the_call() -> None:
    phone = Listening(Recognised("one"))
    phone.call.media = EVENTS
    states = []
    course: tuple[CallState, ...] = ("ringing", "up", "up", "ended")
    for state in course:
        phone.leg.state_changed(state)
        await phone.run(0.1)
        states.append((phone.leg.ear is not None, phone.hearing.lent))
    assert states == [(False, 0), (True, 1), (True, 1), (False, 0)]
