"""The voice of the IVR: texts into audio, from the shipped prompts or by espeak-ng, in a thread of its own."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import espeak, shipped
from dtmfphone.ivr.espeak import RATE, EspeakError
from dtmfphone.ivr.nodes import Script
from dtmfphone.ivr.prompt import READ_BACK_WORDS, SPEECH_REMEDY, literals, variables

__all__ = ["RATE", "NoVoiceError", "Prompts", "Voice", "texts_of"]

_CACHE_SAMPLES = 1800 * RATE


class NoVoiceError(Exception):
    """A text that cannot be spoken: why, and the remedy."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"No voice for {text!r:.80}: {reason}. {SPEECH_REMEDY}")
        self.text = text
        self.reason = reason
        self.remedy = SPEECH_REMEDY


@dataclass(frozen=True)
class Prompts:
    """All that a script may say, as audio, mono int16 at `RATE`."""

    audio: Mapping[str, Pcm]
    missing: tuple[NoVoiceError, ...] = ()
    """One for each text that will be a beep."""

    def lookup(self, text: str) -> Pcm | None:
        """Return the audio of a text, or None."""
        return self.audio.get(text)


def texts_of(script: Script) -> tuple[str, ...]:
    """Return every text that a run of the script may need, read-back words included, once each."""
    prompts = script.prompts()
    words: Iterable[str] = READ_BACK_WORDS if any(variables(text) for text in prompts) else ()
    return tuple(dict.fromkeys((*(part for text in prompts for part in literals(text)), *words)))


class Voice:
    """Speaks texts, and remembers the last half hour of speech; shipped prompts come first, then espeak-ng."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "voice")
        self._cache: OrderedDict[str, Pcm] = OrderedDict()
        self._cached = 0

    async def speak(self, text: str) -> Pcm:
        """Return a text as mono int16 at `RATE`; raise NoVoiceError."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._speak, text)

    async def prepare(self, script: Script) -> Prompts:
        """Return the prompts of a script; what cannot be spoken is in `missing`."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._prepare, texts_of(script))

    def close(self) -> None:
        """End the thread; texts that wait are dropped."""
        self._worker.shutdown(cancel_futures=True)

    def _prepare(self, texts: tuple[str, ...]) -> Prompts:
        audio: dict[str, Pcm] = {}
        missing: list[NoVoiceError] = []
        for text in texts:
            try:
                audio[text] = self._speak(text)
            except NoVoiceError as error:
                missing.append(error)
        return Prompts(audio, tuple(missing))

    def _speak(self, text: str) -> Pcm:
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        pcm = shipped.read(text)
        if pcm is None:
            try:
                pcm = espeak.synthesize(text)
            except EspeakError as error:
                raise NoVoiceError(text, str(error)) from None
        pcm.flags.writeable = False
        self._cache[text] = pcm
        self._cached += len(pcm)
        while self._cached > _CACHE_SAMPLES and len(self._cache) > 1:
            self._cached -= len(self._cache.popitem(last=False)[1])
        return pcm
