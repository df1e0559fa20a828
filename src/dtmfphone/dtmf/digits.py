"""What the detector says of tone pairs in audio: digits that start and end, guesses taken back, bursts refused."""

from dataclasses import dataclass
from typing import Literal

from dtmfphone.dtmf.keys import KEYS

Reason = Literal["too-short", "too-weak", "twist", "frequency", "speech", "noise", "codec"]
"""Why a burst is no digit: shorter than any receiver takes; below the weakest level; levels too far apart; off the
nominal frequencies; what sounds beside the tones is like a voice or music; too little of it is the tones; the tones
waver as low-rate speech codecs make them."""


@dataclass(frozen=True, slots=True)
class DigitStarted:
    """A key sounds. Times are seconds of audio fed."""

    key: str
    onset: float
    """Where the tone reaches half of its amplitude."""
    reported: float
    """Audio needed to say so."""
    tentative: bool = False
    """A guess that another `DigitStarted` confirms or a `DigitRetracted` takes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Two tones that sounded together, as measured."""

    key: str
    onset: float
    duration: float
    """Seconds from half amplitude to half amplitude, gaps included."""
    reported: float
    low_hz: float
    high_hz: float
    low_dbm0: float
    high_dbm0: float
    snr_db: float
    """Both tones against all the rest in the telephone band, while the key sounds."""
    pause: float | None = None
    """Seconds since the digit before ended; None for the first one."""

    @property
    def twist_db(self) -> float:
        """High level minus low level."""
        return self.high_dbm0 - self.low_dbm0

    @property
    def low_deviation(self) -> float:
        """How far the low tone is from nominal, as a fraction: 0.015 is 1.5 % high."""
        return self.low_hz / KEYS[self.key].low_hz - 1

    @property
    def high_deviation(self) -> float:
        """How far the high tone is from nominal, as a fraction."""
        return self.high_hz / KEYS[self.key].high_hz - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitEnded(Burst):
    """A key has sounded; `onset` is that of its `DigitStarted`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitRejected(Burst):
    """A burst near a key's tones that was no digit."""

    reason: Reason
    detail: str
    """The reason with its figures, one sentence."""


@dataclass(frozen=True, slots=True)
class DigitRetracted:
    """A tentative key was none; a `DigitRejected` may say why."""

    key: str
    onset: float
    reported: float


DetectorEvent = DigitStarted | DigitEnded | DigitRetracted | DigitRejected
