import asyncio
import sys

import pytest

from dtmfphone.engine.commands import ListVoices, Shutdown
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import AnyEvent, Started, VoicesListed
from dtmfphone.engine.voice_list import voice_list
from dtmfphone.ivr import espeak


def test_voices_have_titles_and_are_in_their_order() -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    listed = voice_list(1.5)
    assert (listed.t, listed.problem) == (1.5, "")
    titles = {voice.name: voice.title for voice in listed.voices}
    assert titles["de"] == "German"
    assert [voice.title.lower() for voice in listed.voices] == sorted(title.lower() for title in titles.values())


def test_without_voices_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "_speaker", None)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    listed = voice_list(0.0)
    assert (listed.voices, listed.problem) == ((), "The package espeakng_loader is not installed.")
    assert "dtmfphone[speech]" in listed.remedy


def test_an_engine_tells_on_demand() -> None:
    events: list[AnyEvent] = []

    async def run() -> None:
        listed = asyncio.Event()

        def take(event: AnyEvent) -> None:
            events.append(event)
            if isinstance(event, VoicesListed):
                listed.set()

        engine = Engine(take, sound=False)
        await engine.start()
        engine.submit(ListVoices())
        async with asyncio.timeout(10):
            await listed.wait()
        engine.submit(Shutdown())
        await engine.stopped()

    asyncio.run(run())
    started = next(event for event in events if isinstance(event, Started))
    assert {"pocketsphinx", "vosk", "whisper"} <= set(started.recognizers)
