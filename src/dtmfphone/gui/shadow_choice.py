"""Which shadow collectors a person wants, and what is wrong with that."""

from typing import Literal

import msgspec

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.engine.commands import LONGEST_SECONDS, MOST_DIGITS, Shadow, ShadowCollector

Field = Literal["digits", "min_digits", "seconds", "first_digit_seconds", "total_seconds", "stop_keys"]


class ShadowChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Modes and settings; see `ShadowCollector` and `Shadow` for what each of them means.

    A new user gets LiveKit's: the IVR's own collector beside it is the standard one already.
    """

    livekit: bool = True
    standard: bool = False
    digits: int = 4
    min_digits: int | None = None
    seconds: float = 4.0
    first_digit_seconds: float | None = 5.0
    total_seconds: float | None = None
    stop_keys: str = "#"
    """In LiveKit mode the first of them counts."""
    confirm: bool = False
    keys: Literal["sent", "received"] = "sent"
    follow: bool = True

    @property
    def some(self) -> bool:
        """Whether any collector is wanted."""
        return self.livekit or self.standard

    @property
    def command(self) -> Shadow:
        """What to ask of the engine."""
        livekit = ShadowCollector(
            mode="livekit",
            digits=self.digits,
            seconds=self.seconds,
            stop_keys=self.stop_keys[:1],
            confirm=self.confirm,
        )
        standard = ShadowCollector(
            mode="standard",
            digits=self.digits,
            min_digits=self.min_digits,
            seconds=self.seconds,
            first_digit_seconds=self.first_digit_seconds,
            total_seconds=self.total_seconds,
            stop_keys=self.stop_keys,
            confirm=self.confirm,
        )
        wanted = ((self.livekit, livekit), (self.standard, standard))
        collectors = tuple(collector for on, collector in wanted if on)
        return Shadow(collectors=collectors, keys=self.keys, follow=self.follow)

    @property
    def problems(self) -> dict[Field, str]:
        """What no collector can do, in words, by field."""
        problems: dict[Field, str] = {}
        if not 1 <= self.digits <= MOST_DIGITS:
            problems["digits"] = f"Digits: use 1 to {MOST_DIGITS}."
        elif self.min_digits is not None and not 0 <= self.min_digits <= self.digits:
            problems["min_digits"] = f"At least: use 0 to {self.digits}, as many as are wanted."
        times: tuple[tuple[Field, str, float | None], ...] = (
            ("seconds", "Between digits", self.seconds),
            ("first_digit_seconds", "First digit within", self.first_digit_seconds),
            ("total_seconds", "All digits within", self.total_seconds),
        )
        for name, title, seconds in times:
            if seconds is not None and not 0 < seconds <= LONGEST_SECONDS:
                problems[name] = f"{title}: use more than 0 s, up to {LONGEST_SECONDS:g} s."
        if problem := self._stop_problem():
            problems["stop_keys"] = f"Stop keys: {problem}"
        return problems

    def _stop_problem(self) -> str:
        for char in self.stop_keys:
            if char not in KEYS:
                return f"“{char}” is no key. Use 0–9, *, # and A–D."
        if len(set(self.stop_keys)) < len(self.stop_keys):
            return "one is named twice."
        if len(self.stop_keys) == len(KEYS):
            return "leave at least one key to collect."
        return "LiveKit needs one." if self.livekit and not self.stop_keys else ""


def read_choice(text: str) -> ShadowChoice:
    """Return the choice that was kept as a text; the default when it is none that can be."""
    try:
        choice = msgspec.json.decode(text, type=ShadowChoice)
    except msgspec.DecodeError:
        return ShadowChoice()
    return ShadowChoice() if choice.problems else choice


def written_choice(choice: ShadowChoice) -> str:
    """Return the text that `read_choice` reads."""
    return msgspec.json.encode(choice).decode()
