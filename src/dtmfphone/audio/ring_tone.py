"""What a person hears while a call rings: here, or at the far end (ITU-T E.180)."""

from typing import Final, Literal

import numpy as np

from dtmfphone.dtmf.levels import Samples, amplitude_of

Ring = Literal["ring", "ring-back"]
"""`ring`: a call rings here; `ring-back`: it rings at the far end, which sends no tone of its own."""
ON_SECONDS: Final = 1.0
CYCLE_SECONDS: Final = 5.0
"""One second of tone, four of silence, as most countries of Europe have it (E.180 supplement 2)."""
RING_BACK_HZ: Final = 425.0
RING_HZ: Final = (1000.0, 1250.0)
"""Two tones in turn, so that it is no network's tone."""
WARBLE_SECONDS: Final = 0.04
LEAD_SECONDS: Final = 0.4
"""Silence before ring-back: a far end that sends its own tone begins meanwhile."""
LEVEL_DBM0: Final = -13.0
EDGE_SECONDS: Final = 0.01


class RingTone:
    """Renders one of the tones from its beginning, in blocks of any size, without end."""

    def __init__(self, ring: Ring, rate: int) -> None:
        self._warbles = ring == "ring"
        self._rate = rate
        self._position = 0 if self._warbles else -round(LEAD_SECONDS * rate)
        """Samples since the first tone began."""

    def render(self, n: int) -> Samples:
        """Return the next n samples, float32 (n,)."""
        t = (self._position + np.arange(n)) / self._rate
        self._position += n
        within = t % CYCLE_SECONDS
        edges = np.minimum(within, ON_SECONDS - within) / EDGE_SECONDS
        edges[t < 0] = 0.0
        if not (edges > 0).any():
            return np.zeros(n, np.float32)
        hz = np.where(within // WARBLE_SECONDS % 2 < 1, *RING_HZ) if self._warbles else RING_BACK_HZ
        # Whole periods of both tones fit into each part of the warble: the phase has no jumps.
        wave = amplitude_of(LEVEL_DBM0) * np.clip(edges, 0.0, 1.0) * np.sin(2 * np.pi * hz * within)
        return wave.astype(np.float32)
