"""What the analyzer shows: rows of levels, their history, the tone that sounds; numbers only, no widgets."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.dtmf.spectrum import FLOOR_DBM0, RATE, WINDOW, PeakHold, SpectrumAnalyzer
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import Direction

SPAN: Final = 10.0
"""Seconds of history."""
ROW_SECONDS: Final = 0.016
"""Time from one row to the next, whatever the frame rate."""
BAND: Final = (300.0, 3400.0)
"""The telephone band, Hz: what the history keeps."""
LOWEST_DBM0: Final = -110.0
STEP_DB: Final = 0.45
"""The history keeps one byte per level: LOWEST_DBM0 + STEP_DB * byte."""

_TONE_DBM0: Final = -55.0
_LEAD_DB: Final = 9.0
"""A tone's weaker peak stands at least this far above the next one; speech does not."""
_SINGLE_LEAD_DB: Final = 20.0
_SAME_TONE_HZ: Final = 12.0
_KEY_ROWS: Final = 2
_OTHER_ROWS: Final = 15
"""Rows for which a tone stays what it is: few for a key's pair, a quarter of a second for others, as vowels do not."""
_JUMP: Final = 0.05
"""Seconds by which the writer's clock may differ from the samples before it is believed at once."""

Levels = NDArray[np.float32]
"""dBm0 per bin, shape (bins,)."""
Bytes = NDArray[np.uint8]


class Peak(NamedTuple):
    """A local maximum of the spectrum, interpolated between bins."""

    hz: float
    dbm0: float


@dataclass(frozen=True)
class Reading:
    """One tone: its one or two peaks, lower frequency first, at the loudest moment so far."""

    peaks: tuple[Peak, ...]

    @property
    def twist_db(self) -> float | None:
        """High peak minus low peak, when there are two."""
        return self.peaks[1].dbm0 - self.peaks[0].dbm0 if len(self.peaks) == 2 else None

    @property
    def weakest_dbm0(self) -> float:
        """Level of the weaker peak."""
        return min(peak.dbm0 for peak in self.peaks)

    @property
    def key(self) -> str:
        """The DTMF key whose two frequencies lie within 3.5 % (what a receiver may accept, Q.24), or empty."""
        if len(self.peaks) == 2:
            for key in KEYS.values():
                if all(
                    abs(peak.hz / hz - 1) < 0.035
                    for peak, hz in zip(self.peaks, (key.low_hz, key.high_hz), strict=True)
                ):
                    return key.char
        return ""

    def is_same_tone(self, other: "Reading") -> bool:
        """Return whether the other reading has the same frequencies, within what a short window can tell."""
        return len(self.peaks) == len(other.peaks) and all(
            abs(a.hz - b.hz) < _SAME_TONE_HZ for a, b in zip(self.peaks, other.peaks, strict=True)
        )


def read_tone(levels: Levels, frequencies: NDArray[np.float64]) -> Reading | None:
    """Return the tone that stands out of one row of levels, or None for noise, speech and silence."""
    inner = levels[1:-1]
    places = np.flatnonzero((inner > levels[:-2]) & (inner >= levels[2:]) & (inner > _TONE_DBM0 - _SINGLE_LEAD_DB)) + 1
    if not places.size:
        return None
    ordered = places[np.argsort(levels[places])[::-1][:3]]
    heights = [float(level) for level in levels[ordered]] + [FLOOR_DBM0, FLOOR_DBM0]
    if heights[0] > _TONE_DBM0 and heights[0] - heights[1] > _SINGLE_LEAD_DB:
        count = 1
    elif heights[1] > _TONE_DBM0 and heights[1] - heights[2] > _LEAD_DB:
        count = 2
    else:
        return None
    return Reading(tuple(_interpolate(levels, frequencies, int(place)) for place in np.sort(ordered[:count])))


def _interpolate(levels: Levels, frequencies: NDArray[np.float64], place: int) -> Peak:
    left, top, right = (float(levels[place + d]) for d in (-1, 0, 1))
    curve = left - 2 * top + right
    shift = 0.5 * (left - right) / curve if curve < 0 else 0.0
    step = float(frequencies[1] - frequencies[0])
    return Peak(float(frequencies[place]) + shift * step, top - 0.25 * (left - right) * shift)


class History:
    """The newest rows as bytes, newest first; written twice so that what is shown is one contiguous slice."""

    def __init__(self, rows: int, bins: int) -> None:
        self.rows = rows
        self._image: Bytes = np.zeros((2 * rows, bins), np.uint8)
        self._top = 0

    def push(self, levels: NDArray[np.float32]) -> None:
        """Put rows of dBm0, oldest first, shape (n, bins), on top."""
        newest = levels[-self.rows :]
        for row in np.clip((newest - LOWEST_DBM0) / STEP_DB + 0.5, 0, 255).astype(np.uint8):
            self._top = (self._top - 1) % self.rows
            self._image[self._top] = row
            self._image[self._top + self.rows] = row

    def image(self) -> Bytes:
        """Return a view of all rows, newest first, shape (rows, bins)."""
        return self._image[self._top : self._top + self.rows]

    def clear(self) -> None:
        """Make every row empty."""
        self._image[:] = 0


