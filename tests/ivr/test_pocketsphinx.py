"""Real words, spoken by espeak-ng over a telephone line, recognised for real."""

import numpy as np
import pytest

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.ivr import espeak
from dtmfphone.ivr.recognition import Grammar, GrammarError, Recognised, RecognizerError
from dtmfphone.ivr.recognizers import load_recognizer
from dtmfphone.ivr.recognizers.pocketsphinx import LEAST_SCORE, LEVEL, NOISE, PAD, Pocketsphinx, prepared, spelled

pocketsphinx = pytest.importorskip("pocketsphinx", reason="install the speech extra")
pytest.importorskip("espeakng_loader", reason="install the speech extra")


def said(text: str, voice: str = "en-us+f2") -> Pcm:
    """Return a text in the band of a telephone."""
    narrow = Resampler(16000, 8000).process(espeak.synthesize(text, voice))
    return Resampler(8000, 16000).process(narrow)


@pytest.fixture(scope="module")
def engine() -> Pocketsphinx:
    loaded = load_recognizer("pocketsphinx")
    assert isinstance(loaded, Pocketsphinx)
    return loaded


@pytest.mark.parametrize("voice", ["en-us+f2", "en-us+m1", "en-gb+f4"])
@pytest.mark.parametrize(
    "phrases", [("yes", "no"), ("one", "two", "three"), ("appointments", "billing", "pay a bill", "operator")]
)
def test_the_words_of_a_menu_are_told_apart(phrases: tuple[str, ...], voice: str, engine: Pocketsphinx) -> None:
    found = [engine.recognise(said(phrase, voice), Grammar(phrases)) for phrase in phrases]
    assert [one.text for one in found] == list(phrases)
    assert all(one.score is not None and LEAST_SCORE <= one.score <= 1 for one in found)


def test_many_words_that_sound_like_none_of_them_are_not_taken(engine: Pocketsphinx) -> None:
    others = ("banana", "window", "weather", "purple", "telephone", "yesterday", "music", "river")
    found = [engine.recognise(said(word), Grammar(("sales", "support"))) for word in others]
    refused = [one for one in found if one.text == ""]
    assert len(refused) >= 3  # espeak-ng speaks a little differently each time; 4 to 7 of them were seen
    assert all(one.score is None or one.score < LEAST_SCORE for one in refused)


def test_a_quiet_caller_is_heard_like_a_loud_one(engine: Pocketsphinx) -> None:
    loud = said("support")
    found = [engine.recognise((loud * gain).astype(np.int16), Grammar(("sales", "support"))) for gain in (1.0, 0.05)]
    assert [one.text for one in found] == ["support", "support"]


def test_the_same_utterance_means_the_same_each_time(engine: Pocketsphinx) -> None:
    grammar, pcm = Grammar(("sales", "support")), said("sales")  # espeak-ng does not speak the same twice
    first = engine.recognise(pcm, grammar)
    engine.recognise(said("no"), Grammar(("yes", "no")))
    again = engine.recognise(pcm, grammar)
    assert again.text == first.text == "sales"
    assert again.score == pytest.approx(first.score, abs=0.02)


@pytest.mark.parametrize("pcm", [np.zeros(0, np.int16), np.zeros(16000, np.int16)], ids=["nothing", "silence"])
def test_silence_means_nothing(pcm: Pcm, engine: Pocketsphinx) -> None:
    assert engine.recognise(pcm, Grammar(("yes", "no"))) == Recognised()
    assert engine.recognise(said("yes"), Grammar()) == Recognised()


def test_digits_in_a_phrase_are_words_and_the_phrase_comes_back_as_it_was(engine: Pocketsphinx) -> None:
    assert spelled("Option 2!") == "option two"
    assert engine.recognise(said("option two"), Grammar(("option 1", "option 2"))).text == "option 2"


def test_a_word_without_a_sound_is_named(engine: Pocketsphinx) -> None:
    with pytest.raises(GrammarError, match=r"^pocketsphinx does not know how 'xyzzy' sounds\. Use another word"):
        engine.recognise(said("yes"), Grammar(("yes", "say xyzzy")))
    assert engine.recognise(said("yes"), Grammar(("yes", "no"))).text == "yes"


def test_its_model_is_english(engine: Pocketsphinx) -> None:
    with pytest.raises(GrammarError, match="The model of pocketsphinx is English, and the script speaks 'de'"):
        engine.recognise(said("yes"), Grammar(("ja", "nein"), language="de"))


def test_a_model_of_the_users_is_taken_from_its_folder() -> None:
    own = Pocketsphinx(pocketsphinx.get_model_path("en-us"))
    assert own.recognise(said("yes"), Grammar(("yes", "no"), language="fr")) == Recognised("yes", None)


def test_a_folder_without_a_model_is_named(tmp_path: object) -> None:
    with pytest.raises(RecognizerError, match=f"There is no mdef in {tmp_path}. Give the folder"):
        Pocketsphinx(str(tmp_path))


def test_an_utterance_is_brought_to_one_level_with_noise_over_it_all() -> None:
    sound = prepared((np.sin(np.arange(16000) / 5) * 300).astype(np.int16))
    assert len(sound) == 16000 + 2 * PAD
    assert np.std(sound[PAD:-PAD].astype(float)) == pytest.approx(LEVEL, rel=0.02)
    assert np.std(sound[: PAD - 10].astype(float)) == pytest.approx(NOISE, rel=0.1)
