"""Recognizers in processes of their own: real ones, and parrots that misbehave."""

import asyncio
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from parrot import install_parrots

from dtmfphone.ivr import ears as module
from dtmfphone.ivr import espeak
from dtmfphone.ivr.ears import Ears
from dtmfphone.ivr.recognition import Grammar, GrammarError, RecognizerError

POLLY = Grammar(("polly", "cracker"))
PCM = np.zeros(160, np.int16)
GONE_SECONDS = 20.0


@pytest.fixture(scope="module")
def parrots(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(install_parrots(tmp_path_factory.getbasetemp()))


@pytest.fixture
async def ears(parrots: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ears]:
    monkeypatch.syspath_prepend(parrots)
    ears = Ears()
    yield ears
    await ears.close()


def pid_of(ears: Ears) -> int:
    assert ears._process is not None
    assert ears._process.pid is not None
    return ears._process.pid


async def test_pocketsphinx_hears_a_word() -> None:
    pytest.importorskip("pocketsphinx", reason="install the speech extra")
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    word = espeak.synthesize("zero")
    ears = Ears()
    await ears.open("pocketsphinx")
    found = await ears.recognise(word, Grammar(("zero", "operator")))
    assert found.text == "zero"
    with pytest.raises(GrammarError, match="does not know how 'xyzzy' sounds"):
        await ears.recognise(word, Grammar(("xyzzy",)))
    process = pid_of(ears)
    await ears.close()
    assert not psutil.pid_exists(process)


async def test_somebody_elses_engine_works_in_its_own_process(ears: Ears) -> None:
    await ears.open("parrot", "cage")
    assert (ears.name, ears.most_phrases, ears.takes_digits) == ("parrot", 3, True)
    found = await ears.recognise(PCM, POLLY)
    assert found.text == f"polly cage 160 {pid_of(ears)}"
    assert found.score == 0.5
    assert pid_of(ears) != os.getpid()


async def test_utterances_are_answered_in_turn(ears: Ears) -> None:
    await ears.open("parrot")
    grammars = [Grammar((f"word{number}",)) for number in range(8)]
    found = await asyncio.gather(*(ears.recognise(PCM, grammar) for grammar in grammars))
    assert [one.text.split()[0] for one in found] == [grammar.phrases[0] for grammar in grammars]


async def test_one_who_no_longer_waits_leaves_the_others_their_answers(ears: Ears) -> None:
    await ears.open("parrot")
    impatient = asyncio.create_task(ears.recognise(PCM, Grammar(("impatient",))))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await ears.recognise(PCM, POLLY)).text.startswith("polly ")


@pytest.mark.parametrize(
    ("name", "words"),
    [("owl", "There is no recognizer 'owl'."), ("modelless", "The parrot needs a cage."), ("broken", "no cage")],
)
async def test_why_an_engine_cannot_be_loaded_comes_back(name: str, words: str, ears: Ears) -> None:
    with pytest.raises(RecognizerError) as caught:
        await ears.open(name)
    assert words in caught.value.reason
    assert caught.value.remedy
    with pytest.raises(RecognizerError):
        await ears.recognise(PCM, POLLY)


async def test_an_engine_that_fails_says_why_and_is_asked_again(ears: Ears) -> None:
    await ears.open("failing")
    for _ in range(2):
        with pytest.raises(RecognizerError, match=r"^The recognizer failing failed: KeyError: 'cracker'\."):
            await ears.recognise(PCM, POLLY)


async def test_an_engine_that_crashes_does_not_take_us_with_it(ears: Ears) -> None:
    await ears.open("crashing")
    for _ in range(2):
        with pytest.raises(RecognizerError, match=r"^The recognizer crashing has ended \(exit code 3\)\. Choose"):
            await ears.recognise(PCM, POLLY)


async def test_an_engine_that_never_answers_is_ended(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    await ears.open("failing")
    process = pid_of(ears)
    with pytest.raises(RecognizerError, match=r"^The recognizer failing gives no answer within 0.5 s\."):
        await ears.recognise(PCM[:0], POLLY)
    assert not psutil.pid_exists(process)


async def test_closing_ends_it_in_the_midst_of_an_utterance(ears: Ears) -> None:
    await ears.open("failing")
    process = pid_of(ears)
    waiting = [asyncio.create_task(ears.recognise(PCM[:0], POLLY)) for _ in range(2)]
    await asyncio.sleep(0.1)
    await ears.close()
    for task in waiting:
        with pytest.raises(RecognizerError, match="has ended"):
            await task
    assert not psutil.pid_exists(process)
    with pytest.raises(RecognizerError, match="is closed"):
        await ears.recognise(PCM, POLLY)


async def test_closing_while_it_loads(ears: Ears) -> None:
    opening = asyncio.create_task(ears.open("parrot"))
    await asyncio.sleep(0.05)
    await ears.close()
    with pytest.raises(RecognizerError, match="has ended"):
        await opening


async def test_closing_while_its_process_begins(ears: Ears) -> None:
    with module._starting:
        opening = asyncio.create_task(ears.open("parrot"))
        await asyncio.sleep(0.05)
        closing = asyncio.create_task(ears.close())
        await asyncio.sleep(0.05)
    await closing
    with pytest.raises(RecognizerError, match="has ended"):
        await opening


PROGRAM = """
    import asyncio

    import numpy as np

    from dtmfphone.ivr.ears import Ears
    from dtmfphone.ivr.recognition import Grammar

    async def main():
        ears = Ears()
        await ears.open("failing")
        print(ears._process.pid, flush=True)
        await ears.recognise(np.zeros(0, np.int16), Grammar(("polly",)))  # takes ten minutes

    if __name__ == "__main__":
        asyncio.run(main())
"""


def test_it_does_not_outlive_who_started_it_even_in_the_midst_of_an_utterance(parrots: str, tmp_path: Path) -> None:
    file = tmp_path / "listens.py"
    file.write_text(textwrap.dedent(PROGRAM))
    environment = os.environ | {"PYTHONPATH": parrots}
    with subprocess.Popen([sys.executable, str(file)], stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        child = psutil.Process(int(program.stdout.readline()))
        program.kill()
        program.wait(GONE_SECONDS)
    psutil.wait_procs([child], GONE_SECONDS)
    assert not child.is_running()
