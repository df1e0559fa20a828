"""The recognizer that calls borrow: loaded when it is chosen, ended when nobody needs it any more."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from dtmfphone.engine.commands import SetSpeech
from dtmfphone.engine.events import AnyEvent, Notice
from dtmfphone.engine.hearing import REMEDY, Hearing
from dtmfphone.ivr.ears import Ears

SCRIPT = """\
import asyncio
from dtmfphone.ivr.ears import Ears

async def main():
    ears = Ears()
    await ears.open("pocketsphinx")
    print(ears.most_phrases > 0)
    await ears.close()

print("begun")
asyncio.run(main())
"""
"""A program of somebody's, without `if __name__ == "__main__"`."""
POCKETSPHINX = SetSpeech(recognizer="pocketsphinx")


class Chosen:
    """A hearing, and all that it tells."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.hearing = Hearing(self.events.append, lambda: 1.0, self._spawn)

    def notices(self, level: str) -> list[str]:
        found = [event for event in self.events if isinstance(event, Notice) and event.level == level]
        return [f"{event.text} {event.remedy}".strip() for event in found]

    async def settle(self) -> None:
        while self.tasks:
            await asyncio.wait(self.tasks)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(job)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


@pytest.fixture
async def chosen() -> AsyncIterator[Chosen]:
    chosen = Chosen()
    yield chosen
    await chosen.hearing.close()
    await chosen.settle()


def alive(ears: Ears | None) -> bool:
    assert ears is not None
    return ears.alive


async def test_nothing_is_chosen_at_first(chosen: Chosen) -> None:
    assert await chosen.hearing.borrow() is None
    assert not chosen.hearing.by_phone
    assert chosen.events == []


async def test_one_that_does_not_exist_is_told_with_a_remedy_and_calls_go_on_without(chosen: Chosen) -> None:
    chosen.hearing.choose(SetSpeech(recognizer="parrot", phone=True))
    assert await chosen.hearing.borrow() is None
    (told,) = chosen.notices("error")
    assert "'parrot'" in told
    assert "pocketsphinx" in told
    assert told.endswith(REMEDY)


async def test_a_call_waits_until_it_is_loaded_and_all_share_it(chosen: Chosen) -> None:
    pytest.importorskip("pocketsphinx")
    chosen.hearing.choose(POCKETSPHINX)
    first, second = await asyncio.gather(chosen.hearing.borrow(), chosen.hearing.borrow())
    assert first is second
    assert alive(first)
    assert chosen.notices("info") == ["Words are recognised by pocketsphinx in calls that are answered from now on."]


async def test_one_of_before_is_told_of_only_when_it_fails(chosen: Chosen) -> None:
    pytest.importorskip("pocketsphinx")
    chosen.hearing.choose(replace(POCKETSPHINX, quiet=True))
    assert alive(await chosen.hearing.borrow())
    assert chosen.events == []
    chosen.hearing.choose(SetSpeech(recognizer="parrot", quiet=True))
    assert await chosen.hearing.borrow() is None
    assert len(chosen.notices("error")) == 1


async def test_one_that_is_chosen_no_more_ends_with_its_last_call(chosen: Chosen) -> None:
    pytest.importorskip("pocketsphinx")
    chosen.hearing.choose(POCKETSPHINX)
    ears = await chosen.hearing.borrow()
    await chosen.hearing.borrow()
    assert ears is not None
    chosen.hearing.choose(SetSpeech())
    await chosen.settle()
    assert await chosen.hearing.borrow() is None
    chosen.hearing.give_back(ears)
    await chosen.settle()
    assert alive(ears)
    chosen.hearing.give_back(ears)
    await chosen.settle()
    assert not alive(ears)


async def test_one_that_has_crashed_is_there_again_for_the_next_calls(chosen: Chosen) -> None:
    pytest.importorskip("pocketsphinx")
    chosen.hearing.choose(POCKETSPHINX)
    ears = await chosen.hearing.borrow()
    assert ears is not None
    process = ears._process
    assert process is not None
    process.kill()
    await asyncio.to_thread(process.join)
    first, second = await asyncio.gather(chosen.hearing.borrow(), chosen.hearing.borrow())
    assert first is second is not ears
    assert alive(first)
    chosen.hearing.give_back(ears)
    await chosen.settle()
    assert alive(first)


async def test_one_that_was_chosen_by_mistake_ends_though_it_is_still_loading(chosen: Chosen) -> None:
    pytest.importorskip("pocketsphinx")
    chosen.hearing.choose(POCKETSPHINX)
    await asyncio.sleep(0.05)
    chosen.hearing.choose(SetSpeech(recognizer="parrot"))
    assert await chosen.hearing.borrow() is None
    await chosen.settle()
    assert chosen.notices("info") == []


def test_a_script_that_is_no_module_runs_once(tmp_path: Path) -> None:
    pytest.importorskip("pocketsphinx")
    script = tmp_path / "agent.py"
    script.write_text(SCRIPT)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("begun\nTrue\n", "")


async def test_at_the_end_of_the_program_it_ends(chosen: Chosen) -> None:
    pytest.importorskip("pocketsphinx")
    chosen.hearing.choose(POCKETSPHINX)
    ears = await chosen.hearing.borrow()
    await chosen.hearing.close()
    assert not alive(ears)
