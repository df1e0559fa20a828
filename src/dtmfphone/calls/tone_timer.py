"""Timing of tones and of the gaps between them, counted in outgoing packets, so that it is exact under any load."""

import math
from dataclasses import dataclass
from typing import Final

from dtmfphone.calls.media import SLOT_SECONDS

MIN_TONE_MS: Final = 40
MAX_TONE_MS: Final = 6000
MIN_GAP_MS: Final = 30
MAX_GAP_MS: Final = 6000
"""Limits of the W3C's insertDTMF."""


@dataclass(frozen=True)
class Slot:
    """What sounds in one outgoing packet."""

    char: str | None
    """`0-9 * # A-D`, or None: no tone."""
    last: bool
    """The tone ends with this slot; False also where a held key's end is not known yet."""


SILENT: Final = Slot(None, last=False)


def slots(seconds: float) -> int:
    """Return how many packets cover a time: durations may grow by less than one packet and never shrink."""
    return math.ceil(round(seconds / SLOT_SECONDS, 6))


def tone_slots(milliseconds: float) -> int:
    """Return the packets of a tone, within the limits."""
    return slots(min(max(milliseconds, MIN_TONE_MS), MAX_TONE_MS) / 1000)


def gap_slots(milliseconds: float) -> int:
    """Return the packets of a gap, within the limits."""
    return slots(min(max(milliseconds, MIN_GAP_MS), MAX_GAP_MS) / 1000)


class ToneTimer:
    """Plays one tone, or holds one, and keeps the gap after it; all lengths in slots."""

    def __init__(self) -> None:
        self._char: str | None = None
        self._tone = 0
        """Slots still to sound."""
        self._least = 0
        """Of these, slots that sound even after a release."""
        self._gap = 0
        """Slots of silence still to keep."""

    @property
    def char(self) -> str | None:
        """The tone that goes on in the next slot."""
        return self._char if self._tone else None

    @property
    def busy(self) -> bool:
        """Whether a tone or a gap goes on in the next slot."""
        return self._tone + self._gap > 0

    def play(self, char: str, tone: int, gap: int) -> None:
        """Begin a tone of known length with the next slot."""
        self.hold(char, tone, tone, gap)

    def hold(self, char: str, least: int, most: int, gap: int) -> None:
        """Begin a tone that lasts until `release`, within limits."""
        self._char, self._least, self._tone, self._gap = char, least, most, gap

    def pause(self, gap: int) -> None:
        """Begin silence with the next slot."""
        self._tone, self._gap = 0, gap

    def release(self) -> None:
        """End the tone as soon as it has lasted for its least length."""
        self._tone = min(self._tone, self._least)

    def cut(self) -> None:
        """End the tone at once."""
        self._tone = self._least = 0

    def slot(self) -> Slot:
        """Return what sounds in this slot; exactly once per outgoing packet."""
        if self._tone:
            self._tone -= 1
            self._least = max(0, self._least - 1)
            return Slot(self._char, last=self._tone == 0)
        if self._gap:
            self._gap -= 1
        return SILENT
