"""Words that the phone speaks: in order, in place of the microphone, behind keys; what is said of them afterwards."""

import asyncio
from typing import Any, Literal

import numpy as np
import pytest
from scripted_call import EVENTS, NO_EVENTS, Phone, PlainCall, ScriptedCall

from dtmfphone.dtmf.dial_string import parse
from dtmfphone.engine.commands import LONGEST_TEXT, Say
from dtmfphone.engine.events import Notice, Utterance
from dtmfphone.engine.mouth import MOST_WAITING, PAUSE_SECONDS

HISS = 100
"""What the microphone of the scripted sound card hears."""


class Speaker:
    """A phone whose frames are kept."""

    def __init__(self, call: PlainCall | None = None) -> None:
        self.phone = Phone(call or PlainCall())
        self.frames: list[Any] = []
        pull = self.phone.leg.pull

        def kept(samples: int, rate: int, t: float) -> Any:
            frame = pull(samples, rate, t)
            self.frames.append(frame)
            return frame

        self.phone.leg.pull = kept  # type: ignore[method-assign]

    async def say(self, *texts: str, aloud: bool = True, voice: str = "") -> None:
        """Say texts, and let the voice finish."""
        for text in texts:
            self.phone.leg.say(Say(text=text, aloud=aloud, voice=voice))
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks, timeout=20)

    @property
    def spoken(self) -> list[Utterance]:
        return self.phone.of(Utterance)

    @property
    def refused(self) -> list[str]:
        return [f"{notice.text} {notice.remedy}" for notice in self.phone.of(Notice)]

    def from_microphone(self) -> list[bool]:
        """Of each frame: whether it came from the microphone."""
        return [bool((frame == HISS).all()) for frame in self.frames]


class Hearer:
    """An IVR of ours at the far end."""

    def __init__(self, phone: Phone, *, listens: bool = False) -> None:
        self.phone = phone
        self.listens = listens
        self.log: list[tuple[float, str]] = []

    def user_changed(self, state: Literal["speaking", "listening"]) -> None:
        self.log.append((self.phone.now, state))

    def told(self, text: str, *, start: float, duration: float) -> None:
        self.log.append((self.phone.now, text))


async def test_words_take_the_place_of_the_microphone_and_are_told_when_they_are_over() -> None:
    speaker = Speaker()
    phone = speaker.phone
    await speaker.say("one.")
    await phone.run(0.1)
    assert all(speaker.from_microphone()), "nothing is said before the call is up"
    phone.up(EVENTS)
    began = phone.now
    await phone.run(2.0)
    (told,) = speaker.spoken
    assert (told.leg, told.direction, told.text, told.source, told.note) == ("phone", "sent", "one.", "espeak-ng", "")
    assert told.start == pytest.approx(began + 0.02)
    assert 0.2 < told.duration < 1.0
    assert told.t == pytest.approx(told.start + told.duration, abs=0.03)
    marks = "".join("m" if mine else "w" for mine in speaker.from_microphone())
    words = marks.strip("m")
    assert set(words) == {"w"}
    assert len(words) == pytest.approx(told.duration / 0.02, abs=1)
    assert max(np.abs(frame).max() for frame in speaker.frames) > 2000


@pytest.mark.parametrize(
    ("text", "voice", "keys"),
    [("four double one", "", "411"), ("vier null", "de", "40"), ("vier null", "", ""), ("good morning", "", "")],
)
async def test_words_that_are_digits_in_the_language_of_the_voice_name_their_keys(
    text: str, voice: str, keys: str
) -> None:
    speaker = Speaker()
    speaker.phone.up(EVENTS)
    await speaker.say(text, voice=voice)
    await speaker.phone.run(4.0)
    assert [told.keys for told in speaker.spoken] == [keys]


async def test_texts_come_one_after_the_other() -> None:
    speaker = Speaker()
    speaker.phone.up(EVENTS)
    await speaker.say("one.", "two.")
    await speaker.phone.run(4.0)
    first, second = speaker.spoken
    assert (first.text, second.text) == ("one.", "two.")
    pause = second.start - first.start - first.duration
    assert PAUSE_SECONDS <= pause <= PAUSE_SECONDS + 0.021


async def test_a_fault_of_the_voice_does_not_keep_other_texts_waiting() -> None:
    speaker = Speaker()
    speaker.phone.up(EVENTS)
    voice = speaker.phone.voice
    speak = voice.speak

    async def faulty(text: str, name: str = "") -> Any:
        if text == "one.":
            raise MemoryError
        return await speak(text, name)

    voice.speak = faulty  # type: ignore[method-assign, assignment]
    await speaker.say("one.", "two.")
    await speaker.phone.run(2.0)
    assert [told.text for told in speaker.spoken] == ["two."]


async def test_a_key_sounds_in_place_of_words() -> None:
    speaker = Speaker()
    phone = speaker.phone
    phone.up(NO_EVENTS)
    await speaker.say("one.")
    phone.leg.keys.dial(parse("5"), 100, 70, phone.now)
    await phone.run(0.2)
    sent = np.concatenate(speaker.frames).astype(float)[: int(0.1 * 8000)]
    spectrum = np.abs(np.fft.rfft(sent * np.hanning(len(sent))))
    loudest = np.fft.rfftfreq(len(sent), 1 / 8000)[np.argsort(spectrum)[-2:]]
    assert sorted(loudest) == pytest.approx([770, 1336], abs=10)


