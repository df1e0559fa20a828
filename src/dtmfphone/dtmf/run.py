"""Good frames of a key that may be sounding."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Run:
    """Good frames with the tones of one key, none far from the next."""

    key: str
    first: int
    """Hop that the first frame ends with."""
    last: int
    amplitude: float
    """Largest so far, both tones."""
    before: float
    """Power at the tones in the quietest moment shortly before, by theirs; the louder one of both."""
    frames: list[tuple[float, float, float]] = field(default_factory=list)
    """Amplitude, and deviations of both tones in Hz."""
    tentative: bool = False
    """Whether it was announced."""
    hopeless: bool = False
    """Whether it need not be judged again."""

    def add(self, hop: int, amplitude: float, low_deviation: float, high_deviation: float) -> None:
        """Take another frame."""
        self.last = hop
        self.amplitude = max(self.amplitude, amplitude)
        self.frames.append((amplitude, low_deviation, high_deviation))

    def full_frames(self) -> NDArray[np.float64]:
        """Return the frames that the tones fill, shape (n, 3)."""
        return np.array([frame for frame in self.frames if frame[0] >= 0.8 * self.amplitude])
