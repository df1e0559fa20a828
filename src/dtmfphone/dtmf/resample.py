"""Sample-rate conversion between the rates of calls, codecs and sound cards."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.levels import Pcm, Samples

PASSBAND: Final = 0.85
"""Part of the lower rate's band that passes within 0.01 dB: 3.4 kHz of 4 kHz."""
STOPBAND_DB: Final = 65.0
RATES: Final = (8000, 16000, 24000, 44100, 48000)
"""Rates that occur; any other pair of whole rates works too."""
_BATCH: Final = 8192
"""Outputs per matrix product, to bound memory for long inputs."""


def _prototype(rate_in: int, rate_out: int, up: int) -> NDArray[np.float64]:
    """Return a Kaiser-windowed low-pass at rate_in * up, an odd number of taps, gain `up` at 0 Hz."""
    rate = rate_in * up
    edge = min(rate_in, rate_out) / 2
    width = edge * (1 - PASSBAND)
    taps = 2 * math.ceil((STOPBAND_DB - 7.95) / (2.285 * 2 * math.pi * width / rate) / 2) + 1
    beta = 0.1102 * (STOPBAND_DB - 8.7)
    cutoff = (edge - width / 2) / rate
    h = np.sinc(2 * cutoff * (np.arange(taps) - (taps - 1) / 2)) * np.kaiser(taps, beta)
    return np.asarray(h * (up / h.sum()))


class Resampler:
    """Streaming polyphase FIR from `rate_in` to `rate_out` Hz, mono int16; equal rates pass unchanged.

    After n inputs in total, ceil(n * rate_out / rate_in) outputs have come out, however the input was cut.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        if rate_in <= 0 or rate_out <= 0:
            raise ValueError(f"cannot convert {rate_in} Hz to {rate_out} Hz: rates are positive")
        common = math.gcd(rate_in, rate_out)
        self._up, self._down = rate_out // common, rate_in // common
        self.identity = rate_in == rate_out
        """Whether the rates are equal."""
        self.delay_seconds = 0.0
        """How much later a sound is in the output than in the input."""
        if self.identity:
            return
        h = _prototype(rate_in, rate_out, self._up)
        self.delay_seconds = (len(h) - 1) / 2 / (rate_in * self._up)
        self._taps = math.ceil(len(h) / self._up)
        padded = np.zeros(self._taps * self._up)
        padded[: len(h)] = h
        # Row p: the taps of phase p, oldest sample first.
        self._bank = np.ascontiguousarray(padded.reshape(self._taps, self._up).T[:, ::-1], dtype=np.float32)
        rows = np.zeros((-(-self._taps // self._down), self._down), dtype=np.float32)
        rows.reshape(-1)[: self._taps] = self._bank[0]
        self._rows = rows
        """Phase 0 in rows of `down` taps."""
        self.reset()

    def reset(self) -> None:
        """Forget the samples before."""
        if not self.identity:
            self._history = np.zeros(self._taps - 1, dtype=np.float32)
            self._next = 0
            """Place of the next output, in 1 / (rate_in * up) seconds after the next input."""

    def process(self, pcm: Pcm) -> Pcm:
        """Take int16 samples of shape (n,) and return those that are due at the other rate."""
        if self.identity or not len(pcm):
            return pcm.copy()
        x = np.concatenate([self._history, pcm], dtype=np.float32)
        if self._up == 1:
            return self._decimate(x, len(pcm))
        windows = np.lib.stride_tricks.sliding_window_view(x, self._taps)
        places = np.arange(self._next, len(pcm) * self._up, self._down)
        out = np.empty(len(places), dtype=np.int16)
        batch = _BATCH // self._up * self._up if self._down == 1 else _BATCH
        for start in range(0, len(places), batch):
            at, phase = np.divmod(places[start : start + batch], self._up)
            if self._down == 1:
                # Each input makes one output of every phase, in order: one plain matrix product.
                y = (np.ascontiguousarray(windows[at[0] : at[-1] + 1]) @ self._bank.T).ravel()
            else:
                y = np.einsum("ij,ij->i", windows[at], self._bank[phase])
            out[start : start + batch] = np.clip(np.rint(y), -32768, 32767)
        self._next += len(places) * self._down - len(pcm) * self._up
        self._history = x[len(pcm) :].copy()
        return out

    def _decimate(self, x: Samples, count: int) -> Pcm:
        """Keep each `down`-th of the filtered last `count` samples.

        The window of an output is a run of rows of `down` samples, and neighbouring outputs share all rows but one. So
        each row meets each part of the filter once, and an output is the sum along a diagonal: a fraction of the
        memory that the windows themselves would take.
        """
        due = max(0, -(-(count - self._next) // self._down))
        parts = len(self._rows)
        rows = np.zeros((due + parts - 1, self._down), dtype=np.float32)
        used = x[self._next : self._next + rows.size]
        rows.reshape(-1)[: len(used)] = used
        products = rows @ self._rows.T
        down, right = products.strides
        y = np.lib.stride_tricks.as_strided(products, (due, parts), (down, down + right), writeable=False).sum(axis=1)
        self._next += due * self._down - count
        self._history = x[count:].copy()
        return np.asarray(np.clip(np.rint(y), -32768, 32767), np.int16)
