"""Calls in which both sides speak: words by espeak-ng over SIP, recognised by a plug-in of the tests."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dtmfphone.agents import DtmfEvent, DtmfHandler, GetDtmfTask, LiveCall, ToolError
from dtmfphone.engine.commands import Account

pytest.importorskip("espeakng_loader", reason="install the speech extra")
pytest.importorskip("pocketsphinx", reason="install the speech extra")

PLUG_IN = '''
import numpy as np
from pocketsphinx import Decoder
from dtmfphone.ivr.recognition import Recognised

class Numbers:
    """Knows three numbers, and takes whatever it hears for the one that sounds most like it."""

    name = "numbers"
    most_phrases = None
    takes_digits = True

    def __init__(self, model):
        self._decoder = Decoder(loglevel="FATAL", lm=None)
        numbers = "four zero seven one | double five | nine six three two eight"
        self._decoder.add_jsgf_string("numbers", f"#JSGF V1.0; grammar g; public <g> = {numbers};")
        self._decoder.activate_search("numbers")
        self._pad = np.random.default_rng(1).normal(0, 20, 4000).astype(np.int16)

    def recognise(self, pcm, grammar):
        assert grammar.digits
        self._decoder.start_utt()
        self._decoder.process_raw(np.concatenate([self._pad, pcm, self._pad]).tobytes(), full_utt=True)
        self._decoder.end_utt()
        best = self._decoder.hyp()
        number = best.hypstr if best else ""
        if grammar.language == "de":
            number = {"double five": "fünfundfünfzig"}[number]
        return Recognised(number, 0.5)
'''


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install the plug-in, and return its name."""
    (tmp_path / "numbers_plug_in.py").write_text(PLUG_IN)
    facts = tmp_path / "numbers_plug_in-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: numbers-plug-in\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[dtmfphone.recognizers]\nnumbers = numbers_plug_in:Numbers\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "numbers"


class Watcher(DtmfHandler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def words_heard(self, text: str, keys: str, confidence: float | None, /) -> None:
        self.told.append(f"{text} = {keys} ({confidence})")

    def user_changed(self, state: str) -> None:
        self.told.append(f"user {state}")

    def agent_changed(self, state: str) -> None:
        self.told.append(f"agent {state}")


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to that")


@asynccontextmanager
async def two_ends(recognizer: str, language: str = "en") -> AsyncIterator[tuple[LiveCall, LiveCall]]:
    """Call one program from another, and yield who listens and who called."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        local = f"127.0.0.1:{free.getsockname()[1]}"
    desk = Account(name="desk", address=f"sip:desk@{local}", register=False, local=local, codecs=("g722",))
    answering = LiveCall(account=desk, recognizer=recognizer, language=language)
    entered = asyncio.create_task(answering.__aenter__())
    try:
        for _ in range(100):
            try:
                async with LiveCall(f"sip:desk@{local}", account=Account(register=False, codecs=("g722",))) as calling:
                    yield await asyncio.wait_for(entered, 5), calling
                return
            except ToolError:
                if entered.done():
                    raise
                await asyncio.sleep(0.1)  # it does not listen yet
    finally:
        entered.cancel()
        await answering.__aexit__(None, None, None)


async def test_spoken_digits_end_a_task_and_both_know_who_speaks(numbers: str) -> None:
    async with two_ends(numbers) as (desk, caller):
        there, here = Watcher(), Watcher()
        there.start(desk)
        here.start(caller)
        collecting = asyncio.create_task(GetDtmfTask(desk, num_digits=4)._run())
        assert await caller.say("four zero seven one", "en-us")
        result = await asyncio.wait_for(collecting, 10)
        await asyncio.gather(there.stop(), here.stop())
    assert result.user_input == "4 0 7 1"
    assert there.told == ["user speaking", "user listening", "four zero seven one = 4071 (0.5)"]
    assert here.told == ["agent speaking", "agent listening"]


async def test_spoken_digits_are_read_back_and_confirmed_by_key(numbers: str) -> None:
    asked: list[str] = []

    async with two_ends(numbers) as (desk, caller):

        async def read_back(digits: str) -> bool:
            assert await desk.say(f"{digits}?")
            asked.append(digits)
            return (await GetDtmfTask(desk, num_digits=1)).user_input == "1"

        task = GetDtmfTask(desk, num_digits=2, ask_for_confirmation=True, read_back=read_back)
        collecting = asyncio.create_task(task._run())
        assert await caller.say("double five", "en-us")
        await until(lambda: bool(asked))
        for key in "1#":
            await caller.send_key(DtmfEvent(key))
        assert (await asyncio.wait_for(collecting, 10)).user_input == "5 5"
    assert asked == ["5 5"]


async def test_digits_are_taken_in_the_language_of_the_far_end(numbers: str) -> None:
    async with two_ends(numbers, "de") as (desk, caller):
        collecting = asyncio.create_task(GetDtmfTask(desk, num_digits=2)._run())
        await caller.say("double five", "en-us")
        assert (await asyncio.wait_for(collecting, 10)).user_input == "5 5"


async def test_what_is_said_is_cut_short_by_an_interruption_and_by_the_end_of_the_call() -> None:
    async with LiveCall("builtin:echo") as call:
        talking = asyncio.create_task(call.say("This is a long text, and nobody wants to hear the end of it."))
        await until(lambda: call.agent_state == "speaking")
        call.interrupt()
        assert not await asyncio.wait_for(talking, 1)
        await until(lambda: call.agent_state == "listening")
        talking = asyncio.create_task(call.say("This one will not come to its end, either."))
        await until(lambda: call.agent_state == "speaking")
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        await until(lambda: call.agent_state == "listening")
        talking = asyncio.create_task(call.say("Nor will this."))
        await asyncio.sleep(0.1)
    with pytest.raises(ToolError, match=r"\w+\.$"):
        await talking
    with pytest.raises(ToolError):
        await call.say("Too late.")


async def test_what_cannot_be_said_says_why() -> None:
    async with LiveCall("builtin:echo") as call:
        with pytest.raises(ToolError, match=r"espeak-ng has no voice 'xx'\. See: dtmfphone ivr voices"):
            await call.say("Hello.", "xx")
        with pytest.raises(ToolError, match="nothing to say"):
            await call.say(" ")


async def test_a_recognizer_that_is_none_fails_before_the_call() -> None:
    with pytest.raises(ToolError, match=r"There is no recognizer 'nobody'\. There are pocketsphinx"):
        async with LiveCall("builtin:echo", recognizer="nobody"):
            pass


async def test_a_recognizer_that_is_no_good_for_digits_says_so_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    watcher = Watcher()
    async with LiveCall("builtin:phone-number", recognizer="pocketsphinx") as call:
        watcher.start(call)
        await until(lambda: "user listening" in watcher.told)
        await watcher.stop()
    assert watcher.told == ["user speaking", "user listening"]
    assert "pocketsphinx is no good for spoken digits" in caplog.text


def test_a_language_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="language is 'xx': use one of en, de"):
        LiveCall("builtin:echo", language="xx")
