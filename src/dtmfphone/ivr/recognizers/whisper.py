"""Whisper by the package faster-whisper: offline, with a CTranslate2 model of the user's choice."""

import math
from pathlib import Path
from typing import Any, Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.language import ENGLISH, LANGUAGES
from dtmfphone.ivr.recognition import Grammar, Recognised, RecognizerError
from dtmfphone.ivr.recognizers.phrases import meant

FILES: Final = ("model.bin", "config.json", "tokenizer.json")
REMEDY: Final = "Fetch a CTranslate2 model of Whisper, e.g. Systran/faster-whisper-base, and give its folder."
MOST_TOKENS: Final = 48
"""An answer to a menu is short; longer ones are made up."""


class Whisper:
    """Writes down what it hears, led by the phrases as a hint; what is none of them, and no keys, counts as nothing."""

    name = "whisper"
    most_phrases: int | None = None
    takes_digits = True

    def __init__(self, model: str = "") -> None:
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise RecognizerError(
                f"The package faster-whisper is not there: {error}.", "Install it: pip install faster-whisper."
            ) from None
        check_model(model)
        try:
            self._model: Any = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
        except (RuntimeError, ValueError, OSError) as error:
            raise RecognizerError(f"Whisper cannot load the model in {model}: {error}.", REMEDY) from None

    def recognise(self, pcm: Pcm, grammar: Grammar) -> Recognised:
        """Return what the words mean in the grammar; the score is the mean probability of what was written."""
        if not len(pcm):
            return Recognised()
        segments, _ = self._model.transcribe(
            pcm.astype(np.float32) / 32768,
            language=grammar.language if self._model.model.is_multilingual else "en",
            initial_prompt=hint(grammar),
            condition_on_previous_text=False,
            without_timestamps=True,
            temperature=0.0,
            max_new_tokens=MOST_TOKENS,
        )
        said = list(segments)
        text = " ".join(segment.text.strip() for segment in said)
        return Recognised(meant(text, grammar).lower(), certainty(said))


def hint(grammar: Grammar) -> str:
    """Return what Whisper takes for the words before: all that may be said."""
    digits = LANGUAGES.get(grammar.language, ENGLISH).digits if grammar.digits else ()
    return ", ".join((*grammar.phrases, *digits)) + "."


def certainty(segments: list[Any]) -> float | None:
    """Return the mean probability of a token, times that of there being speech; None: nothing was written."""
    if not segments:
        return None
    log = float(sum(segment.avg_logprob for segment in segments) / len(segments))
    silence = float(max(segment.no_speech_prob for segment in segments))
    return round(min(1.0, math.exp(min(0.0, log)) * (1 - silence)), 3)


def check_model(model: str) -> None:
    """Raise RecognizerError that names the first file which a folder lacks to be such a model."""
    if not model:
        raise RecognizerError("Whisper needs a model.", REMEDY)
    folder = Path(model)
    if not folder.is_dir():
        raise RecognizerError(f"There is no folder {folder}.", REMEDY)
    for name in FILES:
        if not (folder / name).is_file():
            raise RecognizerError(f"{folder} is no such model of Whisper: {name} is missing.", REMEDY)
