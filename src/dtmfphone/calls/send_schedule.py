"""When each outgoing packet is due: on absolute deadlines, without drift and without bursts."""

from typing import Final

from dtmfphone.calls.media import SLOT_SECONDS

MAX_STALL_SECONDS: Final = 0.2
"""After a longer stall the slots missed are skipped; after a shorter one they are sent one after the other."""
SPACING_SECONDS: Final = 0.005
"""Packets that are late leave at least so far apart."""


class SendSchedule:
    """The slots of 20 ms of one stream; times are the caller's monotonic seconds."""

    def __init__(self, begin: float) -> None:
        self.slot = 0
        """Number of the next slot, those skipped included."""
        self._due = begin
        self._earliest = begin

    def due(self, now: float) -> float:
        """Return when the next slot is to be sent, having skipped what a long stall missed."""
        if now - self._due > MAX_STALL_SECONDS:
            missed = int((now - self._due) / SLOT_SECONDS)
            self.slot += missed
            self._due += missed * SLOT_SECONDS
        return max(self._due, self._earliest)

    def position(self, now: float) -> float:
        """Return the present moment in slots."""
        return self.slot + (now - self._due) / SLOT_SECONDS

    def sent(self, now: float) -> None:
        """The slot was sent at `now`."""
        self.slot += 1
        self._due += SLOT_SECONDS
        self._earliest = now + SPACING_SECONDS
