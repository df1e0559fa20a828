"""What is found in a recording: one detector per channel, findings in order of time."""

import heapq
import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from dtmfphone.cli.recording import Block
from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRejected, DigitStarted
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.engine.events import RecordedKey, RecordedRejection, RecordingEvent
from dtmfphone.engine.tone_facts import tone_facts, verdict_words

RATE: Final = 8000
FRAME_SECONDS: Final = 0.02
"""What a live call receives at once."""
LATEST: Final = 0.3
"""Seconds from the onset of a burst until the detector speaks of it, at most."""
TAIL: Final = 0.1
"""Seconds of silence after the end, in which the last digit ends."""


def examine(
    blocks: Iterable[Block], rate: int, channels: int, file: str, *, stream: bool = False, rejected: bool = False
) -> Iterator[RecordingEvent]:
    """Yield what is in the audio of a file, by start; with `stream` it is heard in the frames of a live call."""
    ears = [_Ear(file, channel, rate, rejected=rejected) for channel in range(channels)]
    held: list[tuple[float, int, int, RecordingEvent]] = []
    frame = round(rate * FRAME_SECONDS)
    found = 0
    for block in blocks:
        step = frame if stream else len(block)
        for start in range(0, len(block), step):
            part = block[start : start + step]
            for number, ear in enumerate(ears):
                for event in ear.feed(part[:, number]):
                    found += 1
                    heapq.heappush(held, (event.start, number, found, event))
            horizon = min(ear.horizon for ear in ears)
            while held and held[0][0] < horizon:
                yield heapq.heappop(held)[-1]
    for number, ear in enumerate(ears):
        for event in ear.finish():
            found += 1
            heapq.heappush(held, (event.start, number, found, event))
    while held:
        yield heapq.heappop(held)[-1]


class _Ear:
    """Hears one channel."""

    def __init__(self, file: str, channel: int, rate: int, *, rejected: bool) -> None:
        self._file = file
        self._channel = channel
        self._rate = rate
        self._detector = Detector(rejected=rejected)
        self._resampler = Resampler(rate, RATE)
        self._delay = self._resampler.delay_seconds
        self._sounding: DigitStarted | None = None

    @property
    def horizon(self) -> float:
        """No finding to come starts before this."""
        latest = self._detector.clock - LATEST
        return (min(latest, self._sounding.onset) if self._sounding is not None else latest) - self._delay

    def feed(self, pcm: Pcm) -> Iterator[RecordingEvent]:
        """Take samples and yield what ended in them."""
        return self._report(self._detector.feed(pcm if self._resampler.identity else self._resampler.process(pcm)))

    def finish(self) -> Iterator[RecordingEvent]:
        """Yield what sounds at the end."""
        yield from self.feed(np.zeros(round((self._delay + TAIL) * self._rate), np.int16))
        yield from self._report(self._detector.reset())

    def _report(self, events: list[DetectorEvent]) -> Iterator[RecordingEvent]:
        for event in events:
            match event:
                case DigitStarted():
                    self._sounding = event
                case DigitEnded():
                    assert self._sounding is not None
                    reported, self._sounding = self._sounding.reported, None
                    yield RecordedKey(
                        **self._common(event, reported), **tone_facts(event), verdicts=verdict_words(event)
                    )
                case DigitRejected():
                    yield RecordedRejection(
                        **self._common(event, event.reported),
                        **tone_facts(event),
                        reason=event.reason,
                        detail=event.detail,
                    )

    def _common(self, event: DigitEnded | DigitRejected, reported: float) -> dict[str, Any]:
        return {
            "t": round(event.reported, 6),
            "file": self._file,
            "channel": self._channel,
            "direction": "received",
            "key": event.key,
            "method": "inband",
            "start": round(event.onset - self._delay, 6),
            "duration": round(event.duration, 6),
            "reported": round(math.ceil(reported / FRAME_SECONDS - 1e-6) * FRAME_SECONDS, 6),
        }
