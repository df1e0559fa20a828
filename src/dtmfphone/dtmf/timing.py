"""Lengths that the stages of detection agree on, in samples at 8 kHz."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.dtmf.frames import RATE

Part = Callable[[int, int], NDArray[np.float64]]
"""Gives the audio between two samples, cut to what there is."""

MS: Final = RATE // 1000
SHORTEST: Final = 49 * MS // 2
"""A shorter sound is no key: Q.24 has administrations refuse 24 ms, and 40 ms must work."""
TRIM: Final = 5 * MS // 2
"""Half of a rising edge is left out of a measurement."""
FILLED: Final = 17 * MS
"""At the end of a good frame as much is sound, if it began in the frame ..."""
EMPTY: Final = 10 * MS
"""... or as much is silence, if it ended in the frame."""
SHORTEST_FIT: Final = 10 * MS
FADE: Final = 0.4
"""A frame under this part of the strongest amplitude is the key's echo, not the key."""
