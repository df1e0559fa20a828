"""Where words are typed that are said in the call."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from dtmfphone.engine.commands import LONGEST_TEXT
from dtmfphone.gui.say_model import SayModel
from dtmfphone.gui.widgets import set_compact

HELP: Final = "Words to say in the call; Enter says them, the up and down arrows bring back what was said before"
USUAL: Final = "Usual voice"
VOICES_SHOWN: Final = 18


class SayEdit(QLineEdit):
    """A line with a history."""

    earlier = Signal()
    later = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Up:
            self.earlier.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.later.emit()
        else:
            super().keyPressEvent(event)


class SayBox:
    """Binds a `SayModel`: a line for the words, and a row of options."""

    def __init__(self, model: SayModel) -> None:
        self._model = model
        self.edit = SayEdit()
        self.edit.setAccessibleName("Say")
        self.edit.setMaxLength(LONGEST_TEXT)
        self.button = QPushButton("Say")
        self.button.setProperty("kind", "primary")
        self.button.setFixedWidth(66)
        self.aloud = QCheckBox("Aloud")
        self.aloud.setToolTip(
            "Speak the words into the call by a synthetic voice; otherwise only an IVR of this program gets them"
        )
        self.voice = QComboBox()
        self.voice.setProperty("compact", True)
        self.voice.setAccessibleName("Voice")
        self.voice.setMaxVisibleItems(VOICES_SHOWN)
        self.voice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.line = QWidget()
        line = QHBoxLayout(self.line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.edit, 1)
        line.addWidget(self.button)
        self.options = QWidget()
        options = QHBoxLayout(self.options)
        options.setContentsMargins(0, 0, 0, 0)
        options.setSpacing(12)
        options.addWidget(self.aloud)
        options.addWidget(self.voice, 1)
        self.edit.textChanged.connect(model.set_text)
        self.edit.returnPressed.connect(model.say)
        self.edit.earlier.connect(model.go_back)
        self.edit.later.connect(model.go_on)
        self.button.clicked.connect(model.say)
        self.aloud.toggled.connect(model.set_aloud)
        self.voice.activated.connect(lambda: model.set_voice(self.voice.currentData()))
        model.changed.connect(self.refresh)
        model.voices_changed.connect(self._list_voices)
        self._list_voices()
        self.refresh()

    def set_masked(self, masked: bool) -> None:
        """Hide or show the words, which may be digits."""
        self.edit.setEchoMode(QLineEdit.EchoMode.Password if masked else QLineEdit.EchoMode.Normal)

    def set_dense(self, dense: bool) -> None:
        """Save height, or not."""
        for widget in (self.edit, self.button):
            set_compact(widget, dense)

    def refresh(self) -> None:
        """Show the model."""
        model = self._model
        if self.edit.text() != model.text:
            self.edit.setText(model.text)
        self.edit.setEnabled(model.in_call)
        self.edit.setPlaceholderText(model.hint)
        self.edit.setToolTip(f"{HELP}\n{model.hint}")
        self.edit.setAccessibleDescription(model.explanation)
        self.button.setEnabled(model.can_say)
        self.button.setToolTip(model.explanation)
        self.aloud.setChecked(model.aloud)
        self.voice.setEnabled(model.aloud)

    def _list_voices(self) -> None:
        model, listed = self._model, self._model.listed
        with QSignalBlocker(self.voice):
            self.voice.clear()
            self.voice.addItem(USUAL, "")
            for voice in listed.voices if listed is not None else ():
                self.voice.addItem(f"{voice.title} ({voice.name})", voice.name)
            if self.voice.findData(model.voice) < 0:
                self.voice.addItem(model.voice, model.voice)
            self.voice.setCurrentIndex(self.voice.findData(model.voice))
        missing = f"{listed.problem} {listed.remedy}".strip() if listed is not None else ""
        self.voice.setToolTip(missing or "The synthetic voice that says the words")
