"""Sound devices and what can be wrong with them, as plain values."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

Direction = Literal["input", "output"]

OFF = "none"
"""The device name that stands for no device at all."""
_NOUN = {"input": "microphone", "output": "speaker"}


class SoundError(Exception):
    """Why there is no sound, and what the user can do about it, one sentence each."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A sound device: its name, unique in one listing, and its channel counts."""

    name: str
    inputs: int
    outputs: int
    index: int
    """PortAudio's number, valid until the devices are listed again."""
    api: str = ""
    """The sound system behind it, such as `ALSA`."""
    rate: int = 48_000
    """The rate in Hz that the device prefers."""

    def channels(self, direction: Direction) -> int:
        """Return how many channels it has in one direction."""
        return self.inputs if direction == "input" else self.outputs


@dataclass(frozen=True, slots=True)
class DeviceList:
    """All sound devices, and the system's default ones (None: there is none)."""

    devices: tuple[SoundDevice, ...] = ()
    default_input: SoundDevice | None = None
    default_output: SoundDevice | None = None
    remedy: str = "Plug one in, or start the sound server (PulseAudio or PipeWire), then choose it again."
    """What helps when there is no device."""

    def choose(self, name: str, direction: Direction) -> SoundDevice | None:
        """Return the device of that name; an empty name is the default, `none` is None. Raises SoundError."""
        if name == OFF:
            return None
        if not self.devices:
            raise SoundError("There is no sound device.", self.remedy)
        noun = _NOUN[direction]
        if name:
            for device in self.devices:
                if device.name == name and device.channels(direction):
                    return device
            raise SoundError(f"There is no {noun} named “{name}”.", f"Plug it in, or choose another {noun}.")
        default = self.default_input if direction == "input" else self.default_output
        if default is not None:
            return default
        for device in self.devices:
            if device.channels(direction):
                return device
        raise SoundError(f"There is no {noun}.", "Plug one in, then choose it again.")


@dataclass(frozen=True, slots=True)
class SoundState:
    """What the sound card does now; `problem` and `remedy` are empty when all is well."""

    devices: tuple[SoundDevice, ...] = ()
    input: str = ""
    """Name of the microphone in use, or empty."""
    output: str = ""
    """Name of the speaker in use, or empty."""
    problem: str = ""
    remedy: str = ""
    xruns: int = 0
    """Blocks that the sound system lost because one side came too late, since the devices were opened."""


def with_unique_names(devices: list[SoundDevice]) -> list[SoundDevice]:
    """Return the devices, those that share a name told apart by sound system, then by number."""
    for attribute in ("api", "index"):
        seen = Counter(device.name for device in devices)
        devices = [
            replace(device, name=f"{device.name} ({getattr(device, attribute)})") if seen[device.name] > 1 else device
            for device in devices
        ]
    return devices