async def test_hold_ends_what_is_said_and_what_waits() -> None:
    speaker = Speaker(ScriptedCall())
    phone = speaker.phone
    phone.up(EVENTS)
    await speaker.say("one.", "two.")
    await phone.run(0.2)
    phone.leg.held(here=True, there=False)
    await phone.run(0.5)
    cut, dropped = speaker.spoken
    assert (cut.text, cut.note) == ("one.", "cut short: the call was put on hold")
    assert cut.duration == pytest.approx(0.2, abs=0.03)
    assert (dropped.text, dropped.note, dropped.duration) == ("two.", "not said: the call was put on hold", 0)
    assert not np.concatenate(speaker.frames[-20:]).any()
    await speaker.say("three.")
    assert speaker.refused == ["The call is on hold, so nothing can be said. Resume it first."]
    phone.leg.held(here=False, there=False)
    await speaker.say("four.")
    await phone.run(3.0)
    assert speaker.spoken[-1].text == "four."
    assert not speaker.spoken[-1].note


async def test_hanging_up_ends_it_too() -> None:
    speaker = Speaker()
    speaker.phone.up(EVENTS)
    await speaker.say("one.", "two.")
    await speaker.phone.run(0.1)
    speaker.phone.leg.state_changed("ended", "You hung up.")
    assert [each.note for each in speaker.spoken] == ["cut short: the call ended", "not said: the call ended"]


async def test_a_voice_that_is_not_there_is_told_and_the_next_text_is_said() -> None:
    speaker = Speaker()
    speaker.phone.up(EVENTS)
    await speaker.say("hello", voice="no-such-voice")
    await speaker.say("one.")
    await speaker.phone.run(2.0)
    (refusal,) = speaker.refused
    assert refusal.startswith("The words were not said: ")
    assert "hello" not in refusal, "words may be digits, and notices are not masked"
    assert [each.text for each in speaker.spoken] == ["one."]


@pytest.mark.parametrize(
    ("text", "words"),
    [(" \n", "There is nothing to say."), ("x" * (LONGEST_TEXT + 1), f"The text has {LONGEST_TEXT + 1} characters")],
)
async def test_what_cannot_be_said_is_refused(text: str, words: str) -> None:
    speaker = Speaker()
    await speaker.say(text)
    (refusal,) = speaker.refused
    assert refusal.startswith(words)


async def test_there_is_an_end_to_what_may_wait() -> None:
    speaker = Speaker()
    await speaker.say(*["one."] * (MOST_WAITING + 1))
    (refusal,) = speaker.refused
    assert refusal.startswith(f"{MOST_WAITING} texts wait")


async def test_an_ivr_of_ours_gets_words_when_they_have_sounded() -> None:
    speaker = Speaker()
    phone = speaker.phone
    hearer = phone.leg.mouth.listener = Hearer(phone)
    phone.up(EVENTS)
    await speaker.say("one.")
    await phone.run(2.0)
    (told,) = speaker.spoken
    assert [what for _, what in hearer.log] == ["speaking", "listening", "one."]
    began, ended, handed = (t for t, _ in hearer.log)
    assert began == pytest.approx(told.start)
    assert ended == handed == pytest.approx(told.start + told.duration, abs=0.03)


async def test_words_that_are_cut_short_are_not_handed_over() -> None:
    speaker = Speaker(ScriptedCall())
    phone = speaker.phone
    hearer = phone.leg.mouth.listener = Hearer(phone)
    phone.up(EVENTS)
    await speaker.say("one.")
    await phone.run(0.1)
    phone.leg.held(here=True, there=False)
    assert [what for _, what in hearer.log] == ["speaking", "listening"]


async def test_an_ivr_that_listens_for_itself_only_gets_the_sound() -> None:
    speaker = Speaker()
    phone = speaker.phone
    hearer = phone.leg.mouth.listener = Hearer(phone, listens=True)
    phone.up(EVENTS)
    await speaker.say("one.")
    await phone.run(2.0)
    assert len(speaker.spoken) == 1
    assert hearer.log == []
    await speaker.say("two.", aloud=False)
    await phone.run(0.1)
    assert [what for _, what in hearer.log] == ["two."], "it cannot hear them"


async def test_words_without_a_sound_wait_their_turn_and_leave_the_microphone_on() -> None:
    speaker = Speaker()
    phone = speaker.phone
    hearer = phone.leg.mouth.listener = Hearer(phone)
    phone.up(EVENTS)
    await speaker.say("7", "double five", aloud=False)
    await phone.run(0.1)
    assert [what for _, what in hearer.log] == ["7", "double five"]
    assert all(speaker.from_microphone())
    assert speaker.spoken == []


async def test_words_without_a_sound_need_an_ivr_of_ours() -> None:
    speaker = Speaker()
    speaker.phone.up(EVENTS)
    await speaker.say("one.", aloud=False)
    await speaker.phone.run(0.1)
    assert speaker.refused == [
        "Nobody gets words that do not sound: no IVR of this program answers the call. "
        "Speak them aloud, or call builtin:NAME."
    ]
    assert speaker.spoken == []
