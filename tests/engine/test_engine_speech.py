"""Words in a real call to a built-in IVR: typed, and spoken by the synthetic voice; what cannot be said."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dtmfphone.cli.session import Session
from dtmfphone.engine.commands import HangUp, PlaceCall, Say, SetSpeech
from dtmfphone.engine.events import AnyEvent, CallChanged, CollectorChanged, IvrStep, Notice, Utterance


class Silent:
    def show(self, event: AnyEvent) -> None:
        pass


@pytest.fixture
async def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))  # the dental reception records with consent
    async with Session(Silent(), sound=False) as session:
        yield session


def entered(node: str) -> Callable[[AnyEvent], IvrStep | None]:
    def found(event: AnyEvent) -> IvrStep | None:
        return event if isinstance(event, IvrStep) and (event.action, event.node) == ("enter", node) else None

    return found


def said_in(leg: str) -> Callable[[AnyEvent], Utterance | None]:
    return lambda event: event if isinstance(event, Utterance) and event.leg == leg else None


def refusal(event: AnyEvent) -> str | None:
    return f"{event.text} {event.remedy}".strip() if isinstance(event, Notice) and event.level == "error" else None


async def consent(session: Session) -> None:
    """Call the dental reception and wait for its question."""
    session.submit(PlaceCall(target="builtin:dental"))
    await session.wait_for(entered("consent.ask"), 20)


async def test_words_without_a_sound_answer_at_once(session: Session) -> None:
    await consent(session)
    session.submit(Say(text="Yes", aloud=False))
    await session.wait_for(entered("consent.given"), 2)
    (heard,) = [event for event in session.events if isinstance(event, Utterance)]
    assert (heard.leg, heard.direction, heard.text, heard.source) == ("ivr", "received", "Yes", "typed")
    assert (heard.keys, heard.duration) == ("1", 0)


async def test_spoken_words_answer_when_they_are_over_and_the_timers_wait_meanwhile(session: Session) -> None:
    await consent(session)
    session.submit(Say(text="one."))
    await session.wait_for(entered("consent.given"), 5)
    sent = await session.wait_for(said_in("phone"), 1)
    heard = await session.wait_for(said_in("ivr"), 1)
    assert (sent.direction, sent.text, sent.source, sent.note) == ("sent", "one.", "espeak-ng", "")
    assert (heard.direction, heard.text, heard.source, heard.keys) == ("received", "one.", "typed", "1")
    assert (heard.start, heard.duration) == (sent.start, sent.duration)
    assert sent.duration > 0.2
    pauses = [event.t for event in session.events if isinstance(event, CollectorChanged) and event.paused]
    assert any(sent.start - 0.05 <= t <= sent.start + 0.05 for t in pauses)
    assert any(
        isinstance(event, IvrStep) and (event.node, event.action) == ("consent.ask", "interrupted")
        for event in session.events
    ), "who speaks interrupts the prompt"


async def test_hanging_up_in_the_midst_of_words_hands_over_none(session: Session) -> None:
    await consent(session)
    session.submit(Say(text="This call may be recorded for training."))
    await session.wait_for(lambda e: e if isinstance(e, CollectorChanged) and "user" in e.paused else None, 5)
    session.submit(HangUp())
    await session.wait_for(
        lambda e: e if isinstance(e, CallChanged) and (e.leg, e.state) == ("ivr", "ended") else None, 5
    )
    (sent,) = [event for event in session.events if isinstance(event, Utterance)]
    assert (sent.leg, sent.note) == ("phone", "cut short: the call ended")
    assert sent.duration < 2


async def test_a_recognizer_that_does_not_exist_leaves_typed_words(session: Session) -> None:
    session.submit(SetSpeech(recognizer="parrot"))
    assert "'parrot'" in await session.wait_for(refusal, 10)
    await consent(session)
    session.submit(Say(text="no", aloud=False))
    await session.wait_for(entered("consent.refused"), 2)


async def test_without_a_call_nothing_can_be_said(session: Session) -> None:
    session.submit(Say(text="hello"))
    assert await session.wait_for(refusal, 1) == "There is no call to speak in. Call first, then say it."
