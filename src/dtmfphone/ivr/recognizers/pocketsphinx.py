"""pocketsphinx: offline, with its American English model in the package; for menus of a few words."""

import math
import re
from pathlib import Path
from typing import Any, Final

import numpy as np

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr.recognition import Grammar, GrammarError, Recognised, RecognizerError

RATE: Final = 16000
PAD: Final = RATE // 10
"""Samples of quiet put before and behind an utterance."""
LEVEL: Final = 3000.0
"""Root mean square that the loud tenth of an utterance is brought to."""
NOISE: Final = 150.0
"""The same of the noise that is put over it all. The model expects 8 kHz of bandwidth: where a telephone has cut the
upper half off, it hears other sounds, unless there is something. A third of it costs three words in a hundred."""
MOST_GAIN: Final = 30.0
EVEN_RATIO: Final = -21.0
"""Log likelihood per frame against a free string of phones where, of synthetic voices, a phrase is as likely the right
one as any other word is."""
RATIO_WIDTH: Final = 7.0
LEAST_SCORE: Final = 0.15
"""What explains the sounds worse than this was not said."""
DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PHONES: Final[dict[str, Any]] = {"lw": 2.0, "pip": 0.3, "beam": 1e-20, "pbeam": 1e-20}
"""How a free string of phones is looked for."""


class Pocketsphinx:
    """Looks for one of a few phrases.

    Its own confidences say nothing about other words, so the score compares how well the phrase explains the sounds
    with how well any string of phones does.
    """

    name = "pocketsphinx"
    most_phrases: int | None = 4
    takes_digits = False

    def __init__(self, model: str = "") -> None:
        try:
            from pocketsphinx import Decoder, get_model_path
        except ImportError as error:
            raise RecognizerError(
                f"The package pocketsphinx is not there: {error}.",
                "Install it with Python 3.11, 3.12 or 3.13: pip install 'dtmfphone[speech]'.",
            ) from None
        self._language = "" if model else "en"
        """The only one; empty: whatever the user's model has."""
        try:
            self._decoder: Any = Decoder(loglevel="FATAL", lm=None, **model_files(model))
            self._phones: Any = None
            """Is English, so a model of another language has no score."""
            if not model:
                self._phones = Decoder(
                    loglevel="FATAL", lm=None, allphone=get_model_path("en-us/en-us-phone.lm.bin"), **PHONES
                )
        except RuntimeError as error:
            raise RecognizerError(
                f"pocketsphinx cannot load the model in {model or 'its package'}: {error}.", "Install it again."
            ) from None
        self._grammar = ""

    def recognise(self, pcm: Pcm, grammar: Grammar) -> Recognised:
        """Return the phrase that sounds most like the utterance, if it sounds like it at all."""
        if self._language not in ("", grammar.language):
            raise GrammarError(
                f"The model of pocketsphinx is English, and the script speaks {grammar.language!r}.",
                "Give the folder of a model of that language, or choose another recognizer.",
            )
        phrases = {spelled(phrase): phrase for phrase in grammar.phrases}
        phrases.pop("", None)
        sound = prepared(pcm)
        if not phrases or not len(sound):
            return Recognised()
        self._prepare(tuple(phrases))
        best = _decode(self._decoder, sound)
        if best is None or best.hypstr not in phrases:
            return Recognised()  # or it is the beginning of a phrase
        score = self._score(best, sound)
        if score is not None and score < LEAST_SCORE:
            return Recognised(score=score)
        return Recognised(phrases[best.hypstr], score)

    def _prepare(self, phrases: tuple[str, ...]) -> None:
        grammar = f"#JSGF V1.0; grammar g; public <g> = {' | '.join(phrases)};"
        if grammar == self._grammar:
            return
        for word in " ".join(phrases).split():
            if self._decoder.lookup_word(word) is None:
                raise GrammarError(
                    f"pocketsphinx does not know how {word!r} sounds.", "Use another word, or another recognizer."
                )
        self._decoder.add_jsgf_string("phrases", grammar)
        self._decoder.activate_search("phrases")
        self._grammar = grammar

    def _score(self, best: Any, sound: Pcm) -> float | None:
        frames = sum(part.end_frame - part.start_frame for part in self._decoder.seg() if part.word[0] not in "<[")
        free = _decode(self._phones, sound) if self._phones is not None else None
        if free is None or not frames:
            return None
        log = self._decoder.get_logmath().log
        ratio = (log(best.best_score) - log(free.best_score)) / frames
        return round(1 / (1 + math.exp(min(700.0, (EVEN_RATIO - ratio) / RATIO_WIDTH))), 3)


def _decode(decoder: Any, sound: Pcm) -> Any:
    decoder.start_utt()
    decoder.process_raw(sound.tobytes(), full_utt=True)
    decoder.end_utt()
    return decoder.hyp()


def prepared(pcm: Pcm) -> Pcm:
    """Return an utterance at a usual level with quiet around it and faint noise over it all; empty: it was silent."""
    blocks = pcm[: len(pcm) // 160 * 160].astype(np.float64).reshape(-1, 160)
    level = float(np.quantile(np.sqrt((blocks**2).mean(axis=1)), 0.9)) if len(blocks) else 0.0
    if level < 1:
        return np.zeros(0, np.int16)
    sound = np.random.default_rng(1).normal(0, NOISE, len(pcm) + 2 * PAD)
    sound[PAD : PAD + len(pcm)] += pcm * min(MOST_GAIN, LEVEL / level)
    return np.clip(np.rint(sound), -32768, 32767).astype(np.int16)


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
