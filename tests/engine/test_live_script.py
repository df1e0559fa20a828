"""A script file that is edited while it is served."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from scripted_call import EVENTS, ScriptedIncoming

from dtmfphone.engine.answering import Answering
from dtmfphone.engine.events import AnyEvent, IvrStep, Notice
from dtmfphone.engine.live_script import LiveScript
from dtmfphone.ivr.voice import Voice

TEXT = "title: Own\nstart: bye\nnodes:\n  bye: {hang_up: Goodbye number one.}\n"


class Desk:
    def __init__(self, file: Path) -> None:
        file.write_text(TEXT)
        self.file = file
        self.events: list[AnyEvent] = []
        self.answering = Answering(self.events.append, lambda: 1.0, self._spawn)

    def notices(self) -> list[tuple[str, str]]:
        told = [(event.level, event.text) for event in self.events if isinstance(event, Notice)]
        return [(level, text) for level, text in told if "voice" not in text]

    async def said(self, live: LiveScript) -> str:
        """Return what a call hears first."""
        call = ScriptedIncoming()
        self.answering.answer(call, live.script)
        async with asyncio.timeout(10):
            await call.call.placed.wait()
        call.call.media = EVENTS
        assert call.context is not None
        call.context.observer.state_changed("up")
        call.call.answered.set()
        return [event.text for event in self.events if isinstance(event, IvrStep) and event.action == "say"][-1]

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(job)


async def test_the_next_call_gets_the_new_version_and_a_faulty_edit_keeps_the_old(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "own.yaml")
    live = await desk.answering.prepare(str(desk.file))
    assert await desk.said(live) == "Goodbye number one."
    await live.look()
    assert desk.notices() == []
    desk.file.write_text(TEXT.replace("number one", "two"))
    await live.look()
    assert desk.notices() == []  # it may still be written
    await live.look()
    assert desk.notices() == [("info", "The IVR own was changed: the next call gets it.")]
    assert await desk.said(live) == "Goodbye two."
    desk.file.write_text(TEXT.replace("start: bye", "start: by").replace("hang_up", "hang_out"))
    for _ in range(3):
        await live.look()
    assert desk.notices()[1:] == [
        (
            "error",
            "The IVR was changed but cannot run: own.yaml:4:8: nodes.bye does nothing. Calls get the version before.",
        )
    ]
    assert await desk.said(live) == "Goodbye two."
    desk.file.unlink()
    for _ in range(3):
        await live.look()
    assert "cannot be read (No such file or directory)" in desk.notices()[2][1]
    desk.file.write_text(TEXT)
    for _ in range(2):
        await live.look()
    assert await desk.said(live) == "Goodbye number one."
    await desk.answering.close()


async def test_another_voice_makes_the_prompts_anew(tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    desk = Desk(tmp_path / "own.yaml")
    live = await desk.answering.prepare(str(desk.file))
    voice = Voice()
    before = await voice.prepare(live.script)
    desk.file.write_text(TEXT + "voice: de\nwords_per_minute: 90\n")
    for _ in range(2):
        await live.look()
    assert desk.notices() == [("info", "The IVR own was changed: the next call gets it.")]
    after = await voice.prepare(live.script)
    assert len(after.audio["Goodbye number one."]) > 1.3 * len(before.audio["Goodbye number one."])
    desk.file.write_text(TEXT + "voice: de+nosuch\n")
    for _ in range(2):
        await live.look()
    told = [event.text for event in desk.events if isinstance(event, Notice)]
    assert "own.yaml:5:8: espeak-ng has no voice 'de+nosuch'. Calls get the version" in told[-1]
    assert live.script.voice == "de"
    voice.close()
    await desk.answering.close()


async def test_files_are_watched_and_built_in_scripts_are_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "own.yaml")
    assert not (await desk.answering.prepare("echo")).has_file
    live = await desk.answering.prepare(str(desk.file))
    desk.file.write_text(TEXT.replace("title: Own", "title: Another"))
    for _ in range(200):
        if live.script.title == "Another":
            break
        await asyncio.sleep(0.05)
    assert live.script.title == "Another"
    await desk.answering.close()
