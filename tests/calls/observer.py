"""An observer that notes all that a call tells."""

from typing import Literal

from dtmfphone.calls.call import CallState, Direction, InfoKey, TransferState, WireMessage
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventStarted

CHARS = "0123456789*#ABCD"


class Observer:
    """Notes what it is told, by kind."""

    def __init__(self) -> None:
        self.states: list[CallState] = []
        self.reason = ""
        self.remedy = ""
        self.started: list[tuple[Direction, EventStarted]] = []
        self.ended: list[tuple[Direction, EventEnded]] = []
        self.problems: list[tuple[Direction, EventProblem]] = []
        self.positions: list[tuple[int, int, float]] = []
        self.notices: list[tuple[str, str, str]] = []
        self.media_changes = 0
        self.holds: list[tuple[bool, bool]] = []
        self.info_keys: list[tuple[Direction, InfoKey]] = []
        self.transfers: list[tuple[TransferState, str]] = []
        self.messages: list[WireMessage] = []

    def keys(self, direction: Direction) -> str:
        """Return the keys of the events that began, in order."""
        return "".join(CHARS[event.code] for way, event in self.started if way == direction)

    def state_changed(self, state: CallState, reason: str = "", remedy: str = "") -> None:
        self.states.append(state)
        self.reason, self.remedy = reason, remedy

    def event_started(self, direction: Direction, event: EventStarted) -> None:
        self.started.append((direction, event))

    def event_ended(self, direction: Direction, event: EventEnded) -> None:
        self.ended.append((direction, event))

    def event_problem(self, direction: Direction, problem: EventProblem) -> None:
        self.problems.append((direction, problem))

    def audio_sent(self, position: int, rate: int, t: float) -> None:
        self.positions.append((position, rate, t))

    def media_changed(self) -> None:
        self.media_changes += 1

    def held(self, *, here: bool, there: bool) -> None:
        self.holds.append((here, there))

    def info_key(self, direction: Direction, key: InfoKey) -> None:
        self.info_keys.append((direction, key))

    def transfer_changed(self, state: TransferState, reason: str = "") -> None:
        self.transfers.append((state, reason))

    def message(self, message: WireMessage) -> None:
        self.messages.append(message)

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        self.notices.append((level, text, remedy))
