"""The timers of a transaction, by the letters of RFC 3261 (section 17, table 4); seconds."""

from typing import Final

T1: Final = 0.5
"""Estimated round trip."""
T2: Final = 4.0
"""Longest interval between retransmissions, except of INVITE."""
T4: Final = 5.0
"""How long a message may stay in the network."""
LIFETIME: Final = 64 * T1
"""Timers B, F, H, J, L and M; D on unreliable transports."""


class Timers:
    """The running timers of one transaction."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def start(self, letter: str, at: float) -> None:
        """Let a timer fire at that time, and not when it would have before."""
        self._at[letter] = at

    def stop(self, *letters: str) -> None:
        """Stop timers, whether they run or not."""
        for letter in letters:
            self._at.pop(letter, None)

    def clear(self) -> None:
        """Stop all."""
        self._at.clear()

    @property
    def deadline(self) -> float | None:
        """When the next one fires."""
        return min(self._at.values(), default=None)

    def due(self, t: float) -> str | None:
        """Stop the timer that should have fired first, and return its letter."""
        letter = min(self._at, key=self._at.__getitem__, default=None)
        if letter is None or self._at[letter] > t:
            return None
        del self._at[letter]
        return letter
