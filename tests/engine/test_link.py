"""The engine in its own process, through the window's link."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from dtmfphone.engine.commands import Dial, PlaceCall
from dtmfphone.engine.events import AnyEvent, CallChanged, Sighting, Started, Stopped
from dtmfphone.engine.link import EngineLink


class Watcher:
    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.lost: list[str] = []
        self._changed = threading.Condition()

    def on_events(self, batch: list[AnyEvent]) -> None:
        with self._changed:
            self.events += batch
            self._changed.notify_all()

    def on_lost(self, reason: str) -> None:
        with self._changed:
            self.lost.append(reason)
            self._changed.notify_all()

    def wait(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, seconds), self.events[-5:]


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def link(watcher: Watcher) -> Iterator[EngineLink]:
    link = EngineLink(watcher.on_events, watcher.on_lost)
    link.start()
    yield link
    link.close()


def test_a_call_through_the_pipe_with_audio_in_the_display(link: EngineLink, watcher: Watcher) -> None:
    link.send(PlaceCall(target="builtin:echo"))
    link.send(Dial(digits="12"))  # kept until the call is up
    watcher.wait(lambda: [e.key for e in watcher.events if isinstance(e, Sighting) and e.leg == "ivr"] == ["1", "2"])
    assert isinstance(watcher.events[0], Started)
    time.sleep(0.5)
    assert link.display.written("received") > 4000
    assert link.display.written("sent") > 4000


def test_closing_ends_the_process_and_hangs_up(watcher: Watcher) -> None:
    link = EngineLink(watcher.on_events, watcher.on_lost)
    link.start()
    link.send(PlaceCall(target="builtin:echo"))
    watcher.wait(lambda: any(isinstance(e, CallChanged) and e.state == "up" for e in watcher.events))
    pid = link.pid
    assert pid is not None
    link.close()
    assert isinstance(watcher.events[-1], Stopped)
    assert any(isinstance(e, CallChanged) and e.leg == "phone" and e.state == "ended" for e in watcher.events)
    assert watcher.lost == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_engine_is_reported(link: EngineLink, watcher: Watcher) -> None:
    watcher.wait(lambda: bool(watcher.events))
    assert link.pid is not None
    os.kill(link.pid, signal.SIGKILL)
    watcher.wait(lambda: bool(watcher.lost))
    assert "engine" in watcher.lost[0]
    link.send(Dial(digits="1"))  # harmless
