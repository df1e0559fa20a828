"""What recognises the words of callers: a small window that does not block."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.gui.look import scaled
from dtmfphone.gui.speech_model import NEED_MODEL, SpeechModel, title_of
from dtmfphone.gui.widgets import set_kind, set_tone

OFF: Final = "Off"
ABOUT: Final = {
    "": "Typed words and keys count alone.",
    "pocketsphinx": "Offline, English; for menus of up to four words, no digits. Comes with dtmfphone[speech].",
    "vosk": "Offline, with a model that you download. Needs the package vosk.",
    "whisper": "Offline, with a model that you download. Needs the package faster-whisper.",
}
PLUGIN: Final = "Added by another package."
HONEST: Final = (
    "Experimental: it mishears, most of all on telephone audio. It is for menus of up to four words, and the IVR asks "
    "back before it acts on what it is not sure of. It holds for calls that begin from now on."
)
MODEL: Final = "Folder of the model"
OWN_MODEL: Final = "Folder of the model; empty: its own"


class SpeechDialog(QDialog):
    """Binds a `SpeechModel`."""

    def __init__(self, model: SpeechModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._folders = dict(model.folders)
        self.setWindowTitle("Speech recognition")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.buttons: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(3)
        for name in ("", *model.recognizers):
            button, about = QRadioButton(title_of(name) or OFF), QLabel(ABOUT.get(name, PLUGIN))
            button.setAccessibleDescription(about.text())
            about.setFont(scaled(self.font(), 0.92))
            about.setContentsMargins(24, 0, 0, 5)
            about.setWordWrap(True)
            set_tone(about, "quiet")
            self._group.addButton(button)
            self.buttons[name] = button
            layout.addWidget(button)
            layout.addWidget(about)
            button.toggled.connect(self._check)
        self.folder = QLineEdit()
        self.folder.setProperty("compact", True)
        self.folder.setAccessibleName(MODEL)
        self.browse = QPushButton("Choose…")
        self.browse.setProperty("compact", True)
        self.browse.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        self.phone = QCheckBox("Listen to the far end of the phone's calls, too")
        self.phone.setToolTip("Spoken digits that the far end reads back get rows in the log")
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.use = QPushButton("Use")
        set_kind(self.use, "primary")
        self.use.setDefault(True)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        end = QHBoxLayout()
        end.setSpacing(8)
        end.addStretch(1)
        end.addWidget(cancel)
        end.addWidget(self.use)
        layout.addSpacing(4)
        layout.addLayout(row)
        layout.addSpacing(6)
        layout.addWidget(self.phone)
        layout.addSpacing(8)
        layout.addWidget(self.hint)
        layout.addStretch(1)
        layout.addSpacing(8)
        layout.addLayout(end)
        self.folder.textChanged.connect(self._take_folder)
        self.browse.clicked.connect(self._browse)
        self.use.clicked.connect(self._use)
        cancel.clicked.connect(self.close)
        self.phone.setChecked(model.phone)
        self.buttons[model.recognizer if model.recognizer in self.buttons else ""].setChecked(True)

    @property
    def recognizer(self) -> str:
        """The one that is ticked; empty: none."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    def _check(self, checked: bool = True) -> None:
        if not checked:
            return  # another one is ticked next
        name = self.recognizer
        self.folder.setText(self._folders.get(name, ""))
        self.folder.setPlaceholderText(MODEL if name in NEED_MODEL else OWN_MODEL if name else "")
        for widget in (self.folder, self.browse, self.phone):
            widget.setEnabled(bool(name))
        self._judge()

    def _take_folder(self, text: str) -> None:
        if self.recognizer:
            self._folders[self.recognizer] = text.strip()
        self._judge()

    def _judge(self) -> None:
        name = self.recognizer
        missing = name in NEED_MODEL and not self._folders.get(name)
        self.hint.setText(f"{title_of(name)} needs the folder of a model." if missing else HONEST if name else "")
        set_tone(self.hint, "warn" if name else "quiet")
        self.use.setEnabled(not missing)
        QTimer.singleShot(0, self, self._grow)  # when the layout knows the new words

    def _grow(self) -> None:
        """Make room for words that need more lines than the dialog was opened with."""
        layout = self.layout()
        assert layout is not None
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, f"{MODEL} for {title_of(self.recognizer)}", self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _use(self) -> None:
        name = self.recognizer
        self._model.choose(name, self._folders.get(name, ""), phone=self.phone.isChecked())
        self.close()
