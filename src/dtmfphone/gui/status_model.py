"""What stands in the status line, and what a person should read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.commands import SelectDevices, SetAudio
from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    Device,
    DevicesChanged,
    Notice,
    ServerChanged,
    Statistics,
)
from dtmfphone.gui.present_call import PresentCall

OFF = "none"
"""Name of the device that is no device."""


@dataclass(frozen=True)
class Message:
    """A sentence for the notice bar, with a remedy and perhaps one thing to do."""

    level: Literal["info", "warning", "error"]
    text: str
    remedy: str = ""
    button: str = ""
    action: Callable[[], None] | None = None


class StatusModel(QObject):
    """Sound devices, pacing, notices."""

    command = Signal(object)
    changed = Signal()
    devices_changed = Signal()
    message = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sound: DevicesChanged | None = None
        self.lateness: Statistics | None = None
        self._present = PresentCall()
        self.muted = False
        self.sidetone = 0.3
        self.input = ""
        self.output = ""

    @property
    def devices(self) -> tuple[Device, ...]:
        """The sound devices there are."""
        return self.sound.devices if self.sound else ()

    @property
    def sound_text(self) -> str:
        """The devices in use, or what is missing and the remedy."""
        if self.sound is None:
            return "Looking for sound devices"
        if self.sound.problem:
            return " ".join(part for part in (self.sound.problem, self.sound.remedy) if part)
        microphone = "muted" if self.muted else device_name(self.sound.input)
        xruns = f" · {self.sound.xruns} dropouts" if self.sound.xruns else ""
        return f"Speaker {device_name(self.sound.output)} · Microphone {microphone}{xruns}"

    @property
    def sound_problem(self) -> bool:
        """Whether sound is missing."""
        return self.sound is not None and bool(self.sound.problem)

    @property
    def lateness_text(self) -> str:
        """How well the engine keeps time."""
        s = self.lateness
        return f"Send lateness p99 {s.lateness_p99_ms:.1f} ms · max {s.lateness_max_ms:.1f} ms" if s else ""

    def set_muted(self, muted: bool) -> None:
        """Mute the microphone or not."""
        self.muted = muted
        self.command.emit(SetAudio(muted=self.muted, sidetone=self.sidetone))
        self.changed.emit()

    def set_sidetone(self, sidetone: float) -> None:
        """Set how loud pressed keys sound here, 0 to 1."""
        self.sidetone = sidetone
        self.command.emit(SetAudio(muted=self.muted, sidetone=self.sidetone))
        self.changed.emit()

    def select_devices(self, *, input_name: str | None = None, output_name: str | None = None) -> None:
        """Choose devices by name; empty is the system's default, `none` is off."""
        self.input = self.input if input_name is None else input_name
        self.output = self.output if output_name is None else output_name
        self.command.emit(SelectDevices(input=self.input, output=self.output))
        self.changed.emit()

    def say(self, message: Message) -> None:
        """Show a message."""
        self.message.emit(message)

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case DevicesChanged():
                self.sound = event
                self.devices_changed.emit()
            case ServerChanged(state="failed"):
                self.say(Message("error", event.reason or f"The IVR cannot answer at {event.url}.", event.remedy))
            case Statistics(leg="phone"):
                self.lateness = event
            case Notice():
                self.say(Message(event.level, event.text, event.remedy))
            case CallChanged(leg="phone") if self._present.is_of(event):
                if event.state == "failed":
                    self.say(Message("error", event.reason or "The call failed.", event.remedy))
                if event.state in ("ended", "failed"):
                    self.lateness = None
            case _:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self.lateness, self._present = None, PresentCall()
        self.changed.emit()


def device_name(name: str) -> str:
    """Return a device's name for reading."""
    return "off" if name in ("", OFF) else name
