"""The phone's call: what was asked for, how it stands, what flows."""

from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.commands import Codec, HangUp, Method, PlaceCall, SetMethod
from dtmfphone.engine.events import AnyEvent, CallChanged, CallState, MediaChanged, Started, Statistics

Standing = CallState | Literal["starting", "idle", "lost"]
"""A call's state, or why there is none."""
DEFAULT_TARGET: Final = "builtin:reception"
WORDS: Final[dict[Standing, str]] = {
    "starting": "Starting",
    "idle": "Ready",
    "calling": "Calling",
    "connecting": "Connecting",
    "up": "In call",
    "ended": "Call ended",
    "failed": "Call failed",
    "lost": "Engine stopped",
}
CODEC_NAMES: Final = {"opus": "Opus", "g722": "G.722", "pcmu": "PCMU", "pcma": "PCMA"}


class CallModel(QObject):
    """State of the phone's own leg."""

    command = Signal(object)
    changed = Signal()
    targets_changed = Signal()
    placed = Signal(str)
    """A call to this target was asked for."""

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
        self.builtin_targets: tuple[str, ...] = (DEFAULT_TARGET,)
        self.seconds_up = 0
        self._call = ""
        self._up_at: float | None = None

    @property
    def active(self) -> bool:
        """Whether there is a call to hang up."""
        return self.standing in ("calling", "connecting", "up")

    @property
    def up(self) -> bool:
        """Whether keys reach the far end."""
        return self.standing == "up"

    @property
    def can_call(self) -> bool:
        """Whether a call may be placed now; one asked for while the engine starts is placed as soon as it runs."""
        return self.standing in ("starting", "idle", "ended", "failed") and bool(self.target.strip())

    @property
    def takes_token(self) -> bool:
        """Whether the target is reached by HTTP."""
        return self.target.strip().lower().startswith(("http:", "https:", "whip+"))

    @property
    def state_text(self) -> str:
        """The standing in words, with the time in call."""
        words = WORDS[self.standing]
        return f"{words} {self.seconds_up // 60}:{self.seconds_up % 60:02}" if self.up else words

    @property
    def media_text(self) -> str:
        """Codec, payload types and clocks, e.g. `Opus 48 kHz · PT 96 · events PT 101 at 48 kHz`."""
        if self.media is None:
            return ""
        parts = [f"{codec_name(self.media.codec)} {kilohertz(self.media.clock)}", f"PT {self.media.payload_type}"]
        if self.media.event_payload_type is None:
            parts.append("no telephone-event")
        else:
            clock = f" at {kilohertz(self.media.event_clock)}" if self.media.event_clock is not None else ""
            parts.append(f"events PT {self.media.event_payload_type}{clock}")
        return " · ".join(parts)

    @property
    def statistics_text(self) -> str:
        """Packets, loss and jitter."""
        if self.statistics is None:
            return ""
        s = self.statistics
        expected = s.packets_received + s.packets_lost
        loss = 100 * s.packets_lost / expected if expected else 0.0
        return (
            f"{s.packets_sent} sent · {s.packets_received} received · {loss:.1f} % lost · jitter {s.jitter_ms:.1f} ms"
        )

    @property
    def facts(self) -> dict[str, str]:
        """What the call bar shows of a call, by title; a dash where nothing is known yet."""
        media, counted = self.media, self.statistics
        events = "–"
        if media is not None:
            clock = f" · {kilohertz(media.event_clock)}" if media.event_clock is not None else ""
            events = "none" if media.event_payload_type is None else f"{media.event_payload_type}{clock}"
        return {
            "Codec": f"{codec_name(media.codec)} {kilohertz(media.clock)}" if media else "–",
            "Event PT": events,
            "Packets": f"↑{counted.packets_sent} ↓{counted.packets_received}" if counted else "–",
            "Loss": f"{self.loss:.1f} %" if counted else "–",
            "Jitter": f"{counted.jitter_ms:.1f} ms" if counted else "–",
        }

    @property
    def loss(self) -> float:
        """Received packets that are missing, in per cent."""
        s = self.statistics
        expected = s.packets_received + s.packets_lost if s else 0
        return 100 * s.packets_lost / expected if s and expected else 0.0

    @property
    def method_text(self) -> str:
        """How keys are sent in this call, and why."""
        if self.media is None or not self.active:
            return ""
        how = {"rfc4733": "RFC 4733", "inband": "In-band", None: "No keys can be sent"}
        return how[self.media.method] + (f": {self.media.method_reason}" if self.media.method_reason else "")

    def set_target(self, target: str) -> None:
        """Edit the target of the next call."""
        if target != self.target:
            self.target = target
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
            target = self.target.strip()
            token = self.token if self.takes_token else ""
            self._set_standing("calling")
            self.media = self.statistics = None
            self.command.emit(PlaceCall(target=target, method=self.method, codec=self.codec, token=token))
            self.placed.emit(target)
            self.changed.emit()

    def hang_up(self) -> None:
        """End the call."""
        if self.active:
            self.command.emit(HangUp())

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
            case Statistics(leg="phone"):
                self.statistics = event
                if self._up_at is not None:
                    self.seconds_up = int(event.t - self._up_at)
            case _:
                return
        self.changed.emit()

    def on_lost(self, reason: str) -> None:
        """The engine is gone."""
        self._set_standing("lost", reason, "Restart the engine from the Call menu.")
        self.changed.emit()

    def restart(self) -> None:
        """Another engine starts."""
        self._set_standing("starting")
        self.media = self.statistics = None
        self.changed.emit()

    def _follow_call(self, event: CallChanged) -> None:
        if event.state in ("ended", "failed"):
            if event.call != self._call and self._call:
                return  # the last word of a call before this one
            self._call = ""
        elif event.call != self._call:
            self._call = event.call
            self.media = self.statistics = None
        if event.state == "up" and self._up_at is None:
            self._up_at, self.seconds_up = event.t, 0
        self._set_standing(event.state, event.reason, event.remedy)

    def _set_standing(self, standing: Standing, reason: str = "", remedy: str = "") -> None:
        self.standing, self.reason, self.remedy = standing, reason, remedy
        if standing != "up":
            self._up_at = None


def codec_name(codec: str) -> str:
    """Return a codec as people write it."""
    return CODEC_NAMES.get(codec.lower(), codec)


def kilohertz(clock: int) -> str:
    """Return a clock rate in kHz."""
    return f"{clock / 1000:g} kHz"
