"""Voices of espeak-ng: which there are, that they are equally loud, and that one leaves nothing behind in another."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import av
import numpy as np
import pytest

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import espeak, shipped
from dtmfphone.ivr.espeak import RATE, EspeakError, UnknownVoiceError, synthesize
from dtmfphone.ivr.language import LANGUAGES

pytest.importorskip("espeakng_loader", reason="install the speech extra")
SENTENCE = "Please enter your four digit number, then press pound. For appointments, press one."
SPREAD = 0.06 * RATE
"""Samples by which two renderings of the sentence may differ: espeak-ng never speaks exactly alike."""


def loudness(pcm: Pcm) -> float:
    """Return the loudness as FFmpeg measures it by EBU R 128, in LUFS."""
    graph: Any = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(pcm[np.newaxis, :], format="s16", layout="mono")
    frame.sample_rate = RATE
    graph.push(frame)
    graph.push(None)
    measured = -100.0
    while True:
        try:
            measured = float(graph.pull().metadata.get("lavfi.r128.I", measured))
        except (av.FFmpegError, EOFError):
            return measured


@pytest.mark.parametrize(
    "voice",
    ["", "en-gb", "en-us", "en-us+whisper", "en-us+klatt", "en-us+Storm", "en-gb+f5", "de", "de+f2", "es", "fr", "nl"],
)
def test_all_voices_are_about_as_loud(voice: str) -> None:
    pcm = synthesize(SENTENCE, voice)
    assert loudness(pcm) == pytest.approx(-21.0, abs=2.0)
    assert np.abs(pcm.astype(int)).max() <= espeak.PEAK


def test_voices_have_names_languages_and_descriptions() -> None:
    voices = {voice.name: voice for voice in espeak.voices()}
    assert voices["de"] == espeak.EspeakVoice("de", "de", "German")
    assert voices["en-gb"].description == "English (Great Britain)"
    assert set(LANGUAGES) <= {voice.language for voice in voices.values()}
    assert len(voices) == len(espeak.voices()) > 100
    assert {"f3", "m1", "whisper", "Annie"} <= set(espeak.variants())


@pytest.mark.parametrize("voice", ["en", "en-GB", "zh", "no", "pt-br", "es-mx", "de+F3", "en-us+annie"])
def test_other_names_and_other_case_do_too(voice: str) -> None:
    espeak.check_voice(voice)
    assert len(synthesize("1 2 3", voice)) > RATE // 2


@pytest.mark.parametrize("voice", ["xx", "de+nosuch", "de+", "+f3", "../de", "en+f3+f4", "English"])
def test_a_voice_that_is_none_is_refused_by_name(voice: str) -> None:
    with pytest.raises(UnknownVoiceError) as caught:
        espeak.check_voice(voice)
    assert voice in str(caught.value)
    with pytest.raises(UnknownVoiceError):
        synthesize("Hello.", voice)


def test_every_listed_voice_can_be_chosen() -> None:
    silent = []
    for voice in espeak.voices():
        espeak.check_voice(voice.name)
        try:
            synthesize("1 2 3", voice.name)
        except EspeakError:
            silent.append(voice.name)
    assert set(silent) <= {"chr-us-qaaa-x-west", "cv", "fo", "kaa", "sjn", "xex"}, "they read no digits"


@pytest.mark.parametrize("between", ["de", "en-us+whisper", "en-us+fast", "en-us+klatt4", "zh", "xex", "nosuch"])
def test_a_voice_leaves_nothing_behind(between: str) -> None:
    before = synthesize(SENTENCE)
    with contextlib.suppress(EspeakError):
        synthesize("1 2 3", between, 400)
    after = synthesize(SENTENCE)
    assert abs(len(after) - len(before)) < SPREAD
    assert loudness(after) == pytest.approx(loudness(before), abs=0.3)


def test_threads_do_not_mix_their_voices() -> None:
    jobs = [("", 120), ("de", 170), ("en-gb", 300), ("fr+f2", 90)] * 6
    alone = {job: len(synthesize(SENTENCE, *job)) for job in jobs[:4]}
    assert min(abs(a - b) for a in alone.values() for b in alone.values() if a != b) > 4 * SPREAD
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: len(synthesize(SENTENCE, *job)), jobs))
    for job, length in zip(jobs, together, strict=True):
        assert abs(length - alone[job]) < SPREAD, job


def test_a_text_with_half_a_character_is_spoken_as_well_as_can_be() -> None:
    assert len(synthesize("\udcff hello")) > RATE // 4
    assert shipped.read("\udcff hello") is None


def test_nobody_waits_for_a_text_to_learn_which_voices_there_are() -> None:
    espeak.check_voice("de")
    with ThreadPoolExecutor(3) as pool, espeak._lock:  # as while a long text is spoken
        for ask in (espeak.voices, espeak.variants):
            assert pool.submit(ask).result(timeout=10)
        pool.submit(espeak.check_voice, "de").result(timeout=10)
