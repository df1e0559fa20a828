"""What a detector said, in the form in which all of them are scored."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from detection.recording import Samples
from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitStarted

CHUNK = 1 << 19
FRAME = 160


@dataclass(frozen=True, slots=True)
class Heard:
    """One digit."""

    key: str
    reported: float | None
    """Seconds of audio that it took to say so; None if a detector gives no times."""
    onset: float | None = None
    ended: DigitEnded | None = None
    """What our detector measured."""


class Ear(Protocol):
    """A detector: takes a recording at 8 kHz, gives its digits in order."""

    name: str

    def __call__(self, samples: Samples) -> list[Heard]: ...


class Ours:
    """dtmfphone, fed whole recordings in pieces of so many samples: large ones, or the frames of a live call."""

    def __init__(self, chunk: int = CHUNK) -> None:
        self.name = "dtmfphone" if chunk > FRAME else "dtmfphone, 20 ms"
        self._chunk = chunk

    def __call__(self, samples: Samples) -> list[Heard]:
        events = list(self._events(samples))
        ended = {(event.key, event.onset): event for event in events if isinstance(event, DigitEnded)}
        return [
            Heard(event.key, event.reported, event.onset, ended.get((event.key, event.onset)))
            for event in events
            if isinstance(event, DigitStarted) and not event.tentative
        ]

    def _events(self, samples: Samples) -> Iterator[DetectorEvent]:
        detector = Detector()
        for start in range(0, len(samples), self._chunk):
            yield from detector.feed(samples[start : start + self._chunk])
        yield from detector.reset()


def in_frames(reported: float) -> float:
    """Return when a live call in 20 ms frames has what needs this many seconds of audio."""
    return float(np.ceil(round(reported / 0.02, 6)) * 0.02)
