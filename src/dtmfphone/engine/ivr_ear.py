"""What the caller of an IVR says, into its session: words that a recognizer heard, and words that were typed."""

from collections.abc import Callable
from typing import Literal

from dtmfphone.engine.ear import Ear, Words
from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.leg import CallLeg, Clock, Emit, Spawn
from dtmfphone.ivr.recognition import Grammar
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import TYPED, Heard, SessionEvent


class IvrEar:
    """Listens for a session, with a recognizer where there is one."""

    def __init__(
        self,
        leg: CallLeg,
        hearing: Hearing,
        report: Callable[[list[SessionEvent]], None],
        *,
        emit: Emit,
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        """`report` takes what the session tells, but for words."""
        self.session: IvrSession | None = None
        self._leg = leg
        self._hearing = hearing
        self._report = report
        self._emit = emit
        self._clock = clock
        self._spawn = spawn

    async def open(self) -> None:
        """Get the recognizer that was chosen, and give the leg an ear with it."""
        ears = await self._hearing.borrow()
        if ears is not None:
            self._leg.ear = Ear(ears, self, self._spawn)

    def close(self) -> None:
        """The call is over."""
        ear, self._leg.ear = self._leg.ear, None
        if ear is not None:
            self._hearing.give_back(ear.ears)

    @property
    def listens(self) -> bool:
        """Whether a recognizer listens (see mouth.Listener)."""
        return self._leg.ear is not None and self._leg.ear.works

    def expected(self) -> tuple[str, Grammar | None]:
        """Return the node and what may be said there (see ear.Listener)."""
        return (self.session.node, self.session.grammar) if self.session is not None else ("", None)

    def user_changed(self, state: Literal["speaking", "listening"]) -> None:
        """The caller begins to speak now, or ceases."""
        if self.session is not None:
            self._report(self.session.user_changed(state, self._clock()))

    def told(self, text: str, *, start: float, duration: float) -> None:
        """Take words that need not be recognised (see mouth.Listener)."""
        self.heard(Words(TYPED, start, duration, text))

    def heard(self, words: Words) -> None:
        """Take words; those that come too late have no effect (see ear.Listener)."""
        if self.session is None:
            return
        t = self._clock()
        if words.late:
            note = f"too late: said at {words.late}"
            self._tell(Heard(t, self.session.node, words.text, words.source, words.score, note=note), words)
            return
        for event in self.session.heard(words.text, t, source=words.source, confidence=words.score):
            if isinstance(event, Heard):
                self._tell(event, words)
            self._report([event])

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        """Report something that a person should read."""
        self._leg.notice(level, text, remedy)

    def _tell(self, heard: Heard, words: Words) -> None:
        self._emit(words.utterance(self._leg.id, "ivr", heard.t, keys=heard.keys, note=heard.note))
