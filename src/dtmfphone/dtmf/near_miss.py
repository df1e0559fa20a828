"""Bursts that were almost a digit: what they were, and why they are none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.digits import DigitRejected, Reason
from dtmfphone.dtmf.fit import TwoTones, edge, fit_two_tones, longest_sound
from dtmfphone.dtmf.frames import BLOCK, FRAME, HOP, RATE, Frames
from dtmfphone.dtmf.judge import DEVIATION, GOOD_FRAMES, TWIST_DB, WEAKEST_DBM0
from dtmfphone.dtmf.keys import KEYS, LAYOUT, Key
from dtmfphone.dtmf.levels import amplitude_of, dbm0_of
from dtmfphone.dtmf.talk_off import BEFORE, Evidence, gather
from dtmfphone.dtmf.timing import MS, SHORTEST, SHORTEST_FIT, TRIM, Part

NEAR_SHARE: Final = 0.4
"""Share of a frame in which 10 ms of two tones lie."""
NEAR_TWIST: Final = 10.0
"""Ratio of the amplitudes, 20 dB."""
NEAR_AMPLITUDE: Final = amplitude_of(-62.0)
BRIDGED: Final = 5
"""Hops without such a frame within one burst."""
SETTLED: Final = 12
"""Hops after its last frame, it is certain whether a burst was a digit."""
REMEMBERED: Final = 100
"""Hops for which a digit is remembered."""
LONGEST: Final = 40
"""Hops after which a burst that goes on is looked at; its end is then known to a hop."""
OVER: Final = 10 * MS
"""What the last such frame reaches beyond the end, give or take a hop."""
AFTER: Final = 6 * MS
"""How far behind the sound its end is looked for."""
LEAST: Final = 8 * MS
"""A shorter burst is a click."""
CLEAN_SHARE: Final = 0.9
CLEAN_REST: Final = 0.04
"""Power of all else in either band beside, by that of the tones: with more, a sound is like a digit by chance only."""
FLAT: Final = 0.3
"""Least flatness of noise."""
FRAME_REST: Final = 0.3
"""The same in a frame, where the edges of a short burst are heard too."""
STEADY: Final = 0.1
"""Power before a burst by its own: it began."""


@dataclass(slots=True)
class _Burst:
    keys: Counter[str]
    """How many frames are nearest to which key."""
    first: int
    last: int
    before: float
    rest: float
    """Power beside the band by that of the tones, in the frame that has least of it."""
    good: int = 0
    """Frames that are good enough for a digit."""
    examined: bool = False
    found: DigitRejected | None = None


class NearMisses:
    """Follows frames that hold two tones in the neighbourhood of a key's, and reports those that became no digit."""

    def __init__(self) -> None:
        self._burst: _Burst | None = None
        self._settling: list[_Burst] = []
        self._digits: list[tuple[int, int]] = []
        """First and last hop of the digits that sounded lately."""

    def digit(self, first: int, last: int) -> None:
        """A digit sounded between two hops."""
        self._digits.append((first, last))

    def take(self, hop: int, key: str, before: float, rest: float, part: Part, *, good: bool) -> None:
        """Take a frame that `near` chose, with what `_Burst` keeps of it."""
        burst = self._burst
        if burst is None or hop > burst.last + BRIDGED + 1:
            self.close()
            burst = self._burst = _Burst(Counter(), hop, hop, before, rest)
        burst.keys[key] += 1
        burst.last = hop
        burst.rest = min(burst.rest, rest)
        burst.good += good
        if not burst.examined and hop - burst.first >= LONGEST:
            burst.found, burst.examined = _examine(burst, part, (hop + 1) * HOP), True

    def close(self) -> None:
        """Nothing more belongs to the burst under way."""
        if self._burst is not None:
            self._settling.append(self._burst)
            self._burst = None

    def settled(self, hop: int, part: Part, origin: int, sounding: tuple[int, int] | None) -> Iterator[DigitRejected]:
        """Report the bursts that are decided when `hop` has been heard.

        `origin` is the number of sample 0, `sounding` the first and last hop of a digit under way.
        """
        if self._burst is not None and hop > self._burst.last + BRIDGED + 1:
            self.close()
        while self._settling and hop > self._settling[0].last + SETTLED:
            burst = self._settling.pop(0)
            self._digits = [digit for digit in self._digits if digit[1] + REMEMBERED > burst.first]
            digits = [*self._digits, sounding] if sounding else self._digits
            if not any(first <= burst.last and burst.first <= last + 3 for first, last in digits):
                found = burst.found
                if not burst.examined:
                    found = _examine(burst, part, (burst.last + SETTLED) * HOP)
                elif found is not None:
                    found = replace(found, duration=((burst.last + 1) * HOP - OVER) / RATE - found.onset)
                if found is not None:
                    heard = -(-(burst.last + SETTLED + 2) * HOP // BLOCK) * BLOCK
                    yield replace(found, onset=found.onset + origin / RATE, reported=(origin + heard) / RATE)


def near(frames: Frames) -> NDArray[np.bool_]:
    """Say which frames may hold a burst worth a word."""
    ratio = frames.high_amplitude / (frames.low_amplitude + 1e-12)
    return np.asarray(
        (frames.share > NEAR_SHARE)
        & (np.minimum(frames.low_amplitude, frames.high_amplitude) > NEAR_AMPLITUDE)
        & (ratio > 1 / NEAR_TWIST)
        & (ratio < NEAR_TWIST)
    )


def key_of_frame(frames: Frames, i: int) -> str:
    """Return the key whose nominal frequencies are nearest."""
    return LAYOUT[int(frames.low[i])][int(frames.high[i])]


def _examine(burst: _Burst, part: Part, now: int) -> DigitRejected | None:
    """Measure a burst and name the fault; None if it is not worth a word. Its onset counts from sample 0.

    `now` is the number of samples heard.
    """
    if burst.good < GOOD_FRAMES and (burst.before > STEADY or burst.rest > FRAME_REST):
        return None
    start = (burst.first + 1) * HOP - FRAME
    x = part(start, (burst.last + 1) * HOP)
    first, last = longest_sound(x)
    if last - first < LEAST:
        return None
    trim = TRIM if last - first > SHORTEST_FIT else 0
    x, begin = x[first + trim : last - trim], start + first + trim
    # Far off, a tone may lie between two keys: the one whose tones take the most is meant.
    fits = {char: fit_two_tones(x, KEYS[char].low_hz, KEYS[char].high_hz) for char in sorted(burst.keys)}
    char = max(fits, key=lambda one: fits[one].power)
    key, tones = KEYS[char], fits[char]
    weaker, stronger = sorted((tones.low_amplitude, tones.high_amplitude))
    if weaker < NEAR_AMPLITUDE or stronger > NEAR_TWIST * weaker:
        return None  # one tone, and what it leaks
    onset, end = _edges(part, tones, begin, start, now)
    before = part(onset - 3 * MS - BEFORE, onset - 3 * MS)
    evidence = gather(x, tones, key, before, (0.0, 0.0))
    because = _reason(evidence, tones, key, burst.good, end - onset)
    if because is None:
        return None
    reason, detail = because
    rest = float(np.square(tones.residual(x)).sum()) / max(len(x) - 7, 1)
    return DigitRejected(
        key=char,
        onset=onset / RATE,
        duration=(end - onset) / RATE,
        reported=0.0,
        low_hz=tones.low_hz,
        high_hz=tones.high_hz,
        low_dbm0=dbm0_of(tones.low_amplitude),
        high_dbm0=dbm0_of(tones.high_amplitude),
        snr_db=10 * log10(tones.power / max(rest, 1e-12)),
        reason=reason,
        detail=detail,
    )


def _edges(part: Part, tones: TwoTones, begin: int, start: int, now: int) -> tuple[int, int]:
    """Return where tones fitted from sample `begin` on begin and end."""
    middle = begin + tones.length // 2
    onset = start + edge(part(start, middle), tones.at(start - begin, middle - begin), rising=True)
    stop = middle + len(heard := part(middle, min(begin + tones.length + AFTER, now)))
    return onset, middle + edge(heard, tones.at(middle - begin, stop - begin), rising=False)


def _reason(e: Evidence, tones: TwoTones, key: Key, good: int, length: int) -> tuple[Reason, str] | None:
    """Say why tones are no digit, or None if they are not worth a word; `good` frames were good enough for one."""
    low, high = dbm0_of(tones.low_amplitude), dbm0_of(tones.high_amplitude)
    weaker = min(low, high)
    off = ((name, hz / nominal - 1) for name, hz, nominal in (
        ("low", tones.low_hz, key.low_hz), ("high", tones.high_hz, key.high_hz)))  # fmt: skip
    name, farther = max(off, key=lambda item: abs(item[1]))
    quiet = max(e.low_rest, e.high_rest) < CLEAN_REST
    if quiet and e.share >= CLEAN_SHARE:
        if weaker <= WEAKEST_DBM0:
            return "too-weak", f"The weaker tone has {weaker:.1f} dBm0; the least is {WEAKEST_DBM0:.0f}."
        if not TWIST_DB[0] <= e.twist_db <= TWIST_DB[1]:
            return (
                "twist",
                f"The twist is {e.twist_db:+.1f} dB; the limits are {TWIST_DB[0]:+.0f} and {TWIST_DB[1]:+.1f}.",
            )
        if e.deviation > DEVIATION:
            return "frequency", f"The {name} tone is {100 * farther:+.1f} % off; the limit is {100 * DEVIATION:.1f} %."
        if length < SHORTEST:
            return "too-short", f"It lasted {length / MS:.1f} ms; the least is {SHORTEST / MS:.1f} ms."
    if good < GOOD_FRAMES or length < SHORTEST or e.deviation > DEVIATION:
        return None
    part = f"{100 * e.share:.0f} % of the power in the digits' band is the two tones"
    if quiet:
        return "codec", f"The tones waver, or others sound with them, as low-rate codecs make it: {part}."
    if e.flatness > FLAT:
        return "noise", f"Noise hides whether they are tones: {part}."
    return "speech", f"What sounds beside them is like speech or music: {part}."
