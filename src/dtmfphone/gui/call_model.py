"""The phone's call: what was asked for, how it stands, what flows."""

from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.commands import (
    Account,
    AnswerCall,
    Codec,
    HangUp,
    Hold,
    Method,
    PlaceCall,
    RejectCall,
    SetMethod,
    Transfer,
)
from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    CallState,
    HoldChanged,
    MediaChanged,
    Started,
    Statistics,
    TransferChanged,
)
from dtmfphone.gui.call_words import facts, hold_text, media_text, method_text, statistics_text, transfer_text
from dtmfphone.gui.targets import dialled, is_http, is_sip, short

Standing = CallState | Literal["starting", "idle", "lost"]
"""A call's state, or why there is none."""
DEFAULT_TARGET: Final = "builtin:reception"
WORDS: Final[dict[Standing, str]] = {
    "starting": "Starting",
    "idle": "Ready",
    "calling": "Calling",
    "ringing": "Ringing",
    "incoming": "Incoming call",
    "connecting": "Connecting",
    "up": "In call",
    "ended": "Call ended",
    "failed": "Call failed",
    "lost": "Engine stopped",
}


class CallModel(QObject):
    """State of the phone's own leg."""

    command = Signal(object)
    changed = Signal()
    targets_changed = Signal()
    placed = Signal(str)
    """A call to this target was asked for."""
    rang = Signal()
    """A call began to ring here."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.target = DEFAULT_TARGET
        self.token = ""
        self.codec: Codec = "auto"
        self.method: Method = "auto"
        self.standing: Standing = "starting"
        self.reason = ""
        self.remedy = ""
        self.media: MediaChanged | None = None
        self.statistics: Statistics | None = None
        self.hold: HoldChanged | None = None
        self.transfer: TransferChanged | None = None
        self.far_end = ""
        """Who was called, or calls."""
        self.came_in = False
        """Whether the far end called us."""
        self.missed = False
        """Whether the last call rang here until it ended."""
        self.line = ""
        """Name of the account of the call, where there is one."""
        self.account: Account | None = None
        """Who calls next."""
        self.builtin_targets: tuple[str, ...] = (DEFAULT_TARGET,)
        self.seconds_up = 0
        self._call = ""
        self._refused = False
        self._up_at: float | None = None

    @property
    def active(self) -> bool:
        """Whether there is a call to hang up."""
        return self.standing in ("calling", "ringing", "connecting", "up")

    @property
    def incoming(self) -> bool:
        """Whether a call rings here."""
        return self.standing == "incoming"

    @property
    def held_here(self) -> bool:
        """Whether we put the call on hold."""
        return self.up and self.hold is not None and self.hold.here

    @property
    def can_transfer(self) -> bool:
        """Whether the far end may be asked to call somebody else."""
        return self.up and (self.transfer is None or self.transfer.state == "failed")

    @property
    def up(self) -> bool:
        """Whether keys reach the far end."""
        return self.standing == "up"

    @property
    def can_call(self) -> bool:
        """Whether a call may be placed now; one asked for while the engine starts is placed as soon as it runs."""
        return self.standing in ("starting", "idle", "ended", "failed") and bool(self.target.strip())

    @property
    def home(self) -> str:
        """The address at whose domain a number alone is called in this call."""
        return self.account.address if self.account else self.far_end

    @property
    def takes_token(self) -> bool:
        """Whether the target is reached by HTTP."""
        return is_http(self.target)

    @property
    def takes_account(self) -> bool:
        """Whether the target is reached by SIP, where it matters who calls."""
        return is_sip(self.target)

    @property
    def state_text(self) -> str:
        """The standing in words, with the time in call."""
        if self.up:
            return f"{hold_text(self.hold) or WORDS['up']} {self.seconds_up // 60}:{self.seconds_up % 60:02}"
        if self.missed:
            return "Missed call"
        return "Early media" if self.standing == "ringing" and self.media else WORDS[self.standing]

    @property
    def facts(self) -> dict[str, str]:
        """What the call bar shows of a call, by title; a dash where nothing is known yet."""
        return facts(self.media, self.statistics)

    @property
    def media_text(self) -> str:
        """Codec, payload types and clocks, e.g. `Opus 48 kHz · PT 96 · events PT 101 at 48 kHz`."""
        return media_text(self.media) if self.media else ""

    @property
    def statistics_text(self) -> str:
        """Packets, loss and jitter."""
        return statistics_text(self.statistics) if self.statistics else ""

    @property
    def junk_text(self) -> str:
        """How many datagrams were none of the call's, if any."""
        junk = self.statistics.junk_packets if self.statistics else 0
        return f"{junk} junk" if junk else ""

    @property
    def method_text(self) -> str:
        """How keys are sent in this call, and why."""
        return method_text(self.media) if self.media and self.active else ""

    @property
    def who_text(self) -> str:
        """Who is called, and from which account."""
        if not self.active or is_http(self.far_end):
            return ""
        return f"{short(self.far_end)}, from {self.line}" if self.line else short(self.far_end)

    @property
    def transfer_text(self) -> str:
        """How a transfer goes, and why it went wrong."""
        if self.transfer is None or not self.active:
            return ""
        return transfer_text(self.transfer)

    def set_target(self, target: str) -> None:
        """Edit the target of the next call."""
        if target != self.target:
            self.target = target
            self.changed.emit()

    def set_account(self, account: Account | None) -> None:
        """Call from an account from now on, or from none."""
        if account != self.account:
            self.account = account
            self.changed.emit()

    def set_method(self, method: Method) -> None:
        """Choose how keys are sent, in this call too."""
        if method != self.method:
            self.method = method
            self.command.emit(SetMethod(method=method))
            self.changed.emit()

    def place_call(self) -> None:
        """Call the target."""
        if self.can_call:
            account = self.account if self.takes_account else None
            target = dialled(self.target, account.address if account else "")
            method = account.method if account and self.method == "auto" else self.method
            token = self.token if self.takes_token else ""
            self._forget_call()
            self._set_standing("calling")
            self.far_end, self.came_in = target, False
            self.command.emit(PlaceCall(target=target, method=method, codec=self.codec, token=token, account=account))
            self.placed.emit(target)
            self.changed.emit()

    def call_again(self, target: str) -> None:
        """Call somebody, if a call may be placed now; else only put the target where it can be called."""
        self.set_target(target)
        self.place_call()

    def hang_up(self) -> None:
        """End the call."""
        if self.active:
            self.command.emit(HangUp())

    def answer(self) -> None:
        """Take the call that rings here."""
        if self.incoming:
            self.command.emit(AnswerCall())

    def reject(self) -> None:
        """Refuse the call that rings here."""
        if self.incoming:
            self._refused = True
            self.command.emit(RejectCall())

    def toggle_hold(self) -> None:
        """Put the call on hold, or go on with it."""
        if self.up:
            self.command.emit(Hold(on=not self.held_here))

    def transfer_to(self, target: str) -> None:
        """Ask the far end to call somebody else, and leave when it did."""
        if self.can_transfer and target.strip():
            self.command.emit(Transfer(target=dialled(target, self.home)))

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case Started():
                if self.standing != "calling":
                    self._set_standing("idle")
                self.builtin_targets = tuple(f"builtin:{name}" for name in event.ivrs) or (DEFAULT_TARGET,)
                self.targets_changed.emit()
            case CallChanged(leg="phone"):
                self._follow_call(event)
            case MediaChanged(leg="phone"):
                self.media = event
            case HoldChanged(call=call) if call == self._call:
                self.hold = event
            case TransferChanged(call=call) if call == self._call:
                self.transfer = event
            case Statistics(leg="phone"):
                self.statistics = event
                if self._up_at is not None:
                    self.seconds_up = int(event.t - self._up_at)
            case _:
                return
        self.changed.emit()

    def on_lost(self, reason: str) -> None:
        """The engine is gone."""
        self._call = ""
        self._set_standing("lost", reason, "Restart the engine from the Call menu.")
        self.changed.emit()

    def restart(self) -> None:
        """Another engine starts."""
        self._set_standing("starting")
        self._forget_call()
        self.changed.emit()

    def _follow_call(self, event: CallChanged) -> None:
        if event.state in ("ended", "failed"):
            if event.call != self._call and (self._call or event.direction == "incoming"):
                return  # the last word of a call before this one, or a caller that heard busy
            self._call = ""
        elif event.call != self._call:
            if event.state == "incoming" and self.active:
                return  # one call at a time; the engine tells that caller that we are busy
            self._forget_call()
            self._call, self.came_in = event.call, event.direction == "incoming"
        self.far_end, self.line = event.target or self.far_end, event.account or self.line
        rings = event.state == "incoming" and not self.incoming
        self.missed = self.incoming and event.state in ("ended", "failed") and not self._refused
        if event.state == "up" and self._up_at is None:
            self._up_at, self.seconds_up = event.t, 0
        self._set_standing(event.state, event.reason, event.remedy)
        if rings:
            self.rang.emit()

    def _forget_call(self) -> None:
        self.media = self.statistics = self.hold = self.transfer = None
        self.line, self.missed, self._refused = "", False, False

    def _set_standing(self, standing: Standing, reason: str = "", remedy: str = "") -> None:
        self.standing, self.reason, self.remedy = standing, reason, remedy
        if standing != "up":
            self._up_at = None
