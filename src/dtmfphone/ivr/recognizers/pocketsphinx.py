"""pocketsphinx: offline, with its American English model in the package; for menus of a few words."""

import re
from pathlib import Path
from typing import Any, Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.recognition import Grammar, Recognised, RecognizerError

PAD: Final = 4000
"""Samples of faint noise put before and behind an utterance, 0.25 s: it is worse off with digital silence."""
PAD_LEVEL: Final = 20.0
"""Standard deviation of that noise."""
DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Pocketsphinx:
    """One-of-these grammars; it rejects nothing, and its confidences mean nothing, so it gives none."""

    name = "pocketsphinx"
    most_phrases: int | None = 4
    takes_digits = False

    def __init__(self, model: str = "") -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise RecognizerError(
                f"The package pocketsphinx is not there: {error}.",
                "Install it with Python 3.11, 3.12 or 3.13: pip install 'dtmfphone[speech]'.",
            ) from None
        self._language = "" if model else "en"
        """The only one; empty: whatever the user's model has."""
        try:
            self._decoder: Any = Decoder(loglevel="FATAL", lm=None, **model_files(model))
        except RuntimeError as error:
            raise RecognizerError(
                f"pocketsphinx cannot load the model in {model or 'its package'}: {error}.", "Install it again."
            ) from None
        self._grammar = ""
        self._pad = np.random.default_rng(1).normal(0, PAD_LEVEL, PAD).astype(np.int16)

    def recognise(self, pcm: Pcm, grammar: Grammar) -> Recognised:
        """Return the phrase that sounds most like the utterance."""
        if self._language not in ("", grammar.language):
            raise RecognizerError(
                f"The model of pocketsphinx is English, and the script speaks {grammar.language!r}.",
                "Give the folder of a model of that language, or choose another recognizer.",
            )
        phrases = {spelled(phrase): phrase for phrase in grammar.phrases}
        phrases.pop("", None)
        if not phrases:
            return Recognised()
        self._prepare(tuple(phrases))
        self._decoder.start_utt()
        self._decoder.process_raw(np.concatenate([self._pad, pcm, self._pad]).tobytes(), full_utt=True)
        self._decoder.end_utt()
        best = self._decoder.hyp()
        return Recognised(phrases.get(best.hypstr, "") if best else "")

    def _prepare(self, phrases: tuple[str, ...]) -> None:
        grammar = f"#JSGF V1.0; grammar g; public <g> = {' | '.join(phrases)};"
        if grammar == self._grammar:
            return
        for word in " ".join(phrases).split():
            if self._decoder.lookup_word(word) is None:
                raise RecognizerError(
                    f"pocketsphinx does not know how {word!r} sounds.", "Use another word, or another recognizer."
                )
        self._decoder.add_jsgf_string("phrases", grammar)
        self._decoder.activate_search("phrases")
        self._grammar = grammar


def spelled(phrase: str) -> str:
    """Return a phrase as words in small letters, digits written out."""
    text = re.sub(r"[0-9]", lambda digit: f" {DIGITS[int(digit[0])]} ", phrase.lower())
    return " ".join(re.sub(r"[^\w'.]+", " ", text).split())


def model_files(model: str) -> dict[str, str]:
    """Return the options that name the parts of a model in a folder: `mdef` and its neighbours, and one `*.dict`."""
    if not model:
        return {}
    folder = Path(model)
    found: list[str] = []
    for what in ("mdef", "*.dict"):
        file = next((file for place in (what, f"*/{what}") for file in sorted(folder.glob(place))), None)
        if file is None:
            raise RecognizerError(
                f"There is no {what} in {folder}.", "Give the folder of a pocketsphinx model, or none for its own."
            )
        found.append(str(file))
    return {"hmm": str(Path(found[0]).parent), "dict": found[1]}
