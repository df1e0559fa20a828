"""Judging a run of good frames: where the sound begins and ends, what its tones are, and whether it is a key."""

from typing import Final, NamedTuple

import numpy as np

from dtmfphone.dtmf.fit import Signal, TwoTones, edge, fit_two_tones, longest_pause, longest_sound, resumption, tones_at
from dtmfphone.dtmf.frames import HOP
from dtmfphone.dtmf.keys import KEYS
from dtmfphone.dtmf.levels import amplitude_of, dbm0_of
from dtmfphone.dtmf.run import Run
from dtmfphone.dtmf.talk_off import BEFORE, Evidence, gather
from dtmfphone.dtmf.timing import EMPTY, FILLED, MS, SHORTEST, SHORTEST_FIT, TRIM, Part

GOOD_FRAMES: Final = 4
"""A sound of 40 ms has as many, wherever the frames lie."""
MAX_BEFORE: Final = 1.3
"""A key begins: at some moment before, its tones had less than this part of their power."""
FRAME_ERROR: Final = 0.003
"""Fraction of the frequency that the frames of a run are off by."""
TWIST_DB: Final = (-10.0, 6.5)
"""Q.24 asks for -8 to +4 dB; an echo 10 dB down shifts it by up to 2.4 dB."""
DEVIATION: Final = 0.022
"""Q.24's widest must-work limit is 1.5 % + 4 Hz, its narrowest must-not limit 3 %."""
WEAKEST_DBM0: Final = -45.0
GAP: Final = 15 * MS
"""A longer silence parts two sounds: Q.24 has 10 ms within a key bridged."""
LONGEST_FIT: Final = 60 * MS
QUICK: Final = 0.05
"""Hz to which a fit is driven when it only serves a decision."""


class Candidate(NamedTuple):
    """A sound that may be a key."""

    onset: int
    """Sample."""
    tones: TwoTones
    x: Signal
    """What the tones were fitted to."""
    evidence: Evidence


def examine(run: Run, part: Part, hop: int) -> Candidate | None:
    """Measure a run when `hop` has been heard; None if it is none of a key's sounds whatever is beside the tones."""
    key = KEYS[run.key]
    full = run.full_frames()
    _, low_off, high_off = full.mean(axis=0)
    off = max(abs(low_off) / key.low_hz, abs(high_off) / key.high_hz)
    if run.before > MAX_BEFORE or off > DEVIATION + FRAME_ERROR:
        return None
    start, now = (run.first + 1) * HOP - FILLED, (hop + 1) * HOP
    stop = (run.last + 1) * HOP - EMPTY if len(run.frames) >= GOOD_FRAMES else now
    sound = _sound(part, start, stop)
    if sound is None:
        return None
    x, first = sound
    tones = tones_at(x, key.low_hz + low_off, key.high_hz + high_off)
    onset = _edge(part, tones, first, start - 20 * MS, start + 10 * MS, rising=True)
    end = _edge(part, tones, first, max(first + len(x) // 2, onset), min(now, stop + 15 * MS), rising=False)
    heard = end - onset
    if heard < SHORTEST:  # a gap may part it
        after = _resumption(part, tones, first, end, min(now, end + SHORTEST))
        if after is not None and after[0] - end <= GAP:
            heard, end = heard + after[1] - after[0], after[1]
        earlier = _resumption(part, tones, first, onset - SHORTEST, onset)
        if earlier is not None and onset - earlier[1] <= GAP:
            heard, onset = heard + earlier[1] - earlier[0], earlier[0]
    if heard < SHORTEST or (sound := _sound(part, onset + TRIM, end - TRIM)) is None:
        return None
    x, first = sound
    if end - onset - len(x) > 3 * TRIM and longest_pause(part(onset, end), tones) > GAP:
        # A sound of its own behind, or before, another one.
        if len(x) < SHORTEST:
            return None
        onset = first
    tones = fit_two_tones(x, key.low_hz, key.high_hz, (tones.low_hz, tones.high_hz), QUICK)
    if not within_limits(tones, run.key):
        return None
    spread = full[:, 1:].std(axis=0) if len(full) > 1 else np.full(2, np.inf)
    before = part(onset - 3 * MS - max(BEFORE, len(x)), onset - 3 * MS)
    return Candidate(onset, tones, x, gather(x, tones, key, before, (float(spread[0]), float(spread[1]))))


def within_limits(tones: TwoTones, char: str) -> bool:
    """Say whether fitted tones keep the limits of frequency, level and twist."""
    if min(tones.low_amplitude, tones.high_amplitude) <= amplitude_of(WEAKEST_DBM0):
        return False
    key = KEYS[char]
    twist = dbm0_of(tones.high_amplitude) - dbm0_of(tones.low_amplitude)
    off = max(abs(tones.low_hz / key.low_hz - 1), abs(tones.high_hz / key.high_hz - 1))
    return off <= DEVIATION and TWIST_DB[0] <= twist <= TWIST_DB[1]


def _sound(part: Part, start: int, stop: int) -> tuple[Signal, int] | None:
    """Return the longest sound between two samples and its first sample; None if it is too short to be measured."""
    x = part(start, stop)
    first, last = longest_sound(x)
    if last - first < SHORTEST_FIT:  # the beat of a dial tone is silent again and again
        first, last = 0, len(x)
    last = min(last, first + LONGEST_FIT)
    return (x[first:last], start + first) if last - first >= SHORTEST_FIT else None


def _resumption(part: Part, tones: TwoTones, first: int, start: int, stop: int) -> tuple[int, int] | None:
    """Return between which samples of a stretch tones fitted from sample `first` on sound, if they do."""
    x = part(start, stop)
    found = resumption(x, tones.at(start - first, start - first + len(x)))
    return (start + found[0], start + found[1]) if found is not None else None


def _edge(part: Part, tones: TwoTones, first: int, start: int, stop: int, *, rising: bool) -> int:
    """Return where tones fitted from sample `first` on most likely begin (or end) between two samples."""
    return start + edge(part(start, stop), tones.at(start - first, stop - first), rising=rising)
