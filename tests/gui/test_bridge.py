import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from dtmfphone.engine.commands import AnyCommand, HangUp, KeyDown
from dtmfphone.engine.events import AnyEvent, Notice
from dtmfphone.gui.bridge import Bridge


class Recorder:
    """A link that a test drives from a thread of its own."""

    def __init__(self, on_events: Callable[[list[AnyEvent]], None], on_lost: Callable[[str], None]) -> None:
        self.on_events, self.on_lost = on_events, on_lost
        self.calls: list[AnyCommand | str] = []

    def start(self) -> None:
        self.calls.append("start")

    def send(self, command: AnyCommand) -> None:
        self.calls.append(command)

    def close(self) -> None:
        self.calls.append("close")


def bridge_with_links() -> tuple[Bridge, list[Recorder], Callable[..., Recorder]]:
    links: list[Recorder] = []

    def make(*callbacks: Callable[..., None]) -> Recorder:
        links.append(Recorder(*callbacks))
        return links[-1]

    return Bridge(), links, make


def in_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def notices(*texts: str) -> list[AnyEvent]:
    return [Notice(t=0.0, level="info", text=text) for text in texts]


def test_batches_from_another_thread_arrive_together_in_the_windows_thread(qtbot: QtBot) -> None:
    bridge, links, make = bridge_with_links()
    bridge.start(make)
    got: list[tuple[list[AnyEvent], bool]] = []
    here = QThread.currentThread()
    bridge.events.connect(lambda batch: got.append((batch, QThread.currentThread() is here)))

    def read() -> None:
        links[0].on_events(notices("a", "b"))
        links[0].on_events(notices("c"))

    with qtbot.waitSignal(bridge.events, timeout=2000):
        in_thread(read)
        assert not got
    assert got == [(notices("a", "b", "c"), True)]


def test_a_later_batch_arrives_too(qtbot: QtBot) -> None:
    bridge, links, make = bridge_with_links()
    bridge.start(make)
    for text in "ab":
        with qtbot.waitSignal(bridge.events, timeout=2000) as signal:
            in_thread(partial(links[0].on_events, notices(text)))
        assert signal.args == [notices(text)]


def test_the_last_events_come_before_the_loss(qtbot: QtBot) -> None:
    bridge, links, make = bridge_with_links()
    bridge.start(make)
    order: list[str] = []
    bridge.events.connect(lambda _: order.append("events"))
    bridge.lost.connect(order.append)

    def read() -> None:
        links[0].on_lost("gone")
        links[0].on_events(notices("a"))

    with qtbot.waitSignal(bridge.lost, timeout=2000):
        in_thread(read)
    assert order == ["events", "gone"]


def test_commands_wait_for_the_link() -> None:
    bridge, links, make = bridge_with_links()
    bridge.send(HangUp())
    bridge.start(make)
    bridge.send(KeyDown(key="5"))
    assert links[0].calls == ["start", HangUp(), KeyDown(key="5")]


def test_another_start_ends_the_link_before() -> None:
    bridge, links, make = bridge_with_links()
    bridge.start(make)
    bridge.start(make)
    bridge.close()
    bridge.close()
    assert [link.calls for link in links] == [["start", "close"], ["start", "close"]]
