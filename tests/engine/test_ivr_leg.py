"""What the IVR's side of a call does for its script: transfer, keys, recordings."""

import wave
from pathlib import Path

import numpy as np
import pytest
from scripted_call import NO_EVENTS, PlainCall
from scripted_caller import Caller

from dtmfphone.calls.call import CallError
from dtmfphone.engine.events import Dialing, IvrGraph, IvrStep, MediaChanged, Notice, Sighting

HEAD = """\
title: A test
start: main
nodes:
  main:
    menu: ""
    keys: {"1": act}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  bye: {hang_up: Bye.}
"""
TRANSFER = HEAD + "  act: {transfer: 'sip:desk@example.com', failed: bye}\n"
SEND = HEAD + "  act: {send: '12#', next: bye}\n"
RECORD = """\
title: A test
start: ask
nodes:
  ask:
    confirm: May we?
    yes: record
    no: record
    variable: ok
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  record: {record: start, consent: ok, next: bye}
  bye: {hang_up: Bye.}
"""


class Transferred(PlainCall):
    """A call that can be transferred, or refuses."""

    def __init__(self, refusal: CallError | None = None) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.refusal = refusal

    async def transfer(self, target: str) -> None:
        self.targets.append(target)
        if self.refusal is not None:
            raise self.refusal


async def test_the_graph_comes_before_the_first_step() -> None:
    caller = await Caller(TRANSFER).up()
    first, step = [event for event in caller.events if isinstance(event, IvrGraph | IvrStep)][:2]
    assert isinstance(first, IvrGraph)
    assert (first.t, first.call, first.title) == (caller.now, step.call, "A test")
    assert isinstance(step, IvrStep)
    assert step.node in [box.node for box in first.boxes]
    await caller.answering.close()


async def test_a_transfer_ends_the_call() -> None:
    call = Transferred()
    caller = await Caller(TRANSFER, call).up()
    caller.press("1")
    await caller.run(0.1)
    assert call.targets == ["sip:desk@example.com"]
    assert caller.state() == ("ended", "The caller was transferred.")
    await caller.answering.close()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (Transferred(CallError("The desk is busy.", "Wait.")), "The desk is busy."),
        (PlainCall(), "This kind of call cannot be transferred."),
    ],
)
async def test_a_transfer_that_fails_is_told_and_the_script_goes_on(call: PlainCall, told: str) -> None:
    caller = await Caller(TRANSFER, call).up()
    caller.press("1")
    await caller.run(0.1)
    assert caller.nodes()[-1] == "bye"
    assert caller.texts(Notice) == [f"Call of sip:bob@example.com: {told}"]
    await caller.answering.close()


async def test_keys_go_as_telephone_events_and_then_the_script_goes_on() -> None:
    caller = await Caller(SEND).up()
    assert [event.method for event in caller.events if isinstance(event, MediaChanged)] == ["rfc4733"]
    caller.press("1")
    assert caller.nodes()[-1] == "act"
    await caller.run(0.3)
    assert caller.nodes()[-1] == "act"
    await caller.run(0.5)
    assert caller.keys == "12#"
    assert caller.nodes()[-1] == "bye"
    assert not any(isinstance(event, Dialing) for event in caller.events)
    await caller.answering.close()


async def test_keys_go_as_tones_where_no_events_were_negotiated() -> None:
    caller = await Caller(SEND).up(NO_EVENTS)
    caller.press("1")
    position = 0
    for _ in range(45):
        await caller.run(0.02)
        position += 160
        caller.context.observer.audio_sent(position, 8000, caller.now)
    assert caller.nodes()[-1] == "bye"
    sent = [event.key for event in caller.events if isinstance(event, Sighting) and event.direction == "sent"]
    assert sent == ["1", "2", "#"]
    await caller.answering.close()


async def test_the_call_ends_while_keys_are_sent() -> None:
    caller = await Caller(SEND).up()
    caller.press("1")
    await caller.run(0.1)
    caller.context.observer.state_changed("ended", "The far end hung up.")
    assert caller.state() == ("ended", "The far end hung up.")
    await caller.answering.close()


async def test_with_consent_both_sides_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))
    caller = await Caller(RECORD).up()
    caller.press("1")
    await caller.run(0.6)
    caller.context.observer.state_changed("ended", "The far end hung up.")
    await caller.answering.close()
    (file,) = (tmp_path / "recordings").glob("*.wav")
    assert str(file) in caller.texts(Notice)[-1]
    assert file.stat().st_mode & 0o777 == 0o600
    with wave.open(str(file)) as recording:
        assert (recording.getnchannels(), recording.getframerate()) == (2, 8000)
        stereo = np.frombuffer(recording.readframes(recording.getnframes()), np.int16).reshape(-1, 2)
    assert len(stereo) == 0.6 * 8000
    assert (stereo[800:, 0] == 500).all()
    ours = np.concatenate(caller.frames)
    assert (stereo[:, 1] == ours[len(ours) - len(stereo) :]).all()
    assert ours.any()


async def test_without_consent_nothing_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))
    caller = await Caller(RECORD).up()
    caller.press("2")
    await caller.run(0.5)
    steps = [event for event in caller.events if isinstance(event, IvrStep) and event.action == "record"]
    assert [step.note for step in steps] == ["no consent: nothing is recorded"]
    await caller.answering.close()
    assert not (tmp_path / "recordings").exists()


async def test_a_recording_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "recordings").write_text("a file where the folder should be")
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))
    caller = await Caller(RECORD).up()
    caller.press("1")
    await caller.run(0.1)
    assert "The call cannot be recorded (File exists)." in caller.texts(Notice)[-1]
    assert caller.nodes()[-1] == "bye"
    await caller.answering.close()
