"""Words to be said in the call, and what becomes of them."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.commands import BUILTIN, ListVoices, Say, StopSaying
from dtmfphone.engine.events import AnyEvent, CallChanged, SpeechChanged, Started, VoicesListed
from dtmfphone.gui.graph_model import GraphModel
from dtmfphone.gui.present_call import PresentCall
from dtmfphone.gui.speech_model import SpeechModel, title_of

LONGEST_HISTORY: Final = 50


class SayModel(QObject):
    """Text, voice, what was said before, and whether it can be said now."""

    command = Signal(object)
    changed = Signal()
    voices_changed = Signal()

    def __init__(self, speech: SpeechModel, graph: GraphModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._speech = speech
        self._graph = graph
        self._present = PresentCall()
        self._ours = False
        self._ear = ""
        """What listens for the IVR in this call."""
        self._history: list[str] = []
        self._place = 0
        """In the history; its length: the text that is being typed."""
        self._draft = ""
        self.text = ""
        self.aloud = True
        self.voice = ""
        """Empty: the usual one."""
        self.listed: VoicesListed | None = None
        """None: nobody has asked yet."""
        self._asked = False
        self.in_call = False
        self.speaking = False
        """Whether the voice is heard in the call."""
        for signal in (graph.moved, graph.drawn, graph.says_changed):
            signal.connect(self.changed)

    @property
    def can_say(self) -> bool:
        """Whether the text can be said now."""
        return self.in_call and bool(self.text.strip()) and (self.aloud or self._ours)

    @property
    def hint(self) -> str:
        """What to type, in short: where an IVR of ours answers, what it listens to now."""
        if not self.in_call:
            return "Say words, once a call is up"
        says = self._graph.says if self._ours else ""
        return f"Say: {says}" if says else "Say words, e.g. yes"

    @property
    def problem(self) -> bool:
        """Whether the words would reach nobody in this call."""
        return self.in_call and not self.aloud and not self._ours

    @property
    def explanation(self) -> str:
        """What will happen to the words, in one sentence."""
        if not self.in_call:
            return "No call is up, so nobody would hear it: press Call first."
        if self.speaking:
            return "The voice speaks in the call; Esc cuts it short."
        if self.problem:
            return "Only an IVR of ours takes silent words: say it aloud."
        if not self._ours:
            return "Sounds in the call, in a synthetic voice."
        if not self.aloud:
            return "The IVR takes this as heard; source: typed."
        if self._ear:
            return f"Sounds in the call; the IVR hears it by {title_of(self._ear)}."
        return "Sounds in the call; the IVR takes it as heard; source: typed."

    def ask_voices(self) -> None:
        """Ask the engine for its voices, once."""
        if not self._asked:
            self._asked = True
            self.command.emit(ListVoices())

    def set_text(self, text: str) -> None:
        """Edit the words."""
        if text != self.text:
            self.text = text
            self.changed.emit()

    def set_aloud(self, aloud: bool) -> None:
        """Let the words sound in the call, or give them to an IVR of ours alone."""
        if aloud != self.aloud:
            self.aloud = aloud
            self.changed.emit()

    def set_voice(self, voice: str) -> None:
        """Choose a voice by its name; empty: the usual one."""
        if voice != self.voice:
            self.voice = voice
            self.changed.emit()

    def say(self) -> None:
        """Say the text; it goes into the history."""
        if not self.can_say:
            return
        text = " ".join(self.text.split())
        self.command.emit(Say(text=text, voice=self.voice, aloud=self.aloud))
        others = [old for old in self._history if old != text]
        self._history = [*others[1 - LONGEST_HISTORY :], text]
        self._place, self._draft, self.text = len(self._history), "", ""
        self.changed.emit()

    def stop(self) -> None:
        """Cut short what is being said, and drop what waits."""
        if self.speaking:
            self.command.emit(StopSaying())

    def go_back(self) -> None:
        """Show what was said before that."""
        self._go_to(self._place - 1)

    def go_on(self) -> None:
        """Show what was said after that, in the end what was being typed."""
        self._go_to(self._place + 1)

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case CallChanged(leg="phone") if self._present.is_of(event):
                self.in_call = event.state == "up"
                self.speaking &= self.in_call
                if event.state in ("calling", "incoming"):
                    self._ours = event.state == "calling" and event.target.startswith(BUILTIN)
                    self._ear = self._speech.recognizer
            case SpeechChanged(direction="sent"):
                self.speaking = event.speaking
            case VoicesListed():
                self.listed = event
                self.voices_changed.emit()
            case Started():
                self.in_call = self.speaking = False
            case _:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self._present = PresentCall()
        self.in_call = self.speaking = False
        self.changed.emit()

    def _go_to(self, place: int) -> None:
        if not 0 <= place <= len(self._history):
            return
        if self._place == len(self._history):
            self._draft = self.text
        self._place = place
        self.set_text(self._history[place] if place < len(self._history) else self._draft)
