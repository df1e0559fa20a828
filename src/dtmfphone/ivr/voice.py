"""The voice of the IVR: texts into audio, from the shipped prompts or by espeak-ng, in a thread of its own."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import espeak, shipped
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.espeak import RATE, VOICE, WORDS_PER_MINUTE, EspeakError
from dtmfphone.ivr.prompt import SPEECH_REMEDY, is_keys, literals, read_back_words, variables
from dtmfphone.ivr.question import read_back_texts

__all__ = ["RATE", "NoVoiceError", "Prompts", "Voice", "texts_of"]

_CACHE_SAMPLES = 1800 * RATE
LONGEST_RECORDING = 600.0
"""Seconds of a sound file that is played."""
MOST_RECORDINGS = 20
"""Sound files that are remembered."""


class NoVoiceError(Exception):
    """A text that cannot be spoken: why, and the remedy."""

    def __init__(self, text: str, reason: str, remedy: str = SPEECH_REMEDY) -> None:
        super().__init__(f"No voice for {text!r:.80}: {reason}. {remedy}")
        self.text = text
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Prompts:
    """All that a script may say, as audio, mono int16 at `RATE`."""

    audio: Mapping[str, Pcm]
    missing: tuple[NoVoiceError, ...] = ()
    """One for each text that will be a beep."""
    recordings: Mapping[str, Pcm] = field(default_factory=dict)
    """Sound files by name, those that can be read."""

    def lookup(self, text: str) -> Pcm | None:
        """Return the audio of a text, or None."""
        return self.audio.get(text)

    def recording(self, name: str) -> Pcm | None:
        """Return the audio of a sound file, or None."""
        return self.recordings.get(name)


def texts_of(script: Script) -> tuple[str, ...]:
    """Return every text that a run of the script may need, read-back words included, once each."""
    prompts = script.prompts()
    read = {variable for text in prompts for variable in variables(text)}
    words: tuple[str, ...] = ()
    if read:
        words = (
            *read_back_words(script.language),
            *(value for value in script.values(read) if not is_keys(value) and "{" not in value),
        )
    return tuple(
        dict.fromkeys((*(part for text in prompts for part in literals(text)), *words, *read_back_texts(script)))
    )


class Voice:
    """Speaks texts, and remembers the last half hour of speech; shipped prompts come first, then espeak-ng."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "voice")
        self._cache: OrderedDict[tuple[str, str, int], Pcm] = OrderedDict()
        """By text, voice and speed."""
        self._cached = 0
        self._files: dict[tuple[str, int, int], Pcm] = {}

    async def speak(self, text: str, voice: str = "", words_per_minute: int = WORDS_PER_MINUTE) -> Pcm:
        """Return a text as mono int16 at `RATE`; raise NoVoiceError.

        `voice`: as espeak-ng names it, such as `de` or `en-gb+f2`; empty: the usual one.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._worker, self._speak, text, voice, words_per_minute
        )

    async def prepare(self, script: Script) -> Prompts:
        """Return the prompts of a script; what cannot be spoken is in `missing`."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._prepare, script)

    def close(self) -> None:
        """End the thread; texts that wait are dropped."""
        self._worker.shutdown(cancel_futures=True)

    def _prepare(self, script: Script) -> Prompts:
        audio: dict[str, Pcm] = {}
        missing: list[NoVoiceError] = []
        for text in texts_of(script):
            try:
                audio[text] = self._speak(text, script.voice, script.words_per_minute)
            except NoVoiceError as error:
                missing.append(error)
        files = {name: Path(script.folder, name) for name in script.recordings()}
        recordings = {name: pcm for name, file in files.items() if (pcm := self._recording(file)) is not None}
        return Prompts(audio, tuple(missing), recordings)

    def _recording(self, file: Path) -> Pcm | None:
        """Return what a sound file holds, from memory if it is the same as before."""
        try:
            facts = file.stat()
            key = (str(file), facts.st_mtime_ns, facts.st_size)
            if key not in self._files:
                while len(self._files) >= MOST_RECORDINGS:
                    self._files.pop(next(iter(self._files)))
                self._files[key] = shipped.decode(file.read_bytes(), LONGEST_RECORDING)
        except (OSError, ValueError):
            return None
        return self._files[key]

    def _speak(self, text: str, voice: str, words_per_minute: int) -> Pcm:
        key = (text, voice or VOICE, words_per_minute)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        pcm = shipped.read(*key)
        if pcm is None:
            try:
                pcm = espeak.synthesize(*key)
            except EspeakError as error:
                raise NoVoiceError(text, str(error), error.remedy) from None
        pcm.flags.writeable = False
        self._cache[key] = pcm
        self._cached += len(pcm)
        while self._cached > _CACHE_SAMPLES and len(self._cache) > 1:
            self._cached -= len(self._cache.popitem(last=False)[1])
        return pcm
