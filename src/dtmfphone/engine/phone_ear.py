"""The phone listens to what digits its far end says."""

from typing import Literal

from dtmfphone.engine.ear import Ear, Words
from dtmfphone.engine.events import SpeechChanged
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.leg import CallLeg, Clock, Emit, Spawn
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.spoken_digits import spoken_keys


class PhoneEar:
    """Gives a leg an ear while its call is up, where that is wanted; what it hears has no effect but its event."""

    def __init__(self, leg: CallLeg, hearing: Hearing, *, emit: Emit, clock: Clock, spawn: Spawn) -> None:
        self._leg = leg
        self._hearing = hearing
        self._emit = emit
        self._clock = clock
        self._spawn = spawn
        self._grammar = Grammar(digits=True)
        self._closed = False

    def open(self) -> None:
        """The call is up."""
        if self._hearing.by_phone:
            self._grammar = Grammar(digits=True, language=self._hearing.language)
            self._spawn(self._open())

    def close(self) -> None:
        """The call is over."""
        self._closed = True
        ear, self._leg.ear = self._leg.ear, None
        if ear is not None:
            self._hearing.give_back(ear.ears)

    def expected(self) -> tuple[str, Grammar | None]:
        """Return what may be said (see ear.Listener)."""
        return "", self._grammar

    def user_changed(self, state: Literal["speaking", "listening"]) -> None:
        """Report that the far end begins to speak, or ceases (see ear.Listener)."""
        if not self._closed:
            self._emit(
                SpeechChanged(t=self._clock(), call=self._leg.id, direction="received", speaking=state == "speaking")
            )

    def heard(self, words: Words) -> None:
        """Report what was said (see ear.Listener)."""
        if self._closed:
            return
        keys = spoken_keys(words.text, self._grammar.language) or ""
        note = "" if keys else "no digits"
        self._emit(words.utterance(self._leg.id, "phone", self._clock(), keys=keys, note=note))

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Report something that a person should read."""
        self._leg.notice(level, text, remedy)

    async def _open(self) -> None:
        ears = await self._hearing.borrow()
        if ears is None:
            return
        if self._closed or self._leg.ear is not None:
            self._hearing.give_back(ears)
        else:
            self._leg.ear = Ear(ears, self, self._spawn)
