"""In-band DTMF detection on 8 kHz audio as it arrives, after ITU-T Q.24."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.digits import DetectorEvent, DigitEnded, DigitRetracted, DigitStarted
from dtmfphone.dtmf.fit import TwoTones, edge, fit_two_tones, longest_sound
from dtmfphone.dtmf.frames import BLOCK, CONTEXT, FRAME, GATE_BLOCKS, RATE, Frames, analyse, gate
from dtmfphone.dtmf.keys import HIGH_HZ, KEYS, LAYOUT, LOW_HZ
from dtmfphone.dtmf.levels import Samples, amplitude_of, dbm0_of, to_float
from dtmfphone.dtmf.talk_off import BEFORE, is_key

GOOD_SHARE: Final = 0.70
"""A burst of T ms has about (T - 11) / 5 frames with this share: four accept 40 ms, with soft edges and at the limits
of frequency too, and refuse 24 ms."""
GOOD_FRAMES: Final = 4
TENTATIVE_FRAMES: Final = 2
TWIST_DB: Final = (-10.0, 6.5)
"""Q.24 asks for -8 to +4 dB; an echo 10 dB down shifts it by up to 2.4 dB."""
DEVIATION: Final = 0.025
"""The middle of 1.5 %, which must work, and 3.5 %, which must not."""
FRAME_DEVIATION: Final = 0.033
"""Wider, as noise moves single frames."""
WEAKEST_DBM0: Final = -45.0
FADE: Final = 0.4
"""A frame under this part of the strongest amplitude is the key's echo, not the key."""
BRIDGED_FRAMES: Final = 7
"""Bad frames within one key: a pause of 30 ms makes eight, a lost packet of 20 ms six or seven."""
BRIDGED_BEFORE: Final = 5
"""Bad frames within a key that is not confirmed yet: a gap of 10 ms makes four or five."""
TRIES: Final = (4, 5, 6, 8, 12)
"""Good frames at which a possible key is judged."""
RUN_BLOCKS: Final = 30
"""A possible key is given up after this many blocks."""

MS: Final = RATE // 1000
TRIM: Final = 5 * MS // 2
"""Half of a rising edge is left out of a measurement."""
FILLED: Final = 19 * MS
"""At the end of a frame of GOOD_SHARE as much is sound, if it began in the frame ..."""
EMPTY: Final = 9 * MS
"""... or as much is silence, if it ended in the frame."""
MEASURED: Final = 250 * MS
"""The measurement takes no more than this: it is accurate enough and bounds the memory."""
SHORTEST_FIT: Final = 15 * MS
FIRST_FIT: Final = 60 * MS
LAST_FIT: Final = 50 * MS
HISTORY: Final = 400 * MS
BATCH: Final = 1600
"""Blocks at once: 64 k samples stay in the cache."""


@dataclass(slots=True)
class _Run:
    """Good frames of a possible key."""

    key: str
    first: int
    """Block that the first good frame ends with."""
    last: int
    amplitude: float = 0.0
    """Largest so far, both tones."""
    frames: list[tuple[float, float, float]] = field(default_factory=list)
    """Amplitude, and deviations of both tones in Hz."""
    tentative: bool = False


@dataclass(slots=True)
class _Digit:
    """A confirmed key that sounds or has just ended."""

    key: str
    onset: int
    """Sample."""
    last: int
    """Block that the last good frame ends with."""
    amplitude: float
    tones: TwoTones
    noise: float = 0.0
    measured: bool = False
    """Whether `tones` and `noise` are final."""


