"""In-band DTMF detection on 8 kHz audio as it arrives, after ITU-T Q.24.

blocks -> gate -> frames -> runs of good frames -> judge (fit, talk-off) -> sounding key -> measurements
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRejected, DigitRetracted, DigitStarted
from dtmfphone.dtmf.frames import (
    BLOCK,
    CONTEXT,
    DIGITS,
    HOP,
    NEAR_DIGITS,
    POWERS,
    RATE,
    Frames,
    analyse,
    gate,
    powers_of,
    some,
)
from dtmfphone.dtmf.judge import GOOD_FRAMES, TWIST_DB, WEAKEST_DBM0, Candidate, examine
from dtmfphone.dtmf.keys import HIGH_HZ, LOW_HZ
from dtmfphone.dtmf.levels import Samples, amplitude_of, to_float
from dtmfphone.dtmf.near_miss import NearMisses, key_of_frame, near
from dtmfphone.dtmf.plausible import plausible
from dtmfphone.dtmf.run import Run
from dtmfphone.dtmf.sounding import BRIDGED_HOPS, Sounding
from dtmfphone.dtmf.talk_off import HOPELESS, is_key, score
from dtmfphone.dtmf.timing import EMPTY, FADE, FILLED, MS

GOOD_SHARE: Final = 0.56
"""A frame with this share may be good: at -2 dB SNR the tones have 0.67."""
FRAME_DEVIATION: Final = 0.033
"""Wider than the limit, as noise moves single frames."""
TENTATIVE_BEFORE: Final = 0.25
"""A key is announced at its first good frame if it began: its tones had less than this part of their power before."""
EARLY_FRAMES: Final = (2, 3)
"""Good frames at which a possible key is judged if the last one has EARLY_SHARE: 24.5 ms of a pure tone do ..."""
EARLY_SHARE: Final = 0.88
TRIES: Final = (4, 5, 6, 8, 12)
"""... and at which any is. It is judged once more when it has ended."""
LEAST_FRAMES: Final = 3
"""What had fewer when it ended is none: 15 ms, a gap of 10 ms and 15 ms have as many."""
BRIDGED_BEFORE: Final = 4
"""Hops without a good frame within a key that is not confirmed yet: a gap of 10 ms makes no more."""
RUN_HOPS: Final = 30
"""A possible key is given up after this many."""
LOOK_BACK: Final = 20
"""Blocks whose powers are kept."""
HISTORY: Final = 400 * MS
BATCH: Final = 4096 * BLOCK
"""Samples at once, to bound the memory."""


class Detector:
    """Streaming in-band detector: the same keys and times whatever the chunk sizes; state is 0.4 s of audio.

    With `tentative`, a key is also announced as soon as two tones are seen, about 20 ms after its onset.
    With `rejected`, bursts that were almost a digit are told with the reason.
    """

    _audio: Samples
    """HISTORY samples up to the next hop and what is short of a block; while a batch is processed up to its end."""

    def __init__(self, *, tentative: bool = False, rejected: bool = False) -> None:
        self._tentative = tentative
        self._rejected = rejected
        self._last_end: int | None = None
        """Sample since the first one fed at which the last digit ended."""
        self._restart(0)

    @property
    def clock(self) -> float:
        """Seconds of audio fed."""
        return (self._origin + self._hop * HOP + len(self._audio) - HISTORY) / RATE

    def feed(self, pcm: NDArray[np.generic]) -> list[DetectorEvent]:
        """Take int16 or ±1.0 samples of shape (n,) and return what they show, in order."""
        x = np.empty(len(self._audio) + pcm.size, dtype=np.float32)
        x[: len(self._audio)] = self._audio
        to_float(pcm, x[len(self._audio) :])
        whole = (len(x) - HISTORY) // BLOCK * BLOCK
        events: list[DetectorEvent] = []
        for start in range(0, whole, BATCH):
            events += self._process(x[start : HISTORY + min(start + BATCH, whole)])
        self._audio = x[whole:].copy()
        self._audio_start = self._hop * HOP - HISTORY
        return events

    def skip(self, seconds: float) -> list[DetectorEvent]:
        """Go on after missing audio, taken as silence: a key that goes on after up to 20 ms is one key."""
        samples = round(seconds * RATE)
        silence = min(samples, HISTORY)
        events = self.feed(np.zeros(silence, dtype=np.float32))
        rest = (samples - silence) // BLOCK * BLOCK
        self._hop += rest // HOP
        self._audio_start += rest
        return events + self.feed(np.zeros(samples - silence - rest, dtype=np.float32))

    def reset(self) -> list[DetectorEvent]:
        """Begin anew where the audio is another: end what sounds, keep no context; the clock goes on."""
        events: list[DetectorEvent] = []
        if self._run is not None:
            events += self._drop_run(self._hop - 1)
        if self._digit is not None:
            events.append(self._end_digit(self._hop - 1))
        events += self._report_misses(self._hop + 2 * HISTORY // HOP)
        self._restart(round(self.clock * RATE))
        return events

    def _restart(self, origin: int) -> None:
        self._origin = origin
        """Sample number of hop 0."""
        self._hop = 0
        """Number of the next hop, even."""
        self._audio = np.zeros(HISTORY, dtype=np.float32)
        self._audio_start = -HISTORY
        """Number of its first sample, counted from hop 0."""
        self._powers: Samples = np.zeros((POWERS, LOOK_BACK), dtype=np.float32)
        """Of the blocks of a batch and of LOOK_BACK ahead of it."""
        self._open = False
        """Whether the gate was open for the two blocks before."""
        self._open_near = False
        """Whether it was for what is almost a digit."""
        self._misses = NearMisses() if self._rejected else None
        self._run: Run | None = None
        self._digit: Sounding | None = None

    def _process(self, audio: Samples) -> list[DetectorEvent]:
        """Take whole blocks, with HISTORY samples ahead of them."""
        self._audio = audio
        self._audio_start = self._hop * HOP - HISTORY
        self._powers = np.concatenate([self._powers[:, -LOOK_BACK:], powers_of(audio[HISTORY:])], axis=1)
        blocks = self._powers[:, LOOK_BACK - 1 :]
        opened = gate(blocks, DIGITS if self._misses is None else NEAR_DIGITS)
        looked_at, self._open_near = _hops_of(opened, self._open_near)
        if self._misses is not None and opened.any():
            opened = gate(blocks)  # what passes here passes there
        wanted, self._open = _hops_of(opened, self._open)
        events: list[DetectorEvent] = []
        hops = np.flatnonzero(looked_at)
        if len(hops):
            frames = analyse(audio[HISTORY - CONTEXT :], hops)
            good = good_frames(frames) & wanted[hops]
            for i in _followed(frames, good):
                events += self._take(frames, i)
            if self._misses is not None:
                for i in np.flatnonzero(near(frames)).tolist():
                    hop = self._hop + int(hops[i])
                    events += self._report_misses(hop)
                    before = self._power_before(frames, i)
                    rest = float(frames.low_rest[i] + frames.high_rest[i])
                    self._misses.take(hop, key_of_frame(frames, i), before, rest, self._part, good=bool(good[i]))
        self._hop += len(wanted)
        events += self._expire(self._hop - 1)
        events += self._report_misses(self._hop - 1)
        return sorted(events, key=lambda event: event.reported)

    def _report_misses(self, hop: int) -> list[DigitRejected]:
        """Tell of the bursts that turned out to be no digits."""
        if self._misses is None:
            return []
        sounding = (self._digit.onset // HOP, self._digit.last) if self._digit is not None else None
        return list(self._misses.settled(hop, self._part, self._origin, sounding))

    def _take(self, frames: Frames, i: int) -> Iterator[DetectorEvent]:
        """Take a good frame."""
        hop = self._hop + int(frames.hop[i])
        key = key_of_frame(frames, i)
        amplitude = float(np.hypot(frames.low_amplitude[i], frames.high_amplitude[i]))
        yield from self._expire(hop)
        digit, run = self._digit, self._run
        if digit is not None and digit.key == key:
            if amplitude < FADE * digit.amplitude:
                return
            if not digit.paused(hop, self._part):
                digit.go_on(hop, amplitude, self._part)
                return
            yield self._end_digit(hop)
        if run is not None and (run.key != key or run.amplitude < FADE * amplitude):
            yield from self._drop_run(hop)
            run = None
        if run is None:
            run = self._run = Run(key, hop, hop, amplitude, self._power_before(frames, i))
        if amplitude < FADE * run.amplitude:
            return
        share = float(frames.share[i])
        run.add(hop, amplitude, float(frames.low_deviation[i]), float(frames.high_deviation[i]))
        count = len(run.frames)
        if self._tentative and count == 1 and run.before < TENTATIVE_BEFORE:
            run.tentative = True
            yield DigitStarted(key, self._guess(run), self._heard(hop), tentative=True)
        if count in TRIES or (count in EARLY_FRAMES and share >= EARLY_SHARE):
            yield from self._judge(run, hop)

    def _power_before(self, frames: Frames, i: int) -> float:
        """Return what `Run.before` says, for a run that begins with a frame."""
        onset = (int(frames.hop[i]) + 1) * HOP - FILLED - 7 * MS
        last = LOOK_BACK + onset // BLOCK
        low, high = self._powers[[int(frames.low[i]), 4 + int(frames.high[i])], last - 3 : last]
        return float(np.maximum(low / frames.low_amplitude[i] ** 2, high / frames.high_amplitude[i] ** 2).min())

    def _expire(self, hop: int) -> Iterator[DetectorEvent]:
        """End what had no good frame for too long before this hop ended."""
        run = self._run
        if run is not None:
            due = min(run.last + BRIDGED_BEFORE + 1, run.first + RUN_HOPS)
            if hop > due:
                yield from self._drop_run(due + 1)
        digit = self._digit
        if digit is not None and hop > digit.last + BRIDGED_HOPS:
            yield self._end_digit(digit.last + BRIDGED_HOPS + 1)

    def _drop_run(self, hop: int) -> Iterator[DetectorEvent]:
        """Judge a possible key a last time, and give it up."""
        run = self._run
        assert run is not None
        if len(run.frames) >= LEAST_FRAMES:
            yield from self._judge(run, hop)
        if self._run is run:
            self._run = None
            if run.tentative:
                yield DigitRetracted(run.key, self._guess(run), self._heard(hop))

    def _judge(self, run: Run, hop: int) -> Iterator[DetectorEvent]:
        """Confirm a possible key, or go on listening."""
        if run.hopeless:
            return
        found = examine(run, self._part, hop)
        if found is None or not self._accepts(found, run):
            if found is not None and len(run.frames) >= GOOD_FRAMES:
                run.hopeless = score(found.evidence) < HOPELESS
            return
        if self._digit is not None:
            yield self._end_digit(hop)
        self._run = None
        noise = float(np.square(found.tones.residual(found.x)).mean())
        self._digit = Sounding(run.key, found.onset, run.last, run.amplitude, found.tones, noise)
        yield DigitStarted(run.key, self._time(found.onset), self._heard(hop))

    def _accepts(self, found: Candidate, run: Run) -> bool:
        return is_key(found.evidence, found.x, found.tones, early=len(run.frames) < GOOD_FRAMES)

    def _end_digit(self, hop: int) -> DigitEnded:
        """End the key; `hop` is the last one heard."""
        digit, self._digit = self._digit, None
        assert digit is not None
        end, measurements = digit.end(self._part)
        if self._misses is not None:
            self._misses.digit(digit.onset // HOP, digit.last)
        onset = self._origin + digit.onset
        pause = None if self._last_end is None else (onset - self._last_end) / RATE
        self._last_end = self._origin + end
        return DigitEnded(
            key=digit.key,
            onset=onset / RATE,
            duration=(end - digit.onset) / RATE,
            reported=self._heard(hop),
            pause=pause,
            **measurements,
        )

    def _guess(self, run: Run) -> float:
        """Return about when a run's sound began."""
        return self._time((run.first + 1) * HOP - FILLED - EMPTY // 2)

    def _heard(self, hop: int) -> float:
        """Return the end of the block that a hop lies in."""
        return self._time(-(-(hop + 1) * HOP // BLOCK) * BLOCK)

    def _time(self, sample: int) -> float:
        return (self._origin + sample) / RATE

    def _part(self, start: int, stop: int) -> NDArray[np.float64]:
        first = max(0, start - self._audio_start)
        return self._audio[first : max(first, stop - self._audio_start)].astype(np.float64)


def _followed(frames: Frames, good: NDArray[np.bool_]) -> list[int]:
    """Return the numbers of the good frames that are plausible."""
    numbers = np.flatnonzero(good)
    if not len(numbers):
        return []
    followed: list[int] = numbers[plausible(some(frames, numbers))].tolist()
    return followed


def _hops_of(opened: NDArray[np.bool_], before: bool) -> tuple[NDArray[np.bool_], bool]:
    """Return at which hops of n blocks frames end that are worth a look, and whether the last pair of blocks was open.

    They are those that end with an open pair and half a block later; `before` is the pair before the first one.
    """
    wanted = np.empty(2 * len(opened), dtype=bool)
    wanted[0], wanted[1::2], wanted[2::2] = before, opened, opened[:-1]
    return wanted, bool(opened[-1])


def good_frames(frames: Frames) -> NDArray[np.bool_]:
    """Say which frames hold the two tones of a key."""
    weakest = amplitude_of(WEAKEST_DBM0)
    ratio = frames.high_amplitude / (frames.low_amplitude + 1e-12)
    low_hz, high_hz = np.array(LOW_HZ)[frames.low], np.array(HIGH_HZ)[frames.high]
    return np.asarray(
        (frames.share > GOOD_SHARE)
        & (np.minimum(frames.low_amplitude, frames.high_amplitude) > weakest)
        & (ratio > 10 ** (TWIST_DB[0] / 20))
        & (ratio < 10 ** (TWIST_DB[1] / 20))
        & (np.abs(frames.low_deviation) < FRAME_DEVIATION * low_hz)
        & (np.abs(frames.high_deviation) < FRAME_DEVIATION * high_hz)
    )
