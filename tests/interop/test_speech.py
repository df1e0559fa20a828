"""A real recognizer hears the synthetic voice through a real call: Opus and PCMU, over WebRTC on loopback."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dtmfphone.cli.session import Session
from dtmfphone.engine.commands import Codec, Dial, PlaceCall, Say, SetSpeech
from dtmfphone.engine.events import AnyEvent, Dialing, IvrStep, Notice, Sighting, Utterance

pytestmark = pytest.mark.interop
pytest.importorskip("pocketsphinx")

MENU = """\
title: A menu to talk to
start: main
nodes:
  main:
    menu: Sales, or support?
    keys: {"1": sales, "2": support}
    words: {"1": [sales], "2": [support]}
    invalid: {say: Wrong., limit: 3, next: bye}
    time_out: {say: Nothing., limit: 3, next: bye}
  sales: {say: Sales it is., next: number}
  support: {say: Support it is., next: main}
  number:
    collect: Your number, please.
    variable: number
    max_digits: 4
    stop_keys: "#"
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
    next: bye
  bye: {hang_up: Bye.}
"""


class Silent:
    def show(self, event: AnyEvent) -> None:
        pass


@pytest.fixture
async def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))
    (tmp_path / "menu.yaml").write_text(MENU)
    async with Session(Silent(), sound=False) as session:
        session.submit(SetSpeech(recognizer="pocketsphinx"))
        yield session


def entered(node: str) -> Callable[[AnyEvent], IvrStep | None]:
    def found(event: AnyEvent) -> IvrStep | None:
        return event if isinstance(event, IvrStep) and (event.action, event.node) == ("enter", node) else None

    return found


def said(node: str) -> Callable[[AnyEvent], IvrStep | None]:
    def found(event: AnyEvent) -> IvrStep | None:
        return event if isinstance(event, IvrStep) and (event.action, event.node) == ("said", node) else None

    return found


def heard(event: AnyEvent) -> Utterance | None:
    return event if isinstance(event, Utterance) and event.leg == "ivr" else None


@pytest.mark.parametrize(("codec", "moment"), [("opus", said), ("pcmu", entered)])
async def test_consent_by_voice_after_the_prompt_and_into_it(
    session: Session, codec: Codec, moment: Callable[[str], Callable[[AnyEvent], IvrStep | None]]
) -> None:
    session.submit(PlaceCall(target="builtin:dental", codec=codec))
    await session.wait_for(moment("consent.ask"), 30)
    session.submit(Say(text="yes"))
    await session.wait_for(entered("consent.given"), 5)
    answer = await session.wait_for(heard, 1)
    assert (answer.direction, answer.text, answer.source, answer.keys) == ("received", "yes", "pocketsphinx", "1")
    sent = await session.wait_for(lambda e: e if isinstance(e, Utterance) and e.leg == "phone" else None, 1)
    assert answer.start == pytest.approx(sent.start, abs=0.3), "a jitter buffer and the codec lie between"
    assert answer.duration == pytest.approx(sent.duration, abs=0.25)


async def test_a_menu_by_voice_is_confirmed_by_voice(session: Session, tmp_path: Path) -> None:
    session.submit(PlaceCall(target=f"builtin:{tmp_path / 'menu.yaml'}"))
    await session.wait_for(said("main"), 20)
    session.submit(Say(text="support"))
    answer = await session.wait_for(heard, 10)
    assert (answer.text, answer.source) == ("support", "pocketsphinx")
    since = len(session.events)
    await session.wait_for(said("main"), 20, since=since)
    session.submit(Say(text="yes"))
    await session.wait_for(entered("support"), 10, since=since)


async def test_tones_are_no_words_and_digits_are_not_asked_of_it(session: Session, tmp_path: Path) -> None:
    session.submit(PlaceCall(target=f"builtin:{tmp_path / 'menu.yaml'}", method="inband"))
    await session.wait_for(said("main"), 20)
    session.submit(Dial(digits="9", duration_ms=600))
    await session.wait_for(lambda e: e if isinstance(e, Sighting) and e.leg == "ivr" else None, 10)
    since = len(session.events)
    await session.wait_for(said("main"), 20, since=since)
    session.submit(Dial(digits="1"))
    await session.wait_for(said("number"), 20)
    assert [event for event in session.events if isinstance(event, Utterance)] == []
    session.submit(Say(text="four"))
    notice = await session.wait_for(lambda e: e if isinstance(e, Notice) and e.level == "warning" else None, 10)
    assert "pocketsphinx is no good for spoken digits" in notice.text
    since = len(session.events)
    session.submit(Dial(digits="4071"))
    await session.wait_for(lambda e: e if isinstance(e, Dialing) and e.state == "idle" else None, 10, since=since)
    await session.wait_for(entered("bye"), 10)
