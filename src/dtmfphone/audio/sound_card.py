"""The sound card of the engine: microphone, speaker and sidetone.

    far end --play--> elastic buffer --+--> output callback --> speaker
    keys ----key_down/up--> tones -----+
    calls ------ring------> ring tone -+
    call <--capture-- elastic buffer <----- input callback <--- microphone

The callbacks run in the sound system's threads, everything else in the engine's loop.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from dtmfphone.audio.devices import OFF, DeviceList, Direction, SoundDevice, SoundError, SoundState
from dtmfphone.audio.microphone import Microphone
from dtmfphone.audio.portaudio import Driver, PortAudio, Stream
from dtmfphone.audio.ring_tone import Ring
from dtmfphone.audio.speaker import Speaker
from dtmfphone.audio.worker import Worker
from dtmfphone.dtmf.levels import Pcm

T = TypeVar("T")
Part = TypeVar("Part", Speaker, Microphone)

_RATES = (48_000, 44_100, 32_000, 16_000, 8_000)
_PATIENCE = 10.0
"""Seconds after which a sound system that does not answer is given up."""
_WATCH = 0.5
_QUIET_LOOKS = 4
"""Looks without a single callback after which a device counts as stuck."""
_LOST = "Plug it in again, or choose another device."
_STUCK = "Choose another device, or restart the sound server."


@dataclass(slots=True)
class _Line:
    """An open device and the part of the card behind it."""

    name: str
    part: Speaker | Microphone
    stream: Stream
    blocks: int = 0
    quiet: int = 0


class SoundCard:
    """Owns the sound devices.

    No method raises for want of sound: `state.problem` and `state.remedy` say what is wrong, `on_change` is called in
    the loop with each new state, and meanwhile `play` and the keys do nothing and `capture` returns silence.
    """

    def __init__(self, on_change: Callable[[SoundState], None], *, driver: Driver | None = None) -> None:
        self.state = SoundState()
        self._on_change = on_change
        self._driver = driver or PortAudio()
        self._worker = Worker("sound")
        self._opening = asyncio.Lock()
        self._speaker: Speaker | None = None
        self._microphone: Microphone | None = None
        self._devices: tuple[SoundDevice, ...] = ()
        self._lines: dict[Direction, _Line] = {}
        self._problems: dict[Direction, SoundError] = {}
        self._xruns = 0
        self._watch: asyncio.Task[None] | None = None
        self._sidetone = 0.3
        self._ring: Ring | None = None
        self._muted = False

    @property
    def muted(self) -> bool:
        """Whether the call gets silence instead of the microphone."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._muted = muted
        if self._microphone is not None:
            self._microphone.muted = muted

    @property
    def sidetone(self) -> float:
        """Loudness of pressed keys in the speaker, 0 (off) to 1 (as sent)."""
        return self._sidetone

    @sidetone.setter
    def sidetone(self, loudness: float) -> None:
        self._sidetone = min(1.0, max(0.0, loudness))
        if self._speaker is not None:
            self._speaker.sidetone = self._sidetone

    @property
    def underruns(self) -> int:
        """Times that the far end's audio came too late to be played in time."""
        return self._speaker.underruns if self._speaker is not None else 0

    async def open(self, input_name: str = "", output_name: str = "") -> None:
        """List the devices anew and open two of them; an empty name is the system's default, `none` is off."""
        async with self._opening:
            await self._close_lines()
            self._problems.clear()
            self._xruns = 0
            try:
                found = await self._ask(self._driver.devices)
            except SoundError as problem:
                found = DeviceList()
                if output_name != OFF:
                    self._problems["output"] = problem
                if input_name != OFF:
                    self._problems["input"] = problem
            else:
                self._speaker = await self._open_line("output", found, output_name, self._open_speaker)
                if self._speaker is not None:
                    self._speaker.ring(self._ring)
                self._microphone = await self._open_line("input", found, input_name, self._open_microphone)
            self._devices = found.devices
            self._report()
            if self._lines:
                self._watch = asyncio.create_task(self._watch_lines())

    async def close(self) -> None:
        """Release the devices."""
        async with self._opening:
            await self._close_lines()
            self._problems.clear()
            self._report()
            self._worker.stop()

    def play(self, pcm: Pcm, rate: int) -> None:
        """Play the far end's audio, int16 (n,) at `rate` Hz; call it as the audio arrives."""
        if self._speaker is not None:
            self._speaker.play(pcm, rate)

    def capture(self, samples: int, rate: int) -> Pcm:
        """Return exactly `samples` samples of the microphone at `rate` Hz, int16; silence if there are none."""
        if self._microphone is None:
            return np.zeros(samples, np.int16)
        return self._microphone.capture(samples, rate)

    def key_down(self, char: str) -> None:
        """Begin the sidetone of a key."""
        if self._speaker is not None:
            self._speaker.key_down(char)

    def key_up(self) -> None:
        """End the sidetone."""
        if self._speaker is not None:
            self._speaker.key_up()

    def ring(self, ring: Ring | None) -> None:
        """Let it be heard that a call rings here or at the far end, from now on; None: no longer."""
        if ring != self._ring:
            self._ring = ring
            if self._speaker is not None:
                self._speaker.ring(ring)

    async def _open_line(
        self,
        direction: Direction,
        found: DeviceList,
        name: str,
        open_at: Callable[[SoundDevice, int], tuple[Part, Stream]],
    ) -> Part | None:
        try:
            device = found.choose(name, direction)
            if device is None:
                return None
            part, stream = await self._ask(partial(_first_rate, device, open_at), _close)
        except SoundError as problem:
            self._problems[direction] = problem
            return None
        self._lines[direction] = _Line(device.name, part, stream)
        return part

    def _open_speaker(self, device: SoundDevice, rate: int) -> tuple[Speaker, Stream]:
        speaker = Speaker(rate, sidetone=self._sidetone)
        return speaker, self._driver.open_output(device, rate, speaker.fill)

    def _open_microphone(self, device: SoundDevice, rate: int) -> tuple[Microphone, Stream]:
        microphone = Microphone(rate)
        microphone.muted = self._muted
        return microphone, self._driver.open_input(device, rate, microphone.take)

    async def _close_lines(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        streams = [line.stream for line in self._lines.values()]
        self._lines.clear()
        self._speaker = self._microphone = None
        # A sound system that hangs here says so at the next call.
        with suppress(SoundError):
            for stream in streams:
                await self._ask(stream.close)

    async def _ask(self, job: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Run a job in the worker; when nobody waits for its result any more, `undo` gets it, in the worker too."""
        future = self._worker.submit(job)
        try:
            await asyncio.wait([future], timeout=_PATIENCE)
        finally:
            if not future.done():
                future.add_done_callback(partial(self._abandon, undo))
        if not future.done():
            raise SoundError(
                "The sound system does not answer.", "Restart the sound server, then choose the devices again."
            )
        return future.result()

    def _abandon(self, undo: Callable[[T], object] | None, future: asyncio.Future[T]) -> None:
        if future.cancelled() or future.exception() is not None or undo is None:
            return
        self._worker.submit(partial(undo, future.result()))

    async def _watch_lines(self) -> None:
        while self._lines:
            await asyncio.sleep(_WATCH)
            for direction in list(self._lines):
                self._look_after(direction)
            self._report()

    def _look_after(self, direction: Direction) -> None:
        line = self._lines[direction]
        if line.stream.ended:
            self._problems[direction] = SoundError(f"The sound device “{line.name}” is gone.", _LOST)
            self._xruns += line.stream.xruns
            del self._lines[direction]
            if direction == "output":
                self._speaker = None
            else:
                self._microphone = None
            self._worker.submit(line.stream.close)
        elif line.part.blocks != line.blocks:
            line.blocks = line.part.blocks
            line.quiet = 0
            self._problems.pop(direction, None)
        else:
            line.quiet += 1
            if line.quiet == _QUIET_LOOKS:
                self._problems[direction] = SoundError(f"The sound device “{line.name}” does not respond.", _STUCK)

    def _report(self) -> None:
        problems = dict.fromkeys(problem.problem for problem in self._problems.values())
        remedies = dict.fromkeys(problem.remedy for problem in self._problems.values())
        state = SoundState(
            devices=self._devices,
            input=self._lines["input"].name if "input" in self._lines else "",
            output=self._lines["output"].name if "output" in self._lines else "",
            problem=" ".join(problems),
            remedy=" ".join(remedies),
            xruns=self._xruns + sum(line.stream.xruns for line in self._lines.values()),
        )
        if state != self.state:
            self.state = state
            self._on_change(state)


def _close(opened: tuple[object, Stream]) -> None:
    opened[1].close()


def _first_rate(device: SoundDevice, open_at: Callable[[SoundDevice, int], T]) -> T:
    refusals: list[SoundError] = []
    for rate in dict.fromkeys((_RATES[0], device.rate, *_RATES)):
        try:
            return open_at(device, rate)
        except SoundError as refused:
            refusals.append(refused)
    raise refusals[0]
