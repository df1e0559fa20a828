"""A window without an engine: a fake link stands at the process boundary."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dtmfphone.engine.commands import AnyCommand
from dtmfphone.engine.events import AnyEvent, CallChanged, MediaChanged
from dtmfphone.gui.bridge import Bridge
from dtmfphone.gui.look import Look
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.window import MainWindow


class FakeLink:
    """Records commands; events are injected by the test."""

    def __init__(self, on_events: Callable[[list[AnyEvent]], None], on_lost: Callable[[str], None]) -> None:
        self.inject = on_events
        self.lose = on_lost
        self.commands: list[AnyCommand] = []
        self.started = self.closed = False

    def start(self) -> None:
        self.started = True

    def send(self, command: AnyCommand) -> None:
        self.commands.append(command)

    def close(self) -> None:
        self.closed = True


@dataclass
class Phone:
    """A window, bound to a fake link."""

    window: MainWindow
    session: Session
    settings: Settings
    look: Look
    bridge: Bridge
    links: list[FakeLink] = field(default_factory=list)

    @property
    def link(self) -> FakeLink:
        return self.links[-1]

    @property
    def commands(self) -> list[AnyCommand]:
        return self.link.commands

    def feed(self, *events: AnyEvent) -> None:
        """Give events to the view-models, and rows to the log, at once."""
        self.session.on_events(list(events))
        self.session.flush()

    def call(self) -> None:
        """Bring a call up."""
        self.feed(
            CallChanged(t=1.0, call="c1", leg="phone", state="calling", target="builtin:reception"),
            CallChanged(t=1.5, call="c1", leg="phone", state="up"),
            MediaChanged(
                t=1.5,
                call="c1",
                leg="phone",
                codec="opus",
                clock=48000,
                payload_type=96,
                event_payload_type=101,
                event_clock=48000,
                method="rfc4733",
                method_reason="the answer offers telephone-event",
            ),
        )
        self.commands.clear()
