"""Vosk: offline, with a model of the user's choice, which knows words and digits of one language."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.language import ENGLISH, LANGUAGES
from dtmfphone.ivr.recognition import Grammar, GrammarError, Recognised, RecognizerError
from dtmfphone.ivr.recognizers.phrases import meant

RATE: Final = 16000
PAD: Final = np.zeros(RATE // 4, np.int16)
"""The decoder looks ahead: without it the last sounds would be lost."""
UNKNOWN: Final = "[unk]"
"""Stands for all other words."""
MORE_DIGITS: Final = {"en": ("oh", "double", "triple", "hash")}
REMEDY: Final = "Unpack a model from https://alphacephei.com/vosk/models and give its folder."


class Vosk:
    """Searches for the words of the grammar alone where the model can (the small ones), else for any words."""

    name = "vosk"
    most_phrases: int | None = None
    takes_digits = True

    def __init__(self, model: str = "") -> None:
        try:
            import vosk
        except ImportError as error:
            raise RecognizerError(f"The package vosk is not there: {error}.", "Install it: pip install vosk.") from None
        vosk.SetLogLevel(-1)
        check_model(model)
        try:
            self._model: Any = vosk.Model(model)
        except Exception as error:  # its own type of all errors
            raise RecognizerError(f"Vosk cannot load the model in {model}: {error}.", REMEDY) from None
        self._make: Any = vosk.KaldiRecognizer
        self._words = ""
        self._recognizer: Any = None

    def recognise(self, pcm: Pcm, grammar: Grammar) -> Recognised:
        """Return what the words mean in the grammar; the score is that of the least sure word."""
        words = json.dumps(self._vocabulary(grammar), ensure_ascii=False)
        if words != self._words:
            self._recognizer = self._make(self._model, RATE, words)
            self._recognizer.SetWords(True)
            self._words = words
        self._recognizer.AcceptWaveform(np.concatenate([PAD, pcm, PAD]).tobytes())
        return understood(self._recognizer.FinalResult(), grammar)

    def _vocabulary(self, grammar: Grammar) -> list[str]:
        """Return all that may be said; raise GrammarError for a phrase with a word that the model lacks."""
        for word in (word for phrase in grammar.phrases for word in phrase.split()):
            if self._model.vosk_model_find_word(word) < 0:
                raise GrammarError(
                    f"The model of Vosk does not know the word {word!r}.", "Use another word, or another model."
                )
        digits: tuple[str, ...] = ()
        if grammar.digits:
            digits = tuple(
                word for word in digit_words(grammar.language) if self._model.vosk_model_find_word(word) >= 0
            )
        return [*dict.fromkeys((*grammar.phrases, *digits)), UNKNOWN]


def understood(result: str, grammar: Grammar) -> Recognised:
    """Return what Vosk's JSON answer means in the grammar."""
    answer = json.loads(result)
    text = answer.get("text", "")
    score = min((word["conf"] for word in answer.get("result", ())), default=None)
    return Recognised(meant(text, grammar), None if score is None else min(1.0, max(0.0, score)))


def digit_words(language: str) -> tuple[str, ...]:
    """Return the words of which strings of digits are made."""
    own = LANGUAGES.get(language, ENGLISH)
    more = MORE_DIGITS.get(own.code, ())
    return tuple(dict.fromkeys(word.lower() for word in (*own.digits, *more, own.star, own.pound)))


def check_model(model: str) -> None:
    """Raise RecognizerError that names the first file which a folder lacks to be a model of Vosk."""
    if not model:
        raise RecognizerError("Vosk needs a model.", REMEDY)
    folder = Path(model)
    if not folder.is_dir():
        raise RecognizerError(f"There is no folder {folder}.", REMEDY)
    if (folder / "final.mdl").is_file():
        return  # of the older form, all in one folder
    for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"):
        if not (folder / name).is_file():
            raise RecognizerError(f"{folder} is no model of Vosk: {name} is missing.", REMEDY)
    if not any((folder / "graph" / name).is_file() for name in ("HCLG.fst", "HCLr.fst")):
        raise RecognizerError(f"{folder} is no model of Vosk: graph/HCLG.fst or graph/HCLr.fst is missing.", REMEDY)
