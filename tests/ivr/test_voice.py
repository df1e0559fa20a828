import json
import sys

import numpy as np
import pytest

from dtmfphone.assets import assets
from dtmfphone.dtmf.detector import Detector
from dtmfphone.ivr import espeak, shipped
from dtmfphone.ivr.playback import Playback
from dtmfphone.ivr.script import load, names, parse
from dtmfphone.ivr.voice import RATE, NoVoiceError, Voice, texts_of

OWN = """\
title: Own
start: a
nodes:
  a:
    say: Nobody ever rendered this sentence.
    next: b
  b:
    hang_up: Thank you for calling. Goodbye.
"""
UNHEARD = "Nobody ever rendered this sentence."


@pytest.fixture
def without_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "_speaker", None)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)


@pytest.fixture
def with_espeak() -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")


def peak_dbfs(pcm: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    return float(20 * np.log10(np.abs(pcm.astype(float)).max() / 32768))


def active_dbfs(pcm: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    samples = pcm.astype(float) / 32768
    return float(10 * np.log10((samples[np.abs(samples) > 0.003] ** 2).mean()))


@pytest.mark.usefixtures("without_espeak")
@pytest.mark.parametrize("name", names())
async def test_every_built_in_script_speaks_without_espeak(name: str) -> None:
    voice = Voice()
    script = load(name)
    prompts = await voice.prepare(script)
    voice.close()
    assert prompts.missing == ()
    assert set(prompts.audio) == set(texts_of(script))
    for text, pcm in prompts.audio.items():
        assert pcm.dtype == np.int16
        assert pcm.ndim == 1
        assert 0.2 + 0.02 * len(text) < len(pcm) / RATE < 0.9 + 0.12 * len(text), text
        assert -11 < peak_dbfs(pcm) < -1.9, text
        assert -24 < active_dbfs(pcm) < -15, text


@pytest.mark.usefixtures("without_espeak")
@pytest.mark.parametrize("name", names())
async def test_the_detector_hears_no_key_in_the_prompts(name: str) -> None:
    voice = Voice()
    prompts = await voice.prepare(load(name))
    voice.close()
    playback = Playback()
    playback.play(prompts.audio.values())
    detector = Detector()
    found = []
    while playback.speaking:
        found += detector.feed(playback.pull(8000, 8000))
    assert found == []


async def test_the_reception_menu_has_a_sane_level() -> None:
    voice = Voice()
    menu = next(text for text in texts_of(load("reception")) if text.startswith("For appointments"))
    pcm = await voice.speak(menu)
    voice.close()
    assert 10 < len(pcm) / RATE < 25
    assert -9 < peak_dbfs(pcm) < -3
    assert -22 < active_dbfs(pcm) < -18


@pytest.mark.usefixtures("without_espeak")
async def test_a_text_without_a_voice_is_named_with_the_remedy() -> None:
    voice = Voice()
    with pytest.raises(
        NoVoiceError, match=r"^No voice for 'Nobody ever.*': the package espeakng_loader is not installed. Install the"
    ):
        await voice.speak(UNHEARD)
    prompts = await voice.prepare(parse(OWN))
    voice.close()
    assert [error.text for error in prompts.missing] == [UNHEARD]
    assert "pip install 'dtmfphone[speech]'" in prompts.missing[0].remedy
    assert prompts.lookup(UNHEARD) is None
    assert prompts.lookup("Thank you for calling. Goodbye.") is not None


@pytest.mark.usefixtures("with_espeak")
async def test_espeak_speaks_any_text_and_the_cache_remembers() -> None:
    voice = Voice()
    prompts = await voice.prepare(parse(OWN))
    assert prompts.missing == ()
    pcm = prompts.audio[UNHEARD]
    assert 1.5 < len(pcm) / RATE < 4
    assert -9 < peak_dbfs(pcm) < -2
    assert await voice.speak(UNHEARD) is pcm
    with pytest.raises(ValueError, match="read-only"):
        pcm[0] = 1
    voice.close()


@pytest.mark.usefixtures("with_espeak")
async def test_the_cache_tells_voices_and_speeds_apart() -> None:
    voice = Voice()
    usual = await voice.speak(UNHEARD)
    assert await voice.speak(UNHEARD, "en-us+f3", 150) is usual
    german = await voice.speak(UNHEARD, "de")
    fast = await voice.speak(UNHEARD, words_per_minute=300)
    assert german is not usual
    assert len(fast) < 0.7 * len(usual)
    assert await voice.speak(UNHEARD, "de") is german
    assert await voice.speak(UNHEARD, words_per_minute=300) is fast
    voice.close()


@pytest.mark.usefixtures("with_espeak")
async def test_a_script_speaks_in_its_own_voice_at_its_own_speed() -> None:
    voice = Voice()
    usual = await voice.prepare(parse(OWN))
    slow = await voice.prepare(parse(OWN + "voice: en-gb\nwords_per_minute: 90\n"))
    voice.close()
    assert set(slow.audio) == set(usual.audio)
    for text, pcm in slow.audio.items():
        assert len(pcm) > 1.2 * len(usual.audio[text]), text


@pytest.mark.usefixtures("without_espeak")
async def test_what_was_rendered_in_one_voice_is_not_spoken_in_another() -> None:
    voice = Voice()
    prompts = await voice.prepare(parse(OWN + "voice: en-gb\n"))
    voice.close()
    assert {error.text for error in prompts.missing} == {UNHEARD, "Thank you for calling. Goodbye."}


@pytest.mark.usefixtures("with_espeak")
async def test_a_voice_that_is_none_is_named_with_the_remedy() -> None:
    voice = Voice()
    with pytest.raises(NoVoiceError, match=r"espeak-ng has no voice 'de\+nosuch'. See: dtmfphone ivr voices$"):
        await voice.speak("Hallo.", "de+nosuch")
    assert len(await voice.speak("Hallo.", "de"))
    voice.close()


@pytest.mark.usefixtures("with_espeak")
async def test_a_text_without_anything_to_say_has_no_voice() -> None:
    voice = Voice()
    with pytest.raises(NoVoiceError, match="espeak-ng says nothing for"):
        await voice.speak("…")
    voice.close()


@pytest.mark.usefixtures("with_espeak")
def test_a_shipped_file_holds_what_espeak_says() -> None:
    pcm = espeak.synthesize("Have a lovely day.")
    decoded = shipped.decode(shipped.encode(pcm))
    assert abs(len(decoded) - len(pcm)) < RATE // 1000
    count = min(len(decoded), len(pcm))
    assert np.corrcoef(pcm[:count], decoded[:count])[0, 1] > 0.9


def test_no_shipped_file_is_unused() -> None:
    used = {
        shipped.file_name(text, script.voice, script.words_per_minute)
        for script in map(load, names())
        for text in texts_of(script)
    }
    folder = assets() / shipped.FOLDER
    assert {file.name for file in folder.iterdir() if file.name.endswith(".ogg")} == used
    index = json.loads((folder / "index.json").read_text())
    assert {shipped.file_name(**prompt) for prompt in index.values()} == set(index) == used
