"""A recognizer that answers as a test says, and who lends it."""

from typing import Any

from dtmfphone.engine.hearing import Hearing
from dtmfphone.engine.leg import Clock, Emit, Spawn
from dtmfphone.ivr.ears import Ears
from dtmfphone.ivr.recognition import Grammar, Recognised, RecognizerError
from dtmfphone.ivr.voice import RATE


class ScriptedEars(Ears):
    """Answers at once."""

    def __init__(self, answer: Recognised | RecognizerError) -> None:
        super().__init__()
        self.name = "parrot"
        self.most_phrases = 2
        self.answer = answer
        self.asked: list[tuple[float, Grammar]] = []
        """Seconds of audio, and what was expected."""

    async def recognise(self, pcm: Any, grammar: Grammar) -> Recognised:
        self.asked.append((len(pcm) / RATE, grammar))
        if isinstance(self.answer, RecognizerError):
            raise self.answer
        return self.answer


class Lending(Hearing):
    """Lends scripted ears, to the phone too."""

    def __init__(self, ears: ScriptedEars, emit: Emit, clock: Clock, spawn: Spawn) -> None:
        super().__init__(emit, clock, spawn)
        self.ears = ears
        self.lent = 0

    @property
    def by_phone(self) -> bool:
        return True

    async def borrow(self) -> Ears | None:
        self.lent += 1
        return self.ears

    def give_back(self, ears: Ears) -> None:
        assert ears is self.ears
        self.lent -= 1
