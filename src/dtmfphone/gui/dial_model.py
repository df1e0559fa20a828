"""The dial string being typed and the queue being sent."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from dtmfphone.dtmf.dial_string import DialStringError, parse
from dtmfphone.engine.commands import Dial, SkipWait, StopDialing
from dtmfphone.engine.events import AnyEvent, CallChanged, Dialing, Started
from dtmfphone.gui.present_call import PresentCall

IGNORED = " "
"""A character that a dial string may hold anywhere."""


@dataclass(frozen=True)
class Problem:
    """A character that cannot be dialled."""

    position: int
    explanation: str
    """Short."""
    detail: str
    """In full."""


def problems_of(text: str) -> tuple[Problem, ...]:
    """Return everything in a dial string that cannot be dialled, by position."""
    found = []
    while True:
        try:
            parse(text)
        except DialStringError as error:
            found.append(
                Problem(error.position, f"“{error.char}” cannot be dialled: use 0–9 * # A–D , p w", str(error))
            )
            text = text[: error.position] + IGNORED + text[error.position + 1 :]
        else:
            return tuple(found)


class DialModel(QObject):
    """Text, its problems, durations, and the state of the queue."""

    command = Signal(object)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.problems: tuple[Problem, ...] = ()
        self.duration_ms = 100
        self.gap_ms = 70
        self.in_call = False
        self._present = PresentCall()
        self.state: Literal["sending", "waiting", "idle", "stopped"] = "idle"
        self.current = ""
        self.remaining = ""
        self.sent = 0
        self.reason = ""
        self.hint = ""

    @property
    def busy(self) -> bool:
        """Whether the queue holds something."""
        return self.state in ("sending", "waiting")

    @property
    def waiting(self) -> bool:
        """Whether the queue waits for the far end."""
        return self.state == "waiting"

    @property
    def can_send(self) -> bool:
        """Whether the text may be queued now."""
        return self.in_call and bool(self.text.strip()) and not self.problems

    @property
    def explanation(self) -> str:
        """What is wrong with the text, in one sentence."""
        if not self.problems:
            return ""
        more = len(self.problems) - 1
        return self.problems[0].explanation + (f" (+{more})" if more else "")

    def set_text(self, text: str) -> None:
        """Edit the dial string."""
        if text != self.text:
            self.text, self.problems, self.hint = text, problems_of(text), ""
            self.changed.emit()

    def send(self) -> None:
        """Queue the text; the text stays."""
        if self.can_send:
            self.command.emit(Dial(digits=self.text, duration_ms=self.duration_ms, gap_ms=self.gap_ms))
        elif not self.in_call:
            self.show_hint("No call is up, so nothing is sent: press Call first.")

    def stop(self) -> None:
        """Drop the queue and end the tone."""
        self.command.emit(StopDialing())

    def skip_wait(self) -> None:
        """Go on without the far end."""
        if self.waiting:
            self.command.emit(SkipWait())

    def show_hint(self, hint: str) -> None:
        """Say something until the next change."""
        if hint != self.hint:
            self.hint = hint
            self.changed.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case Dialing():
                self.state, self.current, self.remaining = event.state, event.current, event.remaining
                self.sent, self.reason = event.sent, event.reason
            case CallChanged(leg="phone") if self._present.is_of(event):
                self.in_call = event.state in ("calling", "ringing", "connecting", "up")
                self.hint = ""
                if event.state == "calling":
                    self.sent = 0
                if not self.in_call:
                    self._empty_queue()
            case Started():
                self.in_call = False
                self._empty_queue()
            case _:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone, and its queue."""
        self._present = PresentCall()
        self.in_call = False
        self._empty_queue()
        self.changed.emit()

    def _empty_queue(self) -> None:
        self.state, self.current, self.remaining, self.reason = "idle", "", "", ""
