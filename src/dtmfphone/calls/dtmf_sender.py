"""DTMF in the shape of the W3C's RTCDTMFSender (WebRTC 1.0, section 7), driven by outgoing packets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dtmfphone.calls.tone_timer import SILENT, Slot, ToneTimer, gap_slots, slots, tone_slots
from dtmfphone.dtmf.keys import KEYS

COMMA_SLOTS: Final = slots(2.0)


class InvalidStateError(Exception):
    """Tones cannot be sent now."""


class InvalidCharacterError(ValueError):
    """Tones contain a character that is none."""


@dataclass(frozen=True)
class ToneChange:
    """A tone began, or with an empty `tone` all have been sent (RTCDTMFToneChangeEvent)."""

    tone: str
    t: float = 0.0
    """Time of the packet in which it began."""


class DtmfSender:
    """Plays `tone_buffer` one tone after the other; `slot` has the signature that a call asks for.

    `can_insert` says whether the sender is connected, has a track, may send and negotiated telephone-event.
    """

    def __init__(self, can_insert: Callable[[], bool], on_tone_change: Callable[[ToneChange], None]) -> None:
        self._can_insert = can_insert
        self._on_tone_change = on_tone_change
        self._buffer = ""
        self._tone = tone_slots(100)
        self._gap = gap_slots(70)
        self._scheduled = False
        """Whether the playout task runs when the timer is no longer busy."""
        self._timer = ToneTimer()

    @property
    def can_insert_dtmf(self) -> bool:
        """Whether tones can be sent now."""
        return self._can_insert()

    @property
    def tone_buffer(self) -> str:
        """The tones still to be played."""
        return self._buffer

    def insert_dtmf(self, tones: str, duration: int = 100, inter_tone_gap: int = 70) -> None:
        """Replace the tones still to be played by `0-9 A-D a-d * # ,` (a comma is 2 s of silence).

        Both times are in milliseconds, clamped to 40..6000 and 30..6000, and hold from the next tone on.
        Raises InvalidStateError, and only then InvalidCharacterError.
        """
        if not self._can_insert():
            raise InvalidStateError(
                "DTMF cannot be sent now: the call must be connected, send audio and have negotiated telephone-event."
            )
        for tone in tones.upper():
            if tone not in KEYS and tone != ",":
                raise InvalidCharacterError(f"{tone!r} is not a DTMF tone: use 0-9, A-D, *, # or ','.")
        self._buffer = tones.upper()
        self._tone, self._gap = tone_slots(duration), gap_slots(inter_tone_gap)
        if self._buffer:
            self._scheduled = True

    def slot(self, t: float) -> Slot:
        """Return what sounds in the packet that leaves at time `t`; exactly once per outgoing packet."""
        if self._scheduled and not self._timer.busy:
            self._play_next(t)
        slot = self._timer.slot()
        return slot if self._can_insert() else SILENT

    def _play_next(self, t: float) -> None:
        """The W3C's DTMF playout task."""
        if not self._can_insert():
            self._scheduled = False
            return
        tone, self._buffer = self._buffer[:1], self._buffer[1:]
        if tone == "":
            self._scheduled = False
        elif tone == ",":
            self._timer.pause(COMMA_SLOTS)
        else:
            self._timer.play(tone, self._tone, self._gap)
        self._on_tone_change(ToneChange(tone, t))
