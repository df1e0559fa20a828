"""The 8 kHz bus of one direction of a call.

call's audio -> resample to 8 kHz -> detector -> sightings
                                  -> activity (far end speaks, is quiet)
                                  -> talking, for shadow collectors (keys left out)
                                  -> display ring (spectrum, waterfall)
"""

import numpy as np

from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DetectorEvent
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.dtmf.talking import Talking
from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import Direction
from dtmfphone.engine.sightings import Sightings

RATE = 8000
LONGEST_GAP = 1.0
"""Seconds of missing audio that are filled with silence; a longer hole is cut to this."""

BRIDGED = 0.025
"""Seconds of missing audio that do not end a tone."""
SILENCE = RATE // 2
"""Samples of digital silence after which the detector has nothing under way any more."""


class Bus:
    """Takes the audio of one direction and reports what is heard in it."""

    def __init__(
        self,
        direction: Direction,
        sightings: Sightings,
        display: DisplayRing | None = None,
        activity: Activity | None = None,
    ) -> None:
        self._direction: Direction = direction
        self._sightings = sightings
        self._display = display
        self._detector = Detector(tentative=True, rejected=True)
        self._resampler: Resampler | None = None
        self._rate = 0
        self._silent = 0
        """Samples of digital silence fed to the detector in a row, up to SILENCE."""
        self._unheard = 0
        """Samples of digital silence since then, which the detector was spared."""
        self._activity = activity
        self.talking: Talking | None = None
        """What hears whether somebody talks, the tones of keys left out; None: nobody wants to know."""

    def feed(self, pcm: Pcm, rate: int, t: float) -> None:
        """Take samples at `rate` Hz whose last one belongs to time `t`."""
        if rate != self._rate or self._resampler is None:
            self._resampler, self._rate = Resampler(rate, RATE), rate
        narrow = self._resampler.process(pcm)
        if narrow.any():
            if self._unheard:
                self._report(self._detector.skip(self._unheard / RATE), t - len(narrow) / RATE)
            self._silent = self._unheard = 0
        elif self._silent < SILENCE:
            self._silent += len(narrow)
        else:
            self._unheard += len(narrow)
        if not self._unheard:
            self._report(self._detector.feed(narrow), t - self._resampler.delay_seconds)
        if self._activity is not None:
            self._activity.feed(narrow, t)
        if self.talking is not None:
            self.talking.feed(narrow, t, tone=self._sightings.tone_sounds(self._direction))
        if self._display is not None:
            self._display.write(self._direction, narrow, t)

    def gap(self, seconds: float, t: float) -> None:
        """Audio is missing up to time `t`: the display shows silence, and the detector starts anew.

        It bridges one lost packet: a tone goes on behind it.
        """
        samples = round(min(max(seconds, 0.0), LONGEST_GAP) * RATE)
        ended = self._detector.reset() if seconds > BRIDGED else []
        self._report(ended + self._detector.skip(samples / RATE), t)
        if self._display is not None and samples:
            self._display.write(self._direction, np.zeros(samples, np.int16), t)

    def _report(self, found: list[DetectorEvent], t: float) -> None:
        for detection in found:
            self._sightings.tone(self._direction, detection, t - self._detector.clock)
