"""What recognises the words of callers: chosen here, loaded by the engine."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.commands import SetSpeech
from dtmfphone.engine.events import AnyEvent, Started

TITLES: Final = {"pocketsphinx": "pocketsphinx", "vosk": "Vosk", "whisper": "Whisper"}
NEED_MODEL: Final = ("vosk", "whisper")
"""These have no model until a person downloads one."""


class SpeechModel(QObject):
    """The chosen recognizer with its model's folder; the engine's `Notice` says that it is new, or cannot be used."""

    command = Signal(object)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recognizers: tuple[str, ...] = ()
        """Names of those that the engine knows; their packages may be missing."""
        self.recognizer = ""
        """Empty: none."""
        self.folders: dict[str, str] = {}
        """Of models, by recognizer."""
        self.phone = False

    def choose(self, recognizer: str, folder: str = "", *, phone: bool = False) -> None:
        """Use a recognizer with the model in a folder, or none, in calls that begin from now on."""
        self.recognizer, self.phone = recognizer, phone and bool(recognizer)
        if recognizer:
            self.folders[recognizer] = folder
        self._send()
        self.changed.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Tell an engine that has started what was chosen."""
        if isinstance(event, Started):
            self.recognizers = event.recognizers
            if self.recognizer:
                self._send(quiet=True)
            self.changed.emit()

    def _send(self, *, quiet: bool = False) -> None:
        folder = self.folders.get(self.recognizer, "")
        self.command.emit(SetSpeech(recognizer=self.recognizer, model=folder, phone=self.phone, quiet=quiet))


def title_of(recognizer: str) -> str:
    """Return a recognizer's name as its makers write it."""
    return TITLES.get(recognizer, recognizer)
