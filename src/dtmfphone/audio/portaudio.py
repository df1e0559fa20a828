"""PortAudio through the sounddevice package, the only module that knows either.

Every call here may block for a while and PortAudio is not thread-safe: one thread at a time.
"""

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from dtmfphone.audio.devices import DeviceList, SoundDevice, SoundError, with_unique_names
from dtmfphone.dtmf.levels import Pcm

_BLOCK_SECONDS = 0.02
_LATENCY = 0.06
"""Seconds. The word `low` asks ALSA's PulseAudio plug-in for less than it can do: no sound at all."""


class Stream(Protocol):
    """An open device."""

    @property
    def xruns(self) -> int:
        """Blocks lost so far."""
        ...

    @property
    def ended(self) -> bool:
        """Whether it stopped, because the device is gone or because of `close`."""
        ...

    def close(self) -> None:
        """Stop at once."""
        ...


class Driver(Protocol):
    """A sound system."""

    def devices(self) -> DeviceList:
        """List the devices anew; no stream may be open. Raises SoundError."""
        ...

    def open_output(self, device: SoundDevice, rate: int, fill: Callable[[int], Pcm]) -> Stream:
        """Play what `fill(n)` returns, called in a thread of the sound system. Raises SoundError."""
        ...

    def open_input(self, device: SoundDevice, rate: int, take: Callable[[Pcm], None]) -> Stream:
        """Pass what is heard to `take`, called in a thread of the sound system. Raises SoundError."""
        ...


class PortAudioStream:
    """One direction of one device."""

    def __init__(self) -> None:
        self.xruns = 0
        self.ended = False
        self.stream: Any = None

    def finished(self) -> None:
        """Note that no callback follows."""
        self.ended = True

    def close(self) -> None:
        """Stop at once, dropping what is queued."""
        if self.stream is not None:
            # Closing a stream that runs can hang.
            self.stream.abort(ignore_errors=True)
            self.stream.close(ignore_errors=True)
            self.stream = None


class PortAudio:
    """The sound system of this machine."""

    def __init__(self) -> None:
        self._sounddevice: ModuleType | None = None

    def devices(self) -> DeviceList:
        """List the devices anew; no stream may be open. Raises SoundError."""
        if self._sounddevice is None:
            self._sounddevice = _load()
        sd = self._sounddevice
        # PortAudio looks for devices only when it starts.
        try:
            if sd._initialized:
                sd._terminate()
            sd._initialize()
            apis = sd.query_hostapis()
            found = [
                SoundDevice(
                    name=info["name"],
                    inputs=info["max_input_channels"],
                    outputs=info["max_output_channels"],
                    index=info["index"],
                    api=apis[info["hostapi"]]["name"],
                    rate=round(info["default_samplerate"]),
                )
                for info in sd.query_devices()
            ]
            default_input, default_output = sd.default.device
        except sd.PortAudioError as error:
            raise SoundError(
                f"The sound system cannot be used: {_reason(error)}.",
                "Start the sound server, then choose the devices.",
            ) from error
        devices = tuple(with_unique_names(found))
        by_index = {device.index: device for device in devices}
        if not devices and _sound_server_runs():
            return DeviceList(remedy="Let ALSA reach the sound server: sudo apt install libasound2-plugins.")
        return DeviceList(devices, by_index.get(default_input), by_index.get(default_output))

    def open_output(self, device: SoundDevice, rate: int, fill: Callable[[int], Pcm]) -> Stream:
        """Play what `fill(n)` returns, mono, on all channels of the stream. Raises SoundError."""
        opened = PortAudioStream()

        def callback(out: Pcm, frames: int, _time: object, status: Any) -> None:
            opened.xruns += bool(status.output_underflow)
            out[:] = fill(frames)[:, np.newaxis]

        return self._open(opened, "OutputStream", device, rate, device.outputs, callback)

    def open_input(self, device: SoundDevice, rate: int, take: Callable[[Pcm], None]) -> Stream:
        """Pass what the first channel hears to `take`. Raises SoundError."""
        opened = PortAudioStream()

        def callback(heard: Pcm, _frames: int, _time: object, status: Any) -> None:
            opened.xruns += bool(status.input_overflow)
            take(heard[:, 0].copy())

        return self._open(opened, "InputStream", device, rate, device.inputs, callback)

    def _open(
        self,
        opened: PortAudioStream,
        kind: str,
        device: SoundDevice,
        rate: int,
        channels: int,
        callback: Callable[[Pcm, int, object, Any], None],
    ) -> Stream:
        sd = self._sounddevice
        if sd is None:
            raise SoundError("The sound devices have not been listed.", "List them before one is opened.")
        reason = ""
        # Some sound cards have no mono.
        for count in (1, 2) if channels > 1 else (1,):
            try:
                opened.stream = getattr(sd, kind)(
                    samplerate=rate,
                    blocksize=round(rate * _BLOCK_SECONDS),
                    device=device.index,
                    channels=count,
                    dtype="int16",
                    latency=_LATENCY,
                    callback=callback,
                    finished_callback=opened.finished,
                )
                opened.stream.start()
            except sd.PortAudioError as error:
                reason = _reason(error)
                opened.close()
            else:
                return opened
        raise SoundError(
            f"The sound device “{device.name}” cannot be opened: {reason}.",
            "Close other programs that use it, or choose another device.",
        )


def _load() -> ModuleType:
    try:
        import sounddevice
    except ImportError as error:
        raise SoundError(
            "The Python package sounddevice is not installed.", "Install it: pip install sounddevice."
        ) from error
    except OSError as error:
        raise SoundError("PortAudio is not installed.", "Install it: sudo apt install libportaudio2.") from error
    except Exception as error:
        raise SoundError(
            f"PortAudio cannot start: {_reason(error)}.", "Start the sound server and try again."
        ) from error
    module: ModuleType = sounddevice
    return module


def _sound_server_runs() -> bool:
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}") if hasattr(os, "getuid") else ""
    return bool(runtime) and Path(runtime, "pulse", "native").exists()


def _reason(error: Exception) -> str:
    """Return PortAudio's own words without the wrapping."""
    return str(error.args[0] if error.args else error).rstrip(".")
