"""The recognizer of spoken words: one for all calls, loaded when it is chosen."""

import asyncio
from collections import Counter
from typing import Final, Literal

from dtmfphone.engine.commands import SetSpeech
from dtmfphone.engine.events import Notice
from dtmfphone.engine.leg import Clock, Emit, Spawn
from dtmfphone.ivr.ears import Ears
from dtmfphone.ivr.recognition import RecognizerError

REMEDY: Final = "Calls go on without; typed words and keys count."


class Hearing:
    """Lends the recognizer that was chosen last to calls; one that is no longer chosen ends with its last call."""

    def __init__(self, emit: Emit, clock: Clock, spawn: Spawn) -> None:
        self._emit = emit
        self._clock = clock
        self._spawn = spawn
        self._chosen = SetSpeech()
        self._ears: Ears | None = None
        self._opening: asyncio.Task[None] | None = None
        self._lent: Counter[Ears] = Counter()

    @property
    def by_phone(self) -> bool:
        """Whether the phone listens, too."""
        return self._chosen.phone and bool(self._chosen.recognizer)

    @property
    def language(self) -> str:
        """What the far end of the phone speaks, two letters."""
        return self._chosen.language

    def choose(self, command: SetSpeech) -> None:
        """Load a recognizer for the calls that are answered from now on; a notice says how that went.

        When the command is quiet, it only says why that failed.
        """
        self._chosen = command
        before, self._ears = self._ears, None
        if self._opening is not None:
            self._opening.cancel()
        if before is not None and not self._lent[before]:
            self._spawn(before.close())
        self._opening = self._spawn(self._open(command)) if command.recognizer else None

    async def borrow(self) -> Ears | None:
        """Return the recognizer once it is loaded, anew if it has ended; None: there is none, or it cannot be used."""
        if self._ears is not None and not self._ears.alive:
            self.choose(self._chosen)
        while (opening := self._opening) is not None and not opening.done():
            await asyncio.wait((opening,))
        if self._ears is not None:
            self._lent[self._ears] += 1
        return self._ears

    def give_back(self, ears: Ears) -> None:
        """A call needs it no more."""
        self._lent[ears] -= 1
        if not self._lent[ears]:
            del self._lent[ears]
            if ears is not self._ears:
                self._spawn(ears.close())

    async def close(self) -> None:
        """End all recognizers."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait((self._opening,))
        await asyncio.gather(*(ears.close() for ears in {self._ears, *self._lent} if ears is not None))

    async def _open(self, command: SetSpeech) -> None:
        ears = Ears()
        try:
            await ears.open(command.recognizer, command.model)
        except RecognizerError as error:
            self._say("error", error.reason, f"{error.remedy} {REMEDY}".strip())
            await ears.close()
        except asyncio.CancelledError:
            await ears.close()
            raise
        else:
            self._ears = ears
            if not command.quiet:
                told = f"Words are recognised by {command.recognizer} in calls that are answered from now on."
                self._say("info", told)

    def _say(self, level: Literal["info", "error"], text: str, remedy: str = "") -> None:
        self._emit(Notice(t=self._clock(), level=level, text=text, remedy=remedy))
