"""Where utterances begin and end in the audio of a call: energy over an adaptive noise floor, keys left out."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from dtmfphone.dtmf.activity import BLOCK_SECONDS, Activity
from dtmfphone.dtmf.levels import Pcm

RATE: Final = 16000
BLOCK: Final = round(RATE * BLOCK_SECONDS)
WORD_HANG_SECONDS: Final = 0.5
"""Quiet that ends an utterance where one phrase is awaited."""
DIGITS_HANG_SECONDS: Final = 0.8
"""The same for strings of digits, which are spoken in groups; "double ... five" must not be cut."""
SHORTEST_SECONDS: Final = 0.1
"""Speech, pauses not counted, before an utterance begins: a click is none."""
SHORTEST_WITHIN: Final = 0.3
"""Seconds within which that much must be heard."""
LONGEST_SECONDS: Final = 20.0
"""An utterance is over then, and another one may begin."""
AROUND_SECONDS: Final = 0.25
"""Quiet audio that is kept before an utterance and behind it: soft sounds begin and end words."""
AROUND_BLOCKS: Final = round(AROUND_SECONDS / BLOCK_SECONDS)
RINGING_SECONDS: Final = 0.06
"""How long a key's tone rings in what follows it."""


@dataclass(frozen=True)
class SpeechBegan:
    """Somebody talks: said at `t`, since `start`."""

    t: float
    start: float


@dataclass(frozen=True)
class SpeechEnded:
    """An utterance is over: said at `t`, spoken from `start` to `end`."""

    t: float
    start: float
    end: float
    pcm: Pcm
    """Mono int16 at 16 kHz with some quiet around it; empty: it was nothing but a key's tone."""


SpeechEvent = SpeechBegan | SpeechEnded


@dataclass(frozen=True)
class _Block:
    pcm: Pcm
    end: float
    loud: bool


class EndPointer:
    """Cuts utterances out of 16 kHz audio; times are the caller's seconds."""

    def __init__(self, hang_seconds: float = WORD_HANG_SECONDS) -> None:
        self.hang_seconds = hang_seconds
        """Quiet that ends an utterance; may be changed at any time."""
        self.speaking = False
        """Whether an utterance has begun."""
        self._activity = Activity(RATE, hang_seconds=0.0, smoothing=1.0, begins_quiet=False)
        self._pending = np.zeros(0, np.int16)
        self._blocks: deque[_Block] = deque()
        """From `AROUND_SECONDS` before the first sound on; without a sound, no more than that."""
        self._start: float | None = None
        """Of the first sound."""
        self._end = 0.0
        """Of the last one."""
        self._key = False
        self._deaf_until = 0.0

    def feed(self, pcm: Pcm, t: float) -> list[SpeechEvent]:
        """Take int16 samples of shape (n,); `t` is the time when the last of them ends."""
        x = np.concatenate([self._pending, pcm])
        begin = t - len(x) / RATE
        count = len(x) // BLOCK
        self._pending = x[count * BLOCK :].copy()
        events: list[SpeechEvent] = []
        for number in range(count):
            events += self._step(x[number * BLOCK : (number + 1) * BLOCK], begin + (number + 1) * BLOCK_SECONDS)
        return events

    def advance(self, t: float) -> list[SpeechEvent]:
        """It is `t`, and no audio came since the last `feed`: that counts as quiet."""
        if self._start is None or t - self._end < self.hang_seconds:
            return []
        return self._finish(t)

    def key_down(self, t: float, now: float) -> list[SpeechEvent]:
        """A key's tone began at `t`, as was found out `now`: what is heard since then is no speech."""
        self._key = True
        while self._blocks and self._blocks[-1].end > t - BLOCK_SECONDS:
            self._blocks.pop()
        self._end = max((block.end for block in self._blocks if block.loud), default=t)
        return self._finish(now)

    def key_up(self, t: float) -> None:
        """The key's tone ended at `t`."""
        self._key = False
        self._deaf_until = t + RINGING_SECONDS

    def reset(self) -> None:
        """Forget what was being said, without an event, and any key; the noise floor stays."""
        self._forget()
        self._key = False

    def _step(self, pcm: Pcm, t: float) -> list[SpeechEvent]:
        """Take one block, which ends at `t`."""
        if self._key or t - BLOCK_SECONDS < self._deaf_until:
            return []
        self._activity.feed(pcm, t)
        loud = self._activity.active
        self._blocks.append(_Block(pcm, t, loud))
        if loud:
            self._end = t
            if self._start is None:
                self._start = t - BLOCK_SECONDS
        if self._start is None:
            while len(self._blocks) > AROUND_BLOCKS:
                self._blocks.popleft()
            return []
        if not self.speaking:
            if self._loud_seconds() >= SHORTEST_SECONDS:
                self.speaking = True
                return [SpeechBegan(t, self._start)]
            if t - self._start > SHORTEST_WITHIN:
                self._start = None
            return []
        until = t + BLOCK_SECONDS / 2
        if until - self._end >= self.hang_seconds or until - self._start >= LONGEST_SECONDS:
            return self._finish(t)
        return []

    def _loud_seconds(self) -> float:
        start = self._start or 0.0
        return sum(block.loud and block.end > start for block in self._blocks) * BLOCK_SECONDS

    def _finish(self, t: float) -> list[SpeechEvent]:
        """Close the utterance, if one has begun; the quiet at its end is cut to `AROUND_SECONDS`."""
        events: list[SpeechEvent] = []
        if self.speaking and self._start is not None:
            last = self._end + (AROUND_BLOCKS + 0.5) * BLOCK_SECONDS
            parts = [block.pcm for block in self._blocks if block.end < last]
            spoken = self._loud_seconds() >= SHORTEST_SECONDS
            pcm = np.concatenate(parts) if spoken else np.zeros(0, np.int16)
            events = [SpeechEnded(t, self._start, self._end, pcm)]
        self._forget()
        return events

    def _forget(self) -> None:
        self._blocks.clear()
        self._start = None
        self.speaking = False