class AnalyzerModel:
    """Follows one direction of a display ring: newest row, peak hold, history and tone."""

    def __init__(self, display: DisplayRing, direction: Direction = "received") -> None:
        self._display = display
        self._analyzer = SpectrumAnalyzer(ROW_SECONDS)
        frequencies = self._analyzer.frequencies
        self._band = slice(
            int(np.searchsorted(frequencies, BAND[0])) - 1, int(np.searchsorted(frequencies, BAND[1])) + 2
        )
        self.frequencies: NDArray[np.float64] = frequencies[self._band].astype(np.float64)
        """Frequency of each bin in Hz; a little more than BAND."""
        self.history = History(round(SPAN / ROW_SECONDS), len(self.frequencies))
        self._hold = PeakHold(ROW_SECONDS)
        self._first: dict[Direction, int] = {"sent": 0, "received": 0}
        self.direction: Direction = direction
        self.paused = False
        self._start()

    def _start(self) -> None:
        self._analyzer.reset()
        self._hold.reset()
        self.history.clear()
        self.live: Levels = np.full(len(self.frequencies), FLOOR_DBM0, np.float32)
        """The newest row."""
        self.held: Levels = self.live
        """Highest levels of late, falling slowly."""
        self.reading: Reading | None = None
        """The tone that sounds, or sounded last."""
        self._steady: list[Reading] = []
        self.sounding = False
        """Whether `reading` sounds in the newest row."""
        self.now: float | None = None
        """Session time of the newest row (the middle of its 64 ms window), seconds; None before the first."""
        self._clock: float | None = None
        self._next = self._first[self.direction]
        self._fed = self._next

    def select(self, direction: Direction) -> None:
        """Show the other direction, with what the ring still holds of it."""
        self.direction = direction
        self._start()
        self._pull()

    def clear(self) -> None:
        """Forget what was shown, in both directions."""
        for direction in self._first:
            self._first[direction] = self._display.written(direction)
        self._start()

    def pull(self) -> bool:
        """Analyse what is new; return whether anything is. While paused nothing is, and the ring waits 16 s."""
        return not self.paused and self._pull()

    def _pull(self) -> bool:
        excerpt = self._display.read(self.direction, self._next)
        if not excerpt.pcm.size:
            return False
        self._next = excerpt.next_index
        enough = round(SPAN * RATE) + WINDOW
        if excerpt.skipped or excerpt.pcm.size > enough:
            self._analyzer.reset()
            self._fed = excerpt.next_index - min(excerpt.pcm.size, enough)
        rows = self._analyzer.feed(excerpt.pcm[-enough:])
        clock = self._set_clock(excerpt.t - excerpt.next_index / RATE)
        if not len(rows):
            return False
        self._fed += len(rows) * round(ROW_SECONDS * RATE)
        self.now = (self._fed - WINDOW / 2) / RATE + clock
        self.held = self._hold.feed(rows)[self._band]
        in_band = rows[:, self._band]
        self.history.push(in_band)
        self.live = in_band[-1]
        for row in in_band[-self.history.rows :]:
            self._follow_tone(row)
        return True

    def _set_clock(self, clock: float) -> float:
        """Smooth the difference between session time and sample count: writers are a few milliseconds early or late."""
        if self._clock is None or abs(clock - self._clock) > _JUMP:
            self._clock = clock
        else:
            self._clock += 0.05 * (clock - self._clock)
        return self._clock

    def _follow_tone(self, row: Levels) -> None:
        reading = read_tone(row, self.frequencies)
        if reading is None:
            self._steady, self.sounding = [], False
            return
        if not self._steady or not self._steady[0].is_same_tone(reading):
            self._steady = []
        self._steady = [*self._steady, reading][:_OTHER_ROWS]
        was_sounding, self.sounding = self.sounding, len(self._steady) >= (_KEY_ROWS if reading.key else _OTHER_ROWS)
        if self.sounding:
            known = [self.reading] if was_sounding and self.reading is not None else []
            heard = [one for one in (*known, *self._steady, reading) if one.is_same_tone(reading)]
            self.reading = max(heard, key=lambda one: one.weakest_dbm0)

    def level_at(self, t: float, hz: float) -> float | None:
        """Return the level in dBm0 at a session time and frequency, or None outside the history."""
        if self.now is None:
            return None
        row = round((self.now - t) / ROW_SECONDS)
        column = int(np.argmin(np.abs(self.frequencies - hz)))
        if not 0 <= row < self.history.rows:
            return None
        return LOWEST_DBM0 + STEP_DB * float(self.history.image()[row, column])
