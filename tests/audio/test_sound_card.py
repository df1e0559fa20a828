"""The sound card over a sound system that the test drives by hand: formats refused, devices lost, stuck and found."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import pytest

from dtmfphone.audio import sound_card
from dtmfphone.audio.devices import DeviceList, SoundDevice, SoundError, SoundState
from dtmfphone.audio.sound_card import SoundCard
from dtmfphone.dtmf.keys import KEYS
from dtmfphone.dtmf.levels import Pcm

HEADSET = SoundDevice("Headset", 1, 2, 0, "ALSA", 44_100)
BOX = SoundDevice("Box", 0, 2, 1, "ALSA")

Callback = TypeVar("Callback", Callable[[int], Pcm], Callable[[Pcm], None])


@dataclass
class HandStream(Generic[Callback]):
    rate: int
    callback: Callback
    xruns: int = 0
    ended: bool = False
    closed: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        self.ended = True
        self.closed.set()


class HandDriven:
    """A sound system whose devices, refusals and callbacks the test decides."""

    def __init__(self) -> None:
        self.found = DeviceList((HEADSET, BOX), HEADSET, BOX)
        self.refused: set[int] = set()
        self.failure: SoundError | None = None
        self.answers = threading.Event()
        self.answers.set()
        self.inputs: list[HandStream[Callable[[Pcm], None]]] = []
        self.outputs: list[HandStream[Callable[[int], Pcm]]] = []
        self.opened = threading.Event()
        self.threads: set[int] = set()

    def devices(self) -> DeviceList:
        self.threads.add(threading.get_ident())
        assert all(stream.closed.is_set() for stream in self.inputs), "listed while a device was open"
        assert all(stream.closed.is_set() for stream in self.outputs), "listed while a device was open"
        if self.failure is not None:
            raise self.failure
        return self.found

    def _check(self, device: SoundDevice, rate: int) -> None:
        self.answers.wait(10)
        if rate in self.refused:
            raise SoundError(f"The sound device “{device.name}” cannot be opened: {rate} Hz.", "Choose another.")

    def open_output(
        self, device: SoundDevice, rate: int, fill: Callable[[int], Pcm]
    ) -> HandStream[Callable[[int], Pcm]]:
        self._check(device, rate)
        self.outputs.append(HandStream(rate, fill))
        self.opened.set()
        return self.outputs[-1]

    def open_input(
        self, device: SoundDevice, rate: int, take: Callable[[Pcm], None]
    ) -> HandStream[Callable[[Pcm], None]]:
        self._check(device, rate)
        self.inputs.append(HandStream(rate, take))
        return self.inputs[-1]

    def heard(self, blocks: int = 1) -> Pcm:
        stream = self.outputs[-1]
        return np.concatenate([stream.callback(stream.rate // 50) for _ in range(blocks)])

    def speak(self, pcm: Pcm) -> None:
        self.inputs[-1].callback(pcm)


class Desk:
    """A sound card, its sound system, and what it reported."""

    def __init__(self) -> None:
        self.system = HandDriven()
        self.states: list[SoundState] = []
        self.card = SoundCard(self._changed, driver=self.system)
        self._news = asyncio.Event()

    def _changed(self, state: SoundState) -> None:
        self.states.append(state)
        self._news.set()

    async def until(self, what: Callable[[SoundState], bool]) -> SoundState:
        async with asyncio.timeout(20):
            while not what(self.card.state):
                self._news.clear()
                await self._news.wait()
        return self.card.state


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(sound_card, "_WATCH", 0.01)
    desk = Desk()
    yield desk
    desk.system.answers.set()
    await desk.card.close()


def tone(seconds: float, rate: int, hz: float = 440.0) -> Pcm:
    return np.round(8000 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.int16)


async def test_default_devices_open_at_48_khz_outside_the_loop(desk: Desk) -> None:
    await desk.card.open()
    state = desk.card.state
    assert (state.input, state.output, state.problem) == ("Headset", "Box", "")
    assert state.devices == (HEADSET, BOX)
    assert desk.states == [state]
    assert (desk.system.inputs[0].rate, desk.system.outputs[0].rate) == (48_000, 48_000)
    assert threading.get_ident() not in desk.system.threads


async def test_a_refused_rate_falls_back_to_what_the_device_prefers(desk: Desk) -> None:
    desk.system.refused = {48_000}
    await desk.card.open("Headset", "Headset")
    assert (desk.system.inputs[0].rate, desk.system.outputs[0].rate) == (44_100, 44_100)
    assert desk.card.state.problem == ""
    for _ in range(10):
        desk.card.play(tone(0.02, 8000), 8000)
        desk.system.speak(tone(0.02, 44_100))
    assert desk.system.heard(5).any()
    slot = desk.card.capture(160, 8000)
    assert len(slot) == 160
    assert slot.dtype == np.int16
    assert slot.any()


async def test_a_device_that_refuses_everything_is_named_and_the_other_works(desk: Desk) -> None:
    desk.system.refused = {48_000, 44_100, 32_000, 16_000, 8000}
    await desk.card.open("none", "")
    assert desk.card.state.output == ""
    assert desk.card.state.problem == "The sound device “Box” cannot be opened: 48000 Hz."
    assert desk.card.state.remedy == "Choose another."


async def test_without_any_device_calls_go_on_in_silence(desk: Desk) -> None:
    desk.system.found = DeviceList()
    await desk.card.open()
    assert desk.card.state.problem == "There is no sound device."
    assert desk.card.state.remedy == desk.system.found.remedy
    desk.card.play(tone(0.02, 8000), 8000)
    desk.card.key_down("5")
    desk.card.key_up()
    assert desk.card.capture(960, 48_000).tolist() == [0] * 960


async def test_a_missing_sound_system_is_one_problem_and_off_is_none(desk: Desk) -> None:
    desk.system.failure = SoundError("PortAudio is not installed.", "Install it: sudo apt install libportaudio2.")
    await desk.card.open()
    assert desk.card.state.problem == "PortAudio is not installed."
    await desk.card.open("none", "none")
    assert desk.card.state.problem == ""


async def test_selecting_again_closes_the_old_devices_first(desk: Desk) -> None:
    await desk.card.open()
    await desk.card.open("none", "Headset")
    assert desk.card.state.output == "Headset"
    assert desk.card.state.input == ""
    assert [stream.closed.is_set() for stream in desk.system.outputs] == [True, False]
    assert desk.system.inputs[0].closed.is_set()


async def test_an_unplugged_speaker_is_reported_and_the_microphone_goes_on(desk: Desk) -> None:
    await desk.card.open()
    desk.system.outputs[0].ended = True
    state = await desk.until(lambda state: bool(state.problem))
    assert state.problem == "The sound device “Box” is gone."
    assert state.remedy
    assert (state.input, state.output) == ("Headset", "")
    desk.card.play(tone(0.02, 8000), 8000)
    desk.card.key_down("5")
    for _ in range(5):
        desk.system.speak(tone(0.02, 48_000))
    assert desk.card.capture(160, 8000).any()
    await desk.card.open()
    assert (desk.card.state.output, desk.card.state.problem) == ("Box", "")


async def test_a_device_that_calls_no_more_is_stuck_until_it_calls_again(desk: Desk) -> None:
    await desk.card.open("none", "")
    state = await desk.until(lambda state: bool(state.problem))
    assert state.problem == "The sound device “Box” does not respond."
    desk.system.heard()
    await desk.until(lambda state: not state.problem)


async def test_lost_blocks_are_counted_and_reported(desk: Desk) -> None:
    await desk.card.open()
    desk.system.outputs[0].xruns = 2
    desk.system.inputs[0].xruns = 1
    state = await desk.until(lambda state: state.xruns == 3)
    assert desk.states[-1] == state
    desk.system.inputs[0].ended = True
    await desk.until(lambda state: state.input == "")
    assert desk.card.state.xruns == 3


async def test_a_sound_system_that_hangs_is_given_up_and_its_late_answer_closed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_card, "_PATIENCE", 0.05)
    desk.system.answers.clear()
    await desk.card.open("none", "")
    assert desk.card.state.problem == "The sound system does not answer."
    desk.system.answers.set()
    assert await asyncio.to_thread(desk.system.opened.wait, 10)
    assert await asyncio.to_thread(desk.system.outputs[0].closed.wait, 10)


async def test_muted_means_silence_without_a_backlog(desk: Desk) -> None:
    await desk.card.open()
    desk.card.muted = True
    for _ in range(20):
        desk.system.speak(tone(0.02, 48_000))
        assert not desk.card.capture(160, 8000).any()
    desk.card.muted = False
    desk.system.speak(np.zeros(960, np.int16))
    slots = []
    for _ in range(10):
        desk.system.speak(np.zeros(960, np.int16))
        slots.append(desk.card.capture(160, 8000))
    assert not slots[-1].any()


async def test_the_microphone_before_a_call_is_not_heard_late(desk: Desk) -> None:
    await desk.card.open()
    for _ in range(500):
        desk.system.speak(tone(0.02, 48_000))
    slots = []
    for _ in range(10):
        desk.system.speak(np.zeros(960, np.int16))
        slots.append(desk.card.capture(160, 8000))
    assert not np.concatenate(slots[5:]).any()


async def test_far_end_and_sidetone_are_mixed_and_clipped(desk: Desk) -> None:
    await desk.card.open("none", "")
    desk.card.sidetone = 1.0
    desk.card.key_down("5")
    for _ in range(4):
        desk.card.play(np.full(960, 32_000, np.int16), 48_000)
    out = desk.system.heard(2)
    assert out.max() == 32_767
    assert out.min() < 32_000


@pytest.mark.parametrize(("loudness", "peak"), [(0.0, 0), (0.5, 0.5), (1.0, 1.0), (7.0, 1.0)])
async def test_sidetone_loudness(desk: Desk, loudness: float, peak: float) -> None:
    await desk.card.open("none", "")
    desk.card.sidetone = loudness
    desk.card.key_down("5")
    # Two tones of -10 dBm0, where +3.14 dBm0 is full scale.
    assert np.abs(desk.system.heard(10)).max() == pytest.approx(peak * 2 * 32_768 * 10 ** (-13.14 / 20), rel=0.02)


async def test_keys_are_heard_as_the_digits_pressed(desk: Desk) -> None:
    await desk.card.open("none", "")
    parts = []
    for char in "159D":
        desk.card.key_down(char)
        parts.append(desk.system.heard(5))
        desk.card.key_up()
        desk.system.heard(5)
    for char, pcm in zip("159D", parts, strict=True):
        power = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm)), 48_000))
        low = 600 + int(power[600:1100].argmax())
        high = 1100 + int(power[1100:].argmax())
        assert (low, high) == pytest.approx((KEYS[char].low_hz, KEYS[char].high_hz), abs=2)


async def test_an_unknown_key_is_refused(desk: Desk) -> None:
    await desk.card.open("none", "")
    with pytest.raises(ValueError, match="not a DTMF key"):
        desk.card.key_down("x")


async def test_a_call_that_rings_is_heard_until_it_is_answered(desk: Desk) -> None:
    await desk.card.open("none", "")
    desk.card.sidetone = 0.0
    assert not desk.system.heard(10).any()
    desk.card.ring("ring")
    assert desk.system.heard(10).any()
    await desk.card.open("none", "Headset")
    assert desk.system.heard(10).any(), "another device rings on"
    desk.card.ring(None)
    assert not desk.system.heard(10).any()


async def test_nothing_of_the_ring_is_captured(desk: Desk) -> None:
    await desk.card.open()
    desk.card.ring("ring-back")
    desk.system.heard(50)
    assert not desk.card.capture(960, 48_000).any()
