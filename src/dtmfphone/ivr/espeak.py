"""Speech by espeak-ng, loaded at run time from the optional package espeakng_loader (extra `speech`)."""

import ctypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.ivr.prompt import SPEECH_REMEDY

RATE: Final = 16000
"""Samples per second of all prompts."""
VOICE: Final = "en-us+f3"
"""The usual voice."""
WORDS_PER_MINUTE: Final = 150
LEVEL: Final = -19.5
"""dBFS at which the digits sound in every voice; whole sentences come out half a decibel lower."""
PEAK: Final = 0.8 * 32768
_DIGITS = "0 1 2 3 4 5 6 7 8 9"
_MOST_GAIN = 8.0
_ACTIVE = 10**-2.5
"""Frames with less than this share of the loudest frame's power are pauses."""
_SILENCE = 0.002 * 32768
_MARGIN = RATE // 50

# espeak-ng's speak_lib.h
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8 = 1
_BY_CHARACTER = 1
_RATE = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_lock = threading.Lock()
"""The library has one global state, so one utterance at a time in a process."""
_speaker: "Speaker | None" = None


class _Entry(ctypes.Structure):
    """`espeak_VOICE`; `languages` holds a priority byte and a name, again and again, until a zero byte."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class EspeakError(Exception):
    """espeak-ng is not there or refuses: why, and the remedy, one sentence each."""

    def __init__(self, reason: str, remedy: str = SPEECH_REMEDY) -> None:
        super().__init__(reason)
        self.remedy = remedy


class UnknownVoiceError(EspeakError):
    """espeak-ng is there, but has no such voice."""

    def __init__(self, voice: str) -> None:
        super().__init__(f"espeak-ng has no voice {voice!r:.60}", "See: dtmfphone ivr voices")


@dataclass(frozen=True)
class EspeakVoice:
    """A voice of espeak-ng; with `+` and a variant after its name it sounds different."""

    name: str
    language: str
    """Two or three letters, as in ISO 639."""
    description: str


class Speaker:
    """The loaded library; let it speak under `_lock`."""

    def __init__(self) -> None:
        try:
            import espeakng_loader
        except ImportError:
            raise EspeakError("the package espeakng_loader is not installed") from None
        try:
            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise EspeakError(f"espeak-ng cannot be loaded ({error})") from None
        data = espeakng_loader.get_data_path().encode()
        self.rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        if self.rate <= 0:
            raise EspeakError("espeak-ng finds no voices")
        self._chunks: list[bytes] = []
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Entry))
        self.voices: dict[str, EspeakVoice] = {}
        """By the file that describes it."""
        self._files: dict[str, str] = {}
        """By every name that a voice has."""
        self._list_voices()
        self.variants = {file.lower(): file for _, file, _ in self._entries("variant") if " " not in file}
        self._voice = ("", "")
        self._gains: dict[tuple[str, str], float] = {}

    def find(self, name: str) -> tuple[str, str]:
        """Return the files of a voice and its variant, the latter empty for none; raise UnknownVoiceError."""
        base, plus, variant = name.lower().partition("+")
        # The library takes no notice of a variant that it has not.
        if base not in self._files or (plus and variant not in self.variants):
            raise UnknownVoiceError(name)
        return self._files[base], self.variants.get(variant, "")

    def say(self, text: str, name: str, words_per_minute: int) -> tuple[Pcm, float]:
        """Return the speech of a text at `rate`, and the factor that makes it as loud as in every voice."""
        voice = self.find(name)
        speech = self._say(text, voice, words_per_minute)
        if voice not in self._gains:
            digits = self._say(_DIGITS, voice, WORDS_PER_MINUTE)
            # A few voices read no digits.
            self._gains[voice] = self._gain(digits if digits.any() else speech)
        return speech, self._gains[voice]

    def _say(self, text: str, voice: tuple[str, str], words_per_minute: int) -> Pcm:
        if voice != self._voice:
            file = "+".join(filter(None, voice))
            self._voice = ("", "")
            if self._library.espeak_SetVoiceByName(file.encode()) != 0:
                raise EspeakError(f"espeak-ng cannot use its voice {file}")
            self._voice = voice
        self._library.espeak_SetParameter(_RATE, words_per_minute, 0)
        data = text.encode(errors="replace")
        self._chunks.clear()
        status = self._library.espeak_Synth(
            data, ctypes.c_size_t(len(data) + 1), ctypes.c_uint(0), _BY_CHARACTER, ctypes.c_uint(0), _UTF8, None, None
        )
        if status != 0:
            raise EspeakError(f"espeak-ng fails with status {status}")
        return np.frombuffer(b"".join(self._chunks), dtype=np.int16)

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, 2 * count))
        return 0

    def _gain(self, speech: Pcm) -> float:
        """Return what brings the frames of 20 ms in which something sounds to `LEVEL`."""
        frame = self.rate // 50
        powers = (speech[: len(speech) // frame * frame].astype(float).reshape(-1, frame) ** 2).mean(axis=1)
        active = powers[powers > powers.max(initial=0.0) * _ACTIVE]
        if not len(active):
            return 1.0
        return min(_MOST_GAIN, 32768 * 10 ** (LEVEL / 20) / float(np.sqrt(active.mean())))

    def _list_voices(self) -> None:
        best: dict[str, int] = {}
        for name, file, languages in self._entries():
            own = file.rpartition("/")[2].lower()
            first = languages[0][1].lower()
            title = first if all(voice.name != first for voice in self.voices.values()) else own
            self.voices[file] = EspeakVoice(title, title.partition("-")[0], name)
            for priority, language in ((0, title), (1, own), *languages):
                if priority < best.get(language.lower(), 256):
                    best[language.lower()] = priority
                    self._files[language.lower()] = file

    def _entries(self, language: str = "") -> Iterator[tuple[str, str, list[tuple[int, str]]]]:
        """Yield name, file, and languages with their priorities (less is better); for `variant`, the variants."""
        text = ctypes.create_string_buffer(b"\0" + language.encode() + b"\0\0")
        wanted = _Entry(languages=ctypes.addressof(text) + 1)
        entries: Any = self._library.espeak_ListVoices(ctypes.byref(wanted) if language else None)
        for place in range(10_000):
            if not entries[place]:
                return
            entry = entries[place].contents
            languages: list[tuple[int, str]] = []
            at = entry.languages
            while priority := ctypes.string_at(at, 1)[0]:
                word = ctypes.string_at(at + 1)
                languages.append((priority, word.decode()))
                at += len(word) + 2
            yield entry.name.decode().strip(), entry.identifier.decode().removeprefix("!v/"), languages


def synthesize(text: str, voice: str = "", words_per_minute: int = WORDS_PER_MINUTE) -> Pcm:
    """Return the speech of a text at `RATE`, without silence around it; blocks for some milliseconds.

    `voice`: such as `de` or `en-gb+f2`; empty: the usual one. Raises EspeakError, also for a text in which there is
    nothing to say, and UnknownVoiceError.
    """
    with _lock:
        speaker = _loaded()
        rate = speaker.rate
        pcm, gain = speaker.say(text, voice or VOICE, words_per_minute)
    resampler = Resampler(rate, RATE)
    tail = np.zeros(round(resampler.delay_seconds * 2 * rate), dtype=np.int16)
    speech = resampler.process(np.concatenate([pcm, tail])).astype(np.float64) * gain
    loud = np.flatnonzero(np.abs(speech) > _SILENCE)
    if not len(loud):
        raise EspeakError(f"espeak-ng says nothing for {text!r:.60}", "Write a text in the language of the voice")
    speech = speech[max(0, loud[0] - _MARGIN) : loud[-1] + _MARGIN]
    scaled: Pcm = np.rint(speech * min(1.0, PEAK / np.abs(speech).max())).astype(np.int16)
    return scaled


def voices() -> tuple[EspeakVoice, ...]:
    """Return the voices, by name; raise EspeakError."""
    return tuple(sorted(_known().voices.values(), key=lambda voice: voice.name))


def variants() -> tuple[str, ...]:
    """Return what may follow the name of any voice after `+`; raise EspeakError."""
    return tuple(sorted(_known().variants.values(), key=str.lower))


def check_voice(voice: str) -> None:
    """Raise UnknownVoiceError where espeak-ng has no such voice, EspeakError where it is not installed."""
    _known().find(voice)


def _known() -> Speaker:
    """Return the library to be asked for what never changes, also while it speaks: that may last."""
    if _speaker is not None:
        return _speaker
    with _lock:
        return _loaded()


def _loaded() -> Speaker:
    global _speaker
    if _speaker is None:
        _speaker = Speaker()
    return _speaker
