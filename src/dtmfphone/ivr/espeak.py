"""Speech by espeak-ng, loaded at run time from the optional package espeakng_loader (extra `speech`)."""

import ctypes
import threading
from typing import Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler

RATE: Final = 16000
"""Samples per second of all prompts."""
VOICE: Final = "en-us+f3"
WORDS_PER_MINUTE: Final = 150
GAIN: Final = 0.9
"""Brings this voice to an active level of about -20 dBFS."""
PEAK: Final = 0.65 * 32768
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


class EspeakError(Exception):
    """espeak-ng is not there or refuses; one sentence."""


class Speaker:
    """The loaded library, with its one voice; use it under `_lock`."""

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
        if self._library.espeak_SetVoiceByName(VOICE.encode()) != 0:
            raise EspeakError(f"espeak-ng has no voice {VOICE}")
        self._library.espeak_SetParameter(_RATE, WORDS_PER_MINUTE, 0)
        self._chunks: list[bytes] = []
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, 2 * count))
        return 0

    def say(self, text: str) -> Pcm:
        data = text.encode()
        self._chunks.clear()
        status = self._library.espeak_Synth(
            data, ctypes.c_size_t(len(data) + 1), ctypes.c_uint(0), _BY_CHARACTER, ctypes.c_uint(0), _UTF8, None, None
        )
        if status != 0:
            raise EspeakError(f"espeak-ng fails with status {status}")
        return np.frombuffer(b"".join(self._chunks), dtype=np.int16)


def synthesize(text: str) -> Pcm:
    """Return the speech of a text at `RATE`, without silence around it; blocks for some milliseconds.

    Raises EspeakError, also for a text in which there is nothing to say.
    """
    global _speaker
    with _lock:
        if _speaker is None:
            _speaker = Speaker()
        pcm, rate = _speaker.say(text), _speaker.rate
    resampler = Resampler(rate, RATE)
    tail = np.zeros(round(resampler.delay_seconds * 2 * rate), dtype=np.int16)
    speech = resampler.process(np.concatenate([pcm, tail])).astype(np.float64) * GAIN
    loud = np.flatnonzero(np.abs(speech) > _SILENCE)
    if not len(loud):
        raise EspeakError(f"espeak-ng says nothing for {text!r:.60}")
    speech = speech[max(0, loud[0] - _MARGIN) : loud[-1] + _MARGIN]
    scaled: Pcm = np.rint(speech * min(1.0, PEAK / np.abs(speech).max())).astype(np.int16)
    return scaled
