"""A call that does what a test says, asked for its packets on a clock of the test's own."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import numpy as np

from dtmfphone.audio.ring_tone import Ring
from dtmfphone.calls.account import Method
from dtmfphone.calls.call import CallContext, CallError, CallStatistics, InfoKey, Media
from dtmfphone.calls.line import Incoming, Refusal
from dtmfphone.calls.media import SLOT_SECONDS, Pcm
from dtmfphone.engine.events import AnyEvent
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.phone import PhoneLeg
from dtmfphone.ivr.voice import Voice

RATE = 8000
EVENTS = Media("pcmu", 8000, 0, 101, 8000)
NO_EVENTS = Media("pcmu", 8000, 0, None, None)


class PlainCall:
    """A call without SIP: it can neither be held nor transferred, and carries no INFO."""

    def __init__(self) -> None:
        self.media: Media | None = None
        self.events_enabled = True
        self.hung_up = 0
        self.placed = asyncio.Event()
        self.answered = asyncio.Event()

    async def place(self) -> None:
        self.placed.set()
        await self.answered.wait()

    async def hang_up(self) -> None:
        self.hung_up += 1

    def statistics(self) -> CallStatistics:
        return CallStatistics(1, 2, 0, 0, 0, 0.0, 0.0, 0.0)


class ScriptedCall(PlainCall):
    """A call with all that SIP has; what the far end answers to INFO is put into `answers`."""

    def __init__(self) -> None:
        super().__init__()
        self.leg: PhoneLeg | None = None
        self.infos: list[tuple[str, int, str]] = []
        self.answers: asyncio.Queue[tuple[int | None, str]] = asyncio.Queue()
        self.allows_info = True
        self.refusal: CallError | None = None
        """Raised by `hold` and `transfer`."""

    async def send_info(self, char: str, duration: float, content_type: str) -> InfoKey:
        assert self.leg is not None
        self.infos.append((char, round(1000 * duration), content_type))
        status, reason = await self.answers.get()
        key = InfoKey(char=char, start=0.0, duration=duration, content_type=content_type, status=status, reason=reason)
        self.leg.info_key("sent", key)
        return key

    async def hold(self, on: bool) -> None:
        assert self.leg is not None
        if self.refusal is not None:
            raise self.refusal
        self.leg.held(here=on, there=False)

    async def transfer(self, target: str) -> None:
        assert self.leg is not None
        self.leg.transfer_changed("asked", target)
        if self.refusal is not None:
            raise self.refusal
        self.leg.transfer_changed("trying", "100 Trying")
        self.leg.transfer_changed("done", target)


class ScriptedIncoming:
    """A call that came in."""

    def __init__(self, caller: str = "sip:bob@example.com") -> None:
        self.caller = caller
        self.call = PlainCall()
        self.context: CallContext | None = None
        self.refusals: list[Refusal] = []

    def open(self, context: CallContext) -> PlainCall:
        self.context = context
        return self.call

    async def refuse(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)


class Phone:
    """The phone's side of a scripted call, and all that it tells."""

    def __init__(self, call: PlainCall, method: Method = "auto", incoming: Incoming | None = None) -> None:
        self.now = 0.0
        self.events: list[AnyEvent] = []
        self.call = call
        self.keys = ""
        """Telephone-events that went out, one character per key press."""
        self.tones = ""
        """Of each frame: T for a tone, . for none."""
        self.over = 0
        self.sound = Loud()
        self.voice = Voice()
        self._last: str | None = None
        self.leg = PhoneLeg(
            "call-1",
            "sip:alice@example.com",
            emit=self.events.append,
            clock=lambda: self.now,
            spawn=self._spawn,
            sound=self.sound,
            display=None,
            method=method,
            voice=self.voice,
            hearing=Hearing(self.events.append, lambda: self.now, self._spawn),
            on_over=self._count,
            incoming=incoming,
        )
        self.leg.keys.call = call
        if isinstance(call, ScriptedCall):
            call.leg = self.leg

    def up(self, media: Media) -> None:
        """The far end answers, and its audio comes."""
        self.call.media = media
        self.leg.state_changed("up")
        self.hear()

    def hear(self) -> None:
        """Audio of the far end comes."""
        self.leg.push(np.zeros(160, np.int16), RATE, self.now, jump=False)

    async def run(self, seconds: float) -> None:
        """Let packets go out."""
        for _ in range(round(seconds / SLOT_SECONDS)):
            self.now += SLOT_SECONDS
            frame = self.leg.pull(160, RATE, self.now)
            self.tones += "T" if abs(frame).max() > 1000 else "."
            if self.call.events_enabled and self.call.media is not None and self.call.media.event_payload_type:
                char = self.leg.keys.slot(self.now).char
                if char is not None and char != self._last:
                    self.keys += char
                self._last = char
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def _spawn(self, job: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(job)

    def _count(self) -> None:
        self.over += 1


class Loud:
    """A sound card whose microphone hears a faint hiss."""

    def __init__(self) -> None:
        self.rings: list[Ring | None] = []

    def play(self, pcm: Pcm, rate: int) -> None:
        pass

    def capture(self, samples: int, rate: int) -> Pcm:
        return np.full(samples, 100, np.int16)

    def key_down(self, char: str) -> None:
        pass

    def key_up(self) -> None:
        pass

    def ring(self, ring: Ring | None) -> None:
        self.rings.append(ring)
