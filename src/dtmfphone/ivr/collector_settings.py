"""What a digit collection in standard mode is told: how many digits, how long to wait, which keys end it."""

from dataclasses import dataclass
from typing import Final

from dtmfphone.dtmf.keys import CODES

MOST_DIGITS: Final = 64
MOST_RETRIES: Final = 20
LONGEST_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class CollectorSettings:
    """What to collect and how long to wait; a value that makes no sense raises ValueError naming the field."""

    max_digits: int = 1
    """The collection ends when this many are in."""
    min_digits: int = 1
    """With fewer, the collection fails."""
    first_digit_seconds: float | None = 5.0
    """From the end of the prompt; None: wait for ever."""
    inter_digit_seconds: float | None = 4.0
    """From each digit to the next."""
    total_seconds: float | None = None
    """From the end of the prompt, or the key that interrupted it, to the end."""
    stop_keys: str = "#"
    """Keys that end the collection and are not stored; may be empty."""
    retries: int = 0
    """How often to ask again after a failure."""
    confirm: bool = False
    """Whether the digits are read back, to be confirmed with 1 or refused with 2."""
    confirm_seconds: float | None = 5.0
    """From the end of the read-back."""

    def __post_init__(self) -> None:
        for name in ("max_digits", "min_digits", "retries"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{name} is {value!r}: use a whole number")
        if not 1 <= self.max_digits <= MOST_DIGITS:
            raise ValueError(f"max_digits is {self.max_digits}: use 1 to {MOST_DIGITS}")
        if not 0 <= self.min_digits <= self.max_digits:
            raise ValueError(f"min_digits is {self.min_digits}: use 0 to max_digits, which is {self.max_digits}")
        if not 0 <= self.retries <= MOST_RETRIES:
            raise ValueError(f"retries is {self.retries}: use 0 to {MOST_RETRIES}")
        if not isinstance(self.confirm, bool):
            raise ValueError(f"confirm is {self.confirm!r}: use true or false")
        for name in ("first_digit_seconds", "inter_digit_seconds", "total_seconds", "confirm_seconds"):
            seconds = getattr(self, name)
            if seconds is None:
                continue
            number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
            if not number or not 0 < seconds <= LONGEST_SECONDS:
                raise ValueError(f"{name} is {seconds!r}: use a number above 0, up to {LONGEST_SECONDS:g}, or None")
        for char in self.stop_keys:
            if char not in CODES:
                raise ValueError(f"stop_keys holds {char!r}: use 0-9, *, # or A-D")
        if len(set(self.stop_keys)) != len(self.stop_keys):
            raise ValueError(f"stop_keys {self.stop_keys!r} names a key twice: name each once")
        if set(self.stop_keys) == set(CODES):
            raise ValueError("stop_keys names all sixteen keys: leave at least one to collect")

    @property
    def expected(self) -> str:
        """What the caller should press, in words: `4 digits, then #`."""
        count = str(self.max_digits)
        if self.min_digits != self.max_digits:
            count = f"{self.min_digits} to {count}"
        words = "1 digit" if count == "1" else f"{count} digits"
        return f"{words}, then {' or '.join(self.stop_keys)}" if self.stop_keys and self.max_digits > 1 else words
