"""A piece of audio with what is in it: the unit that detectors are given and judged on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detection.tone_pair import RATE, TonePair

Samples = NDArray[np.int16]
"""Mono audio at 8 kHz, shape (n,)."""
Kind = Literal["accept", "reject", "beyond", "talk-off", "measure"]
"""Must be heard exactly once; must not be heard; a receiver may fail, the figure counts; holds no digit at all;
is there to be measured."""


@dataclass(frozen=True, slots=True)
class Label:
    """One burst in a recording."""

    key: str
    """The key, or the nearest thing to one for a burst that is none: not judged there."""
    onset: float
    """Seconds from the beginning of the recording to half amplitude."""
    pair: TonePair
    snr_db: float | None = None
    """Power of both tones over that of the white noise between 0 and 4 kHz; None where there is none."""

    @property
    def end(self) -> float:
        return self.onset + self.pair.duration


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio at 8 kHz and its bursts in order of time; whether they are digits is the group's matter."""

    samples: Samples
    labels: tuple[Label, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


@dataclass(frozen=True, slots=True)
class Group:
    """Recordings of one kind of difficulty."""

    name: str
    kind: Kind
    size: float
    """Bursts, or seconds for talk-off, in a run of full size."""
    make: Callable[[np.random.Generator, float], Iterator[Recording]]
    """Makes this many bursts or seconds."""
    target: float | Literal["best peer"] | None = None
    """Per cent of bursts to be heard exactly once, where `kind` does not say."""