class Detector:
    """Streaming in-band detector: the same keys and times whatever the chunk sizes; state is 0.4 s of audio.

    With `tentative`, a key is also announced after two good frames, about 25 ms after its onset.
    """

    def __init__(self, *, tentative: bool = False) -> None:
        self._tentative = tentative
        self._pending: Samples = np.zeros(0, dtype=np.float32)
        self._clock = 0
        """Samples fed since the start, pending ones excluded."""
        self._restart()

    @property
    def clock(self) -> float:
        """Seconds of audio fed."""
        return (self._clock + len(self._pending)) / RATE

    def feed(self, pcm: NDArray[np.generic]) -> list[DetectorEvent]:
        """Take int16 or ±1.0 samples of shape (n,) and return what they show, in order."""
        x = np.concatenate([self._pending, to_float(pcm)])
        whole = len(x) // BLOCK * BLOCK
        self._pending = x[whole:].copy()
        events: list[DetectorEvent] = []
        for start in range(0, whole, BATCH * BLOCK):
            events += self._process(x[start : min(start + BATCH * BLOCK, whole)])
        return events

    def skip(self, seconds: float) -> list[DetectorEvent]:
        """Go on after missing audio, taken as silence: a key that goes on after up to 20 ms is one key."""
        samples = round(seconds * RATE)
        silence = min(samples, HISTORY)
        events = self.feed(np.zeros(silence, dtype=np.float32))
        rest = (samples - silence) // BLOCK * BLOCK
        self._block += rest // BLOCK
        self._audio_start += rest
        self._clock += rest
        return events + self.feed(np.zeros(samples - silence - rest, dtype=np.float32))

    def reset(self) -> list[DetectorEvent]:
        """Begin anew where the audio is another: end what sounds, keep no context; the clock goes on."""
        events: list[DetectorEvent] = []
        if self._run is not None:
            events += self._drop_run(self._block)
        if self._digit is not None:
            events.append(self._end_digit(self._block))
        self._clock += len(self._pending)
        self._restart()
        return events

    def _restart(self) -> None:
        self._origin = self._clock
        """Sample number of block 0."""
        self._block = 0
        """Number of the next block."""
        self._pending = np.zeros(0, dtype=np.float32)
        self._audio: Samples = np.zeros(HISTORY, dtype=np.float32)
        """Audio up to the next block, while a batch is processed up to the batch's end."""
        self._audio_start = -HISTORY
        """Number of its first sample, counted from block 0."""
        self._open = np.zeros(FRAME // BLOCK - 1, dtype=bool)
        """Where the gate was open in the blocks before."""
        self._run: _Run | None = None
        self._digit: _Digit | None = None

    def _process(self, samples: Samples) -> list[DetectorEvent]:
        """Take whole blocks."""
        self._audio = np.concatenate([self._audio, samples])
        blocks = samples.reshape(-1, BLOCK)
        opened = np.concatenate([self._open, gate(blocks, self._audio[HISTORY - BLOCK : HISTORY])])
        open_blocks = np.convolve(opened, np.ones(len(self._open) + 1))[len(self._open) : len(opened)]
        wanted = np.flatnonzero(open_blocks >= GATE_BLOCKS)
        events: list[DetectorEvent] = []
        if len(wanted):
            frames = analyse(self._audio[HISTORY - CONTEXT :], wanted)
            for i in np.flatnonzero(_good(frames)).tolist():
                events += self._take(frames, i)
        self._block += len(blocks)
        events += self._expire(self._block - 1)
        self._open = opened[len(blocks) :]
        self._audio = self._audio[len(samples) :].copy()
        self._audio_start += len(samples)
        self._clock += len(samples)
        return events

    def _take(self, frames: Frames, i: int) -> Iterator[DetectorEvent]:
        """Take a good frame."""
        block = self._block + int(frames.block[i])
        key = LAYOUT[int(frames.low[i])][int(frames.high[i])]
        amplitude = float(np.hypot(frames.low_amplitude[i], frames.high_amplitude[i]))
        yield from self._expire(block)
        digit, run = self._digit, self._run
        if digit is not None and digit.key == key:
            if amplitude >= FADE * digit.amplitude:
                self._go_on(digit, block, amplitude)
            return
        if run is not None and (run.key != key or run.amplitude < FADE * amplitude):
            yield from self._drop_run(block)
            run = None
        if run is None:
            run = self._run = _Run(key, block, block)
        if amplitude < FADE * run.amplitude:
            return
        run.last = block
        run.amplitude = max(run.amplitude, amplitude)
        run.frames.append((amplitude, float(frames.low_deviation[i]), float(frames.high_deviation[i])))
        if self._tentative and not run.tentative and len(run.frames) >= TENTATIVE_FRAMES:
            run.tentative = True
            yield DigitStarted(key, self._guess(run), self._time((block + 1) * BLOCK), tentative=True)
        if len(run.frames) in TRIES and (found := self._judge(run)) is not None:
            if digit is not None:
                yield self._end_digit(block)
            self._run, self._digit = None, found
            yield DigitStarted(key, self._time(found.onset), self._time((block + 1) * BLOCK))

    def _expire(self, block: int) -> Iterator[DetectorEvent]:
        """End what had no good frame for too long before this block ended."""
        run, digit = self._run, self._digit
        if run is not None:
            due = min(run.last + BRIDGED_BEFORE + 1, run.first + RUN_BLOCKS)
            if block > due:
                yield from self._drop_run(due)
        if digit is not None and block > digit.last + BRIDGED_FRAMES:
            yield self._end_digit(digit.last + BRIDGED_FRAMES + 1)

    def _drop_run(self, block: int) -> Iterator[DetectorEvent]:
        run, self._run = self._run, None
        if run is not None and run.tentative:
            yield DigitRetracted(run.key, self._guess(run), self._time((block + 1) * BLOCK))

    def _guess(self, run: _Run) -> float:
        return self._time((run.first + 1) * BLOCK - FILLED - EMPTY // 2)

    def _time(self, sample: int) -> float:
        return (self._origin + sample) / RATE

    def _part(self, start: int, stop: int) -> NDArray[np.float64]:
        """Return audio between two samples, cut to what there is."""
        first = max(0, start - self._audio_start)
        return self._audio[first : max(first, stop - self._audio_start)].astype(np.float64)

    def _fit(self, key: str, start: int, stop: int) -> tuple[TwoTones, NDArray[np.float64], int] | None:
        """Fit the longest sound between two samples: tones, the sound and its first sample; None if it is too short."""
        x = self._part(start, stop)
        first, last = longest_sound(x)
        if last - first < SHORTEST_FIT:
            return None
        x = x[first:last]
        return fit_two_tones(x, KEYS[key].low_hz, KEYS[key].high_hz), x, start + first

    def _judge(self, run: _Run) -> _Digit | None:
        """Return the key that a run is, or None."""
        start = (run.first + 1) * BLOCK - FILLED
        fitted = self._fit(run.key, start, min((run.last + 1) * BLOCK - EMPTY, start + FIRST_FIT))
        if fitted is None or not _within_limits(fitted[0], run.key):
            return None
        tones, x, first = fitted
        search = (start - 20 * MS, start + 10 * MS)
        onset = search[0] + edge(self._part(*search), tones.at(search[0] - first, search[1] - first), rising=True)
        full = np.array([frame[1:] for frame in run.frames if frame[0] >= 0.8 * run.amplitude])
        spread = full.std(axis=0) if len(full) > 1 else np.full(2, np.inf)
        before = self._part(onset - 3 * MS - BEFORE, onset - 3 * MS)
        if not is_key(x, tones, before, len(run.frames), (float(spread[0]), float(spread[1]))):
            return None
        return _Digit(run.key, onset, run.last, run.amplitude, tones)

    def _go_on(self, digit: _Digit, block: int, amplitude: float) -> None:
        """Take another good frame of a confirmed key."""
        digit.last = block
        digit.amplitude = max(digit.amplitude, amplitude)
        if not digit.measured and (block + 1) * BLOCK - EMPTY >= digit.onset + MEASURED:
            self._measure(digit, digit.onset + MEASURED)

    def _measure(self, digit: _Digit, stop: int) -> None:
        """Fit the key's sound from its onset up to a sample."""
        fitted = self._fit(digit.key, digit.onset + TRIM, stop)
        if fitted is not None:
            digit.tones, x, _ = fitted
            digit.noise = float(np.square(digit.tones.residual(x)).sum()) / (len(x) - 7)
            digit.measured = True

    def _end_digit(self, block: int) -> DigitEnded:
        """End the key; `block` is the last one heard."""
        digit, self._digit = self._digit, None
        assert digit is not None
        last = (digit.last + 1) * BLOCK
        start, end = last - EMPTY - LAST_FIT, last - EMPTY
        if (fitted := self._fit(digit.key, max(start, digit.onset), end)) is not None:
            tones, _, first = fitted
            search = last - 13 * MS
            heard = self._part(search, last + 16 * MS)
            end = search + edge(heard, tones.at(search - first, search - first + len(heard)), rising=False)
        if not digit.measured:
            self._measure(digit, end - TRIM)
        found = digit.tones
        low, high = dbm0_of(found.low_amplitude), dbm0_of(found.high_amplitude)
        return DigitEnded(
            key=digit.key,
            onset=self._time(digit.onset),
            duration=(end - digit.onset) / RATE,
            reported=self._time((block + 1) * BLOCK),
            low_hz=found.low_hz,
            high_hz=found.high_hz,
            low_dbm0=low,
            high_dbm0=high,
            snr_db=10 * log10(found.power / max(digit.noise, 1e-12)),
        )


def _good(frames: Frames) -> NDArray[np.bool_]:
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


def _within_limits(tones: TwoTones, char: str) -> bool:
    """Say whether fitted tones keep the limits of frequency, level and twist."""
    if min(tones.low_amplitude, tones.high_amplitude) <= amplitude_of(WEAKEST_DBM0):
        return False
    key = KEYS[char]
    twist = dbm0_of(tones.high_amplitude) - dbm0_of(tones.low_amplitude)
    off = max(abs(tones.low_hz / key.low_hz - 1), abs(tones.high_hz / key.high_hz - 1))
    return off <= DEVIATION and TWIST_DB[0] <= twist <= TWIST_DB[1]
