import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from parrot import install_parrots

from dtmfphone.ivr.recognition import Grammar, Recognised, RecognizerError
from dtmfphone.ivr.recognizers import load_recognizer, names, vosk, whisper
from dtmfphone.ivr.recognizers.phrases import meant

OURS = ("pocketsphinx", "vosk", "whisper")


@pytest.fixture(scope="module")
def parrots(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(install_parrots(tmp_path_factory.getbasetemp()))


def test_ours_are_there_and_another_name_is_refused_with_them() -> None:
    assert names() == OURS
    with pytest.raises(
        RecognizerError, match=r"^There is no recognizer 'owl'. There are pocketsphinx, vosk, whisper.$"
    ):
        load_recognizer("owl")


def test_another_distribution_brings_its_own(parrots: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(parrots)
    assert names() == (*OURS, "broken", "crashing", "failing", "gone", "modelless", "parrot")
    engine = load_recognizer("parrot", "cage")
    assert (engine.name, engine.most_phrases, engine.takes_digits) == ("parrot", 3, True)
    assert engine.recognise(np.zeros(7, np.int16), Grammar(("polly",))).text.startswith("polly cage 7 ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "broken",
            "The recognizer 'broken' of parrots cannot be loaded: ValueError: no cage. Ask those who make parrots",
        ),
        ("gone", "The recognizer 'gone' of parrots cannot be loaded: AttributeError: "),
        ("modelless", "The parrot needs a cage. Buy one."),
    ],
)
def test_a_broken_one_names_its_distribution(
    name: str, words: str, parrots: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(parrots)
    with pytest.raises(RecognizerError) as caught:
        load_recognizer(name)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("name", "package"), [("pocketsphinx", "pocketsphinx"), ("vosk", "vosk"), ("whisper", "faster_whisper")]
)
def test_without_its_package_an_engine_says_how_to_install_it(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(RecognizerError, match=r"^The package .* is not there: .*\. Install it.*pip install"):
        load_recognizer(name)


def put(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_the_first_file_that_is_missing_in_a_model_of_vosk_is_named(tmp_path: Path) -> None:
    for files, words in (
        ((), f"{tmp_path} is no model of Vosk: am/final.mdl is missing. Unpack"),
        (("am/final.mdl",), f"{tmp_path} is no model of Vosk: conf/mfcc.conf is missing."),
        (("conf/mfcc.conf", "conf/model.conf"), f"{tmp_path} is no model of Vosk: graph/HCLG.fst or graph/HCLr.fst is"),
    ):
        put(tmp_path, *files)
        with pytest.raises(RecognizerError) as caught:
            vosk.check_model(str(tmp_path))
        assert str(caught.value).startswith(words)
    put(tmp_path, "graph/HCLr.fst")
    vosk.check_model(str(tmp_path))


def test_the_first_file_that_is_missing_in_a_model_of_whisper_is_named(tmp_path: Path) -> None:
    for name in whisper.FILES:
        with pytest.raises(RecognizerError, match=rf"is no such model of Whisper: {name} is missing\. Fetch"):
            whisper.check_model(str(tmp_path))
        put(tmp_path, name)
    whisper.check_model(str(tmp_path))


@pytest.mark.parametrize("engine", [vosk, whisper])
def test_without_a_model_or_its_folder_that_is_said(engine: object, tmp_path: Path) -> None:
    for model, words in (("", " needs a model. "), (str(tmp_path / "none"), f"There is no folder {tmp_path}/none. ")):
        with pytest.raises(RecognizerError, match=words):
            engine.check_model(model)  # type: ignore[attr-defined]


def vosk_answer(*words: tuple[str, float]) -> str:
    """Return an answer in the form of Vosk 0.3.45 with `SetWords`."""
    parts = [{"conf": conf, "end": 1.0, "start": 0.5, "word": word} for word, conf in words]
    return json.dumps(({"result": parts} if parts else {}) | {"text": " ".join(word for word, _ in words)})


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([("pay", 1.0), ("a", 0.7), ("bill", 0.9)], Recognised("pay a bill", 0.7)),
        ([("[unk]", 0.8)], Recognised("", 0.8)),
        ([("four", 1.0), ("oh", 1.000001)], Recognised("four oh", 1.0)),
        ([], Recognised("", None)),
    ],
)
def test_what_vosk_answers_is_as_sure_as_its_least_sure_word(words: list[tuple[str, float]], found: Recognised) -> None:
    assert vosk.understood(vosk_answer(*words), Grammar(("pay a bill",), digits=True)) == found


def test_vosk_is_told_the_words_of_digits_in_each_language() -> None:
    english, german = vosk.digit_words("en"), vosk.digit_words("de")
    assert {"zero", "oh", "nine", "double", "star", "pound"} <= set(english)
    assert {"null", "zwei", "stern", "raute"} <= set(german)


def test_whisper_is_led_by_what_may_be_said() -> None:
    assert whisper.hint(Grammar(("sales", "support"))) == "sales, support."
    assert whisper.hint(Grammar(("hilfe",), digits=True, language="de")).startswith("hilfe, null, eins")


def segment(avg_logprob: float, no_speech_prob: float) -> SimpleNamespace:
    return SimpleNamespace(avg_logprob=avg_logprob, no_speech_prob=no_speech_prob)


def test_whisper_is_less_sure_where_it_writes_hesitantly_or_hears_no_speech() -> None:
    assert whisper.certainty([]) is None
    assert whisper.certainty([segment(0.0, 0.0)]) == 1.0
    assert whisper.certainty([segment(-0.6931, 0.0)]) == 0.5
    assert whisper.certainty([segment(-0.6931, 0.5)]) == 0.25
    assert whisper.certainty([segment(0.0, 0.0), segment(-1.3863, 0.0)]) == 0.5


@pytest.mark.parametrize(
    ("text", "grammar", "phrase"),
    [
        (" Pay a bill. ", Grammar(("pay a bill", "pay")), "pay a bill"),
        ("Um, sales please!", Grammar(("sales", "support")), "sales"),
        ("That's right.", Grammar(("that's right",)), "that's right"),
        ("sales and support", Grammar(("sales", "support")), ""),
        ("4-0-7-1", Grammar(("sales",), digits=True), "4-0-7-1"),
        ("double five", Grammar(digits=True), "double five"),
        ("4071", Grammar(("sales",)), ""),
        ("fünf", Grammar(digits=True, language="de"), "fünf"),
        ("", Grammar(("sales",), digits=True), ""),
    ],
)
def test_free_text_means_a_phrase_keys_or_nothing(text: str, grammar: Grammar, phrase: str) -> None:
    assert meant(text, grammar) == phrase
