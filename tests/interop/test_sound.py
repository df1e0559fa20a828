"""Sound through PortAudio, ALSA and a real PulseAudio with virtual devices."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
from pulse import PulseServer, pulse_server
from terminal import dtmfphone

from dtmfphone.audio.devices import SoundState
from dtmfphone.audio.sound_card import SoundCard
from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DigitEnded
from dtmfphone.dtmf.levels import Pcm, to_int16
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.dtmf.tones import sequence
from dtmfphone.ivr.voice import RATE, Voice

pytestmark = pytest.mark.interop

SLOT = 0.02


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseServer]:
    with pulse_server() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


class Card(SoundCard):
    """A sound card that keeps what it reported."""

    def __init__(self) -> None:
        self.states: list[SoundState] = []
        super().__init__(self.states.append)


@pytest.fixture
async def card(pulse: PulseServer) -> AsyncIterator[Card]:
    card = Card()
    await card.open()
    assert card.state.problem == ""
    yield card
    await card.close()


def digits(pcm: Pcm) -> list[DigitEnded]:
    detector = Detector()
    events = detector.feed(pcm) + detector.feed(np.zeros(4000, np.int16))
    return [event for event in events if isinstance(event, DigitEnded)]


async def play(card: SoundCard, pcm: Pcm, rate: int) -> None:
    """Hand audio to the card as a call does: one slot at a time, at the pace of the clock."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    step = round(rate * SLOT)
    for number, place in enumerate(range(0, len(pcm), step)):
        await asyncio.sleep(start + number * SLOT - loop.time())
        card.play(pcm[place : place + step], rate)


async def test_the_devices_are_listed_and_in_use(card: Card) -> None:
    names = [device.name for device in card.state.devices]
    assert "pulse" in names
    assert card.state.output in names
    assert card.state.input in names


async def test_the_sidetone_of_all_keys_is_heard(pulse: PulseServer, card: Card) -> None:
    keys = "1234567890*#ABCD"
    with pulse.recording() as recording:
        for key in keys:
            card.key_down(key)
            await asyncio.sleep(0.1)
            card.key_up()
            await asyncio.sleep(0.1)
    heard = digits(recording.pcm)
    assert "".join(digit.key for digit in heard) == keys
    assert max(digit.duration for digit in heard) < 0.2


async def test_sidetone_at_zero_is_silent(pulse: PulseServer, card: Card) -> None:
    card.sidetone = 0.0
    with pulse.recording() as recording:
        card.key_down("5")
        await asyncio.sleep(0.2)
        card.key_up()
    assert not recording.pcm.any()


@pytest.mark.parametrize("rate", [8000, 16_000, 48_000])
async def test_the_far_end_is_heard_whole(pulse: PulseServer, card: Card, rate: int) -> None:
    keys = "159D*0#"
    with pulse.recording() as recording:
        await play(card, to_int16(sequence(keys, 80, 80, rate)), rate)
    heard = digits(recording.pcm)
    assert "".join(digit.key for digit in heard) == keys
    # Two tones of -10 dBm0 each, unchanged on their way.
    assert [digit.low_dbm0 for digit in heard] == pytest.approx([-10.0] * len(keys), abs=0.5)


@pytest.mark.parametrize("rate", [8000, 48_000])
async def test_the_microphone_is_captured_in_slots(pulse: PulseServer, card: Card, rate: int) -> None:
    keys = "2580"
    speech = pulse.speak(to_int16(sequence(keys, 100, 100, rate)), rate)
    slots = []
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number in range(125):
        await asyncio.sleep(start + number * SLOT - loop.time())
        slots.append(card.capture(round(rate * SLOT), rate))
    assert await asyncio.to_thread(speech.wait, 10) == 0
    heard = np.concatenate(slots)
    assert "".join(digit.key for digit in digits(heard[:: rate // 8000])) == keys


async def test_other_devices_can_be_chosen_in_mid_call(pulse: PulseServer, card: Card) -> None:
    await card.open("none", "pulse")
    assert (card.state.input, card.state.output, card.state.problem) == ("", "pulse", "")
    with pulse.recording() as recording:
        await play(card, to_int16(sequence("7", 100, 100, 8000)), 8000)
    assert "".join(digit.key for digit in digits(recording.pcm)) == "7"


async def test_devices_that_go_away_are_reported_and_can_be_opened_again(pulse: PulseServer, card: Card) -> None:
    pulse.close()
    async with asyncio.timeout(20):
        while card.state.output or card.state.input:
            card.play(np.zeros(160, np.int16), 8000)
            assert not card.capture(160, 8000).any()
            await asyncio.sleep(SLOT)
    assert "is gone" in card.state.problem
    assert card.state.remedy
    card.key_down("5")
    card.key_up()
    await card.open()
    assert card.state.problem
    pulse.start()
    await card.open()
    assert (card.state.problem, card.state.output) == ("", "default")


def likeness(heard: Pcm, prompt: Pcm) -> float:
    """Return the best normalised correlation of a prompt with any place in a recording, 0 to 1."""
    size = 1 << (len(heard) + len(prompt)).bit_length()
    x, y = heard.astype(np.float64), prompt.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(y, size)), size)[: len(x) - len(y)]
    energy = np.concatenate([[0.0], np.cumsum(x * x)])
    here = energy[len(y) : len(x)] - energy[: len(x) - len(y)]
    return float(np.max(products / np.sqrt(np.maximum(here, 1.0) * float(y @ y))))


async def test_a_call_is_heard_and_hears(pulse: PulseServer) -> None:
    """The prompt of the IVR and the sidetone of a key reach the loudspeaker; the microphone reaches the IVR."""
    voice = Voice()
    prompt = Resampler(RATE, 8000).process(await voice.speak("Thank you for calling Bright Smile Dental."))
    voice.close()
    call = ("call", "builtin:reception", "--sound", "--codec", "pcmu", "--digits", ",,,1", "--duration", "400")
    with pulse.recording() as recording:
        async with dtmfphone(*call, "--stay", "4", environment=pulse.environment) as terminal:
            await terminal.wait_for("devices", when=lambda event: bool(event.get("output")))
            await terminal.wait_for("key", direction="sent", key="1", method="rfc4733")
            await asyncio.sleep(0.5)
            speech = pulse.speak(to_int16(sequence("9", 300, 100)), 8000)
            spoken = await terminal.wait_for("key", direction="received", leg="ivr", key="9")
            assert spoken["method"] == "inband"
            assert await asyncio.to_thread(speech.wait, 10) == 0
            assert await terminal.exit_code() == 0
    assert likeness(recording.pcm, prompt) > 0.7
    assert "".join(digit.key for digit in digits(recording.pcm)) == "1"
