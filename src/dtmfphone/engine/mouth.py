"""Words that the phone speaks into its call by a synthetic voice, and hands to an IVR of ours that cannot hear them."""

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from dtmfphone.calls.media import Pcm
from dtmfphone.engine.commands import LONGEST_TEXT
from dtmfphone.engine.events import Notice, SpeechChanged, Utterance
from dtmfphone.engine.leg import Clock, Emit, Spawn
from dtmfphone.ivr.language import language_of
from dtmfphone.ivr.playback import Playback
from dtmfphone.ivr.spoken_digits import spoken_keys
from dtmfphone.ivr.voice import RATE, NoVoiceError, Voice

SOURCE: Final = "espeak-ng"
"""Who speaks; the prompts that come with the program were spoken by it, too."""
MOST_WAITING: Final = 20
"""Texts that wait for their turn."""
PAUSE_SECONDS: Final = 1.0
"""Between two texts, so that they are taken for two."""


class Listener(Protocol):
    """An IVR of ours at the other end of the call."""

    @property
    def listens(self) -> bool:
        """Whether it recognises words that sound by itself."""
        ...

    def user_changed(self, state: Literal["speaking", "listening"]) -> None:
        """The caller begins to speak now, or ceases."""
        ...

    def told(self, text: str, *, start: float, duration: float) -> None:
        """Take words as heard."""
        ...


@dataclass(eq=False)
class _Words:
    text: str
    keys: str
    """Those that they mean in the language of the voice; empty: they are no keys."""
    aloud: bool
    pcm: Pcm | None = None
    """None: the voice has not spoken them yet."""
    start: float = 0.0
    """When they began to sound."""


class Mouth:
    """Says texts in order, one after the other; each ends up in an `Utterance`, or in a `Notice` that says why not."""

    def __init__(self, call_id: str, voice: Voice, *, emit: Emit, clock: Clock, spawn: Spawn) -> None:
        self.listener: Listener | None = None
        """The far end, where it is an IVR of ours."""
        self._call_id = call_id
        self._voice = voice
        self._emit = emit
        self._clock = clock
        self._spawn = spawn
        self._queue: deque[_Words] = deque()
        self._current: _Words | None = None
        self._playback = Playback()
        self._silent_until = 0.0

    def say(self, text: str, voice: str, *, aloud: bool) -> None:
        """Queue a text; `aloud`: it sounds in the call, else only an IVR of ours gets it."""
        text = text.strip()
        if not text:
            self._refuse("There is nothing to say.", "Write some words.")
        elif len(text) > LONGEST_TEXT:
            self._refuse(f"The text has {len(text)} characters: nothing was said.", f"Say at most {LONGEST_TEXT}.")
        elif len(self._queue) >= MOST_WAITING:
            self._refuse(f"{MOST_WAITING} texts wait to be said already.", "Wait until some of them are over.")
        else:
            words = _Words(text, spoken_keys(text, language_of(voice).code) or "", aloud)
            self._queue.append(words)
            if aloud:
                self._spawn(self._speak(words, voice))

    def frame(self, pcm: Pcm, rate: int, t: float) -> Pcm:
        """Return the audio of the frame that leaves at time `t`: what was given, or the part of a text that is due."""
        if self._current is None:
            self._begin_next(t)
        if self._current is None:
            return pcm
        spoken = self._playback.pull(len(pcm), rate)
        if not self._playback.speaking:
            self._end(self._current)
        return spoken

    def stop(self, why: str) -> None:
        """Drop all that is said and waits; `why` completes a sentence: the call ended."""
        if (words := self._current) is not None:
            self._playback.stop()
            self._end(words, f"cut short: {why}")
        waiting, now = list(self._queue), self._clock()
        self._queue.clear()
        for words in waiting:
            self._report(words, now, 0.0, f"not said: {why}")

    async def _speak(self, words: _Words, voice: str) -> None:
        try:
            words.pcm = await self._voice.speak(words.text, voice)
        except NoVoiceError as error:
            if words in self._queue:
                self._refuse(f"The words were not said: {error.reason}.", error.remedy)
        finally:
            if words.pcm is None and words in self._queue:
                self._queue.remove(words)

    def _begin_next(self, t: float) -> None:
        while self._queue and t >= self._silent_until:
            words = self._queue[0]
            if words.aloud and words.pcm is None:
                return  # the voice is at work
            self._queue.popleft()
            if words.pcm is not None:
                words.start = t
                self._current = words
                self._playback.play([words.pcm])
                self._changed("speaking")
                return
            self._hand_over(words.text, t)

    def _end(self, words: _Words, note: str = "") -> None:
        """The words are over; with a note, they are not whole."""
        assert words.pcm is not None
        now = self._clock()
        duration = len(words.pcm) / RATE if not note else max(0.0, now - words.start)
        self._current = None
        self._silent_until = words.start + duration + PAUSE_SECONDS
        self._report(words, words.start, duration, note)
        self._changed("listening")
        if not note and self.listener is not None and not self.listener.listens:
            self.listener.told(words.text, start=words.start, duration=duration)

    def _hand_over(self, text: str, t: float) -> None:
        if self.listener is not None:
            self.listener.told(text, start=t, duration=0.0)
        else:
            self._refuse(
                "Nobody gets words that do not sound: no IVR of this program answers the call.",
                "Speak them aloud, or call builtin:NAME.",
            )

    def _changed(self, state: Literal["speaking", "listening"]) -> None:
        self._emit(SpeechChanged(t=self._clock(), call=self._call_id, direction="sent", speaking=state == "speaking"))
        if self.listener is not None and not self.listener.listens:
            self.listener.user_changed(state)

    def _report(self, words: _Words, start: float, duration: float, note: str) -> None:
        self._emit(
            Utterance(
                t=self._clock(),
                call=self._call_id,
                leg="phone",
                direction="sent",
                text=words.text,
                source=SOURCE if words.aloud else "typed",
                start=start,
                duration=duration,
                keys="" if note else words.keys,
                note=note,
            )
        )

    def _refuse(self, text: str, remedy: str) -> None:
        self._emit(Notice(t=self._clock(), level="error", text=text, remedy=remedy))
